// Drives the machine by the clock, and keeps what it decides before anybody is answered.
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import type { NotificationWriter } from '../../notify/port.ts'
import type { Alert, AlertJournal, AlertSink, FiringAlert, FiringAlerts } from '../port.ts'
import { ChangeRecorder, type DispatchStore } from './change.ts'
import { isResolved } from './held-alert.ts'
import { DispatchMachine, type DispatchMachineOptions } from './machine.ts'
import type { DispatchPolicy } from './policy.ts'

export interface DispatcherOptions
  extends Pick<DispatchMachineOptions, 'silencesOf' | 'acknowledgedBy' | 'externalUrl' | 'links'> {
  readonly store: DispatchStore
  readonly notifications: Pick<NotificationWriter, 'wake'>
  readonly journal: Pick<AlertJournal, 'record'>
  readonly clock: Clock
  readonly onFailure: (error: unknown) => void
}

interface Waiting {
  readonly alerts: readonly Alert[]
  readonly kept: () => void
  readonly failed: (error: unknown) => void
}

/** Alerts that wait to be kept. Senders who find more than that try again. */
const maxWaitingAlerts = 100_000
/** What could not be kept is tried again so often. */
const retryMs = 1000
/** Nothing is due for longer than that without a look. */
const idleMs = 60_000

export class Dispatcher implements AlertSink {
  readonly #options: DispatcherOptions
  readonly #recorder: ChangeRecorder
  #machine: DispatchMachine | undefined
  #policy: DispatchPolicy
  #waiting: Waiting[] = []
  #waitingAlerts = 0
  #turn: Promise<void> = Promise.resolve()
  #queued: Promise<void> | undefined
  #wake: () => void = () => {}

  constructor(policy: DispatchPolicy, options: DispatcherOptions) {
    this.#options = options
    this.#policy = policy
    this.#recorder = new ChangeRecorder((entry) => options.journal.record([entry]))
  }

  /** As it is now; undefined in a process that does not send alerts on. */
  get machine(): DispatchMachine | undefined {
    return this.#machine
  }

  /** What fires now, for who takes alerts and for escalations. */
  readonly firing: FiringAlerts = {
    find: (fingerprint) => {
      const alert = this.#machine?.alerts.get(fingerprint)?.alert
      return alert === undefined || isResolved(alert, this.#options.clock.nowMs()) ? undefined : alert
    },
    heldBy: (fingerprint) => {
      const labels = this.#machine?.alerts.get(fingerprint)?.alert.labels
      if (labels === undefined) return undefined
      const nowMs = this.#options.clock.nowMs()
      if (this.#options.silencesOf(labels, nowMs).length > 0) return 'silenced'
      return this.#machine?.inhibitor.isInhibited(labels, nowMs) === undefined ? undefined : 'inhibited'
    },
    inGroup: (groupKey) => {
      const found = new Map<string, FiringAlert>()
      for (const { key, members } of this.#machine?.groups.values() ?? []) {
        if (key !== groupKey) continue
        for (const fingerprint of members) {
          const alert = this.firing.find(fingerprint)
          if (alert !== undefined) found.set(fingerprint, alert)
        }
      }
      return [...found.values()]
    },
    groupKeys: () => new Set([...(this.#machine?.groups.values() ?? [])].map(({ key }) => key)),
  }

  get policy(): DispatchPolicy {
    return this.#policy
  }

  /** The policy in force from now on. */
  async setPolicy(policy: DispatchPolicy): Promise<void> {
    this.#policy = policy
    if (this.#machine === undefined) return
    this.#machine.setPolicy(policy, this.#options.clock.nowMs())
    await this.#nextTurn()
  }

  /** Resolves once the alerts are kept; many calls are kept together. */
  deliver(alerts: readonly Alert[]): Promise<void> {
    if (this.#machine === undefined)
      return Promise.reject(
        new AppError('internal.stopping', 'this process does not take alerts at the moment.', {
          fix: 'Try again in a moment, or ask the process that evaluates the rules.',
        }),
      )
    if (this.#waitingAlerts + alerts.length > maxWaitingAlerts)
      return Promise.reject(
        new AppError('http.busy', `${this.#waitingAlerts} alerts wait to be kept already.`, { retryAfterSeconds: 1 }),
      )
    this.#waitingAlerts += alerts.length
    const done = new Promise<void>((kept, failed) => this.#waiting.push({ alerts, kept, failed }))
    // the turn's own failure is told to those whose alerts it had
    this.#nextTurn().catch(() => undefined)
    return done
  }

  /** Goes on where the last process was, and sends what is due until stopped. `ready` is called once alerts are taken. */
  async run(signal: AbortSignal, ready: () => void): Promise<void> {
    const { clock, store, onFailure } = this.#options
    const snapshot = await store.load()
    signal.throwIfAborted()
    const machine = new DispatchMachine({ ...this.#options, policy: this.#policy, recorder: this.#recorder })
    machine.restore(snapshot, clock.nowMs())
    this.#machine = machine
    ready()
    try {
      while (!signal.aborted) {
        const woken = new Promise<void>((resolve) => {
          this.#wake = resolve
        })
        const isKept = await this.#nextTurn().then(
          () => true,
          (error: unknown) => {
            onFailure(error)
            return false
          },
        )
        const dueMs = (machine.nextDueMs() ?? Number.POSITIVE_INFINITY) - clock.nowMs()
        if (isKept) await this.#pause(Math.max(0, Math.min(idleMs, dueMs)), woken, signal)
        else await clock.sleep(retryMs, { signal }).catch(() => undefined)
      }
    } finally {
      this.#machine = undefined
      await this.#turn.catch(() => undefined)
      this.#recorder.take()
      this.#refuseWaiting()
    }
  }

  /** A stopped process: what came too late is sent again by its sender. */
  #refuseWaiting(): void {
    const late = this.#waiting
    this.#waiting = []
    this.#waitingAlerts = 0
    for (const { failed } of late) failed(new AppError('internal.stopping', 'the alerts are stopping.'))
  }

  async #pause(ms: number, woken: Promise<void>, signal: AbortSignal): Promise<void> {
    const over = new AbortController()
    const sleep = this.#options.clock.sleep(ms, { signal: AbortSignal.any([signal, over.signal]) })
    await Promise.race([woken, sleep.catch(() => undefined)])
    over.abort()
  }

  /** One turn after the other; all that wait when it begins share one. */
  #nextTurn(): Promise<void> {
    if (this.#queued !== undefined) return this.#queued
    const queued = this.#turn
      .catch(() => undefined)
      .then(() => {
        this.#queued = undefined
        return this.#work()
      })
    this.#queued = queued
    this.#turn = queued
    return queued
  }

  async #work(): Promise<void> {
    const machine = this.#machine
    if (machine === undefined) return
    const { clock, notifications, store } = this.#options
    const waiting = this.#waiting
    this.#waiting = []
    this.#waitingAlerts = 0
    const nowMs = clock.nowMs()
    const former = machine.nextDueMs()
    for (const { alerts } of waiting) machine.receive(alerts, nowMs)
    const news = machine.advance(nowMs)
    this.#recorder.add(news)
    if (machine.nextDueMs() !== former) this.#wake()
    if (!this.#recorder.isEmpty) {
      const { change, putBack } = this.#recorder.take()
      try {
        await store.save(change)
      } catch (error) {
        putBack()
        for (const { failed } of waiting) failed(error)
        this.#wake()
        throw error
      }
      if (change.news.length > 0) notifications.wake()
    }
    for (const { kept } of waiting) kept()
  }
}
