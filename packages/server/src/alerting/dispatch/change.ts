// What has to be kept together: collected while the machine works, written in one transaction.
import type { JournalEntry } from '../port.ts'
import type { GroupRow } from './alert-group.ts'
import type { GroupNews } from './flush.ts'
import type { HeldAlert } from './held-alert.ts'
import type { DispatchRecorder, DispatchSnapshot } from './machine.ts'
import type { Told } from './told.ts'

/** Undefined: to be forgotten. */
export interface DispatchChange {
  readonly alerts: ReadonlyMap<string, HeldAlert | undefined>
  readonly groups: ReadonlyMap<string, GroupRow | undefined>
  /** By group, then by integration. */
  readonly told: ReadonlyMap<string, ReadonlyMap<string, Told | undefined>>
  readonly news: readonly GroupNews[]
}

/** Where the machine's state is kept; implemented over the state store. A backtest has none. */
export interface DispatchStore {
  load(): Promise<DispatchSnapshot>
  /** All or nothing, the outbox's rows included. The same change a second time changes nothing. */
  save(change: DispatchChange): Promise<void>
}

/** Changes since they were last taken; a later one of the same thing replaces the former. */
export class ChangeRecorder implements DispatchRecorder {
  readonly #step: (entry: JournalEntry) => void
  #alerts = new Map<string, HeldAlert | undefined>()
  #groups = new Map<string, GroupRow | undefined>()
  #told = new Map<string, Map<string, Told | undefined>>()
  #news: GroupNews[] = []

  constructor(step: (entry: JournalEntry) => void) {
    this.#step = step
  }

  alertChanged(fingerprint: string, alert: HeldAlert | undefined): void {
    this.#alerts.set(fingerprint, alert)
  }

  groupChanged(row: GroupRow, isGone: boolean): void {
    this.#groups.set(row.id, isGone ? undefined : row)
  }

  toldChanged(groupId: string, integration: string, told: Told | undefined): void {
    const ofGroup = this.#told.get(groupId)
    if (ofGroup === undefined) this.#told.set(groupId, new Map([[integration, told]]))
    else ofGroup.set(integration, told)
  }

  step(entry: JournalEntry): void {
    this.#step(entry)
  }

  add(news: readonly GroupNews[]): void {
    this.#news.push(...news)
  }

  get isEmpty(): boolean {
    return this.#alerts.size === 0 && this.#groups.size === 0 && this.#told.size === 0 && this.#news.length === 0
  }

  /** All of it. What could not be kept is put back, below what has changed since. */
  take(): { readonly change: DispatchChange; readonly putBack: () => void } {
    const change = { alerts: this.#alerts, groups: this.#groups, told: this.#told, news: this.#news }
    this.#alerts = new Map()
    this.#groups = new Map()
    this.#told = new Map()
    this.#news = []
    return { change, putBack: () => this.#putBack(change) }
  }

  #putBack({ alerts, groups, told, news }: ReturnType<ChangeRecorder['take']>['change']): void {
    this.#alerts = new Map([...alerts, ...this.#alerts])
    this.#groups = new Map([...groups, ...this.#groups])
    this.#news = [...news, ...this.#news]
    for (const [groupId, former] of told)
      this.#told.set(groupId, new Map([...former, ...(this.#told.get(groupId) ?? [])]))
  }
}
