import { Labels, metricNameLabel } from '@tidewatch/core/labels.ts'
import type { AggregateExpr } from '../ast.ts'

/** Which group a series belongs to. */
export interface Grouping {
  /** The same for all series of a group, different for others. */
  keyOf(labels: Labels): string
  /** The labels of the group that a series belongs to. */
  labelsOf(labels: Labels): Labels
}

/** Grouping by some labels, or by all but some (then the metric name goes too). */
export function createGrouping(names: readonly string[], without: boolean): Grouping {
  if (without) {
    const dropped = new Set([...names, metricNameLabel])
    const labelsOf = (labels: Labels): Labels => labels.without(dropped)
    return { keyOf: (labels) => labelsOf(labels).key(), labelsOf }
  }
  if (names.length === 0) return { keyOf: () => '', labelsOf: () => Labels.empty }
  const kept = new Set(names)
  const order = [...kept]
  return {
    keyOf: (labels) => {
      let key = ''
      for (const name of order) key += `${labels.get(name)}\u0000`
      return key
    },
    labelsOf: (labels) => labels.only(kept),
  }
}

export function groupingOf(expr: AggregateExpr): Grouping {
  return createGrouping(expr.grouping, expr.without)
}
