// The one set of alerts, its groups and what was told, over restarts.
import { Labels } from '@tidewatch/core/labels.ts'
import type { Kysely, Transaction } from 'kysely'
import type { NotificationWriter } from '../../notify/port.ts'
import type { StateStore, StateTables } from '../../state/port.ts'
import type { DispatchChange, DispatchStore } from './change.ts'
import type { HeldAlert } from './held-alert.ts'

/** Told of a change inside the transaction that keeps it. */
type AlsoKept = (transaction: Transaction<unknown>, change: DispatchChange) => Promise<void>

interface DispatchTables {
  readonly alerting_active: { readonly fingerprint: string; readonly alert: string }
  readonly alerting_group_times: { readonly group_id: string; readonly due_at_ms: number; readonly has_flushed: number }
  readonly alerting_told: {
    readonly group_id: string
    readonly integration: string
    readonly firing: string
    readonly resolved: string
    readonly at_ms: number
    readonly expires_at_ms: number
  }
}

export const dispatchState: StateTables = {
  feature: 'dispatch',
  tables: ['alerting_active', 'alerting_group_times', 'alerting_told'],
  migrations: [
    {
      version: 1,
      async up(db) {
        await db.schema
          .createTable('alerting_active')
          .addColumn('fingerprint', 'text', (column) => column.primaryKey())
          .addColumn('alert', 'text', (column) => column.notNull())
          .execute()
        await db.schema
          .createTable('alerting_group_times')
          .addColumn('group_id', 'text', (column) => column.primaryKey())
          .addColumn('due_at_ms', 'bigint', (column) => column.notNull())
          .addColumn('has_flushed', 'integer', (column) => column.notNull())
          .execute()
        await db.schema
          .createTable('alerting_told')
          .addColumn('group_id', 'text', (column) => column.notNull())
          .addColumn('integration', 'text', (column) => column.notNull())
          .addColumn('firing', 'text', (column) => column.notNull())
          .addColumn('resolved', 'text', (column) => column.notNull())
          .addColumn('at_ms', 'bigint', (column) => column.notNull())
          .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
          .addPrimaryKeyConstraint('alerting_told_key', ['group_id', 'integration'])
          .execute()
      },
    },
  ],
}

/** Rows in one statement: both databases bound their parameters. */
const rowsPerStatement = 500

export function createDispatchStore(
  state: StateStore,
  notifications: Pick<NotificationWriter, 'enqueue'>,
  also: AlsoKept = async () => {},
): DispatchStore {
  const db = state.database<DispatchTables>()
  return {
    load: async () => ({
      alerts: (await db.selectFrom('alerting_active').selectAll().execute()).map(({ alert }) => fromText(alert)),
      groups: (await db.selectFrom('alerting_group_times').selectAll().execute()).map((row) => ({
        id: row.group_id,
        dueAtMs: Number(row.due_at_ms),
        hasFlushed: row.has_flushed === 1,
      })),
      told: (await db.selectFrom('alerting_told').selectAll().execute()).map((row) => ({
        groupId: row.group_id,
        integration: row.integration,
        firing: new Set(JSON.parse(row.firing) as readonly string[]),
        resolved: new Set(JSON.parse(row.resolved) as readonly string[]),
        atMs: Number(row.at_ms),
        expiresAtMs: Number(row.expires_at_ms),
      })),
    }),
    save: (change) =>
      db.transaction().execute(async (transaction) => {
        await saveAlerts(transaction, change)
        await saveGroups(transaction, change)
        await saveTold(transaction, change)
        for (const { id, integration, notification, atMs } of change.news)
          await notifications.enqueue(transaction, id, integration, notification, atMs)
        await also(transaction as unknown as Transaction<unknown>, change)
      }),
  }
}

async function saveAlerts(db: Transaction<DispatchTables>, { alerts }: DispatchChange): Promise<void> {
  const { kept, gone } = parted(alerts)
  for (const some of slices(gone)) await db.deleteFrom('alerting_active').where('fingerprint', 'in', some).execute()
  for (const some of slices(kept))
    await db
      .insertInto('alerting_active')
      .values(some.map(([fingerprint, alert]) => ({ fingerprint, alert: toText(alert) })))
      .onConflict((conflict) =>
        conflict.column('fingerprint').doUpdateSet(({ ref }) => ({ alert: ref('excluded.alert') })),
      )
      .execute()
}

async function saveGroups(db: Transaction<DispatchTables>, { groups }: DispatchChange): Promise<void> {
  const { kept, gone } = parted(groups)
  for (const some of slices(gone)) await db.deleteFrom('alerting_group_times').where('group_id', 'in', some).execute()
  for (const some of slices(kept))
    await db
      .insertInto('alerting_group_times')
      .values(
        some.map(([id, { dueAtMs, hasFlushed }]) => ({
          group_id: id,
          due_at_ms: Math.round(dueAtMs),
          has_flushed: hasFlushed ? 1 : 0,
        })),
      )
      .onConflict((conflict) =>
        conflict.column('group_id').doUpdateSet(({ ref }) => ({
          due_at_ms: ref('excluded.due_at_ms'),
          has_flushed: ref('excluded.has_flushed'),
        })),
      )
      .execute()
}

async function saveTold(db: Kysely<DispatchTables>, { told }: DispatchChange): Promise<void> {
  for (const [groupId, ofGroup] of told) {
    for (const [integration, one] of ofGroup) {
      if (one === undefined) {
        await db
          .deleteFrom('alerting_told')
          .where('group_id', '=', groupId)
          .where('integration', '=', integration)
          .execute()
        continue
      }
      const row = {
        firing: JSON.stringify([...one.firing]),
        resolved: JSON.stringify([...one.resolved]),
        at_ms: one.atMs,
        expires_at_ms: one.expiresAtMs,
      }
      await db
        .insertInto('alerting_told')
        .values({ group_id: groupId, integration, ...row })
        .onConflict((conflict) => conflict.columns(['group_id', 'integration']).doUpdateSet(row))
        .execute()
    }
  }
}

function parted<T>(changes: ReadonlyMap<string, T | undefined>): {
  readonly kept: (readonly [string, T])[]
  readonly gone: string[]
} {
  const kept: (readonly [string, T])[] = []
  const gone: string[] = []
  for (const [key, value] of changes) {
    if (value === undefined) gone.push(key)
    else kept.push([key, value])
  }
  return { kept, gone }
}

function* slices<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let i = 0; i < all.length; i += rowsPerStatement) yield all.slice(i, i + rowsPerStatement)
}

interface KeptAlert extends Omit<HeldAlert, 'labels' | 'channels'> {
  readonly labels: Readonly<Record<string, string>>
  readonly channels?: readonly string[]
}

const toText = (alert: HeldAlert): string => JSON.stringify({ ...alert, labels: alert.labels.toObject() })

function fromText(text: string): HeldAlert {
  const { labels, channels, ...rest } = JSON.parse(text) as KeptAlert
  return { ...rest, labels: Labels.from(labels), channels }
}
