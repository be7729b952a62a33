// Rows of the outbox and of the delivery log.
import type { Kysely, Transaction } from 'kysely'
import type { StateStore, StateTables } from '../state/port.ts'
import type { Delivery, OutboxRow, OutboxRows } from './outbox.ts'
import type { Notification } from './port.ts'

export interface NotifyTables {
  readonly notify_outbox: {
    readonly id: string
    readonly receiver: string
    readonly notification: string
    readonly attempts: number
    readonly created_at_ms: number
    readonly next_at_ms: number
    /** 'waiting', or 'failed': kept for a person to see and send again. */
    readonly status: string
  }
  readonly notify_deliveries: {
    readonly id: string
    readonly outbox_id: string
    readonly receiver: string
    readonly at_ms: number
    readonly outcome: string
    readonly detail: string
  }
}

export const notifyState: StateTables = {
  feature: 'notify',
  tables: ['notify_outbox', 'notify_deliveries'],
  migrations: [
    {
      version: 1,
      async up(db) {
        await db.schema
          .createTable('notify_outbox')
          .addColumn('id', 'text', (column) => column.primaryKey())
          .addColumn('receiver', 'text', (column) => column.notNull())
          .addColumn('notification', 'text', (column) => column.notNull())
          .addColumn('attempts', 'integer', (column) => column.notNull())
          .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
          .addColumn('next_at_ms', 'bigint', (column) => column.notNull())
          .addColumn('status', 'text', (column) => column.notNull())
          .execute()
        await db.schema.createIndex('notify_outbox_due').on('notify_outbox').columns(['status', 'next_at_ms']).execute()
        await db.schema
          .createTable('notify_deliveries')
          .addColumn('id', 'text', (column) => column.primaryKey())
          .addColumn('outbox_id', 'text', (column) => column.notNull())
          .addColumn('receiver', 'text', (column) => column.notNull())
          .addColumn('at_ms', 'bigint', (column) => column.notNull())
          .addColumn('outcome', 'text', (column) => column.notNull())
          .addColumn('detail', 'text', (column) => column.notNull())
          .execute()
        await db.schema.createIndex('notify_deliveries_at').on('notify_deliveries').column('at_ms').execute()
      },
    },
  ],
}

/** The delivery log goes back so far. */
const keptDeliveriesMs = 30 * 86_400_000
const longestDetail = 2000

export function createOutboxRows(state: StateStore): OutboxRows {
  const db = state.database<NotifyTables>()
  return {
    async due(nowMs, limit) {
      const rows = await db
        .selectFrom('notify_outbox')
        .selectAll()
        .where('status', '=', 'waiting')
        .where('next_at_ms', '<=', nowMs)
        .orderBy('created_at_ms')
        .limit(limit)
        .execute()
      return rows.map(
        (row): OutboxRow => ({
          id: row.id,
          receiver: row.receiver,
          notification: JSON.parse(row.notification) as Notification,
          attempts: row.attempts,
          createdAtMs: Number(row.created_at_ms),
        }),
      )
    },
    async nextDueMs() {
      const row = await db
        .selectFrom('notify_outbox')
        .select('next_at_ms')
        .where('status', '=', 'waiting')
        .orderBy('next_at_ms')
        .limit(1)
        .executeTakeFirst()
      return row === undefined ? undefined : Number(row.next_at_ms)
    },
    settle: (row, delivery, nextAtMs) =>
      db.transaction().execute((transaction) => settle(transaction, row, delivery, nextAtMs)),
  }
}

async function settle(
  db: Transaction<NotifyTables>,
  row: OutboxRow,
  delivery: Delivery,
  nextAtMs: number | undefined,
): Promise<void> {
  const attempts = row.attempts + 1
  if (delivery.outcome === 'delivered') {
    await db.deleteFrom('notify_outbox').where('id', '=', row.id).execute()
  } else {
    const change = nextAtMs === undefined ? { attempts, status: 'failed' } : { attempts, next_at_ms: nextAtMs }
    await db.updateTable('notify_outbox').set(change).where('id', '=', row.id).execute()
  }
  await db
    .insertInto('notify_deliveries')
    .values({
      id: `${row.id}/${attempts}`,
      outbox_id: row.id,
      receiver: row.receiver,
      at_ms: delivery.atMs,
      outcome: delivery.outcome,
      detail: delivery.detail.slice(0, longestDetail),
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute()
  await db
    .deleteFrom('notify_deliveries')
    .where('at_ms', '<', delivery.atMs - keptDeliveriesMs)
    .execute()
}

/** Puts a notification into the outbox within the caller's transaction; the same id a second time changes nothing. */
export async function enqueueNotification(
  db: Kysely<NotifyTables>,
  id: string,
  notification: Notification,
  nowMs: number,
): Promise<void> {
  await db
    .insertInto('notify_outbox')
    .values({
      id,
      receiver: notification.receiver,
      notification: JSON.stringify(notification),
      attempts: 0,
      created_at_ms: nowMs,
      next_at_ms: nowMs,
      status: 'waiting',
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute()
}
