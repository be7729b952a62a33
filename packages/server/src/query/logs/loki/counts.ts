// Counting lines by labels and intervals in the store: what histograms and most rules ask, without handing out a line.

import { Labels } from '@tidewatch/core/labels.ts'
import { severityWord } from '@tidewatch/core/log-severity.ts'
import { labelName } from '@tidewatch/logquery/logql/line-labels.ts'
import type { CountedSeries, CountRequest } from '@tidewatch/logquery/logql/source.ts'
import type { LogAggregation, LogFilter, LogGroup, LogGroupRow, LogReader } from '../../../store/port.ts'
import { columnOfLabel, missingText, serviceNameLabel } from './record-labels.ts'

/** Rows that one count may have; what has more is counted line by line, where series are limited. */
const maxRows = 100_000
/** Numbers held at once. */
const maxCells = 4_000_000
const maxLabels = 12

/** A label as groups of the store, and its value out of their keys. */
export interface GroupedLabel {
  readonly name: string
  readonly groups: readonly LogGroup[]
  value(keys: readonly string[]): string
}

/** What is counted, and where. */
export interface CountedStore {
  readonly reader: LogReader
  readonly filter: LogFilter
  readonly signal: AbortSignal
}

/** Where the labels of streams are. */
export interface StreamNames {
  /** All keys of resources in the time of the query; undefined where there are too many. */
  readonly resourceKeys: readonly string[] | undefined
  readonly selected: ReadonlySet<string>
}

/** Undefined for what cannot be counted so. */
export async function countInStore(
  store: CountedStore,
  request: CountRequest,
  names: StreamNames,
): Promise<readonly CountedSeries[] | undefined> {
  const labels = groupedLabels(request.by, names)
  return labels && countGroups(store, request, labels)
}

/** Counts by any fields. */
export async function countGroups(
  { reader, filter, signal }: CountedStore,
  request: Pick<CountRequest, 'what' | 'endsMs' | 'rangeMs'>,
  labels: readonly GroupedLabel[],
): Promise<readonly CountedSeries[] | undefined> {
  const widthMs = bucketMs(request)
  if (widthMs === undefined) return undefined
  const { endsMs, rangeMs, what } = request
  const offsetNs = BigInt(endsMs[0] - rangeMs) * 1_000_000n + 1n
  const aggregation: LogAggregation = {
    groups: [
      { kind: 'interval', widthNs: BigInt(widthMs) * 1_000_000n, offsetNs },
      ...labels.flatMap(({ groups }) => groups),
    ],
    measures: what === 'bytes' ? [{ kind: 'body-bytes' }] : [],
    limit: maxRows,
  }
  const rows = await reader.aggregate(filter, aggregation, { signal })
  if (rows.length >= maxRows) return undefined
  const buckets = Math.round((endsMs[endsMs.length - 1] - endsMs[0] + rangeMs) / widthMs)
  const series = bucketsBySeries(rows, { labels, buckets, offsetNs, widthMs })
  return (
    series &&
    [...series.values()].map(({ labels: own, values }) => ({
      labels: own.toObject(),
      values: windowSums(values, request, widthMs),
    }))
  )
}

/** The width of intervals of which all windows are made, in ms. */
function bucketMs({ endsMs, rangeMs }: Pick<CountRequest, 'endsMs' | 'rangeMs'>): number | undefined {
  const stepMs = endsMs.length > 1 ? endsMs[1] - endsMs[0] : rangeMs
  if (![stepMs, rangeMs, endsMs[0]].every(Number.isSafeInteger)) return undefined
  let [width, rest] = [rangeMs, stepMs]
  while (rest > 0) [width, rest] = [rest, width % rest]
  const buckets = (endsMs[endsMs.length - 1] - endsMs[0] + rangeMs) / width
  return buckets <= maxRows ? width : undefined
}

function groupedLabels(
  by: readonly string[] | undefined,
  { resourceKeys, selected }: StreamNames,
): readonly GroupedLabel[] | undefined {
  if (resourceKeys === undefined) return undefined
  const keysOf = new Map<string, string[]>()
  for (const key of resourceKeys) {
    const label = labelName(key)
    keysOf.set(label, [...(keysOf.get(label) ?? []), key])
  }
  const asked = by ?? [...new Set([...keysOf.keys(), serviceNameLabel, ...[...selected].filter(columnOfLabel)])]
  if (asked.length > maxLabels) return undefined
  const labels: GroupedLabel[] = []
  for (const name of asked) {
    const label = groupedLabel(name, keysOf.get(name) ?? [])
    if (label === undefined) return undefined
    labels.push(label)
  }
  return labels
}

function groupedLabel(name: string, keys: readonly string[]): GroupedLabel | undefined {
  const column = columnOfLabel(name)
  // it may be an attribute's
  if (keys.length > 1 || (keys.length === 0 && column === undefined)) return undefined
  const ofResource = keys.map(
    (key): LogGroup => ({ kind: 'field', field: { kind: 'resource', name: key }, missing: '' }),
  )
  if (column === undefined) return { name, groups: ofResource, value: ([text = '']) => text }
  const ofColumn: LogGroup = { kind: 'field', field: { kind: 'column', column }, missing: '' }
  return {
    name,
    groups: [...ofResource, ofColumn],
    value(texts) {
      const own = texts[texts.length - 1] as string
      const text = column === 'severity' ? (severityWord(Number(own)) ?? '') : own
      return (texts.length > 1 && texts[0]) || text || missingText(name)
    },
  }
}

interface Buckets {
  readonly labels: Labels
  readonly values: Float64Array
}

function bucketsBySeries(
  rows: readonly LogGroupRow[],
  {
    labels,
    buckets,
    offsetNs,
    widthMs,
  }: {
    readonly labels: readonly GroupedLabel[]
    readonly buckets: number
    readonly offsetNs: bigint
    readonly widthMs: number
  },
): ReadonlyMap<string, Buckets> | undefined {
  const series = new Map<string, Buckets>()
  for (const { keys, count, values } of rows) {
    let at = 1
    const pairs: [string, string][] = []
    for (const { name, groups, value } of labels) {
      pairs.push([name, value(keys.slice(at, at + groups.length))])
      at += groups.length
    }
    const own = Labels.from(pairs)
    let one = series.get(own.key())
    if (one === undefined) {
      if ((series.size + 1) * buckets > maxCells) return undefined
      one = { labels: own, values: new Float64Array(buckets) }
      series.set(own.key(), one)
    }
    const bucket = Math.round(Number(BigInt(keys[0] as string) - offsetNs) / 1e6 / widthMs)
    const measured = values[0]
    // lines without a byte are lines still, but no bytes
    one.values[bucket] = (one.values[bucket] ?? 0) + (typeof measured === 'number' ? measured : count)
  }
  return series
}

function windowSums(
  values: Float64Array,
  { endsMs, rangeMs }: Pick<CountRequest, 'endsMs' | 'rangeMs'>,
  widthMs: number,
): Float64Array {
  const sums = new Float64Array(values.length + 1)
  for (let i = 0; i < values.length; i++) sums[i + 1] = sums[i] + values[i]
  const perWindow = Math.round(rangeMs / widthMs)
  return Float64Array.from(endsMs, (endMs) => {
    const first = Math.round((endMs - endsMs[0]) / widthMs)
    const sum = sums[first + perWindow] - sums[first]
    return sum === 0 ? Number.NaN : sum
  })
}
