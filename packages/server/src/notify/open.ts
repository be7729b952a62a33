// Outbox, delivery log, metrics and the test of a channel, joined for app.
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import type { Transaction } from 'kysely'
import type { Logger, Metrics } from '../self/port.ts'
import type { StateStore } from '../state/port.ts'
import { type AttemptParts, attempt } from './attempt.ts'
import { createDeliveryLog, type DeliveryLog } from './delivery-log.ts'
import { ChannelClients } from './http.ts'
import { createNotifyMetrics } from './metrics.ts'
import { type AttemptSeen, type Delivery, Outbox, type OutboxRows } from './outbox.ts'
import { createOutboxRows, enqueueNotification } from './outbox-rows.ts'
import type { Integration, NotificationWriter, Outside } from './port.ts'
import type { NotifyTables } from './state.ts'
import { testNotification } from './test-notification.ts'

export interface NotifyOptions {
  readonly state: StateStore
  readonly outside: Outside
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
  /** What stands in links that leave the house. */
  readonly externalUrl: () => string
  /** Told of each attempt: the journal of alerts, for instance. */
  readonly onDelivery?: (seen: AttemptSeen) => void
}

export interface Notify extends AsyncDisposable {
  readonly writer: NotificationWriter
  readonly log: DeliveryLog
  /** Sends what waits until the signal fires. One process of an installation at a time. */
  run(signal: AbortSignal): Promise<void>
  /** From now on these are the channels. */
  follow(integrations: readonly Integration[]): Promise<void>
  readonly integrations: () => readonly Integration[]
  /** Sends a test message through the real channel now. Throws `http.not_found`. */
  test(key: string, options: { readonly signal: AbortSignal; readonly by: string }): Promise<Delivery>
  /** Puts a notification that was given up back on its way. Throws `http.not_found`. */
  resend(id: string): Promise<void>
}

export function openNotify(options: NotifyOptions): Notify {
  const { state, outside, clock, logger } = options
  let integrations: readonly Integration[] = []
  let byReceiver: ReadonlyMap<string, readonly Integration[]> = new Map()
  let counted = { waiting: 0, failed: 0 }
  const clients = new ChannelClients(outside, clock)
  const log = createDeliveryLog(state, clock)
  const rows = createOutboxRows(state)
  const metrics = createNotifyMetrics(options.metrics, () => {
    // counting takes a query; what is shown is as old as the last reading
    void log.counts().then(
      (now) => {
        counted = now
      },
      () => undefined,
    )
    return counted
  })
  const onDelivery = (seen: AttemptSeen): void => {
    metrics.seen(seen)
    options.onDelivery?.(seen)
    const { outcome, detail, integration, attempt: number } = seen.delivery
    if (outcome === 'retry' || outcome === 'failed')
      logger.warn('a notification was not delivered', { channel: integration, outcome, detail, attempt: number })
  }
  const parts = { outside, clients, clock }
  const outbox = new Outbox({ rows, integrations: () => integrations, ...parts, onDelivery })
  return {
    log,
    integrations: () => integrations,
    writer: {
      enqueue: (transaction, id, integration, notification, nowMs) =>
        enqueueNotification(transaction as Transaction<NotifyTables>, id, integration, notification, nowMs),
      wake: () => outbox.wake(),
      integrations: () => byReceiver,
    },
    run: (signal) => outbox.run(signal),
    async follow(now) {
      integrations = now
      byReceiver = Map.groupBy(now, ({ receiver }) => receiver)
      await clients.keep(now)
      outbox.wake()
    },
    async test(key, { signal, by }) {
      const integration = integrations.find((one) => one.key === key)
      if (integration === undefined) throw noChannel(key, integrations)
      const delivery = await sendTest(integration, { signal, by, parts, rows, externalUrl: options.externalUrl() })
      await log.record(delivery)
      return delivery
    },
    async resend(id) {
      await log.resend(id)
      outbox.wake()
    },
    [Symbol.asyncDispose]: () => clients[Symbol.asyncDispose](),
  }
}

function noChannel(key: string, integrations: readonly Integration[]): AppError {
  return new AppError('http.not_found', `there is no channel ${quoteValue(key)}.`, {
    fix: `There are: ${integrations.map((one) => one.key).join(', ') || 'none'}.`,
  })
}

interface TestParts {
  readonly signal: AbortSignal
  readonly by: string
  readonly parts: AttemptParts
  readonly rows: OutboxRows
  readonly externalUrl: string
}

/** Past the outbox, so that whoever asks sees the answer at once; one attempt. */
async function sendTest(
  integration: Integration,
  { signal, by, parts, rows, externalUrl }: TestParts,
): Promise<Delivery> {
  const { clock } = parts
  const nowMs = clock.nowMs()
  const notification = testNotification(integration.receiver, { externalUrl, nowMs, by })
  const { groupKey } = notification
  const id = `test/${integration.key}/${nowMs}`
  const memory = rows.memory(integration.key, groupKey)
  const result = await attempt(integration, notification, parts, { idempotencyKey: id, memory, signal })
  await memory.write(undefined)
  const { detail, status, durationMs } = result
  const outcome = result.outcome === 'retry' ? 'failed' : result.outcome
  const atMs = clock.nowMs()
  return {
    ...{ outboxId: id, integration: integration.key, groupKey, atMs, attempt: 1, outcome },
    ...{ detail, status, durationMs, perhapsTwice: false },
  }
}
