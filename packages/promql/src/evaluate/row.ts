// What flows through an evaluation: one series at a time, a column over the step grid.
import type { Labels } from '@tidewatch/core/labels.ts'
import type { FloatHistogram } from '@tidewatch/core/native-histogram.ts'

/** What a cell of a row holds. */
export const absent = 0
export const float = 1
export const histogram = 2

/** One series over the grid. Cells are read by `present` first: a value where nothing is present means nothing. */
export interface Row {
  /** With the metric name, even where it is to be dropped: names go at the very end (delayed name removal). */
  labels: Labels
  dropName: boolean
  readonly values: Float64Array
  /** `absent`, `float` or `histogram` for each step. */
  readonly present: Uint8Array
  /** Undefined while no cell is a histogram. */
  histograms: (FloatHistogram | undefined)[] | undefined
}

/**
 * Takes one row after the other. A row lives only during the call and its producer writes it anew for the next series, so a sink may
 * change it in place and must copy what it keeps. Rows with no cell present are not sent.
 */
export type RowSink = (row: Row) => void

export function createRow(labels: Labels, steps: number): Row {
  return {
    labels,
    dropName: false,
    values: new Float64Array(steps),
    present: new Uint8Array(steps),
    histograms: undefined,
  }
}

/** An own copy of a row. */
export function copyRow(row: Row): Row {
  const { labels, dropName, values, present, histograms } = row
  return { labels, dropName, values: values.slice(), present: present.slice(), histograms: histograms?.slice() }
}

/** Makes a scratch row ready for its next series. */
export function resetRow(row: Row, labels: Labels, dropName: boolean): void {
  row.labels = labels
  row.dropName = dropName
  row.present.fill(absent)
  row.histograms = undefined
}

export function setHistogram(row: Row, step: number, value: FloatHistogram): void {
  row.histograms ??= []
  row.histograms[step] = value
  row.present[step] = histogram
}

/** The histogram of a cell that is marked as one. */
export function histogramAt(row: Row, step: number): FloatHistogram {
  return row.histograms?.[step] as FloatHistogram
}

export function isEmpty(row: Row): boolean {
  const { present } = row
  for (let i = 0; i < present.length; i++) if (present[i] !== absent) return false
  return true
}

/** Sends a row on if anything is left in it. */
export function emit(row: Row, sink: RowSink): void {
  if (!isEmpty(row)) sink(row)
}

/** Takes histogram cells out: for functions that know floats only. */
export function dropHistograms(row: Row): void {
  if (row.histograms === undefined) return
  const { present } = row
  for (let i = 0; i < present.length; i++) if (present[i] === histogram) present[i] = absent
  row.histograms = undefined
}
