// Answers in Loki's shapes. https://grafana.com/docs/loki/latest/reference/loki-http-api/
import { AppError } from '@tidewatch/core/error.ts'
import type { LogEntry } from '@tidewatch/logquery/logql/evaluate-logs.ts'
import type { MetricResult } from '@tidewatch/logquery/logql/evaluate-metrics.ts'
import { errorDetailsLabel, errorLabel } from '@tidewatch/logquery/logql/line-labels.ts'
import { type Answer, defineRoute, type RequestContext, type Route } from '../../../http/port.ts'
import { numberText } from '../../number-text.ts'
import type { Found } from './logql-queries.ts'

type Handle = (context: RequestContext) => Promise<Answer> | Answer

/** GET, and POST of a form: Loki's clients send long queries so. */
export function lokiRoutes(path: string, summary: string, handle: Handle): Route[] {
  const common = { path, permission: 'view', errors: 'text', summary, handle: answered(handle) } as const
  return [defineRoute({ ...common, method: 'GET' }), defineRoute({ ...common, method: 'POST', bodyKind: 'form' })]
}

/** What is wrong with a query is said as Loki says it: 400, and the text alone. */
function answered(handle: Handle): Handle {
  return async (context) => {
    try {
      return await handle(context)
    } catch (caught) {
      const { code, message, fix } = AppError.from(caught)
      if (code !== 'query.parse' && code !== 'query.execution' && code !== 'query.limit') throw caught
      const text = code === 'query.parse' || fix === undefined ? message : `${message}\n${fix}`
      return { status: 400, body: `${text}\n` }
    }
  }
}

/** Whether the caller reads where each label is from. */
export function categorizes({ headers }: RequestContext): boolean {
  const flags = [headers['x-loki-response-encoding-flags'] ?? []].flat().join(',')
  return flags.split(',').some((flag) => flag.trim() === 'categorize-labels')
}

export function streamsAnswer({ value: entries, stats }: Found<readonly LogEntry[]>, isCategorized: boolean): object {
  return {
    resultType: 'streams',
    ...(isCategorized ? { encodingFlags: ['categorize-labels'] } : {}),
    result: groupStreams(entries, isCategorized),
    stats: statsOf(stats, entries.length),
  }
}

/** Entries by their labels, streams in the order of their first entries. */
export function groupStreams(entries: readonly LogEntry[], isCategorized: boolean): readonly object[] {
  const streams = new Map<string, { readonly stream: object; readonly values: unknown[] }>()
  for (const { timeNs, line, labels, origins } of entries) {
    const of = isCategorized ? origins.stream : labels
    let stream = streams.get(of.key())
    if (stream === undefined) {
      stream = { stream: of.toObject(), values: [] }
      streams.set(of.key(), stream)
    }
    if (!isCategorized) {
      stream.values.push([String(timeNs), line])
      continue
    }
    const parsed: Record<string, string> = origins.parsed.toObject()
    for (const name of [errorLabel, errorDetailsLabel]) if (labels.has(name)) parsed[name] = labels.get(name)
    const metadata = origins.metadata.size === 0 ? {} : { structuredMetadata: origins.metadata.toObject() }
    stream.values.push([String(timeNs), line, { ...metadata, ...(Object.keys(parsed).length === 0 ? {} : { parsed }) }])
  }
  return [...streams.values()]
}

/** `atMs`: of an instant query. */
export function numbersAnswer({ value, stats }: Found<MetricResult>, atMs: number | undefined): object {
  if (value.kind === 'scalar' && atMs !== undefined)
    return { resultType: 'scalar', result: [atMs / 1000, numberText(value.value)], stats: statsOf(stats, 1) }
  const { startMs, stepMs, steps } = value.grid
  const seconds = (i: number): number => (startMs + i * stepMs) / 1000
  if (value.kind === 'scalar') {
    const values = Array.from({ length: steps }, (_, i) => [seconds(i), numberText(value.value)])
    return { resultType: 'matrix', result: [{ metric: {}, values }], stats: statsOf(stats, 1) }
  }
  const series = value.rows.map(({ labels, values, present }) => {
    const points: (readonly [number, string])[] = []
    for (let i = 0; i < steps; i++) if (present[i] === 1) points.push([seconds(i), numberText(values[i] as number)])
    return { metric: labels.toObject(), points }
  })
  const result =
    atMs === undefined
      ? series.map(({ metric, points }) => ({ metric, values: points }))
      : series.map(({ metric, points }) => ({ metric, value: points[0] }))
  return { resultType: atMs === undefined ? 'matrix' : 'vector', result, stats: statsOf(stats, series.length) }
}

/** What the query took, where Grafana and logcli look for it. */
function statsOf({ lines, bytes, tookMs }: Found<unknown>['stats'], returned: number): object {
  const seconds = tookMs / 1000
  const perSecond = (count: number): number => (seconds > 0 ? Math.round(count / seconds) : 0)
  const chunk = {
    headChunkBytes: 0,
    headChunkLines: 0,
    decompressedBytes: bytes,
    decompressedLines: lines,
    compressedBytes: 0,
    totalDuplicates: 0,
  }
  const store = { totalChunksRef: 0, totalChunksDownloaded: 0, chunksDownloadTime: 0, chunk }
  return {
    summary: {
      bytesProcessedPerSecond: perSecond(bytes),
      linesProcessedPerSecond: perSecond(lines),
      totalBytesProcessed: bytes,
      totalLinesProcessed: lines,
      execTime: seconds,
      queueTime: 0,
      subqueries: 0,
      totalEntriesReturned: returned,
      splits: 0,
      shards: 0,
    },
    querier: { store },
    ingester: { totalReached: 0, totalChunksMatched: 0, totalBatches: 0, totalLinesSent: 0, store },
    cache: {},
  }
}
