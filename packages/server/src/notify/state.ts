// Rows of the outbox and of the delivery log.
import { AppError } from '@tidewatch/core/error.ts'
import type { Kysely, Transaction } from 'kysely'
import type { StateStore, StateTables } from '../state/port.ts'
import type { Delivery, OutboxRow, OutboxRows } from './outbox.ts'
import type { ChannelMemory, Notification } from './port.ts'

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
  /** What a channel remembers of a group, such as the message that it updates. */
  readonly notify_memory: { readonly integration: string; readonly group_key: string; readonly value: string }
}

export const notifyState: StateTables = {
  feature: 'notify',
  tables: ['notify_outbox', 'notify_deliveries', 'notify_memory'],
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
    {
      version: 2,
      async up(db) {
        await db.schema
          .createTable('notify_memory')
          .addColumn('integration', 'text', (column) => column.notNull())
          .addColumn('group_key', 'text', (column) => column.notNull())
          .addColumn('value', 'text', (column) => column.notNull())
          .addPrimaryKeyConstraint('notify_memory_key', ['integration', 'group_key'])
          .execute()
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
          integration: row.receiver,
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
    memory: (integration, groupKey) => createMemory(db, integration, groupKey),
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
      receiver: row.integration,
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
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute()
}
