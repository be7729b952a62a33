// On-call as a whole: the plan in force, overrides from memory, escalations, and what the API asks.
import { randomBytes, randomUUID, timingSafeEqual } from 'node:crypto'
import type { OnCallNow, ShiftList } from '@tidewatch/api/oncall.ts'
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import type { AlertSink } from '../../alerting/port.ts'
import type { StateStore } from '../../state/port.ts'
import { personWith } from './contacts.ts'
import { describeShift } from './describe.ts'
import { type Resolve, reached } from './escalation.ts'
import { Escalations, type EscalationsOptions } from './escalations.ts'
import { type FeedEvent, writeFeed } from './feed.ts'
import { missedAlert } from './missed-alert.ts'
import type { OnCallPlan, Override, Recipient, Schedule } from './port.ts'
import { longestRangeMs, nextShift, onCallAt, shiftsOf } from './schedule.ts'
import {
  type EscalationRow,
  findFeed,
  listEscalations,
  listOverrides,
  liveEscalations,
  type OnCallTables,
  putFeed,
  putOverride,
  removeOverride,
} from './state.ts'

const dayMs = 86_400_000
/** How far a calendar feed reaches. */
const feedPastMs = 14 * dayMs
const feedAheadMs = 180 * dayMs
/** Overrides over, of which a calendar could still show something. */
const maxOverrides = 10_000
/** What a longest name and the extension take. */
const nowAheadMs = 60 * dayMs

export interface OnCallOptions extends Omit<EscalationsOptions, 'plan' | 'resolve'> {
  readonly sink: AlertSink
  readonly externalUrl: () => string
}

type FeedKind = 'person' | 'schedule'

export class OnCall {
  readonly escalationDesk: Escalations
  readonly #options: OnCallOptions
  readonly #state: StateStore
  readonly #clock: Clock
  #plan: OnCallPlan = { people: [], schedules: [], policies: [] }
  #overrides: readonly Override[] = []
  #live: readonly EscalationRow[] = []
  /** Escalations whose being missed was told. */
  #toldMissed = new Map<string, EscalationRow>()
  #missedTurn: Promise<unknown> = Promise.resolve()

  constructor(options: OnCallOptions) {
    this.#options = options
    this.#state = options.state
    this.#clock = options.clock
    this.escalationDesk = new Escalations({ ...options, plan: () => this.#plan, resolve: this.resolve })
  }

  plan(): OnCallPlan {
    return this.#plan
  }

  /** The plan in force from now on. */
  async follow(plan: OnCallPlan): Promise<void> {
    this.#plan = plan
    await this.refresh()
    this.escalationDesk.wake()
  }

  /** What other processes may have changed. */
  async refresh(): Promise<void> {
    const db = this.#state.database<OnCallTables>()
    this.#overrides = await listOverrides(db)
    this.#live = await liveEscalations(db)
  }

  /** Who is behind targets at a moment, each once. */
  readonly resolve: Resolve = (targets, atMs) => {
    const found = targets.flatMap(({ kind, name }): Recipient[] => {
      if (kind !== 'schedule') return [{ kind, name }]
      const schedule = this.#plan.schedules.find((one) => one.name === name)
      const person = schedule === undefined ? undefined : onCallAt(schedule, this.#overrides, atMs)?.person
      return person === undefined ? [] : [{ kind: 'person', name: person }]
    })
    return [...new Map(found.map((one) => [`${one.kind}:${one.name}`, one])).values()]
  }

  /** Whose address it is, for replies. */
  find(kind: 'slack' | 'telegram' | 'phone', address: string): string | undefined {
    return personWith(this.#plan, kind, address)
  }

  /** The groups for which a person is being called now; as of the last refresh. */
  openGroups(person: string): readonly string[] {
    return this.#live
      .filter(({ escalation }) => escalation.status === 'open' || escalation.status === 'missed')
      .filter(({ escalation }) => reached(escalation).some(({ kind, name }) => kind === 'person' && name === person))
      .map(({ groupKey }) => groupKey)
  }

  /** Tells what was missed, again and again while it lasts, and its end once. Called every few seconds by who leads. */
  tellMissed(): Promise<void> {
    const turn = this.#missedTurn.then(() => this.#tellMissed())
    this.#missedTurn = turn.catch(() => undefined)
    return turn
  }

  async #tellMissed(): Promise<void> {
    await this.refresh()
    const nowMs = this.#clock.nowMs()
    const missed = new Map(
      this.#live.filter(({ escalation }) => escalation.status === 'missed').map((row) => [row.id, row]),
    )
    const url = this.#options.externalUrl()
    const ended = [...this.#toldMissed].filter(([id]) => !missed.has(id)).map(([, row]) => row)
    const alerts = [
      ...ended.map((row) => missedAlert(row, url, nowMs)),
      ...[...missed.values()].map((row) => missedAlert(row, url, undefined)),
    ]
    if (alerts.length > 0) await this.#options.sink.deliver(alerts)
    this.#toldMissed = missed
  }

  async now(atMs = this.#clock.nowMs()): Promise<OnCallNow> {
    await this.refresh()
    return {
      atMs,
      schedules: this.#plan.schedules.map((schedule) => {
        const range = { fromMs: atMs, toMs: atMs + nowAheadMs }
        const [now] = shiftsOf(schedule, this.#overrides, range)
        const next = nextShift(schedule, this.#overrides, atMs)
        return {
          schedule: schedule.name,
          timeZone: schedule.timeZone,
          now: describeShift(now ?? { startMs: atMs, endMs: range.toMs, onCall: undefined }),
          next: next === undefined ? null : describeShift(next),
        }
      }),
    }
  }

  async shifts(name: string, range: { readonly fromMs: number; readonly toMs: number }): Promise<ShiftList> {
    const { fromMs, toMs } = range
    if (toMs <= fromMs || toMs - fromMs > longestRangeMs)
      throw new AppError('http.invalid', 'the range must end after it begins, and span at most 400 days.', {
        where: { key: 'to' },
        fix: 'Give from and to in ms since 1970.',
      })
    const schedule = this.#schedule(name)
    await this.refresh()
    const shifts = shiftsOf(schedule, this.#overrides, range).map(describeShift)
    return { schedule: name, timeZone: schedule.timeZone, shifts }
  }

  escalations(options: { readonly open: boolean; readonly limit: number }): Promise<readonly EscalationRow[]> {
    return listEscalations(this.#state.database<OnCallTables>(), options)
  }

  async overrides(): Promise<Override[]> {
    await this.refresh()
    return [...this.#overrides]
  }

  /** A new one, or in place of the one with the id. */
  async writeOverride(
    id: string | undefined,
    written: Pick<Override, 'schedule' | 'person' | 'startMs' | 'endMs' | 'note'>,
    by: string,
  ): Promise<Override> {
    this.#schedule(written.schedule)
    this.#checkPerson(written.person)
    await this.refresh()
    if (id !== undefined && !this.#overrides.some((one) => one.id === id)) throw noOverride()
    if (this.#overrides.length >= maxOverrides)
      throw new AppError('state.conflict', `there are ${maxOverrides} overrides.`, { fix: 'Remove old ones.' })
    const made: Override = {
      ...{ id: id ?? randomUUID(), schedule: written.schedule, person: written.person, note: written.note },
      ...{ startMs: written.startMs, endMs: written.endMs, createdBy: by, createdAtMs: this.#clock.nowMs() },
    }
    await putOverride(this.#state.database<OnCallTables>(), made)
    await this.refresh()
    return made
  }

  async removeOverride(id: string): Promise<void> {
    if (!(await removeOverride(this.#state.database<OnCallTables>(), id))) throw noOverride()
    await this.refresh()
  }

  /** The secret address of a calendar, made when it is first asked for. */
  async feedUrl(kind: FeedKind, name: string): Promise<string> {
    this.#checkFeed(kind, name)
    const known = await this.#feedSecret(kind, name)
    if (known !== undefined) return this.#feedAddress(kind, name, known)
    await this.#makeFeed(kind, name, false)
    return this.#feedAddress(kind, name, (await this.#feedSecret(kind, name)) ?? '')
  }

  async renewFeed(kind: FeedKind, name: string): Promise<string> {
    this.#checkFeed(kind, name)
    return this.#feedAddress(kind, name, await this.#makeFeed(kind, name, true))
  }

  /** The calendar, for whoever has its address. */
  async calendar(kind: FeedKind, name: string, key: string): Promise<string> {
    const secret = await this.#feedSecret(kind, name)
    const [given, right] = [Buffer.from(key), Buffer.from(secret ?? '')]
    if (secret === undefined || given.length !== right.length || !timingSafeEqual(given, right))
      throw new AppError('access.denied', 'there is no such calendar, or its address was renewed.', {
        fix: 'Copy the address anew from the page of on-call.',
      })
    this.#checkFeed(kind, name)
    await this.refresh()
    const nowMs = this.#clock.nowMs()
    const title = kind === 'person' ? `On call: ${name}` : `On call for ${name}`
    return writeFeed({ name: title, nowMs, events: this.#events(kind, name, nowMs) })
  }

  #events(kind: FeedKind, name: string, nowMs: number): readonly FeedEvent[] {
    const range = { fromMs: nowMs - feedPastMs, toMs: nowMs + feedAheadMs }
    const schedules = kind === 'schedule' ? [this.#schedule(name)] : this.#plan.schedules
    return schedules.flatMap((schedule) =>
      shiftsOf(schedule, this.#overrides, range).flatMap(({ startMs, endMs, onCall }): FeedEvent[] => {
        if (kind === 'person' && onCall?.person !== name) return []
        const person = onCall?.person
        return [
          {
            // cut at the edges of the range, a shift stays the same event
            uid: `${schedule.name}-${endMs}@oncall.tidewatch`,
            startMs,
            endMs,
            summary: person === undefined ? `Nobody is on call for ${schedule.name}` : `${person}: ${schedule.name}`,
            description: onCall !== undefined && 'override' in onCall.by ? 'Stands in.' : '',
          },
        ]
      }),
    )
  }

  async #feedSecret(kind: FeedKind, name: string): Promise<string | undefined> {
    const place = feedPlace(kind, name)
    const sealed = await findFeed(this.#state.database<OnCallTables>(), place)
    return sealed === undefined ? undefined : this.#state.sealer.open(sealed, place)
  }

  async #makeFeed(kind: FeedKind, name: string, replace: boolean): Promise<string> {
    const place = feedPlace(kind, name)
    const secret = randomBytes(24).toString('base64url')
    await putFeed(this.#state.database<OnCallTables>(), place, this.#state.sealer.seal(secret, place), replace)
    return secret
  }

  #feedAddress(kind: FeedKind, name: string, secret: string): string {
    const path = `/api/tidewatch/v1/oncall/calendar/${kind}/${encodeURIComponent(name)}.ics`
    return `${this.#options.externalUrl()}${path}?key=${secret}`
  }

  #checkFeed(kind: FeedKind, name: string): void {
    if (kind === 'schedule') this.#schedule(name)
    else this.#checkPerson(name)
  }

  #schedule(name: string): Schedule {
    const found = this.#plan.schedules.find((one) => one.name === name)
    if (found !== undefined) return found
    throw new AppError('state.not_found', `there is no schedule ${JSON.stringify(name)}.`, {
      where: { key: 'schedule' },
      fix: `There are: ${this.#plan.schedules.map((one) => one.name).join(', ') || 'none'}.`,
    })
  }

  #checkPerson(name: string): void {
    if (this.#plan.people.some((one) => one.name === name)) return
    throw new AppError('state.not_found', `there is no person ${JSON.stringify(name)}.`, {
      where: { key: 'person' },
      fix: `There are: ${this.#plan.people.map((one) => one.name).join(', ') || 'none'}.`,
    })
  }
}

const feedPlace = (kind: FeedKind, name: string): string => `oncall/feed/${kind}/${name}`
const noOverride = (): AppError =>
  new AppError('state.not_found', 'there is no such override.', { where: { key: 'id' } })
