// Deploys: when which release of a service began to run somewhere.
import { hash } from 'node:crypto'
import type { Deploy } from '@tidewatch/api/deploys.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import type { Kysely } from 'kysely'
import type { StateTables } from '../../state/port.ts'

export interface DeployTables {
  readonly deploys: {
    readonly id: string
    readonly project: number
    readonly service: string
    readonly environment: string
    readonly release: string
    readonly at_ms: number
    readonly source: string
    readonly told_by: string
  }
}

export const deployState: StateTables = {
  feature: 'deploys',
  tables: ['deploys'],
  migrations: [
    {
      version: 1,
      async up(db) {
        await db.schema
          .createTable('deploys')
          .addColumn('id', 'text', (column) => column.primaryKey())
          .addColumn('project', 'integer', (column) => column.notNull())
          .addColumn('service', 'text', (column) => column.notNull())
          .addColumn('environment', 'text', (column) => column.notNull())
          .addColumn('release', 'text', (column) => column.notNull())
          .addColumn('at_ms', 'bigint', (column) => column.notNull())
          .addColumn('source', 'text', (column) => column.notNull())
          .addColumn('told_by', 'text', (column) => column.notNull())
          .execute()
        await db.schema.createIndex('deploys_by_time').on('deploys').columns(['project', 'at_ms']).execute()
      },
    },
  ],
}

export interface DeployFilter {
  readonly service?: string | undefined
  readonly environment?: string | undefined
  /** From it on, and before it. */
  readonly fromMs?: number | undefined
  readonly toMs?: number | undefined
  readonly limit: number
}

/** A release of a service somewhere, of one project. */
export type DeployKey = Pick<Deploy, 'service' | 'environment' | 'release'> & { readonly project: ProjectId }

export type DeployRow = Deploy & { readonly project: ProjectId }

export interface DeployRows {
  /** The newest first. */
  list(projects: readonly ProjectId[], filter: DeployFilter): Promise<readonly DeployRow[]>
  find(projects: readonly ProjectId[], id: string): Promise<DeployRow | undefined>
  ofRelease(key: DeployKey): Promise<readonly DeployRow[]>
  /** Kept once: what has the id already stays as it is. */
  add(row: DeployRow): Promise<void>
  /** It began earlier than was known. */
  moveBack(id: string, atMs: number): Promise<void>
  remove(id: string): Promise<void>
  /** Leaves what is younger, and of that the newest so many. */
  trim(oldestMs: number, most: number): Promise<void>
}

/** Of what was seen in lines one a release; of what somebody said one a time. */
export function deployId({ project, service, environment, release }: DeployKey, toldAtMs?: number): string {
  const name = JSON.stringify([project, service, environment, release, toldAtMs ?? 'lines'])
  return hash('sha1', name, 'base64url').slice(0, 20)
}

export function createDeployRows(db: Kysely<DeployTables>): DeployRows {
  return {
    async list(projects, { service, environment, fromMs, toMs, limit }) {
      if (projects.length === 0) return []
      let asked = db.selectFrom('deploys').selectAll().where('project', 'in', projects)
      if (service !== undefined) asked = asked.where('service', '=', service)
      if (environment !== undefined) asked = asked.where('environment', '=', environment)
      if (fromMs !== undefined) asked = asked.where('at_ms', '>=', fromMs)
      if (toMs !== undefined) asked = asked.where('at_ms', '<', toMs)
      return (await asked.orderBy('at_ms', 'desc').orderBy('id').limit(limit).execute()).map(readRow)
    },
    async find(projects, id) {
      if (projects.length === 0) return undefined
      const found = db.selectFrom('deploys').selectAll().where('project', 'in', projects).where('id', '=', id)
      const row = await found.executeTakeFirst()
      return row === undefined ? undefined : readRow(row)
    },
    async ofRelease({ project, service, environment, release }) {
      const rows = await db
        .selectFrom('deploys')
        .selectAll()
        .where('project', '=', project)
        .where('service', '=', service)
        .where('environment', '=', environment)
        .where('release', '=', release)
        .orderBy('at_ms', 'desc')
        .limit(100)
        .execute()
      return rows.map(readRow)
    },
    async add({ atMs, by, id, project, service, environment, release, source }) {
      const row = { id, project, service, environment, release, source, at_ms: atMs, told_by: by }
      await db
        .insertInto('deploys')
        .values(row)
        .onConflict((conflict) => conflict.column('id').doNothing())
        .execute()
    },
    async moveBack(id, atMs) {
      await db.updateTable('deploys').set({ at_ms: atMs }).where('id', '=', id).where('at_ms', '>', atMs).execute()
    },
    async remove(id) {
      await db.deleteFrom('deploys').where('id', '=', id).execute()
    },
    async trim(oldestMs, most) {
      await db.deleteFrom('deploys').where('at_ms', '<', oldestMs).execute()
      const first = await db
        .selectFrom('deploys')
        .select('at_ms')
        .orderBy('at_ms', 'desc')
        .offset(most)
        .limit(1)
        .executeTakeFirst()
      if (first !== undefined) await db.deleteFrom('deploys').where('at_ms', '<=', first.at_ms).execute()
    },
  }
}

const readRow = (row: DeployTables['deploys']): DeployRow => ({
  ...{ id: row.id, service: row.service, environment: row.environment, release: row.release, by: row.told_by },
  project: row.project as ProjectId,
  atMs: Number(row.at_ms),
  source: row.source === 'told' ? 'told' : 'lines',
})
