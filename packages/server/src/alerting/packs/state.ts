// Which packs were chosen, with which parameters.
import type { StateStore, StateTables } from '../../state/port.ts'
import type { PackParameters } from './pack.ts'

interface PackTables {
  readonly alerting_rule_packs: {
    readonly name: string
    readonly enabled: number
    readonly parameters: string
    readonly changed_at_ms: number
    readonly changed_by: string
  }
}

export const packState: StateTables = {
  feature: 'rule packs',
  tables: ['alerting_rule_packs'],
  migrations: [
    {
      version: 1,
      async up(db) {
        await db.schema
          .createTable('alerting_rule_packs')
          .addColumn('name', 'text', (column) => column.primaryKey())
          .addColumn('enabled', 'integer', (column) => column.notNull())
          .addColumn('parameters', 'text', (column) => column.notNull())
          .addColumn('changed_at_ms', 'bigint', (column) => column.notNull())
          .addColumn('changed_by', 'text', (column) => column.notNull())
          .execute()
      },
    },
  ],
}

export interface ChosenPack {
  readonly name: string
  readonly enabled: boolean
  readonly parameters: PackParameters
  readonly changedAtMs: number
  readonly changedBy: string
}

export interface PackRows {
  all(): Promise<readonly ChosenPack[]>
  put(chosen: ChosenPack): Promise<void>
}

export function createPackRows(state: StateStore): PackRows {
  const db = state.database<PackTables>()
  return {
    async all() {
      const rows = await db.selectFrom('alerting_rule_packs').selectAll().execute()
      return rows.map((row) => ({
        ...{ name: row.name, enabled: row.enabled === 1, changedBy: row.changed_by },
        parameters: JSON.parse(row.parameters) as PackParameters,
        changedAtMs: Number(row.changed_at_ms),
      }))
    },
    async put({ name, enabled, parameters, changedAtMs, changedBy }) {
      const row = {
        ...{ enabled: enabled ? 1 : 0, parameters: JSON.stringify(parameters) },
        ...{ changed_at_ms: Math.round(changedAtMs), changed_by: changedBy },
      }
      await db
        .insertInto('alerting_rule_packs')
        .values({ name, ...row })
        .onConflict((conflict) => conflict.column('name').doUpdateSet(row))
        .execute()
    },
  }
}
