// Rows of on-call: escalations with their steps, overrides, secrets of calendar feeds.
import type { Kysely, Transaction } from 'kysely'
import type { Notification } from '../../notify/port.ts'
import type { StateTables } from '../../state/port.ts'
import type { Escalation, EscalationStatus } from './escalation.ts'
import type { Override } from './port.ts'

export interface OnCallTables {
  readonly oncall_escalations: {
    readonly id: string
    readonly policy: string
    readonly group_key: string
    readonly status: EscalationStatus
    readonly opened_at_ms: number
    readonly ended_at_ms: number | null
    /** JSON: the rest. */
    readonly body: string
    /** Counts changes: whoever has read an older one may not write. */
    readonly revision: number
  }
  readonly oncall_overrides: {
    readonly id: string
    readonly schedule: string
    readonly person: string
    readonly start_ms: number
    readonly end_ms: number
    readonly created_by: string
    readonly created_at_ms: number
    readonly note: string
  }
  readonly oncall_feeds: { readonly name: string; readonly sealed: string }
}

export const onCallState: StateTables = {
  feature: 'oncall',
  tables: ['oncall_escalations', 'oncall_overrides', 'oncall_feeds'],
  migrations: [
    {
      version: 1,
      async up(db) {
        await db.schema
          .createTable('oncall_escalations')
          .addColumn('id', 'text', (column) => column.primaryKey())
          .addColumn('policy', 'text', (column) => column.notNull())
          .addColumn('group_key', 'text', (column) => column.notNull())
          .addColumn('status', 'text', (column) => column.notNull())
          .addColumn('opened_at_ms', 'bigint', (column) => column.notNull())
          .addColumn('ended_at_ms', 'bigint')
          .addColumn('body', 'text', (column) => column.notNull())
          .addColumn('revision', 'integer', (column) => column.notNull())
          .execute()
        await db.schema
          .createIndex('oncall_escalations_by_time')
          .on('oncall_escalations')
          .columns(['status', 'opened_at_ms'])
          .execute()
        await db.schema
          .createTable('oncall_overrides')
          .addColumn('id', 'text', (column) => column.primaryKey())
          .addColumn('schedule', 'text', (column) => column.notNull())
          .addColumn('person', 'text', (column) => column.notNull())
          .addColumn('start_ms', 'bigint', (column) => column.notNull())
          .addColumn('end_ms', 'bigint', (column) => column.notNull())
          .addColumn('created_by', 'text', (column) => column.notNull())
          .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
          .addColumn('note', 'text', (column) => column.notNull())
          .execute()
        await db.schema
          .createTable('oncall_feeds')
          .addColumn('name', 'text', (column) => column.primaryKey())
          .addColumn('sealed', 'text', (column) => column.notNull())
          .execute()
      },
    },
  ],
}

/** An escalation with what it is about. */
export interface EscalationRow {
  readonly id: string
  readonly policy: string
  readonly groupKey: string
  readonly escalation: Escalation
  /** The newest one of the group. */
  readonly notification: Notification
  /** Of the delivery that was heard last: heard again it changes nothing. */
  readonly heard: string
  readonly acknowledgedBy: string | undefined
  /** Integrations that were told, so that they hear of the end. */
  readonly told: readonly string[]
  readonly revision: number
}

interface Body extends Omit<EscalationRow, 'id' | 'policy' | 'groupKey' | 'revision'> {}

type Db = Kysely<OnCallTables> | Transaction<OnCallTables>

const toRow = (row: OnCallTables['oncall_escalations']): EscalationRow => ({
  ...{ id: row.id, policy: row.policy, groupKey: row.group_key, revision: row.revision },
  ...(JSON.parse(row.body) as Body),
})

/** Those that are not over: open ones, and taken or missed ones whose alerts still fire. */
export async function liveEscalations(db: Db): Promise<readonly EscalationRow[]> {
  const rows = await db
    .selectFrom('oncall_escalations')
    .selectAll()
    .where('status', '!=', 'resolved')
    .orderBy('opened_at_ms')
    .execute()
  return rows.map(toRow)
}

export async function liveEscalationOf(db: Db, policy: string, groupKey: string): Promise<EscalationRow | undefined> {
  const row = await db
    .selectFrom('oncall_escalations')
    .selectAll()
    .where('policy', '=', policy)
    .where('group_key', '=', groupKey)
    .where('status', '!=', 'resolved')
    .executeTakeFirst()
  return row === undefined ? undefined : toRow(row)
}

/** Newest first. */
export async function listEscalations(
  db: Db,
  { limit, open }: { readonly limit: number; readonly open: boolean },
): Promise<readonly EscalationRow[]> {
  const query = db.selectFrom('oncall_escalations').selectAll().orderBy('opened_at_ms', 'desc').limit(limit)
  const rows = await (open ? query.where('status', '!=', 'resolved') : query).execute()
  return rows.map(toRow)
}

/** The history goes back so far. */
const keptMs = 400 * 86_400_000

/** False where somebody else has written it since it was read. A new one has revision 0. */
export async function saveEscalation(db: Db, row: EscalationRow): Promise<boolean> {
  const { id, policy, groupKey, revision, escalation, ...rest } = row
  const body: Body = { escalation, ...rest }
  const values = {
    ...{ policy, group_key: groupKey, status: escalation.status, opened_at_ms: escalation.openedAtMs },
    ...{ ended_at_ms: escalation.endedAtMs ?? null, body: JSON.stringify(body), revision: revision + 1 },
  }
  if (revision === 0) {
    await db
      .insertInto('oncall_escalations')
      .values({ id, ...values })
      .execute()
    await db
      .deleteFrom('oncall_escalations')
      .where('status', '=', 'resolved')
      .where('opened_at_ms', '<', escalation.openedAtMs - keptMs)
      .execute()
    return true
  }
  const { numUpdatedRows } = await db
    .updateTable('oncall_escalations')
    .set(values)
    .where('id', '=', id)
    .where('revision', '=', revision)
    .executeTakeFirst()
  return Number(numUpdatedRows) === 1
}

const toOverride = (row: OnCallTables['oncall_overrides']): Override => ({
  ...{ id: row.id, schedule: row.schedule, person: row.person, note: row.note, createdBy: row.created_by },
  ...{ startMs: Number(row.start_ms), endMs: Number(row.end_ms), createdAtMs: Number(row.created_at_ms) },
})

export async function listOverrides(db: Db): Promise<readonly Override[]> {
  const rows = await db.selectFrom('oncall_overrides').selectAll().orderBy('start_ms').orderBy('id').execute()
  return rows.map(toOverride)
}

/** Puts it in, or in place of the one with its id. */
export async function putOverride(db: Db, one: Override): Promise<void> {
  const values = {
    ...{ schedule: one.schedule, person: one.person, start_ms: one.startMs, end_ms: one.endMs },
    ...{ created_by: one.createdBy, created_at_ms: one.createdAtMs, note: one.note },
  }
  await db
    .insertInto('oncall_overrides')
    .values({ id: one.id, ...values })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(values))
    .execute()
}

export async function removeOverride(db: Db, id: string): Promise<boolean> {
  const { numDeletedRows } = await db.deleteFrom('oncall_overrides').where('id', '=', id).executeTakeFirst()
  return Number(numDeletedRows) === 1
}

export async function findFeed(db: Db, name: string): Promise<string | undefined> {
  const row = await db.selectFrom('oncall_feeds').select('sealed').where('name', '=', name).executeTakeFirst()
  return row?.sealed
}

/** The first one stays unless `replace`. */
export async function putFeed(db: Db, name: string, sealed: string, replace: boolean): Promise<void> {
  await db
    .insertInto('oncall_feeds')
    .values({ name, sealed })
    .onConflict((conflict) =>
      replace ? conflict.column('name').doUpdateSet({ sealed }) : conflict.column('name').doNothing(),
    )
    .execute()
}
