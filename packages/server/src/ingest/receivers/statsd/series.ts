// What StatsD's lines add up to between flushes, by metric and tags, and the series that it becomes.
import { encodeLabels } from '@tidewatch/core/encoded-labels.ts'
import { formatFloat } from '@tidewatch/core/format-float.ts'
import { metricNameLabel } from '@tidewatch/core/labels.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import type { SampleBatch } from '@tidewatch/core/sample-batch.ts'
import { staleHigh, staleLow } from '@tidewatch/core/stale.ts'
import type { MetricMetadata } from '../../../store/port.ts'
import { emptyHistogram, exponentialHistogram, SpanBuilder } from '../otlp/native.ts'
import type { LineHead, LineTarget, StatsdKind } from './parse.ts'

/** Members of one set between two flushes; more are not told apart. */
const maxMembers = 10_000
/** Native buckets are 9 % wide. */
const nativeSchema = 3
const zeroThreshold = 2 ** -128

/** Where a flush puts samples. */
export interface FlushTarget {
  readonly batch: SampleBatch
  readonly resolve: (bytes: Uint8Array) => number
  readonly atMs: number
}

export interface Accumulator extends LineTarget {
  readonly kind: StatsdKind
  touchedMs: number
  /** Adds what there is; the first time also that it began at zero. */
  flush(to: FlushTarget): void
  /** It is stored: what counts for one interval begins anew. */
  flushed(): void
  /** Ends its series. */
  end(to: FlushTarget): void
}

/** A name as statsd_exporter makes it: what no name may have is an underscore. */
export function escapedName(name: string): string {
  const made = name.replace(/[^a-zA-Z0-9_]/gu, '_')
  return /^\d/.test(made) ? `_${made}` : made
}

export function labelsOf({ tags }: LineHead): Map<string, string> {
  return new Map([...tags].map(([name, value]): [string, string] => [escapedName(name), value]))
}

export function metadataOf(project: ProjectId, name: string, kind: StatsdKind): MetricMetadata {
  const type = kind === 'counter' ? 'counter' : kind === 'gauge' || kind === 'set' ? 'gauge' : 'histogram'
  return { project, family: name, type, help: '', unit: kind === 'timer' ? 'seconds' : '' }
}

interface Made {
  readonly name: string
  readonly labels: ReadonlyMap<string, string>
  readonly firstMs: number
  /** Upper bounds of histograms' and timers' buckets. */
  readonly bounds: readonly number[]
}

export function createAccumulator(kind: StatsdKind, made: Made): Accumulator {
  switch (kind) {
    case 'counter':
      return new CounterSeries(made)
    case 'gauge':
      return new GaugeSeries(made)
    case 'set':
      return new SetSeries(made)
    case 'timer':
    case 'histogram':
      return new HistogramSeries(kind, made)
  }
}

function encoded({ name, labels }: Made, suffix = '', le?: string): Buffer {
  const all = new Map(labels)
  all.set(metricNameLabel, name + suffix)
  if (le !== undefined) all.set('le', le)
  return encodeLabels(all)
}

abstract class OneSeries {
  touchedMs: number
  protected isFlushed = false
  protected readonly firstMs: number
  readonly #series: Buffer

  constructor(made: Made) {
    this.touchedMs = this.firstMs = made.firstMs
    this.#series = encoded(made)
  }

  protected put(to: FlushTarget, value: number): void {
    to.batch.add(to.resolve(this.#series), to.atMs, value)
  }

  /** So that the first count shows as an increase. */
  protected putStart(to: FlushTarget): void {
    if (!this.isFlushed && this.firstMs < to.atMs) to.batch.add(to.resolve(this.#series), this.firstMs, 0)
  }

  flushed(): void {
    this.isFlushed = true
  }

  end(to: FlushTarget): void {
    to.batch.addBits(to.resolve(this.#series), to.atMs, staleLow, staleHigh)
  }

  change(_by: number): void {
    // gauges alone know changes
  }

  member(_text: string): void {
    // sets alone have members
  }
}

/** Counts since the start, so that `rate` works as with any counter. */
class CounterSeries extends OneSeries implements Accumulator {
  readonly kind = 'counter'
  #total = 0

  add(value: number, weight: number): void {
    this.#total += value * weight
  }

  override change(by: number): void {
    this.#total += by
  }

  flush(to: FlushTarget): void {
    this.putStart(to)
    this.put(to, this.#total)
  }
}

class GaugeSeries extends OneSeries implements Accumulator {
  readonly kind = 'gauge'
  #value = 0

  add(value: number): void {
    this.#value = value
  }

  override change(by: number): void {
    this.#value += by
  }

  flush(to: FlushTarget): void {
    this.put(to, this.#value)
  }
}

/** How many different members came since the last flush. */
class SetSeries extends OneSeries implements Accumulator {
  readonly kind = 'set'
  #members = new Set<string>()
  /** Counted by a flush that is not stored yet. */
  #counted = new Set<string>()

  add(): void {
    // members are text
  }

  override member(text: string): void {
    if (this.#members.size < maxMembers) this.#members.add(text)
  }

  flush(to: FlushTarget): void {
    // what an earlier flush could not store still counts
    for (const member of this.#members) this.#counted.add(member)
    this.#members = new Set()
    this.put(to, this.#counted.size)
  }

  override flushed(): void {
    super.flushed()
    this.#counted = new Set()
  }
}

/** A classic histogram with its `_bucket`, `_sum` and `_count`, and beside it a native one of the plain name. Timers are in seconds. */
class HistogramSeries implements Accumulator {
  readonly kind: 'timer' | 'histogram'
  touchedMs: number
  readonly #firstMs: number
  readonly #bounds: readonly number[]
  readonly #counts: Float64Array
  readonly #series: {
    readonly native: Buffer
    readonly sum: Buffer
    readonly count: Buffer
    readonly buckets: Buffer[]
  }
  readonly #positive = new Map<number, number>()
  readonly #negative = new Map<number, number>()
  #zeros = 0
  #count = 0
  #sum = 0
  #isFlushed = false

  constructor(kind: 'timer' | 'histogram', made: Made) {
    this.kind = kind
    this.touchedMs = this.#firstMs = made.firstMs
    this.#bounds = made.bounds
    this.#counts = new Float64Array(made.bounds.length + 1)
    this.#series = {
      native: encoded(made),
      sum: encoded(made, '_sum'),
      count: encoded(made, '_count'),
      buckets: [...made.bounds.map(boundText), '+Inf'].map((le) => encoded(made, '_bucket', le)),
    }
  }

  add(written: number, weight: number): void {
    const value = this.kind === 'timer' ? written / 1000 : written
    if (!Number.isFinite(value)) return
    this.#count += weight
    this.#sum += value * weight
    let i = 0
    while (i < this.#bounds.length && value > (this.#bounds[i] as number)) i++
    this.#counts[i] += weight
    if (Math.abs(value) <= zeroThreshold) this.#zeros += weight
    else {
      const buckets = value > 0 ? this.#positive : this.#negative
      const index = Math.ceil(Math.log2(Math.abs(value)) * 2 ** nativeSchema)
      buckets.set(index, (buckets.get(index) ?? 0) + weight)
    }
  }

  change(): void {
    // gauges alone know changes
  }

  member(): void {
    // sets alone have members
  }

  flush(to: FlushTarget): void {
    if (!this.#isFlushed && this.#firstMs < to.atMs) {
      const atMs = this.#firstMs
      this.#put({ ...to, atMs }, () => 0)
      const histogram = emptyHistogram(nativeSchema, { customValues: [], isStale: false })
      to.batch.histograms.push({ ref: to.resolve(this.#series.native), timeMs: atMs, histogram })
    }
    this.#put(to, (value) => value)
    const histogram = exponentialHistogram({
      ...{ schema: nativeSchema, count: this.#count, sum: this.#sum, zeroThreshold, zeroCount: this.#zeros },
      positive: spansOf(this.#positive),
      negative: spansOf(this.#negative),
    })
    to.batch.histograms.push({ ref: to.resolve(this.#series.native), timeMs: to.atMs, histogram })
  }

  #put({ batch, resolve, atMs }: FlushTarget, of: (value: number) => number): void {
    batch.add(resolve(this.#series.sum), atMs, of(this.#sum))
    batch.add(resolve(this.#series.count), atMs, of(this.#count))
    let total = 0
    for (const [i, bytes] of this.#series.buckets.entries()) {
      total += this.#counts[i] as number
      batch.add(resolve(bytes), atMs, of(total))
    }
  }

  flushed(): void {
    this.#isFlushed = true
  }

  end({ batch, resolve, atMs }: FlushTarget): void {
    const { native, sum, count, buckets } = this.#series
    for (const bytes of [sum, count, ...buckets]) batch.addBits(resolve(bytes), atMs, staleLow, staleHigh)
    const histogram = emptyHistogram(nativeSchema, { customValues: [], isStale: true })
    batch.histograms.push({ ref: resolve(native), timeMs: atMs, histogram })
  }
}

/** As Prometheus 3 writes the `le` of what it scrapes: 0.5, 1.0, 1e+06. */
function boundText(bound: number): string {
  const text = formatFloat(bound)
  return /^-?\d+$/.test(text) ? `${text}.0` : text
}

function spansOf(counts: ReadonlyMap<number, number>): SpanBuilder {
  const builder = new SpanBuilder()
  for (const [index, count] of [...counts].sort(([a], [b]) => a - b)) builder.add(index, count)
  return builder
}
