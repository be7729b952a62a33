// What a backtest counts: messages that reach people, when, and which of them would better have been one.
import type { BacktestPage } from '@tidewatch/api/backtest.ts'
import { toLocalMs } from '@tidewatch/core/time-zone.ts'
import type { GroupNews } from '../dispatch/flush.ts'

/** One message that would have gone out, with what tells which others belong to it. */
export interface Page extends BacktestPage {
  readonly groupKey: string
  /** Labels that all its alerts have. */
  readonly commonLabels: Readonly<Record<string, string>>
}

/** Hours in which people sleep, by the clock of a place. */
export interface Night {
  readonly timeZone: string
  /** Whole hours of the day; from 22 to 7 goes over midnight. */
  readonly fromHour: number
  readonly toHour: number
}

export const usualNight: Night = { timeZone: 'UTC', fromHour: 22, toHour: 7 }

export interface PageCounterOptions {
  /** What goes out before is told because of how things were before the span, and does not count. */
  readonly startMs: number
  readonly night: Night
  readonly peopleOf: (news: GroupNews) => readonly string[]
}

export class PageCounter {
  readonly #options: PageCounterOptions
  readonly #pages: Page[] = []
  #ends = 0

  constructor(options: PageCounterOptions) {
    this.#options = options
  }

  get pages(): readonly Page[] {
    return this.#pages
  }
  /** Messages that only say that it is over; nobody is woken by them. */
  get ends(): number {
    return this.#ends
  }

  add(news: GroupNews): void {
    const { notification, integration, atMs } = news
    const { startMs, peopleOf } = this.#options
    if (atMs < startMs) return
    const { reason, receiver, severity, groupKey, groupLabels, commonLabels } = notification
    if (reason !== 'firing' && reason !== 'changed' && reason !== 'repeat') {
      this.#ends++
      return
    }
    const firing = notification.alerts.filter(({ status }) => status === 'firing')
    this.#pages.push({
      ...{ atMs, receiver, integration, reason, severity, groupKey, commonLabels },
      groupLabels: { ...groupLabels },
      alertNames: [...new Set(firing.map(({ labels }) => labels.alertname ?? ''))],
      alerts: firing.length,
      atNight: this.#isNight(atMs),
      people: [...peopleOf(news)],
    })
  }

  #isNight(atMs: number): boolean {
    const { fromHour, toHour, timeZone } = this.#options.night
    const hour = new Date(toLocalMs(timeZone, atMs)).getUTCHours()
    return fromHour <= toHour ? hour >= fromHour && hour < toHour : hour >= fromHour || hour < toHour
  }
}
