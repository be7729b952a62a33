import type { RefillHistograms, RefillSamples, RefillSeries, RefillSource } from '../head/port.ts'
import { readSeries, selectSeries, streamHistograms, streamSamples, timeRange } from './metric-reader.ts'
import { decodeNative } from './native-decode.ts'
import type { StoreClient } from './port.ts'
import { histogramsTable } from './tables/histograms.ts'
import { samplesTable } from './tables/samples.ts'

const dayMs = 86_400_000
const hourMs = 3_600_000
/** No budget of a head reaches further back. */
const maxHours = 7 * 24
/** A refill reads what a head holds, at a start, when nothing else asks. */
const timeoutMs = 10 * 60_000

/** What a histogram takes in the head beside its bytes, and how many bytes count as one sample: the head fits a budget that is told in samples. */
const histogramOverheadBytes = 32
const bytesPerSample = 4

/** What the head is filled from at a start. */
export function createRefillSource(client: StoreClient): RefillSource {
  return {
    async *series(sinceMs, { signal }): AsyncGenerator<readonly RefillSeries[]> {
      const since = Math.floor(sinceMs / dayMs) * dayMs
      const recent = timeRange(sinceMs, Number.POSITIVE_INFINITY)
      const active = [samplesTable, histogramsTable]
        .map(({ name }) => `SELECT id FROM ${name} WHERE ${recent} GROUP BY id`)
        .join(' UNION DISTINCT ')
      const conditions = [
        timeRange(since, Number.POSITIVE_INFINITY).replaceAll('at_ms', 'seen_ms'),
        `id GLOBAL IN (${active})`,
      ]
      const sql = `${selectSeries(conditions)} LIMIT 1 BY id FORMAT Native`
      for await (const block of decodeNative(client.stream(sql, { signal, timeoutMs }))) yield readSeries(block)
    },

    samples(sinceMs, { signal }): AsyncIterable<RefillSamples> {
      return streamSamples(client, `${timeRange(sinceMs, Number.POSITIVE_INFINITY)} ORDER BY id, at_ms`, { signal })
    },

    histograms(sinceMs, { signal }): AsyncIterable<RefillHistograms> {
      return streamHistograms(client, timeRange(sinceMs, Number.POSITIVE_INFINITY), signal)
    },

    async extent({ signal }) {
      const newest = await client.query<{ rows: number; newest: number }>(
        `SELECT sum(found) AS rows, max(latest) AS newest FROM (
SELECT count() AS found, maxOrNull(at_ms) AS latest FROM ${samplesTable.name}
UNION ALL SELECT count(), maxOrNull(at_ms) FROM ${histogramsTable.name})`,
        { signal, timeoutMs },
      )
      const { rows, newest: newestMs } = newest[0] ?? { rows: 0, newest: 0 }
      if (rows === 0) return undefined
      const inReach = timeRange(newestMs - maxHours * hourMs + 1, newestMs)
      const counts = await client.query<{ hour: number; rows: number }>(
        `SELECT hour, sum(weight) AS rows FROM (
SELECT intDiv(${newestMs} - at_ms, ${hourMs}) AS hour, count() AS weight FROM ${samplesTable.name} WHERE ${inReach} GROUP BY hour
UNION ALL SELECT intDiv(${newestMs} - at_ms, ${hourMs}) AS hour, intDiv(sum(length(bytes) + ${histogramOverheadBytes}), ${bytesPerSample})
FROM ${histogramsTable.name} WHERE ${inReach} GROUP BY hour)
GROUP BY hour ORDER BY hour`,
        { signal, timeoutMs },
      )
      const perHour = new Array<number>((counts.at(-1)?.hour ?? 0) + 1).fill(0)
      for (const { hour, rows: inHour } of counts) perHour[hour] = inHour
      return { newestMs, perHour }
    },
  }
}
