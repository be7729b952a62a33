// The store's own rows, without the server in between: the engine is started on the stopped data directory.
import { systemClock } from '@tidewatch/core/clock.ts'
import type { Logger } from '@tidewatch/server/self/port.ts'
import { createStoreClient } from '@tidewatch/server/store/client.ts'
import { literal } from '@tidewatch/server/store/literal.ts'
import type { StoreClient } from '@tidewatch/server/store/port.ts'
import { createEngineSupervisor } from '@tidewatch/server/store/supervisor.ts'
import { makePlaces } from '@tidewatch/server/store/supervisor-places.ts'

const quiet: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => quiet }
const signalOf = (): AbortSignal => AbortSignal.timeout(60_000)

/** Merges of samples would hide that a row was loaded twice: identical rows become one. Kept by the table over restarts. */
export async function stopMerges(dataDir: string): Promise<void> {
  const { socketPath } = makePlaces(dataDir)
  await using client = createStoreClient({ url: 'http://localhost', socketPath, database: 'tidewatch' })
  const settings = ['max_bytes_to_merge_at_max_space_in_pool = 1', 'max_bytes_to_merge_at_min_space_in_pool = 1']
  await client.command(`ALTER TABLE samples MODIFY SETTING ${settings.join(', ')}`, { signal: signalOf() })
}

export interface StoredRows {
  /** Different samples of the metric. */
  readonly samples: number
  /** Rows beyond one of a sample, by `series@time`: how many rows it has. */
  readonly repeated: ReadonlyMap<string, number>
  /** Rows of the metric once everything is merged. */
  readonly rowsAfterMerge: number
}

export async function countStoredRows(dataDir: string, metric: string): Promise<StoredRows> {
  await using engine = createEngineSupervisor({ dataDir, clock: systemClock, logger: quiet, sessions: 2 })
  await engine.whenReady({ signal: signalOf() })
  await using client = createStoreClient(engine.address)
  const repeated = await client.query<{ series: string; at_ms: number; rows: number }>(
    `SELECT any(name) AS series, toFloat64(at_ms) AS at_ms, toFloat64(count()) AS rows FROM samples
INNER JOIN (${seriesOf(metric)}) AS named USING (id) GROUP BY id, at_ms HAVING rows > 1`,
    { signal: signalOf() },
  )
  const samples = await countOf(client, `SELECT uniqExact(id, at_ms) AS n FROM samples WHERE ${idIsOf(metric)}`)
  await client.command(
    'ALTER TABLE samples RESET SETTING max_bytes_to_merge_at_max_space_in_pool, max_bytes_to_merge_at_min_space_in_pool',
    { signal: signalOf() },
  )
  await client.command('OPTIMIZE TABLE samples FINAL', { signal: signalOf() })
  const rowsAfterMerge = await countOf(client, `SELECT count() AS n FROM samples WHERE ${idIsOf(metric)}`)
  return {
    samples,
    repeated: new Map(repeated.map(({ series, at_ms: atMs, rows }) => [`${series}@${atMs}`, rows])),
    rowsAfterMerge,
  }
}

const seriesOf = (metric: string): string =>
  `SELECT id, any(labels['series']) AS name FROM series WHERE series.name = ${literal(metric)} GROUP BY id`

const idIsOf = (metric: string): string => `id IN (SELECT id FROM series WHERE name = ${literal(metric)})`

async function countOf(client: StoreClient, sql: string): Promise<number> {
  const [row] = await client.query<{ n: number }>(sql, { signal: signalOf() })
  return Number(row?.n)
}
