// Log groups and their streams that were created or written to, kept over restarts so that clients which look before they write find them.
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import type { Kysely } from 'kysely'
import type { StateStore, StateTables } from '../../../state/port.ts'

export interface CloudWatchTables {
  readonly cloudwatch_names: {
    readonly project: number
    readonly log_group: string
    /** Empty: the group itself. */
    readonly log_stream: string
    readonly created_at_ms: number
    /** 0: nothing was written to it yet. */
    readonly last_event_ms: number
    readonly changed_at_ms: number
  }
}

export const cloudwatchState: StateTables = {
  feature: 'cloudwatch',
  tables: ['cloudwatch_names'],
  migrations: [
    {
      version: 1,
      async up(db) {
        await db.schema
          .createTable('cloudwatch_names')
          .addColumn('project', 'bigint', (column) => column.notNull())
          .addColumn('log_group', 'text', (column) => column.notNull())
          .addColumn('log_stream', 'text', (column) => column.notNull())
          .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
          .addColumn('last_event_ms', 'bigint', (column) => column.notNull())
          .addColumn('changed_at_ms', 'bigint', (column) => column.notNull())
          .addPrimaryKeyConstraint('cloudwatch_names_key', ['project', 'log_group', 'log_stream'])
          .execute()
      },
    },
  ],
}

/** Names of a project that are kept; beyond that those that were not used for longest go. */
const maxNames = 10_000
/** What is written to again is noted so often: AWS promises its times of last events within an hour, too. */
const noteMs = 1_800_000
/** Names that a process knows to be noted. */
const maxKnown = 20_000

export interface NamedGroup {
  readonly name: string
  readonly createdAtMs: number
}

export interface NamedStream extends NamedGroup {
  /** Of its newest event, as far as it was noted; 0 where there is none. */
  readonly lastEventMs: number
}

export class LogNames {
  readonly #db: Kysely<CloudWatchTables>
  readonly #nowMs: () => number
  /** When each was noted last. */
  readonly #known = new Map<string, number>()

  constructor(state: Pick<StateStore, 'database'>, nowMs: () => number) {
    this.#db = state.database<CloudWatchTables>()
    this.#nowMs = nowMs
  }

  /** Without a stream the group alone. `lastEventMs`: of what was just written to it. */
  async add(
    project: ProjectId,
    { group, stream = '', lastEventMs = 0 }: { group: string; stream?: string; lastEventMs?: number },
  ): Promise<void> {
    if (stream !== '') await this.#note(project, group, { stream: '', lastEventMs: 0 })
    await this.#note(project, group, { stream, lastEventMs })
  }

  /** By name, as ASCII orders them. */
  async groups(project: ProjectId): Promise<readonly NamedGroup[]> {
    const rows = await this.#db
      .selectFrom('cloudwatch_names')
      .select(['log_group', 'created_at_ms'])
      .where('project', '=', project)
      .where('log_stream', '=', '')
      .execute()
    return rows.map((row) => ({ name: row.log_group, createdAtMs: Number(row.created_at_ms) })).sort(byName)
  }

  /** By name; undefined where there is no such group. */
  async streams(project: ProjectId, group: string): Promise<readonly NamedStream[] | undefined> {
    const rows = await this.#db
      .selectFrom('cloudwatch_names')
      .select(['log_stream', 'created_at_ms', 'last_event_ms'])
      .where('project', '=', project)
      .where('log_group', '=', group)
      .execute()
    if (rows.length === 0) return undefined
    return rows
      .filter((row) => row.log_stream !== '')
      .map((row) => ({
        ...{ name: row.log_stream, createdAtMs: Number(row.created_at_ms), lastEventMs: Number(row.last_event_ms) },
      }))
      .sort(byName)
  }

  async #note(
    project: ProjectId,
    group: string,
    { stream, lastEventMs }: { readonly stream: string; readonly lastEventMs: number },
  ): Promise<void> {
    const key = `${project}\n${group}\n${stream}`
    const nowMs = this.#nowMs()
    const notedMs = this.#known.get(key)
    if (notedMs !== undefined && nowMs - notedMs < noteMs) return
    const changed = { changed_at_ms: nowMs, ...(lastEventMs > 0 ? { last_event_ms: lastEventMs } : {}) }
    await this.#db
      .insertInto('cloudwatch_names')
      .values({
        ...{ project, log_group: group, log_stream: stream, created_at_ms: nowMs },
        ...{ last_event_ms: lastEventMs, changed_at_ms: nowMs },
      })
      .onConflict((conflict) => conflict.columns(['project', 'log_group', 'log_stream']).doUpdateSet(changed))
      .execute()
    if (this.#known.size >= maxKnown) this.#known.clear()
    this.#known.set(key, nowMs)
    if (notedMs === undefined) await this.#forgetOldest(project)
  }

  async #forgetOldest(project: ProjectId): Promise<void> {
    const beyond = await this.#db
      .selectFrom('cloudwatch_names')
      .select('changed_at_ms')
      .where('project', '=', project)
      .orderBy('changed_at_ms', 'desc')
      .offset(maxNames)
      .limit(1)
      .executeTakeFirst()
    if (beyond === undefined) return
    await this.#db
      .deleteFrom('cloudwatch_names')
      .where('project', '=', project)
      .where('changed_at_ms', '<=', Number(beyond.changed_at_ms))
      .execute()
    // those that went are noted again when they are written to
    this.#known.clear()
  }
}

const byName = (a: NamedGroup, b: NamedGroup): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)
