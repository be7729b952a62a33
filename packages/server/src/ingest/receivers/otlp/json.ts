// ExportMetricsServiceRequest in OTLP's JSON (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding): 64-bit numbers as text or
// numbers, ids in hexadecimal, unknown fields ignored.

import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import type { ByteRange } from '../../byte-table.ts'
import { type AnyValue, maxDepth } from './any-value.ts'
import type { Attribute, ExponentialBuckets, MetricHeader, MetricSink, Moment, NumberColumn } from './point.ts'
import { Point, type PointKind, type ScopeHeader, type Temporality } from './point.ts'

/** JSON is parsed in one go: more would hold the thread for too long. */
const maxJsonBytes = 16 << 20
const slicePoints = 512
const maxExemplars = 100
const utf8 = new TextDecoder('utf-8', { fatal: true })

type Json = Readonly<Record<string, unknown>>

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
  for (const resourceMetrics of listOf(parse(bytes), 'resourceMetrics')) {
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

function parse(bytes: Uint8Array): Json {
  if (bytes.length > maxJsonBytes) {
    throw new AppError('http.body_too_large', `${bytes.length} bytes of JSON, more than ${maxJsonBytes}.`, {
      fix: 'Send smaller batches, or protobuf (OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf).',
    })
  }
  let value: unknown
  try {
    const json = utf8.decode(bytes)
    value = JSON.parse(json)
    if (originalNames.test(json)) value = inCamelCase(value)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new AppError('ingest.bad_body', `the body is not JSON: ${quoteValue(reason, 200)}`, {
      cause,
      fix: 'Send an ExportMetricsServiceRequest in JSON, whole.',
    })
  }
  return record(value, 'the body')
}

/** A field by the name that it has in the .proto file, which the protobuf JSON mapping lets senders use as well. */
const originalNames = /"[a-z]+(?:_[a-z]+)+"\s*:/
/** Fields of our messages stand less deep, values of attributes in one another included; below that is nothing we read. */
const maxNameDepth = 16 + 4 * maxDepth

/** Keys of objects are names of fields alone: those of attributes are values. */
function inCamelCase(value: unknown, depth = 0): unknown {
  if (depth > maxNameDepth) return value
  if (Array.isArray(value)) return value.map((item) => inCamelCase(item, depth + 1))
  if (!isRecord(value)) return value
  const renamed: Record<string, unknown> = {}
  for (const [key, item] of Object.entries(value)) {
    const name = key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
    // JSON may say `__proto__`: as a key of ours it would be none
    if (name !== '__proto__') renamed[name] = inCamelCase(item, depth + 1)
  }
  return renamed
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

function attributesOf(value: unknown, depth = 0): Attribute[] {
  return list(value, 'attributes').map((item): Attribute => {
    const pair = record(item, 'attributes')
    return [text(pair.key, 'key'), anyValue(pair.value, depth)]
  })
}

function anyValue(value: unknown, depth: number): AnyValue {
  if (depth > maxDepth) throw bad('value', `values within one another at most ${maxDepth} deep`, '…')
  const from = record(value, 'value')
  if (typeof from.stringValue === 'string') return from.stringValue
  if (typeof from.boolValue === 'boolean') return from.boolValue
  if (from.intValue !== undefined && from.intValue !== null) return integer(from.intValue)
  if (from.doubleValue !== undefined && from.doubleValue !== null) return number(from.doubleValue, 'doubleValue')
  if (typeof from.bytesValue === 'string') return Buffer.from(from.bytesValue, 'base64')
  if (from.arrayValue !== undefined && from.arrayValue !== null) {
    return list(record(from.arrayValue, 'arrayValue').values, 'values').map((item) => anyValue(item, depth + 1))
  }
  if (from.kvlistValue !== undefined && from.kvlistValue !== null) {
    return new Map(attributesOf(record(from.kvlistValue, 'kvlistValue').values, depth + 1))
  }
  return null
}

function integer(value: unknown): bigint {
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value)
  if (typeof value === 'string' && /^-?\d{1,19}$/.test(value)) return BigInt(value)
  throw bad('intValue', 'a whole number of 64 bits', value)
}

/** The attributes' own text names them: senders repeat it. */
function identityOf(value: unknown): ByteRange {
  const bytes = Buffer.from(JSON.stringify(value) ?? '')
  return { bytes, start: 0, end: bytes.length }
}

/** Nanoseconds as text; as a number they have lost their last digits already. */
function moment(value: unknown, into: Moment): void {
  if (value === undefined || value === null) return
  if (typeof value === 'number' && value >= 0) {
    // the nearest number may lie 128 ns below
    into.ms = Math.floor(value / 1e6 + 0.0002)
    into.restNs = 0
  } else if (typeof value === 'string' && /^\d{1,20}$/.test(value)) {
    into.ms = Number(value.slice(0, -6))
    into.restNs = Number(value.slice(-6))
  } else throw bad('timeUnixNano', 'nanoseconds since 1970 as text', value)
}

const numberPattern = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/

function number(value: unknown, key: string): number {
  if (typeof value === 'number') return value
  if (value === undefined || value === null) return 0
  if (value === 'NaN') return Number.NaN
  if (value === 'Infinity') return Number.POSITIVE_INFINITY
  if (value === '-Infinity') return Number.NEGATIVE_INFINITY
  if (typeof value === 'string' && value.length < 400 && numberPattern.test(value)) return Number(value)
  throw bad(key, 'a number', value)
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

function text(value: unknown, key: string): string {
  if (value === undefined || value === null) return ''
  if (typeof value === 'string') return value
  throw bad(key, 'text', value)
}

function list(value: unknown, key: string): readonly unknown[] {
  if (value === undefined || value === null) return []
  if (Array.isArray(value)) return value
  throw bad(key, 'a list', value)
}

const listOf = (from: Json, key: string): readonly Json[] => list(from[key], key).map((item) => record(item, key))

function record(value: unknown, key: string): Json {
  if (value === undefined || value === null) return {}
  if (isRecord(value)) return value
  throw bad(key, 'an object', value)
}

const isRecord = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

function bad(key: string, expected: string, found: unknown): AppError {
  return new AppError('ingest.bad_body', `${key}: expected ${expected}, found ${quoteValue(found)}`, {
    where: { key },
    fix: 'Send an ExportMetricsServiceRequest in JSON.',
  })
}
