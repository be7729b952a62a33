// topk, bottomk, limitk and limit_ratio: some series of each group, as they are.
import type { AggregateExpr, Expr } from '../ast.ts'
import { type Evaluator, executionError } from '../evaluate/evaluator.ts'
import type { Grid } from '../evaluate/grid.ts'
import { goNumber, noteTexts } from '../evaluate/notes.ts'
import { absent, emit, float, histogram, type Row, type RowSink, setHistogram } from '../evaluate/row.ts'
import { RowTable } from '../evaluate/row-table.ts'
import { groupingOf } from './grouping.ts'
import { labelsShare } from './labels-hash.ts'

const leastInt64 = -(2 ** 63)
/** The greatest double below 2^63. */
const greatestInt64 = 2 ** 63 - 1024

/** Rows of one group, and where each one's chosen cells go. */
interface Group {
  readonly rows: Row[]
  readonly chosen: Row[]
}

export function selectSome(ev: Evaluator, expr: AggregateExpr, grid: Grid, sink: RowSink): void {
  const param = ev.scalar(expr.param as Expr, grid)
  const table = new RowTable(grid.steps, ev.budget)
  const grouping = groupingOf(expr)
  const groups = new Map<string, Group>()
  ev.rows(expr.expr, grid, (row) => {
    const key = grouping.keyOf(row.labels)
    let group = groups.get(key)
    if (group === undefined) {
      group = { rows: [], chosen: [] }
      groups.set(key, group)
    }
    group.rows.push(table.append(row))
  })
  // only now: what is wrong below comes first, and is told where nothing is chosen too
  if (!checkParameter(ev, expr, param)) return
  const ignoresHistograms = expr.op === 'topk' || expr.op === 'bottomk'
  const chosen = new RowTable(grid.steps, ev.budget)
  for (const { rows } of groups.values()) {
    ev.budget.checkCancelled()
    if (ignoresHistograms && rows.some(({ present }) => present.includes(histogram))) {
      ev.notes.info(noteTexts.histogramIgnoredInAggregation(expr.op), expr.span)
    }
    if (grid.steps === 1) {
      // an instant query shows them in the order of their values
      for (const index of choose(expr, rows, 0, param[0] as number)) sink(rows[index] as Row)
      continue
    }
    const results = rows.map((row) => {
      const result = chosen.create(row.labels)
      result.dropName = row.dropName
      return result
    })
    for (let i = 0; i < grid.steps; i++) {
      for (const index of choose(expr, rows, i, param[i] as number)) {
        copyCell(rows[index] as Row, results[index] as Row, i)
      }
    }
    for (const result of results) emit(result, sink)
  }
}

function copyCell(from: Row, to: Row, step: number): void {
  const item = from.histograms?.[step]
  if (from.present[step] === histogram && item !== undefined) setHistogram(to, step, item)
  else {
    to.values[step] = from.values[step] as number
    to.present[step] = float
  }
}

/** False where nothing can be chosen at any step. */
function checkParameter(ev: Evaluator, expr: AggregateExpr, param: Float64Array): boolean {
  let [least, greatest] = [Number.MAX_VALUE, -Number.MAX_VALUE]
  for (const value of param) {
    least = Math.min(least, value)
    greatest = Math.max(greatest, value)
  }
  const span = expr.param?.span ?? expr.span
  if (expr.op === 'limit_ratio') {
    if (greatest === 0 && least === 0) return false
    if (Number.isNaN(greatest)) throw executionError('Ratio value is NaN', expr.param)
    if (greatest > 1) ev.notes.warn(noteTexts.invalidRatio(greatest, 1), span)
    if (least < -1) ev.notes.warn(noteTexts.invalidRatio(least, -1), span)
    return true
  }
  if (greatest < 1) return false
  if (Number.isNaN(greatest)) throw executionError('Parameter value is NaN', expr.param)
  if (least <= leastInt64) throw executionError(`Scalar value ${goNumber(least)} underflows int64`, expr.param)
  if (greatest >= greatestInt64) throw executionError(`Scalar value ${goNumber(greatest)} overflows int64`, expr.param)
  return true
}

/** The indexes of the rows that are chosen at a step. */
function choose(expr: AggregateExpr, rows: readonly Row[], step: number, param: number): readonly number[] {
  switch (expr.op) {
    case 'limit_ratio':
      return chooseRatio(rows, step, Math.max(-1, Math.min(1, param)))
    case 'limitk':
      return chooseFirst(rows, step, Math.trunc(param))
    default:
      return chooseExtreme(rows, step, Math.trunc(param), expr.op === 'topk' ? 1 : -1)
  }
}

function chooseRatio(rows: readonly Row[], step: number, ratio: number): readonly number[] {
  const indexes: number[] = []
  rows.forEach((row, index) => {
    if (row.present[step] === absent || ratio === 0) return
    const share = labelsShare(row.labels)
    if (ratio > 0 ? share < ratio : share >= 1 + ratio) indexes.push(index)
  })
  return indexes
}

function chooseFirst(rows: readonly Row[], step: number, k: number): readonly number[] {
  const indexes: number[] = []
  for (let index = 0; index < rows.length && indexes.length < k; index++) {
    if (rows[index]?.present[step] !== absent) indexes.push(index)
  }
  return indexes
}

/** The k greatest (sign 1) or least (-1), best first; NaN only where there are not enough others. Of equals the ones Prometheus's heap keeps. */
function chooseExtreme(rows: readonly Row[], step: number, k: number, sign: 1 | -1): readonly number[] {
  if (k < 1) return []
  const valueFor = (index: number): number => sign * ((rows[index] as Row).values[step] as number)
  const heap: number[] = []
  for (let index = 0; index < rows.length; index++) {
    if (rows[index]?.present[step] !== float) continue
    const value = valueFor(index)
    if (heap.length < k) {
      heap.push(index)
      siftUp(heap, valueFor)
      continue
    }
    const worst = valueFor(heap[0] as number)
    if (worst < value || (Number.isNaN(worst) && !Number.isNaN(value))) {
      heap[0] = index
      siftDown(heap, valueFor)
    }
  }
  return heap.sort((a, b) => (isLess(valueFor(b), valueFor(a)) ? -1 : isLess(valueFor(a), valueFor(b)) ? 1 : 0))
}

const isLess = (a: number, b: number): boolean => (Number.isNaN(a) ? !Number.isNaN(b) : a < b)

function siftUp(heap: number[], valueFor: (index: number) => number): void {
  let at = heap.length - 1
  while (at > 0) {
    const parent = (at - 1) >> 1
    if (!isLess(valueFor(heap[at] as number), valueFor(heap[parent] as number))) return
    swap(heap, at, parent)
    at = parent
  }
}

function siftDown(heap: number[], valueFor: (index: number) => number): void {
  let at = 0
  for (;;) {
    const left = 2 * at + 1
    if (left >= heap.length) return
    const right = left + 1
    const smaller =
      right < heap.length && isLess(valueFor(heap[right] as number), valueFor(heap[left] as number)) ? right : left
    if (!isLess(valueFor(heap[smaller] as number), valueFor(heap[at] as number))) return
    swap(heap, at, smaller)
    at = smaller
  }
}

function swap(heap: number[], a: number, b: number): void {
  const kept = heap[a] as number
  heap[a] = heap[b] as number
  heap[b] = kept
}
