// Exported records as lines of ours (https://opentelemetry.io/docs/specs/otel/logs/data-model/). Once a record.
import { type LogColumn, logColumnOf, logColumns, logFieldNames, spellingBytes } from '@tidewatch/core/log-fields.ts'
import {
  type AttributeScalar,
  type AttributeValue,
  type LogIdentity,
  logIdentityFields,
  logRecord,
} from '@tidewatch/core/log-record.ts'
import { severityOfLevel } from '@tidewatch/core/log-severity.ts'
import { lowered } from '../../logs/json-record.ts'
import type { LogRequest, StreamIdentity } from '../../logs/port.ts'
import { type AnyValue, anyValueText } from './any-value.ts'
import type { LogSink, OtlpRecord } from './log-sink.ts'
import type { OtlpLine } from './otlp-line.ts'
import type { Attribute, ScopeHeader } from './point.ts'

type IdentityField = keyof LogIdentity
const identityFields: ReadonlySet<string> = new Set(logIdentityFields)
const isIdentity = (column: LogColumn | undefined): column is IdentityField =>
  column !== undefined && identityFields.has(column)

export class LogTranslation implements LogSink {
  readonly #request: LogRequest
  #ofResource = new Map<IdentityField, string>()
  #ofScope = new Map<string, AttributeValue>()
  #stream: StreamIdentity = { severity: 0, identity: [] }

  constructor(request: LogRequest) {
    this.#request = request
  }

  resource(attributes: readonly Attribute[]): void {
    const resource = new Map<string, string>()
    this.#ofResource = new Map()
    for (const [name, value] of attributes) {
      const text = anyValueText(value)
      if (name === '' || text === '') continue
      resource.set(name, text)
      const column = logColumnOf(name)
      if (isIdentity(column) && !this.#ofResource.has(column)) this.#ofResource.set(column, text)
    }
    this.#request.setResource(resource)
    this.#stream = { severity: 0, identity: logIdentityFields.map((field) => this.#ofResource.get(field) ?? '') }
  }

  /** As exporters into formats without scopes name them (https://opentelemetry.io/docs/specs/otel/common/mapping-to-non-otlp/). */
  scope({ name, version, attributes }: ScopeHeader): void {
    this.#ofScope = new Map()
    if (name !== '') this.#ofScope.set('otel.scope.name', name)
    if (version !== '') this.#ofScope.set('otel.scope.version', version)
    for (const [key, value] of attributes) flatten(`otel.scope.${key}`, value, this.#ofScope)
  }

  line(line: OtlpLine): boolean {
    line.stream = this.#stream
    for (const [name, value] of this.#ofScope)
      if (typeof value === 'object' || !line.addScalar(name, value)) return false
    if (line.eventName !== '' && !line.addScalar('event.name', line.eventName)) return false
    if (line.dropped > 0 && !line.addScalar('dropped_attributes_count', line.dropped)) return false
    if (line.flags > 0 && !line.addScalar('flags', line.flags)) return false
    return this.#request.addRecordLine(line, line.texts.bytes)
  }

  record(from: OtlpRecord): void {
    const time = from.time.ms > 0 || from.time.restNs > 0 ? from.time : from.observed
    const attributes = new Map<string, AttributeValue>()
    const identity = new Map<IdentityField, string>()
    if (isId(from.traceId, 32)) identity.set('traceId', from.traceId)
    if (isId(from.spanId, 16)) identity.set('spanId', from.spanId)
    const { spelling, level } = this.#readAttributes(from.attributes, identity, attributes)
    if (from.body instanceof Map) flattenBody(from.body as ReadonlyMap<string, AnyValue>, identity, attributes)
    for (const [field, text] of this.#ofResource) if (!identity.has(field)) identity.set(field, text)
    for (const [name, value] of this.#ofScope) attributes.set(name, value)
    if (from.eventName !== '') attributes.set('event.name', from.eventName)
    if (from.dropped > 0) attributes.set('dropped_attributes_count', from.dropped)
    if (from.flags > 0) attributes.set('flags', from.flags)
    const said = from.severityText === '' ? level : severityOfLevel(from.severityText)
    this.#request.add(
      logRecord({
        timeNs: BigInt(time.ms) * 1_000_000n + BigInt(time.restNs),
        severity: from.severity >= 1 && from.severity <= 24 ? from.severity : said,
        severityText: from.severityText,
        body: bodyText(from.body),
        ...Object.fromEntries(identity),
        ...{ spelling, attributes },
      }),
    )
  }

  /** Into columns those that have one of their own, once each; the rest stay attributes. `level`: how severe the first of these says that it is. */
  #readAttributes(
    from: readonly Attribute[],
    identity: Map<IdentityField, string>,
    attributes: Map<string, AttributeValue>,
  ): { readonly spelling: string; readonly level: number } {
    let spelling = ''
    let level = 0
    for (const [name, value] of from) {
      const column = name === '' ? undefined : logColumnOf(name)
      const text = typeof value === 'string' || typeof value === 'bigint' ? String(value) : ''
      if (isIdentity(column) && text !== '' && !identity.has(column)) {
        identity.set(column, column === 'traceId' || column === 'spanId' ? lowered(text) : text)
        const place = logFieldNames[column].indexOf(name)
        const letters = spellingBytes(logColumns.indexOf(column), place, typeof value === 'bigint')
        if (letters !== undefined) spelling += String.fromCharCode(...letters)
        continue
      }
      if (column === 'severity' && level === 0) level = severityOfLevel(text)
      if (name !== '') flatten(name, value, attributes)
    }
    return { spelling, level }
  }
}

/** What a structured body says, below `body.`; its ids where nothing else names them. */
function flattenBody(
  body: ReadonlyMap<string, AnyValue>,
  identity: Map<IdentityField, string>,
  attributes: Map<string, AttributeValue>,
): void {
  for (const [key, value] of body) {
    flatten(`body.${key}`, value, attributes)
    const column = logColumnOf(key)
    if (isIdentity(column) && typeof value === 'string' && value !== '' && !identity.has(column))
      identity.set(column, value)
  }
}

const isId = (hex: string, length: number): boolean => hex.length === length && /[1-9a-f]/.test(hex)

/** Maps within one another are joined with dots; of lists with maps in them the leaves are there, and the whole as JSON. */
function flatten(path: string, value: AnyValue, into: Map<string, AttributeValue>): void {
  if (value === null) return
  if (isMap(value)) {
    for (const [key, item] of value) flatten(`${path}.${key}`, item, into)
    return
  }
  if (!isList(value)) {
    into.set(path, scalar(value))
    return
  }
  const items = value.filter((item) => item !== null)
  if (items.every((item) => !isMap(item) && !isList(item))) {
    into.set(path, items.map(scalar))
    return
  }
  into.set(path, jsonText(value))
  const leaves = new Map<string, AttributeScalar[]>()
  for (const item of items) {
    if (!isMap(item)) continue
    const own = new Map<string, AttributeValue>()
    flatten(path, item, own)
    for (const [name, of] of own)
      leaves.set(name, [...(leaves.get(name) ?? []), ...(typeof of === 'object' ? of : [of])])
  }
  for (const [name, of] of leaves) into.set(name, of)
}

function scalar(value: AnyValue): AttributeScalar {
  if (typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  return anyValueText(value)
}

function bodyText(body: AnyValue): string {
  if (body === null) return ''
  return isMap(body) || isList(body) ? jsonText(body) : String(scalar(body))
}

/** In the order in which it was sent. */
function jsonText(value: AnyValue): string {
  if (isMap(value)) return `{${[...value].map(([key, item]) => `${JSON.stringify(key)}:${jsonText(item)}`).join(',')}}`
  if (isList(value)) return `[${value.map(jsonText).join(',')}]`
  if (typeof value === 'bigint') return String(value)
  return value === null ? 'null' : JSON.stringify(scalar(value))
}

const isMap = (value: AnyValue): value is ReadonlyMap<string, AnyValue> => value instanceof Map
const isList = (value: AnyValue): value is readonly AnyValue[] => Array.isArray(value)
