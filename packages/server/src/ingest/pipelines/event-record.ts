// Events of a pipeline to lines that are kept, and lines that came in to events. Called once an event.
import { indexField } from '@tidewatch/core/index-name.ts'
import type { LogRecord } from '@tidewatch/core/log-record.ts'
import { severityWord } from '@tidewatch/core/log-severity.ts'
import { LogEvent } from '@tidewatch/logstash/event.ts'
import { mergeFields } from '@tidewatch/logstash/event-time.ts'
import { isMap, setKey, Timestamp, type Value, type ValueMap, WholeFloat } from '@tidewatch/logstash/values.ts'
import { recordOfObject } from '../logs/json-record.ts'

/** What names the source of an event; all the rest are its own fields. */
const sourceFields: ReadonlySet<string> = new Set([
  ...['host', 'host.name', 'host.hostname', 'path', 'source', 'type', 'log.file.path', 'container.name'],
])

/** The document's own id: what the output says, or else what its sender called it. */
export const idField = '_id'

/** The index that its sender wrote to; an output that names another has its way. */
const sentIndexField = '_index'

export interface StoredUnder {
  readonly index: string | undefined
  readonly documentId: string | undefined
  /** What has this time has none of its own: a line that says the same is another one. */
  readonly arrivedNs: bigint
}

/** The line of an event: its time and message, what names its source, and all other fields; `@metadata` is for the pipeline alone. */
export function recordOfEvent(event: LogEvent, { index, documentId, arrivedNs }: StoredUnder): LogRecord {
  const { data, timestamp } = event
  // first, so that a field called `time` does not stand for it
  const fields: Record<string, unknown> = timestamp === undefined ? {} : { '@timestamp': timestamp.toString() }
  for (const [name, value] of Object.entries(data))
    if (name !== '@timestamp' && name !== '@version') fields[name] = plainOf(value)
  const { record } = recordOfObject(fields)
  const resource = new Map<string, string>()
  const attributes = new Map(record.attributes)
  for (const name of sourceFields) {
    const value = attributes.get(name)
    if (typeof value !== 'string') continue
    resource.set(name, value)
    attributes.delete(name)
  }
  const under = index ?? event.metadata[sentIndexField]
  if (typeof under === 'string') resource.set(indexField, under)
  const id = documentId ?? event.metadata[idField]
  if (typeof id === 'string') attributes.set(idField, id)
  const eventNs = timestamp === undefined ? record.timeNs : timestamp.ns
  // a sender's own id tells it from others
  const timeNs = eventNs === arrivedNs && typeof id !== 'string' ? 0n : eventNs
  return { ...record, timeNs, resource, attributes }
}

/** As `JSON.parse` would have given it; whole numbers beyond 2^53 are texts. */
function plainOf(value: Value): unknown {
  if (Array.isArray(value)) return value.map(plainOf)
  if (value instanceof Timestamp) return value.toString()
  if (value instanceof WholeFloat) return value.value
  if (typeof value === 'bigint') return String(value)
  if (!isMap(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, plainOf(item)]))
}

/** An event as people are shown it: plain JSON, with its time. */
export function shownEvent({ data }: LogEvent): Record<string, unknown> {
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [name, plainOf(value)]))
}

/** The event of a line that a receiver has taken apart already: syslog's, a shipper's. Names are those that Logstash gives. */
export function eventOfRecord(record: LogRecord, nowMs: number): LogEvent {
  const { timeNs, body, severity, severityText, attributes, resource } = record
  const time = timeNs > 0n ? timestampOfNs(timeNs) : new Timestamp(nowMs)
  const event = new LogEvent({ '@timestamp': time, '@version': '1', message: body })
  const level = severityText === '' ? severityWord(severity) : severityText
  if (level !== undefined) setKey(event.data, 'level', level)
  const fields: ValueMap = {}
  for (const [name, column] of Object.entries(identityNames)) {
    const value = record[column]
    if (value !== '') setKey(fields, name, value)
  }
  for (const [name, value] of attributes) setNested(fields, name, copied(value))
  mergeFields(event, fields)
  addSource(event, resource)
  return event
}

const identityNames = {
  ...{ service: 'service', environment: 'environment', release: 'release', trace_id: 'traceId', span_id: 'spanId' },
  ...{ request_id: 'requestId', session_id: 'sessionId', user_id: 'user', wallet: 'wallet', contract: 'contract' },
  tx: 'tx',
} as const satisfies Readonly<Record<string, keyof LogRecord>>

const copied = (value: string | number | boolean | readonly (string | number | boolean)[]): Value =>
  typeof value === 'object' ? [...value] : value

const timestampOfNs = (ns: bigint): Timestamp => new Timestamp(Number(ns / 1_000_000n), Number(ns % 1_000_000n))

/** `host.name` or else the address is `host`, `log.file.path` is `path`, as inputs of Logstash name them, an index `[@metadata][_index]`; what an event says itself stays. */
export function addSource(event: LogEvent, resource: ReadonlyMap<string, string>): void {
  for (const [name, value] of resource) {
    if (name === indexField) {
      setKey(event.metadata, sentIndexField, value)
      continue
    }
    const key = name === 'host.name' || name === 'host.ip' ? 'host' : name === 'log.file.path' ? 'path' : name
    if (!Object.hasOwn(event.data, key)) setNested(event.data, key, value)
  }
}

/** `a.b` stands below `a`, unless something else does. */
function setNested(map: ValueMap, name: string, value: Value): void {
  const keys = name.split('.')
  let parent = map
  for (const key of keys.slice(0, -1)) {
    const next = Object.hasOwn(parent, key) ? parent[key] : undefined
    if (next === undefined) {
      const made: ValueMap = {}
      setKey(parent, key, made)
      parent = made
    } else if (isMap(next)) parent = next
    else {
      setKey(map, name, value)
      return
    }
  }
  setKey(parent, keys.at(-1) ?? name, value)
}
