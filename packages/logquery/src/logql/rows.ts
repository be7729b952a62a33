// Series over the steps of an evaluation.
import { Labels } from '@tidewatch/core/labels.ts'
import type { Grouping } from './ast.ts'

/** The times at which a metric query is evaluated: startMs + i * stepMs, in ms since 1970. */
export interface Grid {
  readonly startMs: number
  readonly stepMs: number
  readonly steps: number
}

/** One series: a value where `present` is 1. */
export interface Row {
  readonly labels: Labels
  readonly values: Float64Array
  readonly present: Uint8Array
}

export function emptyRow(labels: Labels, steps: number): Row {
  return { labels, values: new Float64Array(steps), present: new Uint8Array(steps) }
}

export function constantRow(labels: Labels, value: number, steps: number): Row {
  return { labels, values: new Float64Array(steps).fill(value), present: new Uint8Array(steps).fill(1) }
}

export const hasPoints = ({ present }: Row): boolean => present.includes(1)

/** The labels that a grouping leaves; no grouping leaves none. */
export function groupLabels(labels: Labels, grouping: Grouping | undefined): Labels {
  if (grouping === undefined) return Labels.empty
  const names = new Set(grouping.labels)
  return grouping.without ? labels.without(names) : labels.only(names)
}
