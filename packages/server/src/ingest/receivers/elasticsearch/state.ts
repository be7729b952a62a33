// What clients of Elasticsearch set up before they write (templates, policies, pipelines, streams, aliases), kept as they sent it so that they find
// it again. Nothing of it changes how lines are stored.
import { AppError } from '@tidewatch/core/error.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import type { Kysely } from 'kysely'
import type { StateTables } from '../../../state/port.ts'

export type SetupKind =
  | 'ilm_policy'
  | 'index_template'
  | 'template'
  | 'component_template'
  | 'pipeline'
  | 'data_stream'
  | 'index'
  | 'alias'
  /** When lines of an index were deleted last. */
  | 'erased'

export interface ElasticsearchTables {
  readonly elasticsearch_setup: {
    readonly project: number
    readonly kind: string
    readonly name: string
    /** JSON, as it was sent. */
    readonly body: string
    readonly changed_at_ms: number
  }
}

export const elasticsearchState: StateTables = {
  feature: 'elasticsearch',
  tables: ['elasticsearch_setup'],
  migrations: [
    {
      version: 1,
      async up(db) {
        await db.schema
          .createTable('elasticsearch_setup')
          .addColumn('project', 'bigint', (column) => column.notNull())
          .addColumn('kind', 'text', (column) => column.notNull())
          .addColumn('name', 'text', (column) => column.notNull())
          .addColumn('body', 'text', (column) => column.notNull())
          .addColumn('changed_at_ms', 'bigint', (column) => column.notNull())
          .addPrimaryKeyConstraint('elasticsearch_setup_key', ['project', 'kind', 'name'])
          .execute()
      },
    },
  ],
}

export interface SetupObject {
  readonly name: string
  readonly body: unknown
  readonly changedAtMs: number
}

/** Of each kind, in a project. */
const maxObjects = 1000

export class Setup {
  readonly #db: Kysely<ElasticsearchTables>

  constructor(db: Kysely<ElasticsearchTables>) {
    this.#db = db
  }

  /** Those whose names are like one of `patterns` (`*` is any letters), by name. */
  async find(project: ProjectId, kind: SetupKind, patterns: readonly string[]): Promise<readonly SetupObject[]> {
    const isNamed = patterns.every((pattern) => !pattern.includes('*') && pattern !== '_all')
    let query = this.#db
      .selectFrom('elasticsearch_setup')
      .selectAll()
      .where('project', '=', project)
      .where('kind', '=', kind)
      .orderBy('name')
      .limit(maxObjects)
    if (isNamed) query = query.where('name', 'in', [...patterns])
    const rows = await query.execute()
    return rows
      .filter(({ name }) => isNamed || patterns.some((pattern) => isLike(pattern, name)))
      .map(({ name, body, changed_at_ms }) => ({ name, body: JSON.parse(body), changedAtMs: Number(changed_at_ms) }))
  }

  /** Whether it was not there before. Throws `ingest.bad_body` where there are too many. */
  async put(
    project: ProjectId,
    kind: SetupKind,
    { name, body, changedAtMs }: SetupObject,
  ): Promise<{ readonly isNew: boolean }> {
    const [there] = await this.find(project, kind, [name])
    if (there === undefined && (await this.#count(project, kind)) >= maxObjects) {
      throw new AppError('ingest.bad_body', `there are ${maxObjects} of the kind ${kind} already.`, {
        fix: 'Delete those that nobody uses.',
      })
    }
    const row = { body: JSON.stringify(body ?? {}), changed_at_ms: changedAtMs }
    await this.#db
      .insertInto('elasticsearch_setup')
      .values({ project, kind, name, ...row })
      .onConflict((conflict) => conflict.columns(['project', 'kind', 'name']).doUpdateSet(row))
      .execute()
    return { isNew: there === undefined }
  }

  /** How many were there. */
  async remove(project: ProjectId, kind: SetupKind, patterns: readonly string[]): Promise<number> {
    const found = await this.find(project, kind, patterns)
    if (found.length === 0) return 0
    await this.#db
      .deleteFrom('elasticsearch_setup')
      .where('project', '=', project)
      .where('kind', '=', kind)
      .where(
        'name',
        'in',
        found.map(({ name }) => name),
      )
      .execute()
    return found.length
  }

  async removeBefore(project: ProjectId, kind: SetupKind, atMs: number): Promise<void> {
    await this.#db
      .deleteFrom('elasticsearch_setup')
      .where('project', '=', project)
      .where('kind', '=', kind)
      .where('changed_at_ms', '<', atMs)
      .execute()
  }

  async #count(project: ProjectId, kind: SetupKind): Promise<number> {
    const { count } = await this.#db
      .selectFrom('elasticsearch_setup')
      .select(({ fn }) => fn.countAll().as('count'))
      .where('project', '=', project)
      .where('kind', '=', kind)
      .executeTakeFirstOrThrow()
    return Number(count)
  }
}

/** Whether a pattern with `*` means the name. */
export function isLike(pattern: string, name: string): boolean {
  if (pattern === '_all') return true
  const pieces = pattern.split('*')
  const first = pieces[0] ?? ''
  if (pieces.length === 1) return pattern === name
  if (!name.startsWith(first)) return false
  let at = first.length
  for (const piece of pieces.slice(1, -1)) {
    const found = name.indexOf(piece, at)
    if (found < 0) return false
    at = found + piece.length
  }
  const last = pieces.at(-1) ?? ''
  return name.length - last.length >= at && name.endsWith(last)
}
