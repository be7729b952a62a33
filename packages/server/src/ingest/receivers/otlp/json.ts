// ExportMetricsServiceRequest in OTLP's JSON.
import {
  attributesOf,
  bad,
  identityOf,
  type Json,
  list,
  listOf,
  moment,
  number,
  parseJson,
  record,
  text,
} from './json-fields.ts'
import type { ExponentialBuckets, MetricHeader, MetricSink, NumberColumn } from './point.ts'
import { Point, type PointKind, type ScopeHeader, type Temporality } from './point.ts'

const slicePoints = 512
const maxExemplars = 100

const kinds: readonly (readonly [field: string, kind: PointKind])[] = [
  ['gauge', 'gauge'],
  ['sum', 'sum'],
  ['histogram', 'histogram'],
  ['exponentialHistogram', 'exponential'],
  ['summary', 'summary'],
]
const temporalities: ReadonlyMap<unknown, Temporality> = new Map<unknown, Temporality>([
  [1, 'delta'],
  [2, 'cumulative'],
  ['AGGREGATION_TEMPORALITY_DELTA', 'delta'],
  ['AGGREGATION_TEMPORALITY_CUMULATIVE', 'cumulative'],
])

/** Gives a whole body to the sink, in slices as `readProtobufMetrics` does. Throws `ingest.bad_body` and `http.body_too_large`. */
export function* readJsonMetrics(bytes: Uint8Array, sink: MetricSink): Generator<void> {
  const point = new Point()
  for (const resourceMetrics of listOf(parseJson(bytes), 'resourceMetrics')) {
    const attributes = record(resourceMetrics.resource, 'resource').attributes
    sink.resource(identityOf(attributes), () => attributesOf(attributes))
    for (const scopeMetrics of listOf(resourceMetrics, 'scopeMetrics')) {
      const scope = record(scopeMetrics.scope, 'scope')
      const { schemaUrl } = scopeMetrics
      sink.scope(identityOf([scope.name, scope.version, scope.attributes, schemaUrl]), () =>
        scopeHeader(scope, schemaUrl),
      )
      for (const metric of listOf(scopeMetrics, 'metrics')) yield* readMetric(metric, sink, point)
    }
    sink.endResource()
  }
}

function* readMetric(metric: Json, sink: MetricSink, point: Point): Generator<void> {
  const [field, kind] = kinds.find(([name]) => metric[name] !== undefined && metric[name] !== null) ?? []
  if (field === undefined || kind === undefined) return
  const data = record(metric[field], field)
  const header: MetricHeader = {
    name: text(metric.name, 'name'),
    unit: text(metric.unit, 'unit'),
    description: text(metric.description, 'description'),
    kind,
    temporality: temporalities.get(data.aggregationTemporality) ?? 'unspecified',
    isMonotonic: kind === 'sum' && data.isMonotonic === true,
  }
  sink.metric(header)
  let sinceYield = 0
  for (const one of listOf(data, 'dataPoints')) {
    point.clear()
    fill(point, one)
    const { attributes } = one
    sink.point(point, identityOf(attributes), () => attributesOf(attributes))
    if (++sinceYield % slicePoints === 0) yield
  }
  yield
}

/** All kinds of points at once: a name means the same in each. */
function fill(point: Point, from: Json): void {
  moment(from.startTimeUnixNano, point.start)
  moment(from.timeUnixNano, point.time)
  point.hasRecordedValue = number(from.flags, 'flags') % 2 !== 1
  point.hasValue = (from.asDouble ?? from.asInt ?? null) !== null
  point.value = numberValue(from)
  point.count = count(from.count, 'count')
  point.hasSum = from.sum !== undefined && from.sum !== null
  point.sum = number(from.sum, 'sum')
  numbers(from.bucketCounts, point.counts, (item) => count(item, 'bucketCounts'))
  numbers(from.explicitBounds, point.bounds, (item) => number(item, 'explicitBounds'))
  point.scale = number(from.scale, 'scale')
  point.zeroCount = count(from.zeroCount, 'zeroCount')
  point.zeroThreshold = number(from.zeroThreshold, 'zeroThreshold')
  buckets(from.positive, point.positive)
  buckets(from.negative, point.negative)
  for (const one of listOf(from, 'quantileValues')) {
    point.quantiles.push(number(one.quantile, 'quantile'))
    point.quantiles.push(number(one.value, 'value'))
  }
  for (const one of listOf(from, 'exemplars').slice(0, maxExemplars)) {
    const time = { ms: 0, restNs: 0 }
    moment(one.timeUnixNano, time)
    point.exemplars.push({
      timeMs: time.ms,
      value: numberValue(one),
      traceId: text(one.traceId, 'traceId').toLowerCase(),
      spanId: text(one.spanId, 'spanId').toLowerCase(),
      attributes: attributesOf(one.filteredAttributes),
    })
  }
}

function buckets(value: unknown, into: ExponentialBuckets): void {
  const from = record(value, 'buckets')
  into.offset = number(from.offset, 'offset')
  numbers(from.bucketCounts, into.counts, (item) => count(item, 'bucketCounts'))
}

function scopeHeader(scope: Json, schemaUrl: unknown): ScopeHeader {
  return {
    name: text(scope.name, 'name'),
    version: text(scope.version, 'version'),
    schemaUrl: text(schemaUrl, 'schemaUrl'),
    attributes: attributesOf(scope.attributes),
  }
}

/** Of 64 bits and not below zero, as text or number. */
function count(value: unknown, key: string): number {
  const found = number(value, key)
  if (Number.isInteger(found) && found >= 0 && found <= maxCount) return found
  throw bad(key, 'a whole number from 0 on', value)
}

const maxCount = 2 ** 64

/** Of a point or an exemplar; 0 where there is none. */
function numberValue(from: Json): number {
  if (from.asDouble !== undefined && from.asDouble !== null) return number(from.asDouble, 'asDouble')
  const found = number(from.asInt, 'asInt')
  if (Number.isInteger(found)) return found
  throw bad('asInt', 'a whole number', from.asInt)
}

function numbers(value: unknown, into: NumberColumn, read: (item: unknown) => number): void {
  for (const item of list(value, 'numbers')) into.push(read(item))
}
