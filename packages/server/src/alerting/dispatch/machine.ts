// From alerts to notifications, without a clock and without I/O: alerts go in with a time, and what is due by a time comes out. Live a loop with
// the injected clock drives it (live.ts); a backtest drives the same with the times of the past. bench/src/dispatch.ts.
import { Inhibitor } from '@tidewatch/alertmanager/inhibitor.ts'
import type { Route } from '@tidewatch/alertmanager/port.ts'
import { groupKeyOf, groupLabelsOf } from '@tidewatch/alertmanager/routes.ts'
import type { NotificationLinks } from '../../notify/port.ts'
import type { Folding } from '../dependencies.ts'
import type { Hold } from '../pacing.ts'
import type { Alert, JournalEntry } from '../port.ts'
import { AlertGroup, type GroupRow, groupIdOf } from './alert-group.ts'
import { DueQueue } from './due-queue.ts'
import { flushGroup, type GroupNews, type MuteSources } from './flush.ts'
import {
  afterOutage,
  type HeldAlert,
  holdAlert,
  isRenewal,
  isResolved,
  mergeAlerts,
  receivedStep,
} from './held-alert.ts'
import type { DispatchPolicy } from './policy.ts'
import { flappingStep, RestraintBook } from './restraint.ts'
import type { Told } from './told.ts'
import { ToldBook, type ToldRow } from './told-book.ts'

/** Is told each change, in order: what must be kept together with the flushes that came out. */
export interface DispatchRecorder {
  /** Undefined: it has ended and was told. */
  alertChanged(fingerprint: string, alert: HeldAlert | undefined): void
  groupChanged(row: GroupRow, isGone: boolean): void
  toldChanged(groupId: string, integration: string, told: Told | undefined): void
  step(entry: JournalEntry): void
}

/** What was kept of a former run. */
export interface DispatchSnapshot {
  readonly alerts: Iterable<HeldAlert>
  readonly groups: Iterable<GroupRow>
  readonly told: Iterable<ToldRow>
}

export interface DispatchMachineOptions {
  readonly policy: DispatchPolicy
  readonly recorder: DispatchRecorder
  /** Silences that hide an alert now, by id. */
  readonly silencesOf: MuteSources['silencesOf']
  /** Who has taken the alert. */
  readonly acknowledgedBy: MuteSources['acknowledgedBy']
  readonly externalUrl: () => string
  readonly links: (groupKey: string) => NotificationLinks
}

interface Entry {
  alert: HeldAlert
  readonly groups: Set<AlertGroup>
}

/** An alert with the groups it is in. */
export interface AlertInGroups {
  readonly alert: HeldAlert
  readonly groups: ReadonlySet<AlertGroup>
}

export interface AlertInspection {
  readonly alert: HeldAlert
  /** By integration, what it was told last. */
  readonly groups: readonly { readonly group: AlertGroup; readonly told: ReadonlyMap<string, Told> }[]
  readonly folding: Folding | undefined
  readonly hold: Hold | undefined
}

export class DispatchMachine {
  readonly #options: DispatchMachineOptions
  readonly #recorder: DispatchRecorder
  readonly #entries = new Map<string, Entry>()
  readonly #groups = new Map<string, AlertGroup>()
  readonly #due = new DueQueue<AlertGroup>()
  readonly #told: ToldBook
  readonly #restraint = new RestraintBook()
  #foldings: ReadonlyMap<string, Folding> | undefined
  #policy: DispatchPolicy
  #inhibitor: Inhibitor

  constructor(options: DispatchMachineOptions) {
    this.#options = options
    this.#recorder = options.recorder
    this.#policy = options.policy
    this.#inhibitor = new Inhibitor(options.policy.inhibitRules)
    this.#restraint.configure(options.policy.restraint)
    this.#told = new ToldBook((...change) => this.#recorder.toldChanged(...change))
  }

  get policy(): DispatchPolicy {
    return this.#policy
  }
  get inhibitor(): Pick<Inhibitor, 'isInhibited'> {
    return this.#inhibitor
  }
  get alerts(): ReadonlyMap<string, AlertInGroups> {
    return this.#entries
  }
  get groups(): ReadonlyMap<string, AlertGroup> {
    return this.#groups
  }

  /** Goes on where a former run was. Groups whose time went by meanwhile are due at once. */
  restore({ alerts, groups, told }: DispatchSnapshot, nowMs: number): void {
    this.#told.restore(told)
    const known = new Map([...groups].map((row) => [row.id, row]))
    for (const alert of alerts) {
      const held = afterOutage(alert, this.#policy.resolveTimeoutMs, nowMs)
      this.#entries.set(held.fingerprint, { alert: held, groups: new Set() })
      this.#inhibitor.update(held)
      this.#restraint.restore(held)
    }
    this.#regroup(known, () => false, nowMs)
    for (const row of known.values()) if (!this.#groups.has(row.id)) this.#recorder.groupChanged(row, true)
  }

  /** Another configuration: groups that stay the same keep their times. */
  setPolicy(policy: DispatchPolicy, nowMs: number): void {
    const former = new Map(this.#groups)
    this.#policy = policy
    this.#inhibitor = new Inhibitor(policy.inhibitRules)
    this.#restraint.configure(policy.restraint)
    for (const group of former.values()) group.isGone = true
    this.#groups.clear()
    for (const entry of this.#entries.values()) {
      entry.groups.clear()
      this.#inhibitor.update(entry.alert)
    }
    const wasMember = (groupId: string, fingerprint: string): boolean =>
      former.get(groupId)?.members.has(fingerprint) ?? false
    this.#regroup(former, wasMember, nowMs)
    for (const [id, { row }] of former) if (!this.#groups.has(id)) this.#recorder.groupChanged(row, true)
  }

  #regroup(
    former: ReadonlyMap<string, Pick<GroupRow, 'dueAtMs' | 'hasFlushed'>>,
    wasMember: (groupId: string, fingerprint: string) => boolean,
    nowMs: number,
  ): void {
    for (const entry of this.#entries.values()) {
      for (const route of this.#policy.routesFor(entry.alert)) this.#join(entry, route, { former, wasMember, nowMs })
      if (entry.groups.size === 0) this.#forget(entry.alert.fingerprint)
    }
  }

  /** Alerts that were heard of now. The same may come again and again. */
  receive(alerts: readonly Alert[], nowMs: number): void {
    for (const alert of alerts) this.#receive(holdAlert(alert, this.#policy.resolveTimeoutMs, nowMs), nowMs)
  }

  #receive(arrived: HeldAlert, nowMs: number): void {
    const known = this.#entries.get(arrived.fingerprint)
    const { alert: news, isHeld } = this.#restraint.heard(known?.alert, arrived, nowMs)
    // the end of something of which nobody has heard
    if (known === undefined && isResolved(news, nowMs)) return
    const entry = known ?? { alert: news, groups: new Set<AlertGroup>() }
    const merged = known === undefined || isHeld ? news : mergeAlerts(known.alert, news, nowMs)
    const flapping = flappingStep(known?.alert, merged, nowMs)
    if (flapping !== undefined) this.#recorder.step(flapping)
    const isNew = known === undefined || (isResolved(known.alert, nowMs) && !isResolved(merged, nowMs))
    if (isNew) this.#recorder.step(receivedStep(merged, nowMs))
    const isSame = known !== undefined && isRenewal(known.alert, merged, nowMs)
    const movesElsewhere =
      known !== undefined && (known.alert.channels ?? []).join('\n') !== (merged.channels ?? []).join('\n')
    entry.alert = merged
    this.#inhibitor.update(merged)
    if (isSame) return
    this.#entries.set(news.fingerprint, entry)
    this.#recorder.alertChanged(news.fingerprint, merged)
    if (movesElsewhere) for (const group of entry.groups) this.#leave(group, entry)
    for (const route of this.#policy.routesFor(merged)) this.#join(entry, route, { nowMs })
    if (entry.groups.size === 0) this.#forget(news.fingerprint)
  }

  #join(
    entry: Entry,
    route: Route,
    {
      former,
      wasMember,
      nowMs,
    }: {
      readonly former?: ReadonlyMap<string, Pick<GroupRow, 'dueAtMs' | 'hasFlushed'>>
      readonly wasMember?: (groupId: string, fingerprint: string) => boolean
      readonly nowMs: number
    },
  ): void {
    const { alert } = entry
    const labels = groupLabelsOf(route, alert.labels)
    const key = groupKeyOf(route, labels)
    const id = groupIdOf(route, key)
    let group = this.#groups.get(id)
    if (isResolved(alert, nowMs) && !group?.members.has(alert.fingerprint)) {
      // its end is news only to who believes that it fires, and to who would hear of it anyway
      if (!this.#told.believesFiring(id, alert.fingerprint) && wasMember?.(id, alert.fingerprint) !== true) return
    }
    if (group === undefined) {
      const kept = former?.get(id)
      group = new AlertGroup(route, { key, labels, dueAtMs: kept?.dueAtMs ?? nowMs + route.groupWaitMs })
      group.hasFlushed = kept?.hasFlushed ?? false
      this.#groups.set(id, group)
      this.#changed(group)
    }
    // an alert that has fired for longer than the group would wait has waited enough
    if (!group.hasFlushed && alert.startsAtMs + route.groupWaitMs < nowMs && group.dueAtMs > nowMs) {
      group.dueAtMs = nowMs
      this.#changed(group)
    }
    if (!group.members.has(alert.fingerprint) && former?.has(id) !== true) this.#noteRouted(alert, group, nowMs)
    group.members.add(alert.fingerprint)
    entry.groups.add(group)
  }

  #noteRouted({ fingerprint }: HeldAlert, { route, key }: AlertGroup, atMs: number): void {
    this.#recorder.step({
      atMs,
      fingerprint,
      stage: 'routed',
      text: `goes to ${route.receiver} with the group ${key}`,
      detail: { receiver: route.receiver, groupKey: key, route: route.id },
    })
  }

  #changed(group: AlertGroup): void {
    this.#due.add(group)
    this.#recorder.groupChanged(group.row, false)
  }

  /** When something is due; undefined where nothing waits. */
  nextDueMs(): number | undefined {
    return this.#due.nextMs()
  }

  /** What is due by then. To run over the past, call it with each `nextDueMs` that is not after it. */
  advance(nowMs: number): GroupNews[] {
    const news: GroupNews[] = []
    this.#foldings = undefined
    for (let group = this.#due.take(nowMs); group !== undefined; group = this.#due.take(nowMs)) {
      news.push(...this.#flush(group, nowMs))
    }
    this.#told.sweep(this.#groups, nowMs)
    return news
  }

  /** What would hold the alert back now beside muting, and who was told what of its groups. */
  inspect(fingerprint: string, nowMs: number): AlertInspection | undefined {
    const entry = this.#entries.get(fingerprint)
    if (entry === undefined) return undefined
    this.#foldings = undefined
    const groups = [...entry.groups].map((group) => ({ group, told: this.#told.ofGroup(group.id) }))
    const folding = this.#foldingsAt(nowMs).get(fingerprint)
    return { alert: entry.alert, groups, folding, hold: this.#restraint.holdOf(entry.alert, nowMs) }
  }

  /** Looked at once for all groups that are due together. */
  #foldingsAt(nowMs: number): ReadonlyMap<string, Folding> {
    const alerts = function* (entries: Iterable<Entry>): Iterable<HeldAlert> {
      for (const { alert } of entries) yield alert
    }
    this.#foldings ??= this.#restraint.foldings(alerts(this.#entries.values()), nowMs)
    return this.#foldings
  }

  #noteTold(alert: HeldAlert, nowMs: number): void {
    const entry = this.#entries.get(alert.fingerprint)
    const remembered = entry === undefined ? undefined : this.#restraint.noteTold(entry.alert, nowMs)
    if (entry === undefined || remembered === undefined) return
    entry.alert = remembered
    this.#recorder.alertChanged(alert.fingerprint, remembered)
  }

  #flush(group: AlertGroup, nowMs: number): GroupNews[] {
    const entries: Entry[] = []
    for (const fingerprint of group.members) {
      const entry = this.#entries.get(fingerprint)
      if (entry !== undefined) entries.push(entry)
    }
    const { externalUrl, links, silencesOf, acknowledgedBy } = this.#options
    const news = flushGroup(group, {
      ...{ alerts: entries.map(({ alert }) => alert), nowMs, policy: this.#policy, told: this.#told },
      ...{ inhibitor: this.#inhibitor, silencesOf, acknowledgedBy, externalUrl: externalUrl(), links },
      step: (entry) => this.#recorder.step(entry),
      foldings: this.#foldingsAt(nowMs),
      alertOf: (fingerprint) => this.#entries.get(fingerprint)?.alert,
      holdOf: (alert) => this.#restraint.holdOf(alert, nowMs),
      noteTold: (alert) => this.#noteTold(alert, nowMs),
    })
    for (const entry of entries) if (isResolved(entry.alert, nowMs)) this.#end(group, entry, nowMs)
    if (group.isGone) return news
    group.hasFlushed = true
    group.dueAtMs = nowMs + group.route.groupIntervalMs
    this.#changed(group)
    return news
  }

  /** The end of an alert was told. */
  #end(group: AlertGroup, entry: Entry, nowMs: number): void {
    this.#leave(group, entry)
    if (entry.groups.size > 0) return
    const { fingerprint, endsAtMs, isTimeout } = entry.alert
    this.#forget(fingerprint)
    const text = isTimeout ? 'ended: nothing was heard of it any more' : 'ended'
    this.#recorder.step({ atMs: nowMs, fingerprint, stage: 'resolved', text, detail: { endsAtMs } })
  }

  #leave(group: AlertGroup, entry: Entry): void {
    group.members.delete(entry.alert.fingerprint)
    group.noted.delete(entry.alert.fingerprint)
    entry.groups.delete(group)
    if (group.members.size > 0) return
    group.isGone = true
    this.#groups.delete(group.id)
    this.#told.release(group.id)
    this.#recorder.groupChanged(group.row, true)
  }

  #forget(fingerprint: string): void {
    this.#entries.delete(fingerprint)
    this.#inhibitor.remove(fingerprint)
    this.#recorder.alertChanged(fingerprint, undefined)
  }
}
