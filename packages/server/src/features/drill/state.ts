// Rows of drills and until when rules were evaluated.
import type { Kysely } from 'kysely'
import type { StateTables } from '../../state/port.ts'
import type { DrillRun } from './run.ts'

export interface DrillTables {
  readonly drill_runs: {
    readonly id: string
    readonly drill: string
    readonly status: string
    readonly started_at_ms: number
    /** JSON: all of it. */
    readonly body: string
  }
  /** `evaluated`: until when. */
  readonly drill_marks: { readonly name: string; readonly at_ms: number }
}

export const drillState: StateTables = {
  feature: 'drill',
  tables: ['drill_runs', 'drill_marks'],
  migrations: [
    {
      version: 1,
      async up(db) {
        await db.schema
          .createTable('drill_runs')
          .addColumn('id', 'text', (column) => column.primaryKey())
          .addColumn('drill', 'text', (column) => column.notNull())
          .addColumn('status', 'text', (column) => column.notNull())
          .addColumn('started_at_ms', 'bigint', (column) => column.notNull())
          .addColumn('body', 'text', (column) => column.notNull())
          .execute()
        await db.schema.createIndex('drill_runs_by_time').on('drill_runs').column('started_at_ms').execute()
        await db.schema
          .createTable('drill_marks')
          .addColumn('name', 'text', (column) => column.primaryKey())
          .addColumn('at_ms', 'bigint', (column) => column.notNull())
          .execute()
      },
    },
  ],
}

export interface DrillRows {
  running(): Promise<readonly DrillRun[]>
  /** Newest first. */
  list(options: { readonly drill?: string | undefined; readonly limit: number }): Promise<readonly DrillRun[]>
  find(id: string): Promise<DrillRun | undefined>
  save(run: DrillRun): Promise<void>
  mark(name: string): Promise<number | undefined>
  setMark(name: string, atMs: number): Promise<void>
}

const keptMs = 400 * 86_400_000

export function createDrillRows(db: Kysely<DrillTables>): DrillRows {
  const all = () => db.selectFrom('drill_runs').select('body').orderBy('started_at_ms', 'desc')
  const read = (rows: readonly { readonly body: string }[]): DrillRun[] =>
    rows.map(({ body }) => JSON.parse(body) as DrillRun)
  return {
    running: async () => read(await all().where('status', '=', 'running').execute()),
    async list({ drill, limit }) {
      const query = all().limit(limit)
      return read(await (drill === undefined ? query : query.where('drill', '=', drill)).execute())
    },
    find: async (id) => read(await all().where('id', '=', id).execute())[0],
    async save(run) {
      const { id, drill, status, startedAtMs } = run
      const values = { drill, status, started_at_ms: startedAtMs, body: JSON.stringify(run) }
      await db
        .insertInto('drill_runs')
        .values({ id, ...values })
        .onConflict((conflict) => conflict.column('id').doUpdateSet(values))
        .execute()
      await db
        .deleteFrom('drill_runs')
        .where('started_at_ms', '<', startedAtMs - keptMs)
        .execute()
    },
    async mark(name) {
      const row = await db.selectFrom('drill_marks').select('at_ms').where('name', '=', name).executeTakeFirst()
      return row === undefined ? undefined : Number(row.at_ms)
    },
    async setMark(name, atMs) {
      await db
        .insertInto('drill_marks')
        .values({ name, at_ms: atMs })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ at_ms: atMs }))
        .execute()
    },
  }
}
