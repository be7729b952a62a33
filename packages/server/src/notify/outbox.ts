// Notifications on their way out: a row first, then the send. What stands here survives a kill; the row goes when the receiver has it. Each
// integration has a lane of its own, so that one that hangs holds up nobody else.
import { createHash } from 'node:crypto'
import type { Clock } from '@tidewatch/core/clock.ts'
import { Secret } from '@tidewatch/core/secret.ts'
import type { Severity } from '@tidewatch/core/severity.ts'
import { type AttemptParts, type AttemptResult, attempt } from './attempt.ts'
import { Pace } from './pace.ts'
import type { ChannelMemory, Integration, Notification, RateLimit } from './port.ts'
import { type FailureReason, giveUpAfterMs, retryDelayMs } from './retry.ts'

export interface OutboxRow {
  readonly id: string
  /** The integration's key. */
  readonly integration: string
  readonly groupKey: string
  readonly severity: Severity
  readonly notification: Notification
  readonly attempts: number
  readonly createdAtMs: number
  /** A send began and its end is not known: the process was killed, or the connection broke off. */
  readonly isDoubtful: boolean
}

export type DeliveryOutcome = 'delivered' | 'retry' | 'failed' | 'skipped' | 'superseded' | 'dropped'

/** One attempt, or what else became of a notification, for the delivery log. */
export interface Delivery {
  readonly outboxId: string
  readonly integration: string
  readonly groupKey: string
  readonly atMs: number
  readonly attempt: number
  readonly outcome: DeliveryOutcome
  /** What the receiver answered, or why there was no answer; no secret is in it. */
  readonly detail: string
  /** HTTP's; 0 where there was no answer. */
  readonly status: number
  readonly durationMs: number
  /** An attempt before was cut off, and the receiver cannot tell a repeat. */
  readonly perhapsTwice: boolean
}

/** Rows of the outbox; implemented over the state store. */
export interface OutboxRows {
  /** Integrations for which rows wait. */
  waiting(): Promise<readonly string[]>
  /** The next row whose time has come: critical first, then the oldest; within a group never before one that was written earlier and not tried. */
  next(integration: string, nowMs: number): Promise<OutboxRow | undefined>
  /** When the integration's next row is due; undefined where none waits. */
  nextDueMs(integration: string): Promise<number | undefined>
  /** Notes that a send begins. */
  begin(id: string, nowMs: number): Promise<void>
  /** Removes or moves the row and writes the log, in one transaction; what a delivered message makes old news goes with it. */
  settle(row: OutboxRow, delivery: Delivery, next: NextAttempt | undefined): Promise<void>
  /** What an integration remembers of a group. */
  memory(integration: string, groupKey: string): ChannelMemory
}

export interface NextAttempt {
  readonly atMs: number
  /** The attempt may have reached people. */
  readonly isDoubtful: boolean
}

export interface AttemptSeen {
  readonly integration: Integration | undefined
  readonly delivery: Delivery
  readonly reason: FailureReason | undefined
  readonly notification: Notification
  /** From the decision to the receiver's answer, in ms. */
  readonly ageMs: number
}

export interface OutboxOptions extends AttemptParts {
  readonly rows: OutboxRows
  readonly integrations: () => readonly Integration[]
  readonly onDelivery: (seen: AttemptSeen) => void
}

interface Lane {
  wake: () => void
  /** Woken since it last looked. */
  isWoken: boolean
}

/** Rows that another process has written are found within this time; our own wake the outbox at once. */
const idleMs = 2000

/** Sends what is due until it is stopped. Notifications of one integration go one after the other, integrations side by side. */
export class Outbox {
  readonly #options: OutboxOptions
  readonly #clock: Clock
  readonly #lanes = new Map<string, Lane>()
  /** By address. */
  readonly #paces = new Map<string, { readonly config: unknown; readonly pace: Pace }>()
  #wake: () => void = () => {}

  constructor(options: OutboxOptions) {
    this.#options = options
    this.#clock = options.clock
  }

  /** Looks for due rows now: called after rows were written. */
  wake(): void {
    this.#wake()
  }

  async run(signal: AbortSignal): Promise<void> {
    const stop = new AbortController()
    const stopped = AbortSignal.any([signal, stop.signal])
    const running = new Set<Promise<void>>()
    let failure: { readonly error: unknown } | undefined
    try {
      while (!stopped.aborted) {
        const woken = new Promise<void>((resolve) => {
          this.#wake = resolve
        })
        for (const key of await this.#options.rows.waiting()) {
          if (this.#wakeLane(key)) continue
          const lane = this.#lane(key, stopped)
            .catch((error: unknown) => {
              failure ??= { error }
              stop.abort()
            })
            .finally(() => running.delete(lane))
          running.add(lane)
        }
        await this.#sleep(idleMs, woken, stopped)
      }
    } finally {
      stop.abort()
      await Promise.all(running)
    }
    if (failure !== undefined) throw failure.error
  }

  #wakeLane(key: string): boolean {
    const lane = this.#lanes.get(key)
    if (lane === undefined) return false
    lane.isWoken = true
    lane.wake()
    return true
  }

  /** Lives as long as rows wait for the integration. */
  async #lane(key: string, signal: AbortSignal): Promise<void> {
    const { rows } = this.#options
    const lane: Lane = { wake: () => {}, isWoken: false }
    this.#lanes.set(key, lane)
    try {
      while (!signal.aborted) {
        lane.isWoken = false
        const woken = new Promise<void>((resolve) => {
          lane.wake = resolve
        })
        const nowMs = this.#clock.nowMs()
        const row = await rows.next(key, nowMs)
        const dueMs = row === undefined ? await rows.nextDueMs(key) : nowMs
        if (dueMs === undefined) {
          if (lane.isWoken) continue
          return
        }
        const waitMs = row === undefined ? Math.max(1, dueMs - nowMs) : this.#waitMs(row)
        if (row === undefined || waitMs > 0) await this.#sleep(waitMs, woken, signal)
        else await this.#send(row, signal)
      }
    } finally {
      this.#lanes.delete(key)
    }
  }

  async #sleep(ms: number, woken: Promise<void>, signal: AbortSignal): Promise<void> {
    const sleep = new AbortController()
    const ended = AbortSignal.any([signal, sleep.signal])
    await Promise.race([woken, this.#clock.sleep(Math.min(ms, idleMs), { signal: ended }).catch(() => undefined)])
    sleep.abort()
  }

  #integration(key: string): Integration | undefined {
    return this.#options.integrations().find((integration) => integration.key === key)
  }

  #pace(integration: Integration | undefined): Pace {
    const address = integration && addressOf(integration)
    const key = address ?? integration?.key ?? ''
    // where no address is known another configuration begins anew: what failed may be mended
    const config = address === undefined ? integration?.config : undefined
    const known = this.#paces.get(key)
    if (known !== undefined && known.config === config) return known.pace
    const pace = new Pace()
    // keys come from configurations; those of former ones are few, and forgotten with the process
    this.#paces.set(key, { config, pace })
    return pace
  }

  #waitMs(row: OutboxRow): number {
    const integration = this.#integration(row.integration)
    const isCritical = row.severity === 'critical'
    return this.#pace(integration).waitMs(this.#clock.monotonicMs(), { isCritical, limits: limitsOf(integration) })
  }

  async #send(row: OutboxRow, signal: AbortSignal): Promise<void> {
    const { rows, onDelivery } = this.#options
    const clock = this.#clock
    const integration = this.#integration(row.integration)
    const pace = this.#pace(integration)
    // before anything is waited for: another integration of the same address looks at it too
    const sent = pace.take(clock.monotonicMs(), limitsOf(integration))
    await rows.begin(row.id, clock.nowMs())
    sent(clock.monotonicMs())
    const result = await this.#attempt(row, integration, signal)
    // stopped in the middle: the row stays as it is, marked as begun, and is sent after the next start
    if (signal.aborted && result.outcome !== 'delivered') return
    if (result.outcome === 'retry') pace.failed(clock.monotonicMs())
    else pace.worked()
    if (result.pauseMs !== undefined) pace.pause(clock.monotonicMs(), result.pauseMs)
    const nowMs = clock.nowMs()
    const isLate = nowMs - row.createdAtMs > giveUpAfterMs
    const outcome = result.outcome === 'retry' && isLate ? 'failed' : result.outcome
    const perhapsTwice = row.isDoubtful && integration?.channel.repeats === 'perhaps twice' && outcome !== 'skipped'
    const delivery: Delivery = {
      ...{ outboxId: row.id, integration: row.integration, groupKey: row.groupKey, atMs: nowMs, outcome, perhapsTwice },
      ...{ attempt: row.attempts + 1, status: result.status, durationMs: result.durationMs },
      detail: perhapsTwice ? `perhaps twice: the attempt before was cut off. ${result.detail}` : result.detail,
    }
    const delayMs = Math.max(retryDelayMs(row.attempts + 1), result.pauseMs ?? 0)
    const next = { atMs: nowMs + delayMs, isDoubtful: row.isDoubtful || result.isDoubtful }
    await rows.settle(row, delivery, outcome === 'retry' ? next : undefined)
    const { reason } = result
    onDelivery({ integration, delivery, reason, notification: row.notification, ageMs: nowMs - row.createdAtMs })
  }

  async #attempt(row: OutboxRow, integration: Integration | undefined, signal: AbortSignal): Promise<AttemptResult> {
    if (integration === undefined) return notConfigured
    const memory = this.#options.rows.memory(row.integration, row.groupKey)
    return attempt(integration, row.notification, this.#options, { idempotencyKey: row.id, memory, signal })
  }
}

const limitsOf = (integration: Integration | undefined): readonly RateLimit[] =>
  integration?.rateLimits ?? integration?.channel.limits?.(integration.config) ?? []

/** The same for all that the receiver counts together; without the secrets that are in it. */
function addressOf({ channel, config }: Integration): string | undefined {
  const parts = channel.address?.(config)
  if (parts === undefined) return undefined
  const text = JSON.stringify([
    channel.kind,
    ...parts.map((part) => (part instanceof Secret ? part.reveal() : (part ?? ''))),
  ])
  return createHash('sha256').update(text).digest('base64url')
}

const notConfigured: AttemptResult = {
  outcome: 'failed',
  detail: 'the channel is no longer configured',
  status: 0,
  reason: 'other',
  durationMs: 0,
  pauseMs: undefined,
  isDoubtful: false,
}
