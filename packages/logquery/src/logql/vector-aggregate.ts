// Aggregations over the series of a vector, for all steps.
import type { VectorAggregation } from './ast.ts'
import { emptyRow, groupLabels, hasPoints, type Row } from './rows.ts'

export function aggregate(
  { op, param, grouping }: VectorAggregation,
  rows: readonly Row[],
  steps: number,
): readonly Row[] {
  if (op === 'sort' || op === 'sort_desc') return sortRows(rows, op === 'sort_desc')
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const key = groupLabels(row.labels, grouping).key()
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [row])
    else group.push(row)
  }
  if (op === 'topk' || op === 'bottomk' || op === 'approx_topk') {
    const isBottom = op === 'bottomk'
    const chosen = [...groups.values()].flatMap((group) => choose(group, param ?? 0, isBottom, steps))
    return sortRows(chosen.filter(hasPoints), !isBottom)
  }
  const reduce = reducers[op]
  const values = new Float64Array(rows.length)
  return [...groups.values()].map((group) => {
    const result = emptyRow(groupLabels(group[0].labels, grouping), steps)
    for (let step = 0; step < steps; step++) {
      let count = 0
      for (const { values: of, present } of group) if (present[step] === 1) values[count++] = of[step]
      if (count === 0) continue
      result.present[step] = 1
      result.values[step] = reduce(values, count)
    }
    return result
  })
}

type Reducer = (values: Float64Array, count: number) => number

const sum: Reducer = (values, count) => {
  let total = 0
  for (let i = 0; i < count; i++) total += values[i]
  return total
}

/** NaN counts only where there is nothing else. */
const extreme =
  (isBetter: (a: number, b: number) => boolean): Reducer =>
  (values, count) => {
    let best = values[0]
    for (let i = 1; i < count; i++) if (isBetter(values[i], best) || Number.isNaN(best)) best = values[i]
    return best
  }

/** Of the whole, not of a part drawn from it. */
const variance: Reducer = (values, count) => {
  let mean = 0
  let squares = 0
  for (let i = 0; i < count; i++) {
    const delta = values[i] - mean
    mean += delta / (i + 1)
    squares += delta * (values[i] - mean)
  }
  return squares / count
}

const reducers = {
  sum,
  avg: (values: Float64Array, count: number) => sum(values, count) / count,
  count: (_values: Float64Array, count: number) => count,
  max: extreme((a, b) => a > b),
  min: extreme((a, b) => a < b),
  stdvar: variance,
  stddev: (values: Float64Array, count: number) => Math.sqrt(variance(values, count)),
} satisfies Record<string, Reducer>

/** Larger first or smaller first; NaN last. */
function compareValues(a: number, b: number, isDescending: boolean): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b))
  return isDescending ? b - a : a - b
}

/** At each step the largest or smallest, the earlier series where they are equal. */
function choose(group: readonly Row[], count: number, isBottom: boolean, steps: number): Row[] {
  const results = group.map(({ labels }) => emptyRow(labels, steps))
  for (let step = 0; step < steps; step++) {
    const there = group.flatMap(({ present }, i) => (present[step] === 1 ? [i] : []))
    there.sort((a, b) => compareValues(group[a].values[step], group[b].values[step], !isBottom))
    for (const i of there.slice(0, count)) {
      results[i].present[step] = 1
      results[i].values[step] = group[i].values[step]
    }
  }
  return results
}

/** By the value at the last step: an order is of use for a single one alone. */
function sortRows(rows: readonly Row[], isDescending: boolean): Row[] {
  const last = ({ values, present }: Row): number => (present.at(-1) === 1 ? (values.at(-1) ?? Number.NaN) : Number.NaN)
  return [...rows].sort((a, b) => compareValues(last(a), last(b), isDescending))
}
