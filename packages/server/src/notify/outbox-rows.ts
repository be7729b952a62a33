// The outbox over the state store: which row goes next, and what becomes of it.
import { AppError } from '@tidewatch/core/error.ts'
import { severities } from '@tidewatch/core/severity.ts'
import type { Kysely, Transaction } from 'kysely'
import type { StateStore } from '../state/port.ts'
import type { Delivery, NextAttempt, OutboxRow, OutboxRows } from './outbox.ts'
import type { ChannelMemory, Notification } from './port.ts'
import type { NotifyTables } from './state.ts'

/** The delivery log goes back so far, and so do notifications that were given up. */
const keptMs = 30 * 86_400_000

export function createOutboxRows(state: StateStore): OutboxRows {
  const db = state.database<NotifyTables>()
  return {
    async waiting() {
      const rows = await db
        .selectFrom('notify_outbox')
        .select('receiver')
        .distinct()
        .where('status', '=', 'waiting')
        .execute()
      return rows.map(({ receiver }) => receiver)
    },
    next: (integration, nowMs) => nextRow(db, integration, nowMs),
    async nextDueMs(integration) {
      const row = await db
        .selectFrom('notify_outbox')
        .select('next_at_ms')
        .where('status', '=', 'waiting')
        .where('receiver', '=', integration)
        .orderBy('next_at_ms')
        .limit(1)
        .executeTakeFirst()
      return row === undefined ? undefined : Number(row.next_at_ms)
    },
    async begin(id, nowMs) {
      await db.updateTable('notify_outbox').set({ doubtful_since_ms: nowMs }).where('id', '=', id).execute()
    },
    settle: (row, delivery, next) =>
      db.transaction().execute((transaction) => settle(transaction, row, delivery, next)),
    memory: (integration, groupKey) => createMemory(db, integration, groupKey),
  }
}

async function nextRow(db: Kysely<NotifyTables>, integration: string, nowMs: number): Promise<OutboxRow | undefined> {
  const row = await db
    .selectFrom('notify_outbox as mine')
    .selectAll()
    .where('mine.status', '=', 'waiting')
    .where('mine.receiver', '=', integration)
    .where('mine.next_at_ms', '<=', nowMs)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('notify_outbox as former')
            .select('former.id')
            .whereRef('former.receiver', '=', 'mine.receiver')
            .whereRef('former.group_key', '=', 'mine.group_key')
            .whereRef('former.created_at_ms', '<', 'mine.created_at_ms')
            .where('former.status', '=', 'waiting')
            // news of what fires need not wait for older news that did not arrive: it says all that the group says now
            .where((eb) => eb.or([eb('former.attempts', '=', 0), eb('mine.is_resolved', '=', 1)])),
        ),
      ),
    )
    .orderBy('mine.severity_rank')
    .orderBy('mine.created_at_ms')
    .orderBy('mine.id')
    .limit(1)
    .executeTakeFirst()
  return row === undefined ? undefined : toOutboxRow(row)
}

export function toOutboxRow(row: NotifyTables['notify_outbox']): OutboxRow {
  return {
    id: row.id,
    integration: row.receiver,
    groupKey: row.group_key,
    severity: severities[row.severity_rank] ?? 'critical',
    notification: JSON.parse(row.notification) as Notification,
    attempts: row.attempts,
    createdAtMs: Number(row.created_at_ms),
    isDoubtful: row.doubtful_since_ms !== null,
  }
}

/** Longer than any id of a message. */
const longestMemory = 4000

function createMemory(db: Kysely<NotifyTables>, integration: string, groupKey: string): ChannelMemory {
  return {
    async read() {
      const row = await db
        .selectFrom('notify_memory')
        .select('value')
        .where('integration', '=', integration)
        .where('group_key', '=', groupKey)
        .executeTakeFirst()
      return row?.value
    },
    async write(value) {
      if (value === undefined) {
        await db
          .deleteFrom('notify_memory')
          .where('integration', '=', integration)
          .where('group_key', '=', groupKey)
          .execute()
        return
      }
      if (value.length > longestMemory)
        throw new AppError(
          'internal.bug',
          `a channel wants to keep ${value.length} characters; at most ${longestMemory}.`,
        )
      await db
        .insertInto('notify_memory')
        .values({ integration, group_key: groupKey, value })
        .onConflict((conflict) => conflict.columns(['integration', 'group_key']).doUpdateSet({ value }))
        .execute()
    },
  }
}

async function settle(
  db: Transaction<NotifyTables>,
  row: OutboxRow,
  delivery: Delivery,
  next: NextAttempt | undefined,
): Promise<void> {
  const attempts = row.attempts + 1
  const { outcome, atMs } = delivery
  const mine = db.updateTable('notify_outbox').where('id', '=', row.id)
  if (next !== undefined) {
    const doubt = next.isDoubtful ? atMs : null
    await mine.set({ attempts, next_at_ms: next.atMs, doubtful_since_ms: doubt }).execute()
  } else if (outcome === 'failed') {
    await mine.set({ attempts, status: 'failed', failed_at_ms: atMs }).execute()
  } else {
    await db.deleteFrom('notify_outbox').where('id', '=', row.id).execute()
  }
  await logDelivery(db, delivery)
  if (outcome === 'delivered' && row.notification.status === 'firing') await dropOldNews(db, row, atMs)
  await db
    .deleteFrom('notify_deliveries')
    .where('at_ms', '<', atMs - keptMs)
    .execute()
  await db
    .deleteFrom('notify_outbox')
    .where('status', '=', 'failed')
    .where('failed_at_ms', '<', atMs - keptMs)
    .execute()
}

export async function logDelivery(db: Kysely<NotifyTables>, delivery: Delivery): Promise<void> {
  await db
    .insertInto('notify_deliveries')
    .values({
      id: `${delivery.outboxId}/${delivery.attempt}/${delivery.outcome}/${delivery.atMs}`,
      outbox_id: delivery.outboxId,
      receiver: delivery.integration,
      group_key: delivery.groupKey,
      at_ms: delivery.atMs,
      attempt: delivery.attempt,
      outcome: delivery.outcome,
      detail: delivery.detail,
      status: delivery.status,
      duration_ms: delivery.durationMs,
      perhaps_twice: delivery.perhapsTwice ? 1 : 0,
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute()
}

/** Older messages of the group that did not arrive yet: the one that did says all that they would say. */
async function dropOldNews(db: Transaction<NotifyTables>, row: OutboxRow, atMs: number): Promise<void> {
  const old = await db
    .selectFrom('notify_outbox')
    .select(['id', 'attempts'])
    .where('receiver', '=', row.integration)
    .where('group_key', '=', row.groupKey)
    .where('status', '=', 'waiting')
    .where('created_at_ms', '<', row.createdAtMs)
    .execute()
  for (const { id, attempts } of old) {
    await db.deleteFrom('notify_outbox').where('id', '=', id).execute()
    await logDelivery(db, {
      ...{ outboxId: id, integration: row.integration, groupKey: row.groupKey, atMs, attempt: attempts },
      ...{ outcome: 'superseded', status: 0, durationMs: 0, perhapsTwice: false },
      detail: `a newer message of the same group has arrived: ${row.id}`,
    })
  }
}

/** Puts a notification into the outbox within the caller's transaction; the same id a second time changes nothing. */
export async function enqueueNotification(
  db: Kysely<NotifyTables>,
  id: string,
  integration: string,
  notification: Notification,
  nowMs: number,
): Promise<void> {
  await db
    .insertInto('notify_outbox')
    .values({
      id,
      receiver: integration,
      notification: JSON.stringify(notification),
      attempts: 0,
      created_at_ms: nowMs,
      next_at_ms: nowMs,
      status: 'waiting',
      group_key: notification.groupKey,
      severity_rank: Math.max(0, severities.indexOf(notification.severity)),
      is_resolved: notification.status === 'resolved' ? 1 : 0,
      doubtful_since_ms: null,
      failed_at_ms: null,
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute()
}
