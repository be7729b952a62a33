// and, or, unless: the right side is read first into one presence column a signature, then the left side streams past it.
import type { BinaryExpr, VectorMatching } from '../ast.ts'
import type { Evaluator } from '../evaluate/evaluator.ts'
import type { Grid } from '../evaluate/grid.ts'
import { absent, emit, type Row, type RowSink } from '../evaluate/row.ts'
import { signatureFunction } from './matching.ts'

class Presence {
  readonly #bySignature = new Map<string, Uint8Array>()

  add(signature: string, { present }: Row): void {
    const known = this.#bySignature.get(signature)
    if (known === undefined) {
      this.#bySignature.set(signature, present.slice())
      return
    }
    for (let i = 0; i < known.length; i++) if (present[i] !== absent) known[i] = 1
  }

  /** Takes the cells out of a row where the signature is present (or where it is not). */
  mask(signature: string, { present }: Row, takeOut: 'present' | 'absent'): void {
    const known = this.#bySignature.get(signature)
    if (known === undefined) {
      if (takeOut === 'absent') present.fill(absent)
      return
    }
    for (let i = 0; i < known.length; i++) if ((known[i] === absent) === (takeOut === 'absent')) present[i] = absent
  }
}

export function evaluateSetOperator(ev: Evaluator, expr: BinaryExpr, grid: Grid, sink: RowSink): void {
  const signatureOf = signatureFunction(expr.matching as VectorMatching)
  const presence = new Presence()
  if (expr.op === 'or') {
    ev.rows(expr.left, grid, (row) => {
      presence.add(signatureOf(row.labels), row)
      sink(row)
    })
    ev.rows(expr.right, grid, (row) => {
      presence.mask(signatureOf(row.labels), row, 'present')
      emit(row, sink)
    })
    return
  }
  ev.rows(expr.right, grid, (row) => presence.add(signatureOf(row.labels), row))
  const takeOut = expr.op === 'and' ? 'absent' : 'present'
  ev.rows(expr.left, grid, (row) => {
    presence.mask(signatureOf(row.labels), row, takeOut)
    emit(row, sink)
  })
}
