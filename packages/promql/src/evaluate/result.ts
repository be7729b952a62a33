// What a query gives: columns, made to be written as JSON without an object a sample.
import { Labels } from '@tidewatch/core/labels.ts'
import type { FloatHistogram } from '@tidewatch/core/native-histogram.ts'
import { metadataLabels } from '../binary/matching.ts'
import type { Row } from './row.ts'
import type { SampleCounts } from './sample-counts.ts'
import { mergeInto } from './subquery-rows.ts'

/** One series of a result. */
export interface ResultSeries {
  readonly labels: Labels
  /** Where each cell lies in time; the same array for all series but those of a plain range selector. */
  readonly timesMs: Float64Array
  readonly values: Float64Array
  /** 0 nothing, 1 a float in `values`, 2 a native histogram in `histograms`. */
  readonly present: Uint8Array
  readonly histograms: readonly (FloatHistogram | undefined)[] | undefined
}

interface Annotated {
  /** Texts with their positions, as Prometheus's API gives them. */
  readonly warnings: readonly string[]
  readonly infos: readonly string[]
  /** Where the notes tell at which steps something was: with parts of another answer they would not be true. */
  readonly notesTellSteps?: boolean
  /** Samples read and cells kept: what the limit counts. */
  readonly samples: number
  /** Where they were counted: the samples that the steps looked at, and how many were held at once. */
  readonly counted?: { readonly counts: SampleCounts; readonly peakSamples: number }
}

/** Vector and scalar of an instant query have one cell, at the query's time. A range query always gives a matrix, sorted by labels. */
export type EvaluateResult = Annotated &
  (
    | { readonly type: 'vector' | 'matrix'; readonly series: readonly ResultSeries[] }
    | { readonly type: 'scalar'; readonly atMs: number; readonly value: number }
    | { readonly type: 'string'; readonly atMs: number; readonly value: string }
  )

/**
 * The names that were to be dropped go now; series that are the same then become one. Throws where two of them have a value at the same step.
 * The rows are changed.
 */
export function finishRows(rows: readonly Row[], timesMs: Float64Array): ResultSeries[] {
  const byKey = new Map<string, Row>()
  for (const row of rows) {
    if (row.dropName) row.labels = row.labels.without(metadataLabels)
    const key = row.labels.key()
    const before = byKey.get(key)
    if (before === undefined) byKey.set(key, row)
    else mergeInto(before, row)
  }
  return Array.from(byKey.values(), ({ labels, values, present, histograms }) => ({
    labels,
    timesMs,
    values,
    present,
    histograms,
  }))
}

export function sortByLabels(series: ResultSeries[]): ResultSeries[] {
  return series.sort((a, b) => Labels.compare(a.labels, b.labels))
}
