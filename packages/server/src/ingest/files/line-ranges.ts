// Bytes of a file cut into events: lines, or lines that belong together. Called once a line.
import type { Multiline } from './config.ts'

export interface RangeOptions {
  readonly multiline: Multiline | undefined
  readonly maxLineBytes: number
  /** What comes behind the bytes will not come: what has no line end is whole too. */
  readonly isEnd: boolean
  /** The last event waits for no other line. */
  readonly isWhole: boolean
}

export interface Ranges {
  /** From and to of each event by turns, without the last line end. */
  readonly bounds: readonly number[]
  /** Where what belongs to these events ends. */
  readonly end: number
  /** Lines of which only the beginning is there. */
  readonly cutLines: number
  /** The bytes end within a line of which the beginning is among the events. */
  readonly isWithinLine: boolean
}

const lineFeed = 10
const carriageReturn = 13
const utf8 = new TextDecoder()

/** `isWithinLine`: they begin within a line that is passed over. */
export function lineRanges(bytes: Uint8Array, isWithinLine: boolean, options: RangeOptions): Ranges {
  const cutter = new Cutter(bytes, options)
  let at = 0
  if (isWithinLine) {
    const stop = bytes.indexOf(lineFeed)
    if (stop < 0) return { bounds: [], end: bytes.length, cutLines: 0, isWithinLine: true }
    at = stop + 1
    cutter.end = at
  }
  return cutter.cut(at)
}

class Cutter {
  /** All before it is in whole events. */
  end = 0
  readonly #bytes: Uint8Array
  readonly #options: RangeOptions
  readonly #bounds: number[] = []
  #cutLines = 0
  /** The event that goes on, perhaps. */
  #from = -1
  #to = 0
  #lines = 0

  constructor(bytes: Uint8Array, options: RangeOptions) {
    this.#bytes = bytes
    this.#options = options
  }

  cut(start: number): Ranges {
    const { multiline, maxLineBytes, isEnd, isWhole } = this.#options
    const bytes = this.#bytes
    const rule = multiline?.rule()
    let at = start
    for (;;) {
      const stop = bytes.indexOf(lineFeed, at)
      if (stop < 0) break
      this.#line(at, stop, rule)
      at = stop + 1
    }
    const isLong = bytes.length - at > maxLineBytes
    if (at < bytes.length && (isEnd || isLong)) {
      this.#line(at, bytes.length, rule)
      at = bytes.length
    }
    if (isEnd || isWhole || isLong) this.#flush(at)
    // an event that fills all that may be read at once is whole
    else if (this.#from >= 0 && this.end === 0 && at - this.#from > maxLineBytes) this.#flush(at)
    return { bounds: this.#bounds, end: this.end, cutLines: this.#cutLines, isWithinLine: isLong }
  }

  #line(from: number, stop: number, rule: ReturnType<Multiline['rule']> | undefined): void {
    const { multiline, maxLineBytes } = this.#options
    let to = stop > from && this.#bytes[stop - 1] === carriageReturn ? stop - 1 : stop
    if (to - from > maxLineBytes) {
      to = from + maxLineBytes
      this.#cutLines++
    }
    if (rule === undefined || multiline === undefined) {
      this.#open(from, to)
      this.#flush(stop + 1)
      return
    }
    const belongs = rule.belongs(utf8.decode(this.#bytes.subarray(from, to)))
    const isFull = this.#lines >= multiline.maxLines || (this.#from >= 0 && to - this.#from > maxLineBytes)
    if (isFull || (rule.to === 'previous' && !belongs)) this.#flush(from)
    this.#open(from, to)
    if (rule.to === 'next' && !belongs) this.#flush(stop + 1)
  }

  #open(from: number, to: number): void {
    if (this.#from < 0) {
      this.#from = from
      this.#lines = 0
    }
    this.#to = to
    this.#lines++
  }

  #flush(end: number): void {
    if (this.#from >= 0 && this.#to > this.#from) this.#bounds.push(this.#from, this.#to)
    this.#from = -1
    this.#lines = 0
    this.end = Math.min(end, this.#bytes.length)
  }
}
