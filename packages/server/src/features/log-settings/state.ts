// How logs are kept, as far as the page says it: a row a setting, with who changed it last.
import type { Kysely } from 'kysely'
import type { StateTables } from '../../state/port.ts'

export interface LogSettingsTables {
  readonly log_settings: {
    readonly name: string
    /** JSON; secrets in it are sealed. */
    readonly body: string
    readonly changed_by: string
    readonly changed_at_ms: number
  }
}

export const logSettingsState: StateTables = {
  feature: 'log settings',
  tables: ['log_settings'],
  migrations: [
    {
      version: 1,
      async up(db) {
        await db.schema
          .createTable('log_settings')
          .addColumn('name', 'text', (column) => column.primaryKey())
          .addColumn('body', 'text', (column) => column.notNull())
          .addColumn('changed_by', 'text', (column) => column.notNull())
          .addColumn('changed_at_ms', 'bigint', (column) => column.notNull())
          .execute()
      },
    },
  ],
}

export interface SettingRow {
  readonly name: string
  readonly body: unknown
  readonly by: string
  readonly changedMs: number
}

export interface LogSettingRows {
  all(): Promise<readonly SettingRow[]>
  put(row: SettingRow): Promise<void>
  remove(name: string): Promise<void>
}

export function createLogSettingRows(db: Kysely<LogSettingsTables>): LogSettingRows {
  return {
    async all() {
      const rows = await db.selectFrom('log_settings').selectAll().orderBy('name').execute()
      return rows.map(({ name, body, changed_by: by, changed_at_ms: at }) => ({
        ...{ name, by, changedMs: Number(at) },
        body: JSON.parse(body) as unknown,
      }))
    },
    async put({ name, body, by, changedMs }) {
      const row = { body: JSON.stringify(body), changed_by: by, changed_at_ms: Math.round(changedMs) }
      await db
        .insertInto('log_settings')
        .values({ name, ...row })
        .onConflict((conflict) => conflict.column('name').doUpdateSet(row))
        .execute()
    },
    async remove(name) {
      await db.deleteFrom('log_settings').where('name', '=', name).execute()
    },
  }
}
