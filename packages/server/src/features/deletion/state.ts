// Deletions that were begun: what a restart goes on with.
import type { Matcher, ProjectId } from '@tidewatch/core/matcher.ts'
import type { Kysely } from 'kysely'
import type { StateTables } from '../../state/port.ts'
import type { Erasure } from '../../store/port.ts'

export interface DeletionTables {
  readonly deletions: {
    readonly id: string
    /** `begun`: some of it may be with the store. `submitted`: all of it, and the store works it off by itself. */
    readonly stage: 'begun' | 'submitted'
    readonly begun_at_ms: number
    /** JSON. */
    readonly erasure: string
  }
}

export const deletionState: StateTables = {
  feature: 'deletion',
  tables: ['deletions'],
  migrations: [
    {
      version: 1,
      async up(db) {
        await db.schema
          .createTable('deletions')
          .addColumn('id', 'text', (column) => column.primaryKey())
          .addColumn('stage', 'text', (column) => column.notNull())
          .addColumn('begun_at_ms', 'bigint', (column) => column.notNull())
          .addColumn('erasure', 'text', (column) => column.notNull())
          .execute()
      },
    },
  ],
}

export interface OpenDeletion {
  readonly id: string
  readonly stage: 'begun' | 'submitted'
  readonly erasure: Erasure
}

export interface DeletionRows {
  /** Oldest first. */
  open(): Promise<readonly OpenDeletion[]>
  begin(id: string, erasure: Erasure, nowMs: number): Promise<void>
  submitted(id: string): Promise<void>
  end(id: string): Promise<void>
}

export function createDeletionRows(db: Kysely<DeletionTables>): DeletionRows {
  return {
    async open() {
      const rows = await db.selectFrom('deletions').selectAll().orderBy('begun_at_ms').orderBy('id').execute()
      return rows.map(({ id, stage, erasure }) => ({ id, stage, erasure: readErasure(erasure) }))
    },
    async begin(id, erasure, nowMs) {
      const row = { id, stage: 'begun', begun_at_ms: nowMs, erasure: JSON.stringify(erasure) } as const
      await db.insertInto('deletions').values(row).execute()
    },
    async submitted(id) {
      await db.updateTable('deletions').set({ stage: 'submitted' }).where('id', '=', id).execute()
    },
    async end(id) {
      await db.deleteFrom('deletions').where('id', '=', id).execute()
    },
  }
}

function readErasure(text: string): Erasure {
  const { projects, matcherSets, startMs, endMs } = JSON.parse(text) as {
    projects: ProjectId[]
    matcherSets: Matcher[][]
    startMs: number
    endMs: number
  }
  return { projects, matcherSets, startMs, endMs }
}
