// Operators by the names of the grammar's nodes, and how close they bind.
import type { BinaryOp, CompareOp } from './ast.ts'

export const compareOps: Readonly<Record<string, CompareOp>> = {
  Eql: '==',
  Neq: '!=',
  Gtr: '>',
  Gte: '>=',
  Lss: '<',
  Lte: '<=',
}

/** The higher, the closer it binds. */
export const precedenceOf = (op: BinaryOp): number => {
  if (op === 'or') return 1
  if (op === 'and' || op === 'unless') return 2
  if (op === '+' || op === '-') return 4
  if (op === '*' || op === '/' || op === '%') return 5
  return op === '^' ? 6 : 3
}
