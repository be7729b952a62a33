// Buckets out of the store: used in query workers, where samples are gone or many.
import { idConditions, timeRange } from './metric-reader.ts'
import { decodeNative } from './native-decode.ts'
import type { KeptRollups, RenderTarget, RollupReader, StoreClient } from './port.ts'
import { keptRollups, readRollupDays } from './rollup-days.ts'
import { levelOf } from './tables/rollups.ts'

/** Where there are no rollups, nobody asks for them more often. */
const noneForMs = 10_000

export interface RollupReaderOptions {
  readonly target: RenderTarget
  readonly monotonicMs: () => number
}

export function createRollupReader(client: StoreClient, { target, monotonicMs }: RollupReaderOptions): RollupReader {
  let noneUntilMs = Number.NEGATIVE_INFINITY
  return {
    async kept({ signal }) {
      if (monotonicMs() < noneUntilMs) return undefined
      const kept: KeptRollups | undefined = keptRollups(await readRollupDays(client, target, signal))
      if (kept === undefined) noneUntilMs = monotonicMs() + noneForMs
      return kept
    },

    async *buckets(name, ids, { startMs, endMs }, { signal }) {
      const { table, widthMs } = levelOf(name)
      for (const condition of idConditions(ids)) {
        const where = `${condition} AND ${timeRange(startMs - widthMs, endMs - 1, 'start_ms')}`
        const sql = `SELECT ${columns.join(', ')} FROM ${table} WHERE ${where}
ORDER BY id, start_ms, version DESC LIMIT 1 BY id, start_ms FORMAT Native`
        for await (const block of decodeNative(client.stream(sql, { signal }))) {
          yield {
            length: block.rows,
            ids: block.halves('id'),
            startsMs: block.float64('start'),
            firstMs: block.float64('first_at'),
            lastMs: block.float64('last_at'),
            staleBeforeMs: block.float64('stale_before_at'),
            staleAfterMs: block.float64('stale_after_at'),
            counts: block.float64('count'),
            first: block.float64('first_value'),
            last: block.float64('last_value'),
            lowest: block.float64('lowest_value'),
            highest: block.float64('highest_value'),
            sums: block.float64('sum_value'),
            resets: block.float64('resets_value'),
          }
        }
      }
    },
  }
}

const time = (column: string): string => `if(${column} = 0, nan, toFloat64(start_ms + ${column}))`
const columns = [
  'id',
  'toFloat64(start_ms) AS start',
  `${time('first_after')} AS first_at`,
  `${time('last_after')} AS last_at`,
  `${time('stale_before')} AS stale_before_at`,
  `${time('stale_after')} AS stale_after_at`,
  'toFloat64(samples) AS count',
  'reinterpretAsFloat64(first) AS first_value',
  'reinterpretAsFloat64(last) AS last_value',
  'reinterpretAsFloat64(bitXor(lowest, first)) AS lowest_value',
  'reinterpretAsFloat64(bitXor(highest, last)) AS highest_value',
  'reinterpretAsFloat64(sum) AS sum_value',
  'reinterpretAsFloat64(resets) AS resets_value',
]
