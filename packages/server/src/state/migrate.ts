// Brings the tables of all features to the versions that this program knows.
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { type Kysely, sql } from 'kysely'
import type { StateKind, StateMigration, StateTables } from './port.ts'

interface AppliedRow {
  readonly feature: string
  readonly version: number
  readonly applied_at_ms: number
}

export interface OwnTables {
  tidewatch_migrations: AppliedRow
}

/** Feature to the highest version applied. */
export type Versions = ReadonlyMap<string, number>

export interface MigrateOptions {
  readonly kind: StateKind
  readonly clock: Clock
  readonly features: readonly StateTables[]
  /** Called once before the first change to a database that holds something. */
  readonly beforeChange: () => Promise<void>
  /** Where to stop, by feature; all the way when left out. A restore stops at the versions of its dump. */
  readonly upTo?: Versions
}

/** One number for all processes: whoever comes second waits until the first is through. */
const migrationLock = 0x74696465_6d

/** Each step in a transaction of its own. Throws `data_dir.newer` where the database has what this program does not know. */
export async function migrate(db: Kysely<OwnTables>, options: MigrateOptions): Promise<void> {
  const inTransaction = (work: (tx: Kysely<OwnTables>) => Promise<void>): Promise<void> =>
    db.transaction().execute(async (tx) => {
      if (options.kind === 'postgres') await sql`select pg_advisory_xact_lock(${sql.lit(migrationLock)})`.execute(tx)
      await work(tx)
    })
  await inTransaction(createMigrationsTable)
  const applied = await appliedVersions(db)
  refuseNewer(applied, options.features)
  const steps = stepsAfter(applied, options)
  if (steps.length === 0) return
  if (applied.size > 0) await options.beforeChange()
  for (const step of steps) await inTransaction((tx) => apply(tx, step, options.clock))
}

/** All steps in a transaction that the caller has. */
export async function migrateWithin(
  tx: Kysely<OwnTables>,
  options: Omit<MigrateOptions, 'beforeChange'>,
): Promise<void> {
  await createMigrationsTable(tx)
  for (const step of stepsAfter(await appliedVersions(tx), options)) await apply(tx, step, options.clock)
}

interface Step {
  readonly feature: string
  readonly migration: StateMigration
}

async function apply(tx: Kysely<OwnTables>, { feature, migration }: Step, clock: Clock): Promise<void> {
  const { version } = migration
  const done = await tx
    .selectFrom('tidewatch_migrations')
    .select('version')
    .where('feature', '=', feature)
    .where('version', '=', version)
    .executeTakeFirst()
  // another process was faster
  if (done !== undefined) return
  await migration.up(tx as unknown as Kysely<Record<string, Record<string, unknown>>>)
  await tx.insertInto('tidewatch_migrations').values({ feature, version, applied_at_ms: clock.nowMs() }).execute()
}

async function createMigrationsTable(db: Kysely<OwnTables>): Promise<void> {
  await db.schema
    .createTable('tidewatch_migrations')
    .ifNotExists()
    .addColumn('feature', 'text', (column) => column.notNull())
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('applied_at_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('tidewatch_migrations_key', ['feature', 'version'])
    .execute()
}

/** Takes the features' tables away with all they hold, so that they can be made anew. */
export async function dropTables(tx: Kysely<OwnTables>, features: readonly StateTables[]): Promise<void> {
  for (const { feature, tables } of features.toReversed()) {
    for (const table of tables.toReversed()) await tx.schema.dropTable(table).ifExists().execute()
    await tx.deleteFrom('tidewatch_migrations').where('feature', '=', feature).execute()
  }
}

export async function appliedVersions(db: Kysely<OwnTables>): Promise<Versions> {
  const rows = await db
    .selectFrom('tidewatch_migrations')
    .select(['feature', (eb) => eb.fn.max('version').as('version')])
    .groupBy('feature')
    .execute()
  return new Map(rows.map(({ feature, version }) => [feature, Number(version)]))
}

export function refuseNewer(found: Versions, features: readonly StateTables[]): void {
  const known = new Map(features.map(({ feature, migrations }) => [feature, migrations.at(-1)?.version ?? 0]))
  for (const [feature, version] of found) {
    const ours = known.get(feature)
    if (ours !== undefined && version <= ours) continue
    const message =
      ours === undefined
        ? `the state holds "${feature}", which this version of Tidewatch does not know.`
        : `the state holds version ${version} of "${feature}"; this version of Tidewatch knows up to ${ours}.`
    throw new AppError('data_dir.newer', message, {
      fix: 'Run the newer Tidewatch that wrote it, or restore a backup from before it.',
    })
  }
}

function stepsAfter(applied: Versions, { features, upTo }: Pick<MigrateOptions, 'features' | 'upTo'>): Step[] {
  return features.flatMap(({ feature, migrations }) => {
    const from = applied.get(feature) ?? 0
    const to = upTo === undefined ? Number.POSITIVE_INFINITY : (upTo.get(feature) ?? 0)
    return migrations
      .filter(({ version }) => version > from && version <= to)
      .map((migration) => ({ feature, migration }))
  })
}
