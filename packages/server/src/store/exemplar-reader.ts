import type { Labels } from '@tidewatch/core/labels.ts'
import type { Matcher, ProjectId } from '@tidewatch/core/matcher.ts'
import { literal } from './literal.ts'
import { matcherCondition } from './matchers.ts'
import { readSeries, timeRange } from './metric-reader.ts'
import { decodeNative } from './native-decode.ts'
import type { ExemplarReader, StoreClient, StoredExemplar } from './port.ts'
import { exemplarsTable } from './tables/exemplars.ts'

export function createExemplarReader(client: StoreClient): ExemplarReader {
  return {
    async exemplars(project, { matcherSets, startMs, endMs, limit }, { signal }) {
      const sql = `SELECT project, id, CAST(labels, 'Map(String, String)') AS labels, toFloat64(at_ms) AS seen_ms,
  reinterpretAsFloat64(bits) AS value, CAST(example, 'Map(String, String)') AS example
FROM ${exemplarsTable.name}
WHERE ${exemplarConditions(project, matcherSets, startMs, endMs)}
ORDER BY at_ms DESC, name, id, bits, example_hash LIMIT 1 BY id, at_ms, bits, example_hash LIMIT ${literal(limit)} FORMAT Native`
      return readExemplars(client, sql, signal)
    },
  }
}

/** The newest exemplar of each series since a time, at most `limit` of them, the newest of all first; without labels of series. */
export async function newestExemplars(
  client: StoreClient,
  { sinceMs, limit }: { readonly sinceMs: number; readonly limit: number },
  { signal }: { readonly signal: AbortSignal },
): Promise<readonly StoredExemplar[]> {
  const sql = `SELECT project, id, CAST(map(), 'Map(String, String)') AS labels, toFloat64(at_ms) AS seen_ms,
  reinterpretAsFloat64(bits) AS value, CAST(example, 'Map(String, String)') AS example
FROM ${exemplarsTable.name} WHERE ${timeRange(sinceMs, Number.POSITIVE_INFINITY)}
ORDER BY at_ms DESC, id, bits, example_hash LIMIT 1 BY project, id LIMIT ${literal(limit)} FORMAT Native`
  return readExemplars(client, sql, signal)
}

async function readExemplars(
  client: StoreClient,
  sql: string,
  signal: AbortSignal,
): Promise<readonly StoredExemplar[]> {
  const found: StoredExemplar[] = []
  const known = new Map<string, Labels>()
  for await (const block of decodeNative(client.stream(sql, { signal }))) {
    const values = block.float64('value')
    const { ends, keys, values: texts } = block.maps('example')
    let at = 0
    for (const [row, series] of readSeries(block).entries()) {
      const { project, idLow, idHigh, seenMs, labels } = series
      const example: string[] = []
      for (; at < (ends[row] as number); at++) example.push(keys[at] as string, texts[at] as string)
      // one object for each series: most of an answer's exemplars are of few
      const key = `${idHigh}:${idLow}`
      const own = known.get(key) ?? labels
      known.set(key, own)
      found.push({ project, idLow, idHigh, labels: own, timeMs: seenMs, value: values[row] as number, example })
    }
  }
  return found
}

/** Where an exemplar is of one of the sets, and of the time. */
export function exemplarConditions(
  project: ProjectId,
  matcherSets: readonly (readonly Matcher[])[],
  startMs: number,
  endMs: number,
): string {
  const sets = matcherSets.map((matchers) => `(${['1', ...matchers.map(matcherCondition)].join(' AND ')})`)
  return [`project = ${literal(project)}`, timeRange(startMs, endMs), `(${sets.join(' OR ')})`].join(' AND ')
}
