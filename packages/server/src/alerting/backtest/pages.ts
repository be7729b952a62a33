// What a backtest counts: messages that reach people, when, and which of them would better have been one.
import { toLocalMs } from '@tidewatch/core/time-zone.ts'
import type { GroupNews } from '../dispatch/flush.ts'

/** One message that would have gone out. Times in ms. */
export interface Page {
  readonly atMs: number
  readonly receiver: string
  /** The integration's key. */
  readonly integration: string
  readonly reason: 'firing' | 'changed' | 'repeat'
  readonly severity: string
  readonly groupKey: string
  readonly groupLabels: Readonly<Record<string, string>>
  /** Labels that all its alerts have. */
  readonly commonLabels: Readonly<Record<string, string>>
  /** Names of the alerts that fire, without duplicates. */
  readonly alertNames: readonly string[]
  readonly alerts: number
  readonly atNight: boolean
  /** Who would have been called, where the integration leads to a schedule. */
  readonly people: readonly string[]
}

/** Hours in which people sleep, by the clock of a place. */
export interface Night {
  readonly timeZone: string
  /** Whole hours of the day; from 22 to 7 goes over midnight. */
  readonly fromHour: number
  readonly toHour: number
}

export const usualNight: Night = { timeZone: 'UTC', fromHour: 22, toHour: 7 }

export class PageCounter {
  readonly #night: Night
  readonly #peopleOf: (news: GroupNews) => readonly string[]
  readonly #pages: Page[] = []
  #ends = 0

  constructor(night: Night, peopleOf: (news: GroupNews) => readonly string[]) {
    this.#night = night
    this.#peopleOf = peopleOf
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
    const { reason, receiver, severity, groupKey, groupLabels, commonLabels } = notification
    if (reason !== 'firing' && reason !== 'changed' && reason !== 'repeat') {
      this.#ends++
      return
    }
    const firing = notification.alerts.filter(({ status }) => status === 'firing')
    this.#pages.push({
      ...{ atMs, receiver, integration, reason, severity, groupKey, groupLabels, commonLabels },
      alertNames: [...new Set(firing.map(({ labels }) => labels.alertname ?? ''))],
      alerts: firing.length,
      atNight: this.#isNight(atMs),
      people: this.#peopleOf(news),
    })
  }

  #isNight(atMs: number): boolean {
    const { fromHour, toHour, timeZone } = this.#night
    const hour = new Date(toLocalMs(timeZone, atMs)).getUTCHours()
    return fromHour <= toHour ? hour >= fromHour && hour < toHour : hour >= fromHour || hour < toHour
  }
}
