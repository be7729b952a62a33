// Notifications on their way out: a row first, then the send. What stands here survives a kill; the row goes when the receiver has it.
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import type { ChannelMemory, Integration, Notification, OutgoingHttp, SendResult } from './port.ts'
import { giveUpAfterMs, isDelivered, isWorthRetrying, retryDelayMs } from './retry.ts'

export interface OutboxRow {
  readonly id: string
  /** The integration's key. */
  readonly integration: string
  readonly notification: Notification
  readonly attempts: number
  readonly createdAtMs: number
}

/** One attempt, for the delivery log. */
export interface Delivery {
  readonly outboxId: string
  readonly integration: string
  readonly atMs: number
  readonly outcome: 'delivered' | 'retry' | 'failed'
  readonly detail: string
}

/** Rows of the outbox; implemented over the state store. */
export interface OutboxRows {
  /** Rows whose time has come, oldest first. */
  due(nowMs: number, limit: number): Promise<readonly OutboxRow[]>
  /** When the next row is due; undefined where none waits. */
  nextDueMs(): Promise<number | undefined>
  /** Removes or moves the row and writes the log, in one transaction. */
  settle(row: OutboxRow, delivery: Delivery, nextAtMs: number | undefined): Promise<void>
  /** What an integration remembers of a group. */
  memory(integration: string, groupKey: string): ChannelMemory
}

export interface OutboxOptions {
  readonly rows: OutboxRows
  readonly integrations: () => readonly Integration[]
  readonly http: OutgoingHttp
  readonly clock: Clock
  readonly onDelivery: (delivery: Delivery) => void
}

/** Rows are looked for at least so often; new ones wake the outbox at once. */
const idleMs = 30_000
const perRound = 50

/** Sends what is due until it is stopped. Notifications of one receiver go one after the other, receivers side by side. */
export class Outbox {
  readonly #options: OutboxOptions
  #wake: () => void = () => {}

  constructor(options: OutboxOptions) {
    this.#options = options
  }

  /** Looks for due rows now: called after rows were written. */
  wake(): void {
    this.#wake()
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, rows } = this.#options
    while (!signal.aborted) {
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      const due = await rows.due(clock.nowMs(), perRound)
      await this.#sendAll(due, signal)
      if (due.length === perRound || signal.aborted) continue
      const nextMs = await rows.nextDueMs()
      const waitMs = nextMs === undefined ? idleMs : Math.min(idleMs, Math.max(0, nextMs - clock.nowMs()))
      const sleep = new AbortController()
      await Promise.race([
        woken,
        clock.sleep(waitMs, { signal: AbortSignal.any([signal, sleep.signal]) }).catch(() => undefined),
      ])
      sleep.abort()
    }
  }

  async #sendAll(due: readonly OutboxRow[], signal: AbortSignal): Promise<void> {
    const byReceiver = Map.groupBy(due, ({ integration }) => integration)
    await Promise.all(
      [...byReceiver.values()].map(async (rows) => {
        for (const row of rows) if (!signal.aborted) await this.#send(row, signal)
      }),
    )
  }

  async #send(row: OutboxRow, signal: AbortSignal): Promise<void> {
    const { clock, rows, onDelivery } = this.#options
    const { outcome, detail } = await this.#attempt(row, signal)
    // stopped in the middle: the row stays as it is and is sent after the next start
    if (signal.aborted && outcome !== 'delivered') return
    const nowMs = clock.nowMs()
    const isLate = nowMs - row.createdAtMs > giveUpAfterMs
    const final = outcome === 'retry' && isLate ? 'failed' : outcome
    const delivery: Delivery = { outboxId: row.id, integration: row.integration, atMs: nowMs, outcome: final, detail }
    await rows.settle(row, delivery, final === 'retry' ? nowMs + retryDelayMs(row.attempts + 1) : undefined)
    onDelivery(delivery)
  }

  async #attempt(row: OutboxRow, signal: AbortSignal): Promise<Pick<Delivery, 'outcome' | 'detail'>> {
    const { clock, http, rows } = this.#options
    const integration = this.#options.integrations().find(({ key }) => key === row.integration)
    if (integration === undefined) return { outcome: 'failed', detail: 'the channel is no longer configured' }
    let result: SendResult
    try {
      const memory = rows.memory(row.integration, row.notification.groupKey)
      const context = { http, clock, signal, idempotencyKey: row.id, memory }
      result = await integration.channel.send(row.notification, integration.config, context)
    } catch (error) {
      return { outcome: 'retry', detail: AppError.from(error).message }
    }
    const detail = `${result.status} ${result.answer}`.trim()
    if (isDelivered(result.status)) return { outcome: 'delivered', detail }
    return { outcome: isWorthRetrying(result.status) ? 'retry' : 'failed', detail }
  }
}
