// Binary operators on columns: the operator is looked at once a row, not once a cell. Hot: once a series and operator.
import type { BinaryOp } from '../ast.ts'

export type ArithmeticOp = '+' | '-' | '*' | '/' | '%' | '^' | 'atan2'
export type ComparisonOp = '==' | '!=' | '<' | '>' | '<=' | '>='

export function isArithmetic(op: BinaryOp): op is ArithmeticOp {
  return op === '+' || op === '-' || op === '*' || op === '/' || op === '%' || op === '^' || op === 'atan2'
}

export function isComparison(op: BinaryOp): op is ComparisonOp {
  return op === '==' || op === '!=' || op === '<' || op === '>' || op === '<=' || op === '>='
}

/** Go's Pow: 1 to any power is 1, also NaN; -1 to an infinite one too. */
export function power(base: number, exponent: number): number {
  if (base === 1 || (base === -1 && Math.abs(exponent) === Number.POSITIVE_INFINITY)) return 1
  return base ** exponent
}

/** `out[i] = left[i] op right[i]` for every cell, present or not. `out` may be one of the two. */
export function computeColumn(op: ArithmeticOp, left: Float64Array, right: Float64Array, out: Float64Array): void {
  const { length } = out
  switch (op) {
    case '+':
      for (let i = 0; i < length; i++) out[i] = (left[i] as number) + (right[i] as number)
      return
    case '-':
      for (let i = 0; i < length; i++) out[i] = (left[i] as number) - (right[i] as number)
      return
    case '*':
      for (let i = 0; i < length; i++) out[i] = (left[i] as number) * (right[i] as number)
      return
    case '/':
      for (let i = 0; i < length; i++) out[i] = (left[i] as number) / (right[i] as number)
      return
    case '%':
      for (let i = 0; i < length; i++) out[i] = (left[i] as number) % (right[i] as number)
      return
    case '^':
      for (let i = 0; i < length; i++) out[i] = power(left[i] as number, right[i] as number)
      return
    case 'atan2':
      for (let i = 0; i < length; i++) out[i] = Math.atan2(left[i] as number, right[i] as number)
  }
}

/** `keep[i]` is 1 where `left[i] op right[i]`, for every cell. */
export function compareColumn(op: ComparisonOp, left: Float64Array, right: Float64Array, keep: Uint8Array): void {
  const { length } = keep
  switch (op) {
    case '==':
      for (let i = 0; i < length; i++) keep[i] = left[i] === right[i] ? 1 : 0
      return
    case '!=':
      for (let i = 0; i < length; i++) keep[i] = left[i] === right[i] ? 0 : 1
      return
    case '<':
      for (let i = 0; i < length; i++) keep[i] = (left[i] as number) < (right[i] as number) ? 1 : 0
      return
    case '>':
      for (let i = 0; i < length; i++) keep[i] = (left[i] as number) > (right[i] as number) ? 1 : 0
      return
    case '<=':
      for (let i = 0; i < length; i++) keep[i] = (left[i] as number) <= (right[i] as number) ? 1 : 0
      return
    case '>=':
      for (let i = 0; i < length; i++) keep[i] = (left[i] as number) >= (right[i] as number) ? 1 : 0
  }
}
