// Called once a data point, bench/src/ingest-otlp.ts: OTLP's points as samples, as Prometheus's OTLP receiver makes them
// (https://prometheus.io/docs/guides/opentelemetry/, https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/).

import { AppError } from '@tidewatch/core/error.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import { customBucketsSchema, type NativeHistogram } from '@tidewatch/core/native-histogram.ts'
import type { SampleBatch } from '@tidewatch/core/sample-batch.ts'
import { staleHigh, staleLow } from '@tidewatch/core/stale.ts'
import type { MetricMetadata } from '../../../store/port.ts'
import type { ByteRange } from '../../byte-table.ts'
import type { DeltaTurn, ExponentialTotal } from './deltas.ts'
import { addExemplars } from './exemplars.ts'
import {
  customHistogram,
  emptyHistogram,
  exponentialHistogram,
  exponentialSpans,
  maxSchema,
  minSchema,
  sparseSpans,
} from './native.ts'
import type { Attribute, MetricHeader, MetricSink, Point, ScopeHeader } from './point.ts'
import type { KnownMetric, KnownResource, KnownScope, Stream, StreamTable } from './streams.ts'

export interface TranslationParts {
  readonly project: ProjectId
  readonly streams: StreamTable
  readonly deltas: DeltaTurn
  readonly batch: SampleBatch
  /** Throws an AppError of `ingest.…` for labels that are no series. */
  readonly resolve: (bytes: Uint8Array) => number
}

/** What became of a request. */
export interface Translated {
  points: number
  /** Points that were left out, and why the first of them were. */
  rejected: number
  readonly reasons: Set<string>
  /** Deltas that came a second time, or after a later one. */
  repeated: number
  readonly metadata: Map<string, MetricMetadata>
}

const maxReasons = 3
/** More bad points than this end a request: each costs an error. */
const maxBad = 10_000
const maxBounds = 4096
/** What names a resource is told as often as a query that looks at any moment finds it, at most over so long. */
const infoStepMs = 150_000
const infoSpanMs = 3_600_000
/** A total begins at most so long before its first point. */
const maxStartMs = 300_000

const infoMetadata = { family: 'target_info', type: 'gauge', help: 'Target metadata', unit: '' } as const

/** A point that is left out. */
const rejection = (reason: string): AppError => new AppError('ingest.bad_point', reason)

export class Translation implements MetricSink {
  readonly found: Translated = { points: 0, rejected: 0, reasons: new Set(), repeated: 0, metadata: new Map() }
  readonly #parts: TranslationParts
  #resource: KnownResource | undefined
  #scope: KnownScope | undefined
  #metric: KnownMetric | undefined
  #header: MetricHeader | undefined
  #bad = 0
  #earliestMs = Number.POSITIVE_INFINITY
  #latestMs = Number.NEGATIVE_INFINITY

  constructor(parts: TranslationParts) {
    this.#parts = parts
  }

  resource(identity: ByteRange, decode: () => readonly Attribute[]): void {
    this.#resource = this.#parts.streams.resource(identity, decode)
    this.#earliestMs = Number.POSITIVE_INFINITY
    this.#latestMs = Number.NEGATIVE_INFINITY
  }

  scope(identity: ByteRange, decode: () => ScopeHeader): void {
    if (this.#resource === undefined) return
    this.#scope = this.#parts.streams.scope(this.#resource, identity, decode)
  }

  metric(header: MetricHeader): void {
    this.#header = header
    this.#metric =
      this.#resource === undefined || this.#scope === undefined
        ? undefined
        : this.#parts.streams.metric(this.#resource, this.#scope, header)
  }

  point(point: Point, attributes: ByteRange, decode: () => readonly Attribute[]): void {
    const { batch, deltas, streams } = this.#parts
    this.found.points++
    const marks = { samples: batch.length, histograms: batch.histograms.length, exemplars: batch.exemplars.length }
    const deltaMark = deltas.size
    try {
      if (this.#metric === undefined)
        throw rejection(`${JSON.stringify(this.#header?.name ?? '')} is no name of a metric`)
      const stream = streams.stream(this.#metric, attributes, decode)
      this.#store(point, stream, this.#metric)
      this.#earliestMs = Math.min(this.#earliestMs, point.time.ms)
      this.#latestMs = Math.max(this.#latestMs, point.time.ms)
    } catch (caught) {
      batch.length = marks.samples
      batch.histograms.length = marks.histograms
      batch.exemplars.length = marks.exemplars
      deltas.undo(deltaMark)
      this.#reject(caught)
    }
  }

  /** Says of the resource what its series do not: `target_info`. */
  endResource(): void {
    const info = this.#resource?.info
    this.#scope = this.#metric = undefined
    if (info === undefined || !Number.isFinite(this.#latestMs)) return
    const { batch, project } = this.#parts
    try {
      const ref = this.#parts.resolve(info)
      const fromMs = Math.max(this.#earliestMs, this.#latestMs - infoSpanMs)
      for (let atMs = fromMs; atMs < this.#latestMs; atMs += infoStepMs) batch.add(ref, atMs, 1)
      batch.add(ref, this.#latestMs, 1)
      this.found.metadata.set(infoMetadata.family, { ...infoMetadata, project })
    } catch (caught) {
      this.#reject(caught, 0)
    }
  }

  #reject(caught: unknown, points = 1): void {
    const { found } = this
    if (!(caught instanceof AppError) || !caught.code.startsWith('ingest.') || caught.code === 'ingest.bad_body')
      throw caught
    if (++this.#bad > maxBad) throw caught
    found.rejected += points
    if (found.reasons.size >= maxReasons) return
    const name = this.#header?.name ?? ''
    found.reasons.add(`${name.slice(0, 200)}: ${caught.message}`)
  }

  #store(point: Point, stream: Stream, metric: KnownMetric): void {
    const { project } = this.#parts
    const { kind, temporality } = metric.header
    if (temporality === 'unspecified' && kind !== 'gauge' && kind !== 'summary')
      throw rejection('the temporality is neither delta nor cumulative')
    const isStored = this.#storeKind(point, stream, metric.header)
    if (!isStored) {
      this.found.repeated++
      return
    }
    const { family } = metric.metadata
    if (!this.found.metadata.has(family)) this.found.metadata.set(family, { ...metric.metadata, project })
  }

  /** False for a delta that is known already. */
  #storeKind(point: Point, stream: Stream, header: MetricHeader): boolean {
    const isDelta = header.temporality === 'delta'
    switch (header.kind) {
      case 'gauge':
      case 'sum':
        return this.#number(point, stream, header)
      case 'histogram':
        return this.#histogram(point, stream, isDelta)
      case 'exponential':
        return this.#exponential(point, stream, isDelta)
      case 'summary':
        return this.#summary(point, stream)
    }
  }

  #number(point: Point, stream: Stream, { temporality, isMonotonic }: MetricHeader): boolean {
    const { batch, deltas, resolve } = this.#parts
    const ref = resolve(stream.series(''))
    const timeMs = point.time.ms
    if (!point.hasRecordedValue) {
      batch.addBits(ref, timeMs, staleLow, staleHigh)
      return true
    }
    if (!point.hasValue) throw rejection('a point without a value')
    if (temporality === 'delta') {
      const added = deltas.number(stream.key, point)
      if (added === 'repeated') return false
      if (isMonotonic && added === 'fresh') this.#zero(ref, startOfTotal(point))
    } else if (isMonotonic) this.#zero(ref, this.#newStart(point, stream))
    batch.add(ref, timeMs, point.value)
    addExemplars(batch, point, () => ref)
    return true
  }

  #zero(ref: number, atMs: number | undefined): void {
    if (atMs !== undefined) this.#parts.batch.add(ref, atMs, 0)
  }

  #histogram(point: Point, stream: Stream, isDelta: boolean): boolean {
    const { streams, deltas } = this.#parts
    if (streams.settings.makesCustomBuckets && !point.hasRecordedValue)
      return this.#nativeEnd(point, stream, customBucketsSchema)
    if (!point.hasRecordedValue) return this.#histogramEnd(point, stream)
    checkBounds(point)
    let startMs: number | undefined
    if (isDelta) {
      const added = deltas.explicit(stream.key, point)
      if (added === 'repeated') return false
      if (added === 'fresh') startMs = startOfTotal(point)
    } else startMs = this.#newStart(point, stream)
    if (streams.settings.makesCustomBuckets) {
      this.#native(point, stream, { startMs, histogram: customHistogram(point.bounds, point.counts, point) })
      return true
    }
    if (startMs !== undefined) this.#classic(point, stream, { atMs: startMs, factor: 0 })
    const bucketRefs = this.#classic(point, stream, { atMs: point.time.ms, factor: 1 })
    addExemplars(this.#parts.batch, point, (value) => bucketRefs(value))
    return true
  }

  /** The series of a classic histogram; `factor` 0 makes all of them zero. Answers which bucket holds a value. */
  #classic(point: Point, stream: Stream, { atMs, factor }: { atMs: number; factor: 0 | 1 }): (value: number) => number {
    const { batch, resolve } = this.#parts
    const { bounds, counts } = point
    if (point.hasSum) batch.add(resolve(stream.series('_sum')), atMs, factor === 0 ? 0 : point.sum)
    batch.add(resolve(stream.series('_count')), atMs, point.count * factor)
    const buckets = stream.buckets(bounds)
    const first = batch.length
    let total = 0
    for (let i = 0; i < bounds.length; i++) {
      total += counts.values[i]
      batch.add(resolve(buckets[i]), atMs, total * factor)
    }
    batch.add(resolve(buckets[bounds.length]), atMs, point.count * factor)
    return (value) => {
      let i = 0
      while (i < bounds.length && value > bounds.values[i]) i++
      return batch.refs[first + i]
    }
  }

  #histogramEnd(point: Point, stream: Stream): boolean {
    const { batch, resolve } = this.#parts
    const series = [stream.series('_sum'), stream.series('_count'), ...stream.lastBuckets()]
    for (const bytes of series) batch.addBits(resolve(bytes), point.time.ms, staleLow, staleHigh)
    return true
  }

  #exponential(point: Point, stream: Stream, isDelta: boolean): boolean {
    if (!point.hasRecordedValue) return this.#nativeEnd(point, stream, maxSchema)
    if (point.scale < minSchema)
      throw rejection(`scale ${point.scale} is coarser than ${minSchema}, the coarsest of native histograms`)
    if (isDelta) {
      const done = this.#parts.deltas.exponential(stream.key, point)
      if (done === undefined) return false
      const startMs = done.added === 'fresh' ? startOfTotal(point) : undefined
      this.#native(point, stream, { startMs, histogram: histogramOfTotal(done.total, point) })
      return true
    }
    const { scale, count, sum, zeroThreshold, zeroCount } = point
    const scaleDown = Math.max(0, scale - maxSchema)
    const histogram = exponentialHistogram({
      schema: scale - scaleDown,
      ...{ count, sum, zeroThreshold, zeroCount },
      positive: exponentialSpans(point.positive, scaleDown),
      negative: exponentialSpans(point.negative, scaleDown),
    })
    this.#native(point, stream, { startMs: this.#newStart(point, stream), histogram })
    return true
  }

  #native(
    point: Point,
    stream: Stream,
    { startMs, histogram }: { readonly startMs: number | undefined; readonly histogram: NativeHistogram },
  ): void {
    const { batch, resolve } = this.#parts
    const ref = resolve(stream.series(''))
    const { schema, customValues } = histogram
    if (startMs !== undefined) {
      const empty = emptyHistogram(schema, { customValues, isStale: false })
      batch.histograms.push({ ref, timeMs: startMs, histogram: empty })
    }
    batch.histograms.push({ ref, timeMs: point.time.ms, histogram })
    addExemplars(batch, point, () => ref)
  }

  #nativeEnd(point: Point, stream: Stream, schema: number): boolean {
    const { batch, resolve } = this.#parts
    const histogram = emptyHistogram(schema, { customValues: [], isStale: true })
    batch.histograms.push({ ref: resolve(stream.series('')), timeMs: point.time.ms, histogram })
    return true
  }

  #summary(point: Point, stream: Stream): boolean {
    const { batch, resolve } = this.#parts
    const { quantiles, count, sum } = point
    const timeMs = point.time.ms
    const add = (bytes: Uint8Array, value: number): void => {
      const ref = resolve(bytes)
      if (point.hasRecordedValue) batch.add(ref, timeMs, value)
      else batch.addBits(ref, timeMs, staleLow, staleHigh)
    }
    add(stream.series('_sum'), sum)
    add(stream.series('_count'), count)
    for (let i = 0; i < quantiles.length; i += 2) add(stream.quantile(quantiles.values[i]), quantiles.values[i + 1])
    return true
  }

  /** Where a sender that counts from its own start began anew after its last point: then its series begin at zero there. */
  #newStart({ start, time }: Point, stream: Stream): number | undefined {
    const { project } = this.#parts
    const { last } = stream
    const isNew =
      last.project === project &&
      last.startMs !== 0 &&
      start.ms !== last.startMs &&
      start.ms > last.timeMs &&
      start.ms < time.ms
    last.project = project
    last.startMs = start.ms
    last.timeMs = time.ms
    return isNew ? start.ms : undefined
  }
}

/**
 * Just after the start of a total's first delta, where its series are zero: so the first delta counts in `rate`, and a total that begins
 * anew is seen to, also where it is at once greater than the former one.
 */
function startOfTotal({ start, time }: Point): number | undefined {
  const earliestMs = Math.max(start.ms + 1, time.ms - maxStartMs)
  const startMs = Math.min(time.ms - 1, earliestMs)
  return startMs < 0 ? undefined : startMs
}

function checkBounds({ bounds, counts }: Point): void {
  if (counts.length === 0 ? bounds.length !== 0 : counts.length !== bounds.length + 1)
    throw rejection(`${counts.length} buckets for ${bounds.length} bounds: there is one more than bounds`)
  if (bounds.length > maxBounds) throw rejection(`${bounds.length} bounds, more than ${maxBounds}`)
  for (let i = 1; i < bounds.length; i++) {
    if (!(bounds.values[i] > bounds.values[i - 1])) throw rejection('the bounds do not ascend')
  }
}

function histogramOfTotal(total: ExponentialTotal, { count, sum }: Point): NativeHistogram {
  const { scale, zeroThreshold, zeroCount, positive, negative } = total
  return exponentialHistogram({
    schema: scale,
    ...{ count, sum, zeroThreshold, zeroCount },
    positive: sparseSpans(positive),
    negative: sparseSpans(negative),
  })
}
