import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { identifier, literal } from './literal.ts'
import type { RenderTarget, StoreClient, TelemetryTable } from './port.ts'

const dayMs = 86_400_000
const everyMs = 60 * 60_000

export interface RetentionOptions {
  readonly client: StoreClient
  readonly tables: readonly TelemetryTable[]
  readonly target: RenderTarget
  readonly clock: Clock
  readonly retentionMs: number
  readonly log: (level: 'info' | 'error', message: string, detail: Readonly<Record<string, unknown>>) => void
}

/** Drops whole days that are beyond the retention, at a start and every hour. */
export function createRetention(options: RetentionOptions): AsyncDisposable {
  const stopping = new AbortController()
  const done = run(options, stopping.signal)
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort(new AppError('internal.stopping', 'Tidewatch is stopping'))
      await done
    },
  }
}

async function run(options: RetentionOptions, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await dropExpired(options, signal)
    } catch (error) {
      // tried again in an hour: a store that is away has nothing to be told more often
      if (!signal.aborted) options.log('error', 'cannot drop expired data', { error: AppError.from(error).message })
    }
    try {
      await options.clock.sleep(everyMs, { signal })
    } catch {
      // the sleep ends early only when stopping
    }
  }
}

/** One round; returns the names of what was dropped, as table/partition. */
export async function dropExpired(options: RetentionOptions, signal: AbortSignal): Promise<readonly string[]> {
  const { client, target, clock, retentionMs, log } = options
  const dropped: string[] = []
  const oldestKept = dayNumber(clock.nowMs() - retentionMs)
  for (const { name } of options.tables.filter(({ retained }) => retained)) {
    const local = target.localName(name)
    for (const partition of await partitions(client, target, local, signal)) {
      const day = Number(/^(\d{8})(?:-|$)/.exec(partition)?.[1] ?? Number.POSITIVE_INFINITY)
      if (day >= oldestKept) continue
      const sql = `ALTER TABLE ${identifier(local)}${target.onCluster} DROP PARTITION ID ${literal(partition)}`
      await client.command(sql, { signal })
      dropped.push(`${name}/${partition}`)
    }
  }
  if (dropped.length > 0) log('info', 'dropped data beyond the retention', { dropped })
  return dropped
}

async function partitions(
  client: StoreClient,
  target: RenderTarget,
  local: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const parts =
    target.cluster === undefined ? 'system.parts' : `clusterAllReplicas(${literal(target.cluster)}, system.parts)`
  const rows = await client.query<{ partition_id: string }>(
    `SELECT DISTINCT partition_id FROM ${parts} WHERE active AND database = currentDatabase() AND table = ${literal(local)} ORDER BY partition_id`,
    { signal },
  )
  return rows.map((row) => row.partition_id)
}

/** A day as partitions are named: 20261121. Partitions hold UTC days. */
function dayNumber(ms: number): number {
  return Number(new Date(Math.floor(ms / dayMs) * dayMs).toISOString().slice(0, 10).replaceAll('-', ''))
}
