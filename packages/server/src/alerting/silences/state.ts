// Silences over restarts.
import type { StateStore, StateTables } from '../../state/port.ts'
import type { Silence } from './silence.ts'

interface SilenceTables {
  readonly alerting_silences: { readonly id: string; readonly silence: string; readonly ends_at_ms: number }
}

export const silenceState: StateTables = {
  feature: 'silences',
  tables: ['alerting_silences'],
  migrations: [
    {
      version: 1,
      async up(db) {
        await db.schema
          .createTable('alerting_silences')
          .addColumn('id', 'text', (column) => column.primaryKey())
          .addColumn('silence', 'text', (column) => column.notNull())
          .addColumn('ends_at_ms', 'bigint', (column) => column.notNull())
          .execute()
        await db.schema.createIndex('alerting_silences_end').on('alerting_silences').column('ends_at_ms').execute()
      },
    },
  ],
}

export interface SilenceRows {
  all(): Promise<readonly Silence[]>
  count(): Promise<number>
  /** All or none. */
  save(silences: readonly Silence[]): Promise<void>
  removeEndedBefore(atMs: number): Promise<void>
}

export function createSilenceRows(state: StateStore): SilenceRows {
  const db = state.database<SilenceTables>()
  return {
    async all() {
      const rows = await db.selectFrom('alerting_silences').select('silence').execute()
      return rows.map(({ silence }) => JSON.parse(silence) as Silence)
    },
    async count() {
      const row = await db
        .selectFrom('alerting_silences')
        .select(({ fn }) => fn.countAll().as('silences'))
        .executeTakeFirst()
      return Number(row?.silences ?? 0)
    },
    save: (silences) =>
      db.transaction().execute(async (transaction) => {
        for (const silence of silences) {
          const row = { silence: JSON.stringify(silence), ends_at_ms: silence.endsAtMs }
          await transaction
            .insertInto('alerting_silences')
            .values({ id: silence.id, ...row })
            .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
            .execute()
        }
      }),
    async removeEndedBefore(atMs) {
      await db.deleteFrom('alerting_silences').where('ends_at_ms', '<', atMs).execute()
    },
  }
}
