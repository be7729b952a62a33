// Bodies of range queries whose cells can be found again, cut out and joined without being read: bytes are copied, numbers never written twice.
import { Labels } from '@tidewatch/core/labels.ts'

/** Where things stand in the body of a matrix. */
export interface MatrixPlaces {
  /** Cells a series has, absent ones included. */
  readonly steps: number
  /** Byte offsets, three a series: where it begins, its first cell, the end of its last cell. */
  readonly series: Uint32Array
  /** Byte offset of each cell; of an absent one that of the next, at most one past the end. */
  readonly cells: Uint32Array
}

export interface MatrixIndex extends MatrixPlaces {
  readonly warnings: readonly string[]
  readonly infos: readonly string[]
}

export interface IndexedJson {
  readonly json: Uint8Array
  /** Undefined: the body cannot be taken apart. */
  readonly index: MatrixIndex | undefined
}

/** Collects the places while a body is written, in its order. */
export class CellPlaces {
  readonly #steps: number
  readonly #series: Uint32Array
  readonly #cells: Uint32Array
  #seriesLength = 0
  #cellsLength = 0
  #firstCell = 0

  constructor(series: number, steps: number) {
    this.#steps = steps
    this.#series = new Uint32Array(series * 3)
    this.#cells = new Uint32Array(series * steps)
  }

  beginSeries(at: number): void {
    this.#series[this.#seriesLength++] = at
  }

  beginCells(at: number): void {
    this.#firstCell = at
    this.#series[this.#seriesLength++] = at
  }

  /** The next cell; 0 while there was none before it. */
  add(at: number): void {
    this.#cells[this.#cellsLength++] = at === 0 ? this.#firstCell : at
  }

  endCells(at: number): void {
    this.#series[this.#seriesLength++] = at
  }

  done(): MatrixPlaces {
    const isFull = this.#cellsLength === this.#cells.length
    return {
      steps: this.#steps,
      series: isFull ? this.#series : this.#series.slice(0, this.#seriesLength),
      cells: isFull ? this.#cells : this.#cells.slice(0, this.#cellsLength),
    }
  }
}

/** Steps of an answer: from `from` to before `to`. */
export interface Stretch {
  readonly answer: { readonly json: Uint8Array; readonly index: MatrixIndex }
  readonly from: number
  readonly to: number
}

const utf8 = new TextEncoder()
const text = new TextDecoder()
const opening = utf8.encode('{"status":"success","data":{"resultType":"matrix","result":[')
const comma = 0x2c
const closing = utf8.encode(']}')

/** One answer of stretches that follow one another in time and share their steps. Series without a cell in any of them are left out; order is by labels. */
export function joinStretches(stretches: readonly Stretch[]): {
  readonly json: Uint8Array
  readonly index: MatrixIndex
} {
  const cursors = stretches.map((stretch) => new SeriesCursor(stretch))
  const steps = stretches.reduce((sum, { from, to }) => sum + to - from, 0)
  const notes = { warnings: unique(stretches, 'warnings'), infos: unique(stretches, 'infos') }
  const end = utf8.encode(`]}${noteText('warnings', notes.warnings)}${noteText('infos', notes.infos)}}`)
  const bytes = new Uint8Array(cursors.reduce((sum, cursor) => sum + cursor.bytes, opening.length + end.length))
  const places = new CellPlaces(
    stretches.reduce((sum, { answer }) => sum + answer.index.series.length / 3, 0),
    steps,
  )
  bytes.set(opening)
  let at = opening.length
  for (let first = earliest(cursors); first !== undefined; first = earliest(cursors)) {
    const isSame = cursors.map((cursor) => cursor === first || cursor.isSameSeries(first as SeriesCursor))
    if (cursors.some((cursor, i) => isSame[i] === true && cursor.hasCells)) {
      if (at > opening.length) bytes[at++] = comma
      at = writeSeries(cursors, isSame, { first, bytes, at, places })
    }
    for (const [i, cursor] of cursors.entries()) if (isSame[i] === true) cursor.next()
  }
  bytes.set(end, at)
  return { json: bytes.slice(0, at + end.length), index: { ...places.done(), ...notes } }
}

function writeSeries(
  cursors: readonly SeriesCursor[],
  isSame: readonly boolean[],
  to: { readonly first: SeriesCursor; readonly bytes: Uint8Array; at: number; readonly places: CellPlaces },
): number {
  const { first, bytes, places } = to
  let { at } = to
  places.beginSeries(at)
  bytes.set(first.header, at)
  at += first.header.length
  places.beginCells(at)
  const firstCell = at
  for (const [i, cursor] of cursors.entries()) {
    const has = isSame[i] === true && cursor.hasCells
    if (has && at > firstCell) bytes[at++] = comma
    const shift = has ? at - cursor.start : 0
    // what is absent stands where the next cell will: behind the comma that comes with it
    const absentAt = at === firstCell ? 0 : at + 1
    for (let step = 0; step < cursor.length; step++) places.add(has ? cursor.placeOf(step) + shift : absentAt)
    if (!has) continue
    bytes.set(cursor.cells, at)
    at += cursor.cells.length
  }
  places.endCells(at)
  bytes.set(closing, at)
  return at + closing.length
}

/** Goes through the series of a stretch. */
class SeriesCursor {
  readonly length: number
  readonly #json: Uint8Array
  readonly #index: MatrixIndex
  readonly #from: number
  readonly #to: number
  #series = 0
  #labels: Labels | undefined

  constructor({ answer, from, to }: Stretch) {
    this.#json = answer.json
    this.#index = answer.index
    this.#from = from
    this.#to = to
    this.length = to - from
  }

  get isAtEnd(): boolean {
    return this.#series * 3 >= this.#index.series.length
  }

  next(): void {
    this.#series++
    this.#labels = undefined
  }

  /** Bytes that all series take at most, commas included. */
  get bytes(): number {
    return this.#json.length + this.#index.series.length
  }

  /** `{"metric":{...},"values":[` */
  get header(): Uint8Array {
    const { series } = this.#index
    return this.#json.subarray(series[this.#series * 3], series[this.#series * 3 + 1])
  }

  isSameSeries(other: SeriesCursor): boolean {
    return !this.isAtEnd && Buffer.compare(this.header, other.header) === 0
  }

  get labels(): Labels {
    this.#labels ??= readLabels(this.header)
    return this.#labels
  }

  /** Where its cells within the stretch begin. */
  get start(): number {
    return this.#place(this.#from)
  }

  get hasCells(): boolean {
    return !this.isAtEnd && this.#place(this.#to) > this.start
  }

  /** The cells within the stretch, without a comma at the end. */
  get cells(): Uint8Array {
    const end = this.#place(this.#to)
    return this.#json.subarray(this.start, end === this.#end ? end : end - 1)
  }

  /** Of the cell in the stretch, in the answer it comes from. */
  placeOf(step: number): number {
    return this.#index.cells[this.#series * this.#index.steps + this.#from + step] as number
  }

  #place(step: number): number {
    const { steps, cells } = this.#index
    return step >= steps ? this.#end : Math.min(this.#end, cells[this.#series * steps + step] as number)
  }

  get #end(): number {
    return this.#index.series[this.#series * 3 + 2] as number
  }
}

/** The cursor whose series comes first; where all stand at the same, without looking at labels. */
function earliest(cursors: readonly SeriesCursor[]): SeriesCursor | undefined {
  let first: SeriesCursor | undefined
  for (const cursor of cursors) {
    if (cursor.isAtEnd) continue
    if (first === undefined) first = cursor
    else if (!cursor.isSameSeries(first) && Labels.compare(cursor.labels, first.labels) < 0) first = cursor
  }
  return first
}

function readLabels(header: Uint8Array): Labels {
  const read: { metric: Record<string, string> } = JSON.parse(`${text.decode(header)}]}`)
  return Labels.from(read.metric)
}

function unique(stretches: readonly Stretch[], kind: 'warnings' | 'infos'): readonly string[] {
  return [...new Set(stretches.flatMap(({ answer }) => answer.index[kind]))]
}

function noteText(name: string, notes: readonly string[]): string {
  return notes.length === 0 ? '' : `,"${name}":${JSON.stringify(notes)}`
}
