// Functions of one number: abs, ceil, clamp, exp, round ... and the trigonometric ones.
import type { Expr } from '../ast.ts'
import { absent, dropHistograms, emit, float, type Row } from '../evaluate/row.ts'
import type { FunctionDefinition, RowFunction, ScalarFunction, VectorFunction } from './definition.ts'

/** Applies a function to each float of a row; histograms are dropped. */
export function mapFloats(row: Row, fn: (value: number) => number): void {
  dropHistograms(row)
  const { values, present } = row
  for (let i = 0; i < values.length; i++) if (present[i] === float) values[i] = fn(values[i] as number)
}

const ofNumber = (fn: (value: number) => number): RowFunction => ({ kind: 'rows', apply: (row) => mapFloats(row, fn) })

// Go's Min and Max: as JavaScript's, but an infinity that decides does so against NaN too
const least = (a: number, b: number): number =>
  a === Number.NEGATIVE_INFINITY || b === Number.NEGATIVE_INFINITY ? Number.NEGATIVE_INFINITY : Math.min(a, b)
const greatest = (a: number, b: number): number =>
  a === Number.POSITIVE_INFINITY || b === Number.POSITIVE_INFINITY ? Number.POSITIVE_INFINITY : Math.max(a, b)

function clampRow(row: Row, minima: Float64Array | undefined, maxima: Float64Array | undefined): void {
  dropHistograms(row)
  const { values, present } = row
  for (let i = 0; i < values.length; i++) {
    if (present[i] !== float) continue
    const min = minima === undefined ? Number.NEGATIVE_INFINITY : (minima[i] as number)
    const max = maxima === undefined ? Number.POSITIVE_INFINITY : (maxima[i] as number)
    if (max < min) present[i] = absent
    else values[i] = greatest(min, least(max, values[i] as number))
  }
}

/** To the nearest multiple; ties go up. */
function roundRow(row: Row, to: Float64Array | undefined): void {
  dropHistograms(row)
  const { values, present } = row
  for (let i = 0; i < values.length; i++) {
    if (present[i] !== float) continue
    // the inverse, as Prometheus does it: fewer rounding errors for 0.1 and the like
    const inverse = 1 / (to === undefined ? 1 : (to[i] as number))
    values[i] = Math.floor((values[i] as number) * inverse + 0.5) / inverse
  }
}

const clamp: VectorFunction = {
  kind: 'vector',
  evaluate: (ev, call, grid, sink) => {
    const [vector, first, second] = call.args as [Expr, Expr, Expr | undefined]
    const one = ev.scalar(first, grid)
    const other = second === undefined ? undefined : ev.scalar(second, grid)
    const minima = call.func === 'clamp_max' ? undefined : one
    const maxima = call.func === 'clamp_max' ? one : other
    ev.rows(vector, grid, (row) => {
      clampRow(row, minima, maxima)
      row.dropName = true
      emit(row, sink)
    })
  },
}

const pi: ScalarFunction = {
  kind: 'scalar',
  evaluate: (_ev, _call, grid) => new Float64Array(grid.steps).fill(Math.PI),
}

const ofTwo = (fn: (a: number, b: number) => number): ScalarFunction => ({
  kind: 'scalar',
  evaluate: (ev, call, grid) => {
    const [a, b] = call.args as [Expr, Expr]
    const others = ev.scalar(b, grid)
    return ev.scalar(a, grid).map((value, step) => fn(value, others[step] as number))
  },
})

export const mathFunctions = {
  abs: ofNumber(Math.abs),
  ceil: ofNumber(Math.ceil),
  floor: ofNumber(Math.floor),
  exp: ofNumber(Math.exp),
  sqrt: ofNumber(Math.sqrt),
  ln: ofNumber(Math.log),
  log2: ofNumber(Math.log2),
  log10: ofNumber(Math.log10),
  sgn: ofNumber((value) => (value < 0 ? -1 : value > 0 ? 1 : value)),
  round: { kind: 'rows', apply: (row, [to]) => roundRow(row, to) },
  clamp,
  clamp_min: clamp,
  clamp_max: clamp,
  max_of: ofTwo(greatest),
  min_of: ofTwo(least),
  sin: ofNumber(Math.sin),
  cos: ofNumber(Math.cos),
  tan: ofNumber(Math.tan),
  asin: ofNumber(Math.asin),
  acos: ofNumber(Math.acos),
  atan: ofNumber(Math.atan),
  sinh: ofNumber(Math.sinh),
  cosh: ofNumber(Math.cosh),
  tanh: ofNumber(Math.tanh),
  asinh: ofNumber(Math.asinh),
  acosh: ofNumber(Math.acosh),
  atanh: ofNumber(Math.atanh),
  rad: ofNumber((value) => (value * Math.PI) / 180),
  deg: ofNumber((value) => (value * 180) / Math.PI),
  pi,
} as const satisfies Record<string, FunctionDefinition>
