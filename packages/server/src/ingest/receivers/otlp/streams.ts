// What is known of senders: resources, scopes, metrics and their streams with the label bytes of the series that they become.

import { encodeLabels } from '@tidewatch/core/encoded-labels.ts'
import { compareUtf8, metricNameLabel } from '@tidewatch/core/labels.ts'
import type { MetricMetadata } from '../../../store/port.ts'
import { type ByteRange, ByteTable } from '../../byte-table.ts'
import type { OtlpSettings } from '../../port.ts'
import { anyValueText } from './any-value.ts'
import { labelName, metricName, type NamedKind, plainFloat, unitName } from './names.ts'
import type { Attribute, MetricHeader, NumberColumn, ScopeHeader } from './point.ts'

/** Bytes of labels that are kept; when there are more, all is forgotten and learnt again. */
const maxKeptBytes = 96 << 20
/** Beside the labels' bytes, about. */
const entryBytes = 300

const identifying: ReadonlySet<string> = new Set(['service.name', 'service.namespace', 'service.instance.id'])

type LabelPairs = readonly (readonly [name: string, value: string])[]

export interface KnownResource {
  /** Labels that every series of it has: promoted attributes, then `job` and `instance`, which nothing overrides. */
  readonly promoted: LabelPairs
  readonly identity: LabelPairs
  /** The series of `target_info`; undefined where nothing is to be said. */
  readonly info: Buffer | undefined
  readonly scopes: ByteTable<KnownScope>
}

export interface KnownScope {
  readonly labels: LabelPairs
  readonly metrics: Map<string, KnownMetric>
}

export interface KnownMetric {
  readonly header: MetricHeader
  readonly metadata: Omit<MetricMetadata, 'project'>
  readonly streams: ByteTable<Stream>
  readonly resource: KnownResource
  readonly scope: KnownScope
}

export class StreamTable {
  readonly settings: OtlpSettings
  readonly #resources = new ByteTable<KnownResource>()
  #bytes = 0

  constructor(settings: OtlpSettings) {
    this.settings = settings
  }

  /** Before a request: makes room where too much is kept. */
  trim(): void {
    if (this.#bytes <= maxKeptBytes) return
    this.#resources.clear()
    this.#bytes = 0
  }

  resource(identity: ByteRange, decode: () => readonly Attribute[]): KnownResource {
    const known = this.#resources.get(identity)
    if (known !== undefined) return known
    const made = knownResource(decode(), this.settings)
    this.#resources.set(identity, made)
    this.#count(identity.end - identity.start + (made.info?.length ?? 0))
    return made
  }

  scope(resource: KnownResource, identity: ByteRange, decode: () => ScopeHeader): KnownScope {
    const known = resource.scopes.get(identity)
    if (known !== undefined) return known
    const made = { labels: scopeLabels(decode(), this.settings), metrics: new Map<string, KnownMetric>() }
    resource.scopes.set(identity, made)
    this.#count(identity.end - identity.start)
    return made
  }

  /** Undefined where the metric's name is none. */
  metric(resource: KnownResource, scope: KnownScope, header: MetricHeader): KnownMetric | undefined {
    const { name, unit, description, kind, temporality, isMonotonic } = header
    const key = `${kind} ${temporality} ${isMonotonic} ${name}\0${unit}\0${description}`
    const known = scope.metrics.get(key)
    if (known !== undefined) return known
    const named = namedKind(header)
    const family = metricName(name, unit, { kind: named, settings: this.settings })
    if (family === undefined) return undefined
    const type = named === 'up_down_counter' ? 'gauge' : named
    const metadata = { family, type, help: description, unit: unitName(unit, this.settings) }
    const made: KnownMetric = { header, metadata, streams: new ByteTable(), resource, scope }
    scope.metrics.set(key, made)
    this.#count(key.length * 2)
    return made
  }

  stream(metric: KnownMetric, identity: ByteRange, decode: () => readonly Attribute[]): Stream {
    const known = metric.streams.get(identity)
    if (known !== undefined) return known
    const labels = streamLabels(metric, decode(), this.settings)
    const made = new Stream(metric.metadata.family, labels, (bytes) => this.#count(bytes))
    metric.streams.set(identity, made)
    this.#count(identity.end - identity.start)
    return made
  }

  #count(bytes: number): void {
    this.#bytes += bytes + entryBytes
  }
}

/** One set of attributes of one metric, and the label bytes of its series, each made when it is first needed. */
export class Stream {
  readonly #family: string
  readonly #labels: ReadonlyMap<string, string>
  readonly #count: (bytes: number) => void
  readonly #encoded = new Map<string, Buffer>()
  #bounds = new Float64Array(0)
  #buckets: readonly Buffer[] = []
  #key: string | undefined
  #plain: Buffer | undefined
  /** Of the newest point, for starts that change: of which project, since when it counts, and its time. */
  readonly last = { project: -1, startMs: 0, timeMs: 0 }

  constructor(family: string, labels: ReadonlyMap<string, string>, count: (bytes: number) => void) {
    this.#family = family
    this.#labels = labels
    this.#count = count
  }

  /** A text that no other stream has. */
  get key(): string {
    this.#key ??= this.series('').toString('latin1')
    return this.#key
  }

  /** The series of the family's name with a suffix. */
  series(suffix: '' | '_sum' | '_count'): Buffer {
    if (suffix !== '') return this.#encode(suffix, undefined, '')
    // once a point, without a key being made
    this.#plain ??= this.#made('', undefined, '')
    return this.#plain
  }

  quantile(quantile: number): Buffer {
    return this.#encode('', 'quantile', plainFloat(quantile))
  }

  /** The buckets up to each bound, and the one up to +Inf behind them. */
  buckets(bounds: NumberColumn): readonly Buffer[] {
    const { values, length } = bounds
    let isKnown = this.#buckets.length === length + 1
    for (let i = 0; isKnown && i < length; i++) isKnown = this.#bounds[i] === values[i]
    if (isKnown) return this.#buckets
    this.#bounds = values.slice(0, length)
    this.#buckets = [...Array.from(this.#bounds, plainFloat), '+Inf'].map((le) => this.#made('_bucket', 'le', le))
    return this.#buckets
  }

  /** The buckets that the last point had; the one up to +Inf alone where none was seen. */
  lastBuckets(): readonly Buffer[] {
    if (this.#buckets.length === 0) this.#buckets = [this.#made('_bucket', 'le', '+Inf')]
    return this.#buckets
  }

  #encode(suffix: string, name: string | undefined, value: string): Buffer {
    const key = `${suffix} ${value}`
    let found = this.#encoded.get(key)
    if (found === undefined) {
      found = this.#made(suffix, name, value)
      this.#encoded.set(key, found)
    }
    return found
  }

  #made(suffix: string, name: string | undefined, value: string): Buffer {
    const labels = new Map(this.#labels)
    labels.set(metricNameLabel, this.#family + suffix)
    if (name !== undefined) labels.set(name, value)
    const bytes = encodeLabels(labels)
    this.#count(bytes.length)
    return bytes
  }
}

function namedKind({ kind, isMonotonic }: MetricHeader): NamedKind {
  switch (kind) {
    case 'gauge':
    case 'histogram':
    case 'summary':
      return kind
    case 'exponential':
      return 'histogram'
    case 'sum':
      return isMonotonic ? 'counter' : 'up_down_counter'
  }
}

function knownResource(attributes: readonly Attribute[], settings: OtlpSettings): KnownResource {
  const { promotes, ignores } = settings
  const texts = attributes.map(([name, value]) => [name, anyValueText(value)] as const)
  const all = new Map(texts)
  const isPromoted = (name: string): boolean => (promotes === 'all' ? !ignores.has(name) : promotes.has(name))
  const promoted = new Map<string, string>()
  for (const [name, value] of sorted(texts.filter(([name]) => isPromoted(name)))) {
    const label = labelName(name, settings)
    if (label !== undefined && !promoted.has(label)) promoted.set(label, value)
  }
  const identity: [string, string][] = []
  const service = all.get('service.name')
  const namespace = all.get('service.namespace')
  const instance = all.get('service.instance.id')
  if (service !== undefined) identity.push(['job', namespace === undefined ? service : `${namespace}/${service}`])
  if (instance !== undefined) identity.push(['instance', instance])
  const told = texts.filter(([name]) => settings.keepsIdentifying || !identifying.has(name))
  const hasMore = texts.some(([name]) => !identifying.has(name))
  const hasIdentity = identity.some(([, value]) => value !== '')
  const info = hasMore && hasIdentity ? encodeLabels(infoLabels(told, identity, settings)) : undefined
  return { promoted: [...promoted], identity, info, scopes: new ByteTable() }
}

function infoLabels(told: LabelPairs, identity: LabelPairs, settings: OtlpSettings): Map<string, string> {
  const labels = merged(told, settings)
  for (const [name, value] of identity) labels.set(name, value)
  labels.set(metricNameLabel, 'target_info')
  return labels
}

function scopeLabels({ name, version, schemaUrl, attributes }: ScopeHeader, settings: OtlpSettings): LabelPairs {
  if (!settings.promotesScope || name === '') return []
  const labels = new Map([
    ['otel_scope_name', name],
    ['otel_scope_version', version],
    ['otel_scope_schema_url', schemaUrl],
  ])
  for (const [attribute, value] of attributes) {
    const label = labelName(`otel_scope_${attribute}`, settings)
    if (label !== undefined) labels.set(label, anyValueText(value))
  }
  return [...labels]
}

function streamLabels({ resource, scope }: KnownMetric, attributes: readonly Attribute[], settings: OtlpSettings) {
  const texts = attributes.map(([name, value]) => [name, anyValueText(value)] as const)
  const labels = merged(texts, settings)
  for (const [name, value] of resource.promoted) if (!labels.has(name)) labels.set(name, value)
  for (const [name, value] of [...scope.labels, ...resource.identity]) labels.set(name, value)
  return labels
}

/** Attributes as labels; where two become one, both values stand in it, in the order of the attributes' names. */
function merged(attributes: LabelPairs, settings: OtlpSettings): Map<string, string> {
  const labels = new Map<string, string>()
  for (const [name, value] of sorted(attributes)) {
    const label = labelName(name, settings)
    if (label === undefined) continue
    const there = labels.get(label)
    labels.set(label, there === undefined ? value : `${there};${value}`)
  }
  return labels
}

const sorted = (pairs: LabelPairs): LabelPairs => [...pairs].sort(([a], [b]) => compareUtf8(a, b))
