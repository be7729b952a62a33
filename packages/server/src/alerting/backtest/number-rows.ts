/** Rows per piece: pieces are never copied as a list grows. */
const pieceBits = 12
const pieceRows = 1 << pieceBits

/** Rows of a few numbers each, by the hundred thousand: eight bytes a number, where an object a row takes ten times that. */
export class NumberRows {
  readonly #width: number
  readonly #pieces: Float64Array[] = []
  #length = 0

  constructor(width: number) {
    this.#width = width
  }

  get length(): number {
    return this.#length
  }

  /** As many numbers as a row is wide. */
  add(row: readonly number[]): void {
    const inPiece = this.#length % pieceRows
    if (inPiece === 0) this.#pieces.push(new Float64Array(pieceRows * this.#width))
    ;(this.#pieces.at(-1) as Float64Array).set(row, inPiece * this.#width)
    this.#length++
  }

  at(row: number, column: number): number {
    const piece = this.#pieces[row >> pieceBits] as Float64Array
    return piece[(row % pieceRows) * this.#width + column] as number
  }

  /** The same where NaN stands for none. */
  known(row: number, column: number): number | undefined {
    const number = this.at(row, column)
    return Number.isNaN(number) ? undefined : number
  }

  /** Rows from the least to the greatest number of a column; equal ones as they came. */
  order(column: number): Uint32Array {
    const rows = Uint32Array.from({ length: this.#length }, (_, row) => row)
    return rows.sort((a, b) => this.at(a, column) - this.at(b, column) || a - b)
  }
}
