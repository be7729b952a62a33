// OTLP's JSON (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding) of any signal: 64-bit numbers as text or numbers, ids in
// hexadecimal, unknown fields ignored.
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import { severityOfWord } from '@tidewatch/core/log-severity.ts'
import type { ByteRange } from '../../byte-table.ts'
import { type AnyValue, maxDepth } from './any-value.ts'
import type { Attribute, Moment } from './point.ts'

/** JSON is parsed in one go: more would hold the thread for too long. */
const maxJsonBytes = 16 << 20
const utf8 = new TextDecoder('utf-8', { fatal: true })

export type Json = Readonly<Record<string, unknown>>

/** The body's object. Throws `ingest.bad_body` and `http.body_too_large`. */
export function parseJson(bytes: Uint8Array): Json {
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
      fix: 'Send an OTLP export request in JSON, whole.',
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

export function attributesOf(value: unknown, depth = 0): Attribute[] {
  return list(value, 'attributes').map((item): Attribute => {
    const pair = record(item, 'attributes')
    return [text(pair.key, 'key'), anyValue(pair.value, depth)]
  })
}

export function anyValue(value: unknown, depth: number): AnyValue {
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
export function identityOf(value: unknown): ByteRange {
  const bytes = Buffer.from(JSON.stringify(value) ?? '')
  return { bytes, start: 0, end: bytes.length }
}

/** Nanoseconds as text; as a number they have lost their last digits already. */
export function moment(value: unknown, into: Moment): void {
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

export function number(value: unknown, key: string): number {
  if (typeof value === 'number') return value
  if (value === undefined || value === null) return 0
  if (value === 'NaN') return Number.NaN
  if (value === 'Infinity') return Number.POSITIVE_INFINITY
  if (value === '-Infinity') return Number.NEGATIVE_INFINITY
  if (typeof value === 'string' && value.length < 400 && numberPattern.test(value)) return Number(value)
  throw bad(key, 'a number', value)
}

/** The protobuf JSON mapping has numbers of enums by name as well. */
export function severityNumber(value: unknown): number {
  const name = typeof value === 'string' ? /^SEVERITY_NUMBER_([A-Z]+[2-4]?)$/.exec(value)?.[1] : undefined
  return name === undefined ? number(value, 'severityNumber') : severityOfWord(name)
}

export function text(value: unknown, key: string): string {
  if (value === undefined || value === null) return ''
  if (typeof value === 'string') return value
  throw bad(key, 'text', value)
}

export function list(value: unknown, key: string): readonly unknown[] {
  if (value === undefined || value === null) return []
  if (Array.isArray(value)) return value
  throw bad(key, 'a list', value)
}

export const listOf = (from: Json, key: string): readonly Json[] =>
  list(from[key], key).map((item) => record(item, key))

export function record(value: unknown, key: string): Json {
  if (value === undefined || value === null) return {}
  if (isRecord(value)) return value
  throw bad(key, 'an object', value)
}

const isRecord = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

export function bad(key: string, expected: string, found: unknown): AppError {
  return new AppError('ingest.bad_body', `${key}: expected ${expected}, found ${quoteValue(found)}`, {
    where: { key },
    fix: 'Send an OTLP export request in JSON.',
  })
}
