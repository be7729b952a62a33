// Pushed groups, over restarts. A change takes the next revision, whose row is locked until it is committed: so changes come one after the
// other, and a process that shares the database learns what others changed by asking for what is newer than what it has seen.
import { Labels } from '@tidewatch/core/labels.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import { decodeHistogram, encodeHistogram } from '@tidewatch/core/native-histogram-codec.ts'
import type { Kysely, Transaction } from 'kysely'
import type { StateTables } from '../../../state/port.ts'
import { createGroup, type GroupFamily, type Grouping, type PushedGroup } from './groups.ts'

export interface PushgatewayTables {
  readonly pushgateway_groups: {
    readonly group_key: string
    readonly project: number
    readonly revision: number
    /** JSON; empty label values are kept, since they are part of the key. */
    readonly grouping: string
    readonly pushed_at_ms: number
    readonly failed_at_ms: number
    /** JSON; null: the group was deleted at `pushed_at_ms`. */
    readonly families: string | null
  }
  readonly pushgateway_revision: { readonly id: number; readonly revision: number }
}

export const pushgatewayState: StateTables = {
  feature: 'pushgateway',
  tables: ['pushgateway_groups', 'pushgateway_revision'],
  migrations: [
    {
      version: 1,
      async up(db) {
        await db.schema
          .createTable('pushgateway_groups')
          .addColumn('group_key', 'text', (column) => column.primaryKey())
          .addColumn('project', 'bigint', (column) => column.notNull())
          .addColumn('revision', 'bigint', (column) => column.notNull())
          .addColumn('grouping', 'text', (column) => column.notNull())
          .addColumn('pushed_at_ms', 'bigint', (column) => column.notNull())
          .addColumn('failed_at_ms', 'bigint', (column) => column.notNull())
          .addColumn('families', 'text')
          .execute()
        await db.schema
          .createIndex('pushgateway_groups_by_revision')
          .on('pushgateway_groups')
          .column('revision')
          .execute()
        await db.schema
          .createTable('pushgateway_revision')
          .addColumn('id', 'integer', (column) => column.primaryKey())
          .addColumn('revision', 'bigint', (column) => column.notNull())
          .execute()
      },
    },
  ],
}

/** Takes the next revision, and with it the right to change: until the transaction ends nobody else gets one. */
export async function takeRevision(db: Transaction<PushgatewayTables>): Promise<number> {
  const { revision } = await db
    .insertInto('pushgateway_revision')
    .values({ id: 1, revision: 1 })
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet((row) => ({ revision: row('pushgateway_revision.revision', '+', 1) })),
    )
    .returning('revision')
    .executeTakeFirstOrThrow()
  return Number(revision)
}

export interface GroupChange {
  readonly key: string
  readonly revision: number
  /** Undefined: deleted. */
  readonly group: PushedGroup | undefined
}

/** What changed after a revision, oldest first. */
export async function changesSince(db: Kysely<PushgatewayTables>, revision: number): Promise<readonly GroupChange[]> {
  const rows = await db
    .selectFrom('pushgateway_groups')
    .selectAll()
    .where('revision', '>', revision)
    .orderBy('revision')
    .execute()
  return rows.map((row) => ({
    key: row.group_key,
    revision: Number(row.revision),
    group:
      row.families === null
        ? undefined
        : createGroup({
            project: Number(row.project) as ProjectId,
            grouping: JSON.parse(row.grouping) as Grouping,
            families: fromKept(row.families),
            pushedAtMs: Number(row.pushed_at_ms),
            failedAtMs: Number(row.failed_at_ms),
          }),
  }))
}

export async function saveGroup(
  db: Transaction<PushgatewayTables>,
  group: PushedGroup,
  revision: number,
): Promise<void> {
  const row = {
    project: group.project,
    revision,
    grouping: JSON.stringify(group.grouping),
    pushed_at_ms: group.pushedAtMs,
    failed_at_ms: group.failedAtMs,
    families: toKept(group.families),
  }
  await db
    .insertInto('pushgateway_groups')
    .values({ group_key: group.key, ...row })
    .onConflict((conflict) => conflict.column('group_key').doUpdateSet(row))
    .execute()
}

/** The row stays for a while without its metrics, so that other processes hear of it. */
export async function deleteGroup(
  db: Transaction<PushgatewayTables>,
  key: string,
  { revision, nowMs }: { readonly revision: number; readonly nowMs: number },
): Promise<void> {
  await db
    .updateTable('pushgateway_groups')
    .set({ revision, families: null, pushed_at_ms: nowMs })
    .where('group_key', '=', key)
    .execute()
}

/** The same for all groups of a project. */
export async function deleteGroups(
  db: Transaction<PushgatewayTables>,
  project: ProjectId,
  { revision, nowMs }: { readonly revision: number; readonly nowMs: number },
): Promise<void> {
  await db
    .updateTable('pushgateway_groups')
    .set({ revision, families: null, pushed_at_ms: nowMs })
    .where('project', '=', project)
    .where('families', 'is not', null)
    .execute()
}

/** Forgets groups that were deleted before. */
export async function forgetDeleted(db: Kysely<PushgatewayTables>, beforeMs: number): Promise<void> {
  await db.deleteFrom('pushgateway_groups').where('families', 'is', null).where('pushed_at_ms', '<', beforeMs).execute()
}

/** JSON has no infinities and no NaN, so values are texts; a native histogram is its bytes in base64. */
interface KeptFamily extends Omit<GroupFamily, 'series'> {
  readonly series: readonly (readonly [labels: readonly string[], value: string, histogram?: string])[]
}

function toKept(families: readonly GroupFamily[]): string {
  const kept = families.map(
    (family): KeptFamily => ({
      ...family,
      series: family.series.map(({ labels, value, histogram }): KeptFamily['series'][number] => {
        const text = Object.is(value, -0) ? '-0' : String(value)
        if (histogram === undefined) return [labels.flat, text]
        return [labels.flat, text, Buffer.from(encodeHistogram(histogram)).toString('base64')]
      }),
    }),
  )
  return JSON.stringify(kept)
}

function fromKept(text: string): GroupFamily[] {
  const kept = JSON.parse(text) as readonly KeptFamily[]
  return kept.map((family) => ({
    ...family,
    series: family.series.map(([flat, value, histogram]) => ({
      labels: Labels.fromSorted(flat),
      value: Number(value),
      ...(histogram === undefined ? {} : { histogram: decodeHistogram(Buffer.from(histogram, 'base64')) }),
    })),
  }))
}
