// Binary operators where a native histogram is on one side or both: cell by cell.

import type { FloatHistogram } from '@tidewatch/core/native-histogram.ts'
import type { BinaryExpr, BinaryOp } from '../ast.ts'
import { type Notes, noteTexts } from '../evaluate/notes.ts'
import { add, type Combined, compact, divide, equal, scale, subtract, withHint } from '../native/arithmetic.ts'
import { trimHistogram } from '../native/trim.ts'
import { compareColumn, computeColumn, isArithmetic, isComparison } from './cells.ts'

export type Cell = number | FloatHistogram

/** What an operator makes of two cells: the value, and whether a comparison holds. */
export interface CellResult {
  readonly value: Cell
  readonly keep: boolean
}

const one = { left: new Float64Array(1), right: new Float64Array(1), out: new Float64Array(1), keep: new Uint8Array(1) }

/** Undefined where the types do not go together; says so. */
export function combineCells(expr: BinaryExpr, left: Cell, right: Cell, notes: Notes): CellResult | undefined {
  if (typeof left === 'number' && typeof right === 'number') return combineFloats(expr, left, right, notes)
  if (typeof left !== 'number' && typeof right !== 'number') return combineHistograms(expr, left, right, notes)
  const { op } = expr
  if (typeof left === 'number' && typeof right !== 'number') {
    if (op === '*') return { value: compact(scale(right, left)), keep: true }
  } else if (typeof left !== 'number' && typeof right === 'number') {
    if (op === '*') return { value: compact(scale(left, right)), keep: true }
    if (op === '/') return { value: compact(divide(left, right)), keep: true }
    if (op === '</' || op === '>/') return { value: trimHistogram(left, right, op === '</'), keep: true }
  }
  return refuse(expr, left, right, notes)
}

const typeName = (cell: Cell): string => (typeof cell === 'number' ? 'float' : 'histogram')

function refuse(expr: BinaryExpr, left: Cell, right: Cell, notes: Notes): undefined {
  notes.info(noteTexts.incompatibleTypes(typeName(left), expr.op, typeName(right)), expr.span)
  return undefined
}

function combineFloats(expr: BinaryExpr, left: number, right: number, notes: Notes): CellResult | undefined {
  const { op }: { readonly op: BinaryOp } = expr
  one.left[0] = left
  one.right[0] = right
  if (isArithmetic(op)) {
    computeColumn(op, one.left, one.right, one.out)
    return { value: one.out[0] as number, keep: true }
  }
  if (!isComparison(op)) return refuse(expr, left, right, notes)
  compareColumn(op, one.left, one.right, one.keep)
  return { value: left, keep: one.keep[0] === 1 }
}

function combineHistograms(
  expr: BinaryExpr,
  left: FloatHistogram,
  right: FloatHistogram,
  notes: Notes,
): CellResult | undefined {
  switch (expr.op) {
    case '+':
      return finish(expr, add(left, right), notes)
    case '-':
      return finish(expr, subtract(left, right), notes)
    case '==':
      return { value: left, keep: equal(left, right) }
    case '!=':
      return { value: left, keep: !equal(left, right) }
    default:
      return refuse(expr, left, right, notes)
  }
}

function finish(expr: BinaryExpr, combined: Combined, notes: Notes): CellResult | undefined {
  if (!combined.ok) {
    notes.warn(noteTexts.incompatibleBucketLayout(expr.op), expr.span)
    return undefined
  }
  const operation = expr.op === '+' ? 'addition' : 'subtraction'
  if (combined.resetCollision) {
    // as in Prometheus, where what warns between two histograms has no result
    notes.warn(noteTexts.counterResetCollision(operation), expr.span)
    return undefined
  }
  if (combined.reconciled) notes.info(noteTexts.reconciledCustomBuckets(operation), expr.span)
  const value = expr.op === '-' ? withHint(combined.value, 'gauge') : combined.value
  return { value: compact(value), keep: true }
}
