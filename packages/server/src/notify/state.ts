// Rows of the outbox and of the delivery log.
import type { StateTables } from '../state/port.ts'

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
    readonly group_key: string
    /** The place in the list of severities: 0 is critical. */
    readonly severity_rank: number
    /** 1: the notification tells an end. */
    readonly is_resolved: number
    /** A send began then and its end is not known. */
    readonly doubtful_since_ms: number | null
    /** When it was given up. */
    readonly failed_at_ms: number | null
  }
  readonly notify_deliveries: {
    readonly id: string
    readonly outbox_id: string
    readonly receiver: string
    readonly at_ms: number
    readonly outcome: string
    readonly detail: string
    readonly group_key: string
    readonly attempt: number
    readonly status: number
    readonly duration_ms: number
    readonly perhaps_twice: number
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
    {
      version: 3,
      async up(db) {
        const add = async (table: string, column: string, type: 'text' | 'integer'): Promise<void> => {
          const initial = type === 'text' ? '' : 0
          await db.schema
            .alterTable(table)
            .addColumn(column, type, (added) => added.notNull().defaultTo(initial))
            .execute()
        }
        await add('notify_outbox', 'group_key', 'text')
        await add('notify_outbox', 'severity_rank', 'integer')
        await add('notify_outbox', 'is_resolved', 'integer')
        await db.schema.alterTable('notify_outbox').addColumn('doubtful_since_ms', 'bigint').execute()
        await db.schema.alterTable('notify_outbox').addColumn('failed_at_ms', 'bigint').execute()
        await add('notify_deliveries', 'group_key', 'text')
        for (const column of ['attempt', 'status', 'duration_ms', 'perhaps_twice'])
          await add('notify_deliveries', column, 'integer')
        await db.schema
          .createIndex('notify_outbox_receiver')
          .on('notify_outbox')
          .columns(['receiver', 'status', 'next_at_ms'])
          .execute()
        await db.schema
          .createIndex('notify_deliveries_receiver')
          .on('notify_deliveries')
          .columns(['receiver', 'at_ms'])
          .execute()
      },
    },
  ],
}
