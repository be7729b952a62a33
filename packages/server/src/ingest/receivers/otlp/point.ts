// One data point, used again for the next: what a decoder fills and the translation reads.
import { AppError } from '@tidewatch/core/error.ts'
import type { ByteRange } from '../../byte-table.ts'
import type { AnyValue } from './any-value.ts'

/** Buckets, bounds or quantiles of one point; a byte of a body may be one, so that without a limit 64 MB would be 512 MB here. */
const maxNumbers = 65_536

/** A list of numbers that keeps its memory. */
export class NumberColumn {
  values = new Float64Array(32)
  length = 0

  push(value: number): void {
    if (this.length === this.values.length) {
      if (this.length >= maxNumbers) {
        throw new AppError('ingest.bad_body', `a data point has more than ${maxNumbers} buckets.`, {
          fix: 'Send histograms of fewer buckets.',
        })
      }
      const grown = new Float64Array(this.length * 2)
      grown.set(this.values)
      this.values = grown
    }
    this.values[this.length++] = value
  }
}

export interface OtlpExemplar {
  readonly timeMs: number
  readonly value: number
  /** Hexadecimal; empty where there is none. */
  readonly traceId: string
  readonly spanId: string
  readonly attributes: readonly Attribute[]
}

export type Attribute = readonly [name: string, value: AnyValue]

/** A moment in nanoseconds since 1970, in two exact halves: milliseconds and the rest. */
export interface Moment {
  ms: number
  restNs: number
}

/** Buckets of one sign of an exponential histogram. */
export interface ExponentialBuckets {
  offset: number
  readonly counts: NumberColumn
}

export class Point {
  readonly start: Moment = { ms: 0, restNs: 0 }
  readonly time: Moment = { ms: 0, restNs: 0 }
  hasRecordedValue = true
  value = 0
  hasValue = false
  count = 0
  sum = 0
  hasSum = false
  readonly bounds = new NumberColumn()
  readonly counts = new NumberColumn()
  scale = 0
  zeroCount = 0
  zeroThreshold = 0
  readonly positive: ExponentialBuckets = { offset: 0, counts: new NumberColumn() }
  readonly negative: ExponentialBuckets = { offset: 0, counts: new NumberColumn() }
  /** Quantile and value in turn. */
  readonly quantiles = new NumberColumn()
  readonly exemplars: OtlpExemplar[] = []

  clear(): void {
    this.start.ms = this.start.restNs = this.time.ms = this.time.restNs = 0
    this.hasRecordedValue = true
    this.hasValue = this.hasSum = false
    this.value = this.count = this.sum = this.scale = this.zeroCount = this.zeroThreshold = 0
    this.bounds.length = this.counts.length = this.quantiles.length = 0
    this.positive.offset = this.negative.offset = 0
    this.positive.counts.length = this.negative.counts.length = 0
    this.exemplars.length = 0
  }
}

export type PointKind = 'gauge' | 'sum' | 'histogram' | 'exponential' | 'summary'
export type Temporality = 'unspecified' | 'delta' | 'cumulative'

/** What is said of a metric beside its points. */
export interface MetricHeader {
  readonly name: string
  readonly unit: string
  readonly description: string
  readonly kind: PointKind
  readonly temporality: Temporality
  readonly isMonotonic: boolean
}

export interface ScopeHeader {
  readonly name: string
  readonly version: string
  readonly schemaUrl: string
  readonly attributes: readonly Attribute[]
}

/**
 * Is told a request's content in its order. `bytes` from start to end name a resource, scope or set of attributes: where the same bytes came
 * before, they are not decoded again.
 */
export interface MetricSink {
  resource(identity: ByteRange, decode: () => readonly Attribute[]): void
  scope(identity: ByteRange, decode: () => ScopeHeader): void
  metric(header: MetricHeader): void
  /** The point is the sink's to change until the next one. */
  point(point: Point, attributes: ByteRange, decode: () => readonly Attribute[]): void
  endResource(): void
}
