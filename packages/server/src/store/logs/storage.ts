// What logs take on disk, by day and by how long they are kept.
import { literal } from '../literal.ts'
import type { RenderTarget, StoreClient } from '../port.ts'
import { logsTable } from '../tables/logs.ts'
import { restoredUntilMs } from './keep-code.ts'
import type { StoredLogColumn, StoredLogDay } from './port.ts'

interface PartRow {
  readonly day: number
  readonly keepDays: number
  readonly lines: number
  readonly bytes: number
  readonly indexBytes: number
  readonly rawBytes: number
}

/** Oldest day first. */
export async function readLogStorage(
  client: StoreClient,
  target: RenderTarget,
  { signal }: { readonly signal: AbortSignal },
): Promise<StoredLogDay[]> {
  const sum = (column: string): string => `toFloat64(sum(${column}))`
  const rows = await client.query<PartRow>(
    `SELECT toUInt32(substring(partition_id, 1, 8)) AS day, toUInt32(splitByChar('-', partition_id)[2]) AS keepDays,
${sum('rows')} AS lines, ${sum('bytes_on_disk')} AS bytes, ${sum('secondary_indices_compressed_bytes')} AS indexBytes,
${sum('data_uncompressed_bytes')} AS rawBytes FROM ${target.systemTable('parts')}
WHERE active AND database = currentDatabase() AND table = ${literal(target.localName(logsTable.name))} AND match(partition_id, '^\\\\d{8}-\\\\d+$')
GROUP BY day, keepDays ORDER BY day, keepDays`,
    { signal },
  )
  return rows.map(({ day, ...rest }) => {
    const untilMs = restoredUntilMs(rest.keepDays)
    return { ...rest, dayMs: beginOfDay(day), ...(untilMs === undefined ? {} : { restoredUntilMs: untilMs }) }
  })
}

/** The largest first. */
export async function readLogColumns(
  client: StoreClient,
  target: RenderTarget,
  { signal }: { readonly signal: AbortSignal },
): Promise<readonly StoredLogColumn[]> {
  const table = `database = currentDatabase() AND table = ${literal(target.localName(logsTable.name))}`
  return client.query<StoredLogColumn>(
    `SELECT name, kind, toFloat64(sum(stored)) AS bytes, toFloat64(sum(raw)) AS rawBytes FROM (
SELECT column AS name, 'column' AS kind, column_bytes_on_disk AS stored, column_data_uncompressed_bytes AS raw FROM ${target.systemTable('parts_columns')} WHERE active AND ${table}
UNION ALL SELECT name, 'index' AS kind, data_compressed_bytes AS stored, data_uncompressed_bytes AS raw FROM ${target.systemTable('data_skipping_indices')} WHERE ${table}
) GROUP BY name, kind ORDER BY bytes DESC, name`,
    { signal },
  )
}

/** 20261122 as ms since 1970. */
const beginOfDay = (day: number): number =>
  Date.UTC(Math.floor(day / 10_000), (Math.floor(day / 100) % 100) - 1, day % 100)
