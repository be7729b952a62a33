// Escalations over the state store: begun by the channel `oncall`, driven by the clock, ended by an acknowledgement or the end of the alerts.
// What a step decides and what it sends change in one transaction, so that a kill neither loses a call nor makes it twice.
import { createHash, randomUUID } from 'node:crypto'
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import type { Transaction } from 'kysely'
import type { Acknowledgements, AlertJournal, FiringAlerts } from '../../alerting/port.ts'
import type { Notification, NotificationWriter } from '../../notify/port.ts'
import type { StateStore } from '../../state/port.ts'
import { integrationsOf } from './contacts.ts'
import {
  type Advance,
  advance,
  type Escalation,
  type EscalationStep,
  end,
  openEscalation,
  type Resolve,
} from './escalation.ts'
import { missedAlertName } from './missed-alert.ts'
import type { OnCallPlan, Policy } from './port.ts'
import { type EscalationRow, liveEscalationOf, liveEscalations, type OnCallTables, saveEscalation } from './state.ts'

export interface EscalationsOptions {
  readonly state: StateStore
  readonly plan: () => OnCallPlan
  /** Who is behind targets at a moment, overrides included. */
  readonly resolve: Resolve
  readonly notifications: NotificationWriter
  readonly acknowledgements: Pick<Acknowledgements, 'of'>
  readonly alerts: Pick<FiringAlerts, 'find' | 'heldBy'>
  /** The link by which a person takes a group. */
  readonly linkFor: (groupKey: string, person: string | undefined) => string
  readonly journal: Pick<AlertJournal, 'record'>
  readonly clock: Clock
  /** Told of each end, of each step: for metrics. */
  readonly onEvent: (
    event: 'opened' | 'step' | 'paused' | 'acknowledged' | 'resolved' | 'missed',
    policy: string,
  ) => void
}

type Db = Transaction<OnCallTables>

/** Looks at least so often: what other processes wrote is seen then. */
const idleMs = 15_000

export class Escalations {
  readonly #options: EscalationsOptions
  #wake: () => void = () => {}
  /** One after the other in this process; between processes the rows' revisions decide. */
  #turn: Promise<unknown> = Promise.resolve()
  /** By id, those that wait because all their alerts are held back: told once each time. */
  readonly #paused = new Set<string>()

  constructor(options: EscalationsOptions) {
    this.#options = options
  }

  /** Looks now: called after an acknowledgement. */
  wake(): void {
    this.#wake()
  }

  /** What the channel `oncall` hands over: begins, renews or ends an escalation. The same `key` again changes nothing. */
  tell(policy: string, notification: Notification, key: string): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#policyOf(policy) === undefined)
        throw new AppError('config.invalid', `there is no escalation policy ${JSON.stringify(policy)}.`, {
          fix: 'Name one of oncall.policies in tidewatch.yml.',
        })
      await this.#transaction((db) => this.#hear(db, policy, notification, key))
      this.#options.notifications.wake()
      this.#wake()
    })
  }

  async #hear(db: Db, policy: string, notification: Notification, key: string): Promise<void> {
    const { clock, onEvent } = this.#options
    const nowMs = clock.nowMs()
    const known = await liveEscalationOf(db, policy, notification.groupKey)
    if (known?.heard === key) return
    if (notification.status === 'resolved') {
      if (known !== undefined) await this.#resolve(db, { ...known, notification, heard: key }, nowMs)
      return
    }
    if (known === undefined) {
      const row = { id: randomUUID(), policy, groupKey: notification.groupKey, notification, heard: key }
      await this.#save(db, {
        ...row,
        escalation: openEscalation(nowMs),
        acknowledgedBy: undefined,
        told: [],
        revision: 0,
      })
      onEvent('opened', policy)
      return
    }
    // somebody took what fired then, or nobody did: what is new, or told again, begins anew
    const isAnew = known.escalation.status !== 'open' && this.#takerOf(notification) === undefined
    const escalation: Escalation = isAnew
      ? { ...openEscalation(nowMs), openedAtMs: known.escalation.openedAtMs, steps: known.escalation.steps }
      : known.escalation
    await this.#save(db, { ...known, notification, heard: key, escalation })
  }

  /** Everybody who was called hears that it is over. */
  async #resolve(db: Db, row: EscalationRow, nowMs: number): Promise<void> {
    const { notifications, onEvent } = this.#options
    await this.#save(db, { ...row, escalation: end(row.escalation, 'resolved', nowMs) })
    this.#paused.delete(row.id)
    const known = new Map([...notifications.integrations().values()].flat().map((one) => [one.key, one]))
    for (const key of row.told) {
      const integration = known.get(key)
      if (integration?.sendsResolved !== true) continue
      const { receiver } = integration
      const id = idOf(row, `resolved/${nowMs}`, key)
      await notifications.enqueue(db, id, key, { ...row.notification, receiver, reason: 'resolved' }, nowMs)
    }
    onEvent('resolved', row.policy)
  }

  /** Does what is due until stopped. One process of an installation at a time. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options
    while (!signal.aborted) {
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      const nextMs = await this.#inTurn(() => this.step())
      const waitMs = Math.max(0, Math.min(idleMs, nextMs - clock.nowMs()))
      const over = new AbortController()
      const sleep = clock.sleep(waitMs, { signal: AbortSignal.any([signal, over.signal]) }).catch(() => undefined)
      await Promise.race([woken, sleep])
      over.abort()
    }
  }

  /** All that is due now; when the next is. */
  async step(): Promise<number> {
    const { state, clock, notifications } = this.#options
    let nextMs = Number.POSITIVE_INFINITY
    let isSent = false
    for (const row of await liveEscalations(state.database<OnCallTables>())) {
      const nowMs = clock.nowMs()
      const taker = this.#takerOf(row.notification)
      if (taker !== undefined) {
        if (row.escalation.status !== 'acknowledged') await this.#acknowledged(row, taker, nowMs)
        continue
      }
      if (row.escalation.status !== 'open') continue
      // who silenced it has seen it: nobody is called until something of it is loud again
      if (this.#isPaused(row, nowMs)) continue
      // the end of its alerts is on its way: nobody is called for what is over
      const isOver = !isTest(row.notification) && this.#firing(row.notification).length === 0
      if ((row.escalation.nextAtMs ?? 0) > nowMs || isOver) {
        nextMs = Math.min(nextMs, isOver ? Number.POSITIVE_INFINITY : (row.escalation.nextAtMs ?? nextMs))
        continue
      }
      const next = await this.#advance(row, nowMs)
      nextMs = Math.min(nextMs, next.nextAtMs ?? Number.POSITIVE_INFINITY)
      isSent = true
    }
    if (isSent) notifications.wake()
    return nextMs
  }

  /** Whether all that nobody has is silenced or inhibited; where it was, the step that waited is taken as soon as it is not. */
  #isPaused(row: EscalationRow, atMs: number): boolean {
    const { alerts, acknowledgements, journal, onEvent } = this.#options
    const waiting = this.#firing(row.notification).filter((one) => acknowledgements.of(one) === undefined)
    const [held] = waiting.map((fingerprint) => alerts.heldBy(fingerprint))
    const isPaused = held !== undefined && waiting.every((fingerprint) => alerts.heldBy(fingerprint) !== undefined)
    if (!isPaused) this.#paused.delete(row.id)
    if (!isPaused || this.#paused.has(row.id)) return isPaused
    this.#paused.add(row.id)
    const text = `Step ${row.escalation.next + 1} of ${row.policy} waits: what nobody has taken is ${held}.`
    const detail = { policy: row.policy, step: row.escalation.next + 1, paused: held }
    journal.record(waiting.map((fingerprint) => ({ atMs, fingerprint, stage: 'escalated', text, detail })))
    onEvent('paused', row.policy)
    return true
  }

  async #acknowledged(row: EscalationRow, by: string, nowMs: number): Promise<void> {
    const escalation = end(row.escalation, 'acknowledged', nowMs)
    await this.#transaction((db) => this.#save(db, { ...row, escalation, acknowledgedBy: by }))
    this.#options.onEvent('acknowledged', row.policy)
  }

  async #advance(row: EscalationRow, nowMs: number): Promise<Escalation> {
    const { onEvent, resolve } = this.#options
    const policy = this.#policyOf(row.policy)
    const isFinal = isTest(row.notification) || isAboutEscalations(row.notification)
    const { escalation, taken }: Advance =
      policy === undefined
        ? { escalation: end(row.escalation, 'missed', nowMs), taken: [] }
        : advance(row.escalation, policy, { nowMs, resolve, isFinal })
    await this.#transaction(async (db) => {
      const told = new Set(row.told)
      for (const step of taken) for (const key of await this.#send(db, row, step, nowMs)) told.add(key)
      await this.#save(db, { ...row, escalation, told: [...told] })
    })
    for (const step of taken) this.#tellJournal(row, step)
    for (const _ of taken) onEvent('step', row.policy)
    if (escalation.status === 'missed') onEvent('missed', row.policy)
    return escalation
  }

  /** The keys of those that are told. */
  async #send(db: Db, row: EscalationRow, step: EscalationStep, nowMs: number): Promise<readonly string[]> {
    const { notifications, linkFor } = this.#options
    const byReceiver = notifications.integrations()
    const told: string[] = []
    for (const recipient of step.recipients) {
      const person = recipient.kind === 'person' ? recipient.name : undefined
      for (const integration of integrationsOf(recipient, byReceiver)) {
        // calling on-call from on-call goes round in circles
        if (integration.channel.kind === 'oncall') continue
        const links = { ...row.notification.links, acknowledge: linkFor(row.groupKey, person) }
        const { key, receiver } = integration
        const reason = row.notification.reason === 'test' ? 'test' : 'escalation'
        const id = idOf(row, `${step.atMs}/${step.number}`, key)
        await notifications.enqueue(db, id, key, { ...row.notification, receiver, reason, links }, nowMs)
        told.push(key)
      }
    }
    return told
  }

  #tellJournal({ notification, policy }: EscalationRow, { atMs, number, recipients }: EscalationStep): void {
    const names = recipients.map(({ name }) => name).join(', ')
    const text =
      recipients.length === 0
        ? `Step ${number + 1} of ${policy}: nobody is on call.`
        : `Step ${number + 1} of ${policy}: ${names}.`
    const detail = { policy, step: number + 1, called: names }
    this.#options.journal.record(
      this.#firing(notification).map((fingerprint) => ({ atMs, fingerprint, stage: 'escalated', text, detail })),
    )
  }

  /** The alerts of a notification that fire now. */
  #firing({ alerts }: Notification): readonly string[] {
    return alerts
      .map(({ fingerprint }) => fingerprint)
      .filter((fingerprint) => this.#options.alerts.find(fingerprint) !== undefined)
  }

  /** Who has taken all that fires; undefined while anything waits for somebody. */
  #takerOf(notification: Notification): string | undefined {
    const takers = this.#firing(notification).map((fingerprint) => this.#options.acknowledgements.of(fingerprint)?.by)
    return takers.includes(undefined) ? undefined : takers[0]
  }

  #policyOf(name: string): Policy | undefined {
    return this.#options.plan().policies.find((one) => one.name === name)
  }

  async #save(db: Db, row: EscalationRow): Promise<void> {
    if (await saveEscalation(db, row)) return
    throw new AppError('state.conflict', 'another process has changed the escalation meanwhile.', { retryable: true })
  }

  #transaction(work: (db: Db) => Promise<void>): Promise<void> {
    return this.#options.state.database<OnCallTables>().transaction().execute(work)
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work)
    this.#turn = turn.catch(() => undefined)
    return turn
  }
}

const isTest = ({ reason }: Notification): boolean => reason === 'test'

/** That nobody answered is told, but it is not escalated: that would never end. */
const isAboutEscalations = ({ alerts }: Notification): boolean =>
  alerts.length > 0 && alerts.every(({ labels }) => labels.alertname === missedAlertName)

/** The same after a kill, and another one for each step. */
const idOf = ({ id }: EscalationRow, what: string, integration: string): string =>
  createHash('sha256').update(`${id}\n${what}\n${integration}`).digest('hex').slice(0, 32)
