import type { Labels } from '@tidewatch/core/labels.ts'
import type { Budget } from './limits.ts'
import type { Row } from './row.ts'

const firstBlockRows = 16
const blockCells = 65_536

/** Rows that are kept: columns are pieces of a few large arrays instead of two small ones each. */
export class RowTable {
  readonly rows: Row[] = []
  readonly #steps: number
  readonly #budget: Budget
  #blockRows = firstBlockRows
  #used = 0
  #values: Float64Array = new Float64Array(0)
  #present: Uint8Array = new Uint8Array(0)

  constructor(steps: number, budget: Budget) {
    this.#steps = steps
    this.#budget = budget
  }

  /** Keeps a copy of a row. */
  append(row: Row): Row {
    const own = this.create(row.labels)
    own.values.set(row.values)
    own.present.set(row.present)
    own.dropName = row.dropName
    own.histograms = row.histograms?.slice()
    return own
  }

  /** A new row with no cell present. */
  create(labels: Labels): Row {
    const steps = this.#steps
    this.#budget.spend(steps)
    if ((this.#used + 1) * steps > this.#values.length) this.#addBlock()
    const at = this.#used++ * steps
    const values = this.#values.subarray(at, at + steps)
    const present = this.#present.subarray(at, at + steps)
    const row: Row = { labels, dropName: false, values, present, histograms: undefined }
    this.rows.push(row)
    return row
  }

  #addBlock(): void {
    const cells = this.#blockRows * this.#steps
    this.#values = new Float64Array(cells)
    this.#present = new Uint8Array(cells)
    this.#used = 0
    if (cells < blockCells) this.#blockRows *= 2
  }
}
