// sum and avg of native histograms, per step of one group.

import type { FloatHistogram } from '@tidewatch/core/native-histogram.ts'
import type { AggregateExpr } from '../ast.ts'
import { type Notes, noteTexts } from '../evaluate/notes.ts'
import { absent, float, type Row, setHistogram } from '../evaluate/row.ts'
import { type Combined, compact } from '../native/arithmetic.ts'
import { HistogramMean, HistogramSum } from '../native/sum.ts'

interface Cell {
  readonly fold: Pick<HistogramSum, 'add' | 'total'>
  /** Exponential and custom buckets met, or custom ones with other bounds: there is no result. */
  failed: boolean
  resetSeen: boolean
  notResetSeen: boolean
}

/** Folds histograms, one cell a step. */
export class HistogramFold {
  readonly #expr: AggregateExpr
  readonly #notes: Notes
  readonly #cells: (Cell | undefined)[] = []

  constructor(expr: AggregateExpr, notes: Notes) {
    this.#expr = expr
    this.#notes = notes
  }

  fold(step: number, value: FloatHistogram, metricName: string): void {
    const cell = this.#cells[step]
    if (cell === undefined) {
      const fold = this.#expr.op === 'avg' ? new HistogramMean(value) : new HistogramSum(value)
      this.#cells[step] = trackHint({ fold, failed: false, resetSeen: false, notResetSeen: false }, value)
      return
    }
    if (cell.failed) return
    trackHint(cell, value)
    const next = cell.fold.add(value)
    if (next.ok) {
      if (next.reconciled) this.#notes.info(noteTexts.reconciledCustomBuckets('aggregation'), this.#expr.expr.span)
    } else {
      cell.failed = true
      this.#noteMismatch(next, metricName)
    }
  }

  /** The row without floats at steps whose histograms did not go together: those have no result already. */
  withoutFailed(row: Row): Row {
    if (!this.#cells.some((cell) => cell?.failed === true)) return row
    const present = row.present.map((kind, step) =>
      kind === float && this.#cells[step]?.failed === true ? absent : kind,
    )
    return { ...row, present }
  }

  /** Writes the result of a step, if it has one. */
  finish(step: number, out: Row): void {
    const cell = this.#cells[step]
    if (cell === undefined || cell.failed) return
    if (cell.resetSeen && cell.notResetSeen) {
      this.#notes.warn(noteTexts.counterResetCollision('aggregation'), this.#expr.expr.span)
    }
    setHistogram(out, step, compact(cell.fold.total))
  }

  #noteMismatch(combined: Combined, metricName: string): void {
    if (combined.ok) return
    const text =
      combined.why === 'schema'
        ? noteTexts.mixedExponentialCustom(metricName)
        : noteTexts.incompatibleCustomBuckets(metricName)
    this.#notes.warn(text, this.#expr.expr.span)
  }
}

function trackHint(cell: Cell, { counterResetHint }: FloatHistogram): Cell {
  if (counterResetHint === 'reset') cell.resetSeen = true
  if (counterResetHint === 'not_reset') cell.notResetSeen = true
  return cell
}
