// Searches of logs that were given a name; all of a project share them.
import { randomUUID } from 'node:crypto'
import type { SavedLogSearch, savedLogSearch } from '@tidewatch/api/logs.ts'
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import type { Kysely } from 'kysely'
import type { z } from 'zod'
import type { StateTables } from '../../state/port.ts'

export interface LogSearchTables {
  readonly log_searches: {
    readonly id: string
    readonly project: number
    readonly name: string
    readonly changed_by: string
    readonly changed_at_ms: number
    /** JSON: query, language, span and columns. */
    readonly body: string
  }
}

export const logSearchState: StateTables = {
  feature: 'log searches',
  tables: ['log_searches'],
  migrations: [
    {
      version: 1,
      async up(db) {
        await db.schema
          .createTable('log_searches')
          .addColumn('id', 'text', (column) => column.primaryKey())
          .addColumn('project', 'integer', (column) => column.notNull())
          .addColumn('name', 'text', (column) => column.notNull())
          .addColumn('changed_by', 'text', (column) => column.notNull())
          .addColumn('changed_at_ms', 'bigint', (column) => column.notNull())
          .addColumn('body', 'text', (column) => column.notNull())
          .execute()
        await db.schema
          .createIndex('log_searches_by_name')
          .unique()
          .on('log_searches')
          .columns(['project', 'name'])
          .execute()
      },
    },
  ],
}

export type LogSearchToSave = z.output<typeof savedLogSearch>

interface Change {
  readonly by: string
  readonly atMs: number
}

export interface LogSearchRows {
  /** By name. */
  list(project: ProjectId): Promise<readonly SavedLogSearch[]>
  /** Throws `state.conflict` where the name is taken, `state.limit` where there are too many. */
  add(project: ProjectId, search: LogSearchToSave, change: Change): Promise<SavedLogSearch>
  /** Throws `state.not_found`, `state.conflict`. */
  replace(project: ProjectId, id: string, search: LogSearchToSave, change: Change): Promise<SavedLogSearch>
  /** Throws `state.not_found`. */
  remove(project: ProjectId, id: string): Promise<void>
}

/** Of one project. */
const maxSearches = 1000

export function createLogSearchRows(db: Kysely<LogSearchTables>): LogSearchRows {
  const of = (project: ProjectId) => db.selectFrom('log_searches').where('project', '=', project)
  const checkName = async (project: ProjectId, name: string, id: string): Promise<void> => {
    const taken = await of(project).where('name', '=', name).where('id', '!=', id).select('id').executeTakeFirst()
    if (taken === undefined) return
    throw new AppError('state.conflict', `there is a search named ${quoteValue(name)} already.`, {
      where: { key: 'body.name' },
      fix: 'Give it another name, or change the one that is there.',
    })
  }
  return {
    async list(project) {
      const rows = await of(project).selectAll().orderBy('name').limit(maxSearches).execute()
      return rows.map(readRow)
    },
    async add(project, search, change) {
      const id = randomUUID()
      await checkName(project, search.name, id)
      const { n } = await of(project)
        .select((eb) => eb.fn.countAll().as('n'))
        .executeTakeFirstOrThrow()
      if (Number(n) >= maxSearches)
        throw new AppError('query.limit', `there are ${maxSearches} saved searches already.`, {
          fix: 'Delete those that nobody uses.',
        })
      const row = { id, project, ...rowOf(search, change) }
      await db.insertInto('log_searches').values(row).execute()
      return readRow(row)
    },
    async replace(project, id, search, change) {
      await checkName(project, search.name, id)
      const row = rowOf(search, change)
      const { numUpdatedRows } = await db
        .updateTable('log_searches')
        .set(row)
        .where('project', '=', project)
        .where('id', '=', id)
        .executeTakeFirst()
      if (numUpdatedRows === 0n) throw missing(id)
      return readRow({ id, ...row })
    },
    async remove(project, id) {
      const { numDeletedRows } = await db
        .deleteFrom('log_searches')
        .where('project', '=', project)
        .where('id', '=', id)
        .executeTakeFirst()
      if (numDeletedRows === 0n) throw missing(id)
    },
  }
}

const missing = (id: string): AppError =>
  new AppError('state.not_found', `there is no saved search ${quoteValue(id)}.`, {
    fix: 'Somebody may have deleted it: load the list again.',
  })

type Row = Omit<LogSearchTables['log_searches'], 'project'>

const rowOf = ({ name, ...rest }: LogSearchToSave, { by, atMs }: Change): Omit<Row, 'id'> => ({
  ...{ name, changed_by: by, changed_at_ms: atMs },
  body: JSON.stringify(rest),
})

const readRow = ({ id, name, changed_by, changed_at_ms, body }: Row): SavedLogSearch => ({
  ...(JSON.parse(body) as Omit<LogSearchToSave, 'name'>),
  ...{ id, name, by: changed_by, changedMs: Number(changed_at_ms) },
})
