// Functions that make a vector of something else, or something else of a vector: vector, scalar, absent, sort.
import { Labels } from '@tidewatch/core/labels.ts'
import type { Expr } from '../ast.ts'
import { unwrap } from '../evaluate/evaluator.ts'
import type { Grid } from '../evaluate/grid.ts'
import { noteTexts } from '../evaluate/notes.ts'
import { matchersOf } from '../evaluate/plan-selects.ts'
import { evaluateRangeCall } from '../evaluate/range-call.ts'
import { absent, copyRow, createRow, dropHistograms, emit, float, type Row, type RowSink } from '../evaluate/row.ts'
import type { FunctionDefinition, ScalarFunction, VectorFunction } from './definition.ts'
import { compareNatural } from './natural-order.ts'
import { overTimeFunctions } from './over-time.ts'

const vector: VectorFunction = {
  kind: 'vector',
  evaluate: (ev, call, grid, sink) => {
    const row = createRow(Labels.empty, grid.steps)
    row.values.set(ev.scalar(call.args[0] as Expr, grid))
    row.present.fill(float)
    emit(row, sink)
  },
}

/** The only float of a step; NaN where there is none or more than one. */
const scalar: ScalarFunction = {
  kind: 'scalar',
  evaluate: (ev, call, grid) => {
    const values = new Float64Array(grid.steps).fill(Number.NaN)
    const count = new Uint8Array(grid.steps)
    ev.rows(call.args[0] as Expr, grid, (row) => {
      for (let i = 0; i < grid.steps; i++) {
        if (row.present[i] !== float) continue
        if (count[i] === 0) values[i] = row.values[i] as number
        else values[i] = Number.NaN
        count[i] = 1
      }
    })
    return values
  },
}

/** What the matchers of a selector say for certain of the series that is not there. */
function labelsOfAbsent(expr: Expr): Labels {
  const inner = unwrap(expr)
  const selector = inner.kind === 'matrix_selector' ? inner.selector : inner
  if (selector.kind !== 'vector_selector') return Labels.empty
  const certain = new Map<string, string>()
  const seen = new Set<string>()
  for (const { name, op, value } of matchersOf(selector)) {
    if (name === '__name__') continue
    if (op === '=' && !seen.has(name)) {
      certain.set(name, value)
      seen.add(name)
    } else certain.delete(name)
  }
  return Labels.from(certain)
}

/** A row of ones where no row of the collected ones had anything. */
class AbsentRow {
  readonly #present: Uint8Array

  constructor(grid: Grid) {
    this.#present = new Uint8Array(grid.steps)
  }

  readonly collect: RowSink = ({ present }) => {
    for (let i = 0; i < present.length; i++) if (present[i] !== absent) this.#present[i] = 1
  }

  emit(labels: Labels, sink: RowSink): void {
    const row = createRow(labels, this.#present.length)
    row.dropName = true
    row.values.fill(1)
    for (let i = 0; i < this.#present.length; i++) row.present[i] = this.#present[i] === 0 ? float : absent
    emit(row, sink)
  }
}

const absentFunction: VectorFunction = {
  kind: 'vector',
  evaluate: (ev, call, grid, sink) => {
    const rows = new AbsentRow(grid)
    ev.rows(call.args[0] as Expr, grid, rows.collect)
    rows.emit(labelsOfAbsent(call.args[0] as Expr), sink)
  },
}

const absentOverTime: VectorFunction = {
  kind: 'vector',
  evaluate: (ev, call, grid, sink) => {
    const rows = new AbsentRow(grid)
    evaluateRangeCall(ev, call, overTimeFunctions.present_over_time, grid, rows.collect)
    rows.emit(labelsOfAbsent(call.args[0] as Expr), sink)
  },
}

/** Order matters to instant queries only; a range query's rows are sorted by labels at the end. */
function sorted(compare: (a: Row, b: Row) => number, floatsOnly: boolean): VectorFunction {
  return {
    kind: 'vector',
    evaluate: (ev, call, grid, sink) => {
      const rows: Row[] = []
      if (grid.steps > 1) ev.notes.warn(noteTexts.sortInRangeQuery(), call.span)
      ev.rows(call.args[0] as Expr, grid, (row) => {
        if (floatsOnly) dropHistograms(row)
        if (grid.steps === 1) rows.push(copyRow(row))
        else emit(row, sink)
      })
      for (const row of rows.sort(compare)) emit(row, sink)
    },
  }
}

/** By value, NaN last whichever way it goes. */
function byValue(sign: 1 | -1): (a: Row, b: Row) => number {
  return (a, b) => {
    const [x, y] = [a.values[0] as number, b.values[0] as number]
    if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y))
    return x === y ? 0 : x < y ? -sign : sign
  }
}

function sortedByLabel(sign: 1 | -1): VectorFunction {
  return {
    kind: 'vector',
    evaluate: (ev, call, grid, sink) => {
      const names = call.args.slice(1).map((arg) => {
        const inner = unwrap(arg)
        return inner.kind === 'string' ? inner.value : ''
      })
      const compare = (a: Row, b: Row): number => {
        for (const name of names) {
          const order = compareNatural(a.labels.get(name), b.labels.get(name))
          if (order !== 0) return sign * order
        }
        return sign * Labels.compare(a.labels, b.labels)
      }
      sorted(compare, false).evaluate(ev, call, grid, sink)
    },
  }
}

export const vectorFunctions = {
  vector,
  scalar,
  absent: absentFunction,
  absent_over_time: absentOverTime,
  sort: sorted(byValue(1), true),
  sort_desc: sorted(byValue(-1), true),
  sort_by_label: sortedByLabel(1),
  sort_by_label_desc: sortedByLabel(-1),
} as const satisfies Record<string, FunctionDefinition>
