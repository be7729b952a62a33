import { AppError } from '@tidewatch/core/error.ts'
import { createStoreClient } from './client.ts'
import { identifier, literal } from './literal.ts'
import type { RenderTarget, StoreAddress, TelemetryTable } from './port.ts'

const appliedTable = 'tidewatch_migrations'

export interface MigrateOptions {
  readonly address: StoreAddress
  readonly tables: readonly TelemetryTable[]
  readonly target: RenderTarget
  readonly signal: AbortSignal
}

/**
 * Brings the store's tables to this program's versions. What was interrupted is done again from its version on: statements are safe to be
 * repeated, and a version counts when all of its have run. Refuses (`data_dir.newer`) tables of a newer program before touching anything.
 */
export async function migrateStore({ address, tables, target, signal }: MigrateOptions): Promise<void> {
  await createDatabase(address, target, signal)
  await using client = createStoreClient(address)
  for (const sql of target.createTable({
    name: appliedTable,
    columns: ['name String', 'version UInt32', 'applied_at DateTime64(3) DEFAULT now64(3)'],
    engine: 'ReplacingMergeTree',
    engineArgument: 'applied_at',
    orderBy: 'name, version',
  })) {
    await client.command(sql, { signal })
  }
  const rows = await client.query<{ name: string; version: number }>(
    `SELECT name, max(version) AS version FROM ${appliedTable} GROUP BY name`,
    { signal },
  )
  const applied = new Map(rows.map(({ name, version }) => [name, version]))
  for (const table of tables) refuseNewer(table, applied.get(table.name) ?? 0)
  for (const table of tables) {
    for (const migration of pending(table, applied.get(table.name) ?? 0)) {
      for (const sql of migration.render(target)) await client.command(sql, { signal })
      await client.command(
        `INSERT INTO ${target.localName(appliedTable)} (name, version) VALUES (${literal(table.name)}, ${literal(migration.version)})`,
        { signal },
      )
    }
  }
}

/** From the database that every server has: a statement in one that is not there yet is refused. */
async function createDatabase(address: StoreAddress, target: RenderTarget, signal: AbortSignal): Promise<void> {
  await using client = createStoreClient({ ...address, database: 'default' })
  await client.command(`CREATE DATABASE IF NOT EXISTS ${identifier(address.database)}${target.onCluster}`, { signal })
}

function pending({ migrations }: TelemetryTable, version: number): TelemetryTable['migrations'] {
  return migrations.filter((migration) => migration.version > version)
}

function refuseNewer(table: TelemetryTable, found: number): void {
  const known = Math.max(0, ...table.migrations.map(({ version }) => version))
  if (found <= known) return
  throw new AppError(
    'data_dir.newer',
    `The store's table ${table.name} has version ${found}; this Tidewatch knows versions up to ${known}`,
    { fix: 'Start the newer Tidewatch that wrote it, or restore a backup made before the upgrade' },
  )
}
