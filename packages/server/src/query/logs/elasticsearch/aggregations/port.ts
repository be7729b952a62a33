// What the kinds of aggregations have in common. A bucket aggregation groups lines by what the store can group by; a metric measures each group; a
// pipeline reckons with the answers of others.
import type { Predicate } from '@tidewatch/logquery/predicate.ts'
import type { LogFilter, LogGroup, LogGroupRow, LogMeasure } from '../../../../store/port.ts'
import type { ElasticScope, JsonObject } from '../request.ts'

export interface AggregationContext {
  readonly scope: ElasticScope
  /** All lines of the search. */
  readonly filter: LogFilter
  /** All lines of its indices. */
  readonly whole: LogFilter
  /** The times between which its lines lie, ms; undefined where there are none. */
  readonly extentMs: () => Promise<{ readonly oldest: number; readonly newest: number } | undefined>
}

/** Where an aggregation's settings stand in the request. */
export interface AggregationPlace {
  readonly path: string
  readonly context: AggregationContext
}

export type AggregationReader<T> = (settings: JsonObject, place: AggregationPlace) => T
export type AggregationReaders<T> = Readonly<Record<string, AggregationReader<T> | undefined>>

/** From its begin to the begin of the next, ms since 1970. */
export interface BucketSpan {
  readonly fromMs: number
  readonly toMs: number
}

/** The bucket that a metric is of. */
export interface BucketAround {
  /** Lines in it. */
  readonly count: number
  /** Of the innermost histogram of time around it. */
  readonly span: BucketSpan | undefined
}

export interface MetricAggregation {
  readonly measures: readonly LogMeasure[]
  /** Values in the order of the measures; undefined for a group without lines. */
  answer(values: LogGroupRow['values'] | undefined, bucket: BucketAround): object
  /** The measure that `path` behind the metric's name means, for putting buckets in order. */
  measureOf(property: string | undefined): LogMeasure | undefined
  /** What has to be counted besides, by filters over the lines of each group. */
  readonly filters?: readonly Predicate[]
  answerCounts?(values: LogGroupRow['values'] | undefined, counts: readonly number[]): object
}

/** One that needs lines themselves. */
export interface LineAggregation {
  /** Of a bucket without lines, without looking. */
  readonly none: object
  answer(filter: LogFilter): Promise<object>
}

export interface Bucket {
  /** Its keys in the rows that the store answers. */
  readonly keys: readonly string[]
  readonly count: number
  /** What the answer says of it beside its count. */
  readonly head: JsonObject
  /** Its name where buckets are answered by names. */
  readonly name?: string
  /** Which lines are in it. */
  readonly predicate: Predicate
  readonly span?: BucketSpan
}

export interface BuiltBuckets {
  readonly buckets: readonly Bucket[]
  /** What the answer says beside them. */
  readonly more?: JsonObject
}

export interface OrderKey {
  readonly by: 'count' | 'key' | { readonly path: string }
  readonly descending: boolean
}

export interface BucketPlan {
  readonly groups: readonly LogGroup[]
  /** Only lines of these can be in a bucket. */
  readonly narrow?: Predicate
  /** For each group of lines that is asked about apart; the rows' keys are those of `groups` alone. */
  build(rows: readonly LogGroupRow[]): BuiltBuckets
  /** Where the store itself may cut: the order and how many. */
  readonly top?: {
    readonly order: readonly OrderKey[]
    readonly size: number
    /** Keys may be numbers, which the store would put in order as texts. */
    readonly mayBeNumbers?: boolean
  }
  /** Whose values buckets were left out of, so that the answer says how many lines these have. */
  readonly othersOf?: LogMeasure
  readonly isNamed?: boolean
  /** One bucket that is answered by itself, without a list. */
  readonly isSingle?: boolean
  /** In place of the search's lines. */
  readonly filter?: LogFilter
}

export interface BucketAggregation {
  plan(): Promise<BucketPlan> | BucketPlan
}

/** An answer's bucket or metric, by name. */
export type Answers = Record<string, unknown>

export interface Pipeline {
  /** Names of what must be reckoned before. */
  readonly needs: readonly string[]
  /** Over the buckets of one list, in order: the answer for each, undefined where there is none. */
  reckon(buckets: readonly Answers[]): readonly (object | undefined)[]
}

/** Buckets of an answer at most: Elasticsearch's `search.max_buckets`. */
export const maxBuckets = 65_536
