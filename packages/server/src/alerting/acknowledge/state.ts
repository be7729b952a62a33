// Who has taken which alert, over restarts.
import type { Kysely } from 'kysely'
import type { StateTables } from '../../state/port.ts'
import type { Acknowledgement } from '../port.ts'

export interface AcknowledgeTables {
  readonly alerting_acknowledgements: {
    readonly fingerprint: string
    readonly taken_by: string
    readonly via: string
    readonly note: string
    readonly at_ms: number
  }
}

export const acknowledgeState: StateTables = {
  feature: 'acknowledge',
  tables: ['alerting_acknowledgements'],
  migrations: [
    {
      version: 1,
      async up(db) {
        await db.schema
          .createTable('alerting_acknowledgements')
          .addColumn('fingerprint', 'text', (column) => column.primaryKey())
          .addColumn('taken_by', 'text', (column) => column.notNull())
          .addColumn('via', 'text', (column) => column.notNull())
          .addColumn('note', 'text', (column) => column.notNull())
          .addColumn('at_ms', 'bigint', (column) => column.notNull())
          .execute()
      },
    },
  ],
}

export interface AcknowledgementRows {
  all(): Promise<readonly Acknowledgement[]>
  /** All or none; the first one to take an alert has it. Answers those that are new. */
  add(taken: readonly Acknowledgement[]): Promise<readonly Acknowledgement[]>
  remove(fingerprints: readonly string[]): Promise<void>
}

/** Rows of one statement: databases take a limited number of parameters. */
const perStatement = 100

export function createAcknowledgementRows(db: Kysely<AcknowledgeTables>): AcknowledgementRows {
  return {
    async all() {
      const rows = await db.selectFrom('alerting_acknowledgements').selectAll().execute()
      return rows.map(({ fingerprint, taken_by: by, via, note, at_ms: atMs }) => ({
        ...{ fingerprint, by, via, note },
        atMs: Number(atMs),
      }))
    },
    add: (taken) =>
      db.transaction().execute(async (transaction) => {
        const added: Acknowledgement[] = []
        for (const some of chunks(taken)) {
          const rows = some.map(({ by, atMs, ...rest }) => ({ ...rest, taken_by: by, at_ms: atMs }))
          const written = await transaction
            .insertInto('alerting_acknowledgements')
            .values(rows)
            .onConflict((conflict) => conflict.column('fingerprint').doNothing())
            .returning('fingerprint')
            .execute()
          const known = new Set(written.map(({ fingerprint }) => fingerprint))
          added.push(...some.filter(({ fingerprint }) => known.has(fingerprint)))
        }
        return added
      }),
    remove: (fingerprints) =>
      db.transaction().execute(async (transaction) => {
        for (const some of chunks(fingerprints))
          await transaction.deleteFrom('alerting_acknowledgements').where('fingerprint', 'in', some).execute()
      }),
  }
}

function* chunks<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let i = 0; i < all.length; i += perStatement) yield all.slice(i, i + perStatement)
}
