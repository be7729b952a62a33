// Two vectors: the "one" side is read first and laid out by signature, then the "many" side streams past it. Labels do not change over the steps, so
// partners and result labels are found once a series.
import { compareUtf8, Labels } from '@tidewatch/core/labels.ts'
import type { BinaryExpr, VectorMatching } from '../ast.ts'
import { type Evaluator, executionError } from '../evaluate/evaluator.ts'
import type { Grid } from '../evaluate/grid.ts'
import {
  absent,
  createRow,
  emit,
  float,
  histogram,
  histogramAt,
  type Row,
  type RowSink,
  setHistogram,
} from '../evaluate/row.ts'
import { RowTable } from '../evaluate/row-table.ts'
import { compareColumn, computeColumn, isArithmetic, isComparison } from './cells.ts'
import { combineCells } from './histogram-cells.ts'
import { bracedLabels, matchedLabels, resultLabels, signatureFunction } from './matching.ts'

/** The series of the "one" side with one signature, and what has been matched with them. */
interface Partners {
  readonly rows: Row[]
  /** Steps at which a series of the "many" side was matched; for one-to-one matching, and for fill values. */
  readonly matched: Uint8Array
  /** With group_left and group_right: by the result's labels the steps that they have been given for. */
  readonly results: Map<string, Uint8Array>
}

export function evaluateVectorVector(ev: Evaluator, expr: BinaryExpr, grid: Grid, sink: RowSink): void {
  new Join(ev, expr, grid, sink).run()
}

class Join {
  readonly #ev: Evaluator
  readonly #expr: BinaryExpr
  readonly #grid: Grid
  readonly #sink: RowSink
  readonly #matching: VectorMatching
  /** Whether the "one" side stands on the right, as it does but for group_right. */
  readonly #oneIsRight: boolean
  readonly #partners = new Map<string, Partners>()
  readonly #out: Row
  readonly #both: Uint8Array
  readonly #keep: Uint8Array
  /** Steps at which the "one" side has two series of one signature: an error once the other side has anything there. */
  #ambiguous: Map<number, () => Error> | undefined

  constructor(ev: Evaluator, expr: BinaryExpr, grid: Grid, sink: RowSink) {
    this.#ev = ev
    this.#expr = expr
    this.#grid = grid
    this.#sink = sink
    this.#matching = expr.matching as VectorMatching
    this.#oneIsRight = this.#matching.card !== 'one-to-many'
    this.#out = createRow(Labels.empty, grid.steps)
    this.#both = new Uint8Array(grid.steps)
    this.#keep = new Uint8Array(grid.steps)
  }

  run(): void {
    const { left, right } = this.#expr
    const signatureOf = signatureFunction(this.#matching)
    this.#readOneSide(this.#oneIsRight ? right : left, signatureOf)
    this.#ev.rows(this.#oneIsRight ? left : right, this.#grid, (row) => {
      this.#throwIfAmbiguous(row)
      let partners = this.#partners.get(signatureOf(row.labels))
      if (partners === undefined) {
        if (this.#fillOne === undefined) return
        partners = this.#createPartners()
        this.#partners.set(signatureOf(row.labels), partners)
      }
      for (const one of partners.rows) this.#match(partners, row, one)
      if (this.#fillOne !== undefined) this.#matchFilledOne(partners, row, this.#fillOne)
    })
    if (this.#fillMany !== undefined) this.#matchFilledMany(this.#fillMany)
  }

  get #fillOne(): number | undefined {
    return this.#oneIsRight ? this.#matching.fillRight : this.#matching.fillLeft
  }

  get #fillMany(): number | undefined {
    return this.#oneIsRight ? this.#matching.fillLeft : this.#matching.fillRight
  }

  #createPartners(): Partners {
    return { rows: [], matched: new Uint8Array(this.#grid.steps), results: new Map() }
  }

  #readOneSide(expr: BinaryExpr['left'], signatureOf: (labels: Labels) => string): void {
    const table = new RowTable(this.#grid.steps, this.#ev.budget)
    this.#ev.rows(expr, this.#grid, (row) => {
      const signature = signatureOf(row.labels)
      let partners = this.#partners.get(signature)
      if (partners === undefined) {
        partners = this.#createPartners()
        this.#partners.set(signature, partners)
      }
      const own = table.append(row)
      for (const before of partners.rows) this.#noteAmbiguous(own, before)
      partners.rows.push(own)
    })
  }

  #noteAmbiguous(row: Row, before: Row): void {
    for (let i = 0; i < row.present.length; i++) {
      if (row.present[i] === absent || before.present[i] === absent || this.#ambiguous?.has(i) === true) continue
      this.#ambiguous ??= new Map()
      this.#ambiguous.set(i, () => {
        const group = bracedLabels(matchedLabels(row.labels, this.#matching))
        const side = this.#oneIsRight ? 'right' : 'left'
        const both = [bracedLabels(row.labels), bracedLabels(before.labels)].sort(compareUtf8).join(', ')
        return executionError(
          `found duplicate series for the match group ${group} on the ${side} hand-side of the operation: [${both}];many-to-many matching not allowed: matching labels must be unique on one side`,
          this.#expr,
        )
      })
    }
  }

  #throwIfAmbiguous({ present }: Row): void {
    if (this.#ambiguous === undefined) return
    for (const [step, createError] of this.#ambiguous) if (present[step] !== absent) throw createError()
  }

  #match(partners: Partners, many: Row, one: Row): void {
    const both = this.#both
    let any = false
    for (let i = 0; i < both.length; i++) {
      both[i] = many.present[i] !== absent && one.present[i] !== absent ? 1 : 0
      if (both[i] === 1) any = true
    }
    if (any) this.#combine(partners, many, one)
  }

  #matchFilledOne(partners: Partners, many: Row, fill: number): void {
    const one = createRow(matchedLabels(many.labels, this.#matching), this.#grid.steps)
    one.values.fill(fill)
    for (let i = 0; i < one.present.length; i++) {
      one.present[i] = partners.rows.some((row) => row.present[i] !== absent) ? absent : float
    }
    this.#match(partners, many, one)
  }

  #matchFilledMany(fill: number): void {
    for (const partners of this.#partners.values()) {
      const matched = partners.matched.slice()
      for (const one of partners.rows) {
        const many = createRow(matchedLabels(one.labels, this.#matching), this.#grid.steps)
        many.values.fill(fill)
        for (let i = 0; i < matched.length; i++) many.present[i] = matched[i] === 1 ? absent : float
        this.#match(partners, many, one)
      }
    }
  }

  /** Computes the result where `#both` is set and sends it on. */
  #combine(partners: Partners, many: Row, one: Row): void {
    const { op, returnBool } = this.#expr
    const out = this.#out
    out.labels = resultLabels(many.labels, one.labels, op, this.#matching)
    out.dropName = returnBool || (!isArithmetic(op) && many.dropName)
    out.histograms = undefined
    const [left, right] = this.#oneIsRight ? [many, one] : [one, many]
    if (many.histograms !== undefined || one.histograms !== undefined || !this.#combineFloats(left, right)) {
      this.#combineCells(left, right)
    }
    this.#claim(partners, out.labels)
    emit(out, this.#sink)
  }

  /** False for operators that floats do not have. Clears `#both` nowhere: what a comparison leaves out was matched all the same. */
  #combineFloats(left: Row, right: Row): boolean {
    const { op, returnBool } = this.#expr
    const { values, present } = this.#out
    if (isArithmetic(op)) {
      computeColumn(op, left.values, right.values, values)
      present.set(this.#both)
      return true
    }
    if (!isComparison(op)) return false
    const keep = this.#keep
    compareColumn(op, left.values, right.values, keep)
    if (returnBool) {
      for (let i = 0; i < keep.length; i++) values[i] = keep[i] as number
      present.set(this.#both)
    } else {
      values.set(left.values)
      for (let i = 0; i < keep.length; i++) present[i] = (keep[i] as number) & (this.#both[i] as number)
    }
    return true
  }

  #combineCells(left: Row, right: Row): void {
    const out = this.#out
    const cellOf = (row: Row, i: number) =>
      row.present[i] === histogram ? histogramAt(row, i) : (row.values[i] as number)
    for (let i = 0; i < this.#both.length; i++) {
      out.present[i] = absent
      if (this.#both[i] === 0) continue
      const result = combineCells(this.#expr, cellOf(left, i), cellOf(right, i), this.#ev.notes)
      if (result === undefined) {
        // types that do not go together do not count as matched
        this.#both[i] = 0
        continue
      }
      if (!result.keep && !this.#expr.returnBool) continue
      const value = this.#expr.returnBool ? Number(result.keep) : result.value
      if (typeof value === 'number') {
        out.values[i] = value
        out.present[i] = float
      } else setHistogram(out, i, value)
    }
  }

  /** Sees that no result comes twice at one step. */
  #claim(partners: Partners, labels: Labels): void {
    const both = this.#both
    const oneToOne = this.#matching.card === 'one-to-one'
    const { matched } = partners
    if (oneToOne) {
      for (let i = 0; i < both.length; i++) {
        if (both[i] === 0) continue
        if (matched[i] === 1) {
          throw executionError(
            'multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)',
            this.#expr,
          )
        }
        matched[i] = 1
      }
      return
    }
    const key = labels.key()
    const given = partners.results.get(key)
    if (given === undefined) partners.results.set(key, both.slice())
    for (let i = 0; i < both.length; i++) {
      if (both[i] === 0) continue
      matched[i] = 1
      if (given === undefined) continue
      if (given[i] === 1) {
        throw executionError('multiple matches for labels: grouping labels must ensure unique matches', this.#expr)
      }
      given[i] = 1
    }
  }
}
