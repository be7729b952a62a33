// Texts of a column as small numbers, the same text as the same number: for who counts lines by their service without making a string a line
// (bench/src/ingest-logs.ts has it within a request).
import { type TextList, TextWalk } from './text-columns.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Numbers of texts, from 0 up, until it is full. */
export class TextNumbers {
  readonly #most: number
  readonly #longest: number
  readonly #mask: number
  /** By hash: number plus 1, 0 where nothing stands. */
  readonly #slots: Int32Array
  readonly #bytes: Uint8Array[] = []
  readonly #texts: string[] = []

  /** At most so many texts of at most so many bytes have a number. */
  constructor(most: number, longestBytes = 256) {
    this.#most = most
    this.#longest = longestBytes
    let size = 16
    while (size < most * 2) size *= 2
    this.#mask = size - 1
    this.#slots = new Int32Array(size)
  }

  get size(): number {
    return this.#texts.length
  }

  text(number: number): string {
    return this.#texts[number] ?? ''
  }

  /** Of the text that lies there; -1 where there is no room for it, or it is too long. */
  of(source: Uint8Array, from: number, to: number): number {
    if (to - from > this.#longest) return -1
    let hash = 0x811c9dc5
    for (let i = from; i < to; i++) hash = Math.imul(hash ^ source[i], 0x01000193)
    let slot = (hash ^ (hash >>> 15)) & this.#mask
    for (;;) {
      const number = this.#slots[slot] - 1
      if (number < 0) break
      if (isSame(this.#bytes[number], source, from, to)) return number
      slot = (slot + 1) & this.#mask
    }
    if (this.#texts.length >= this.#most) return -1
    const bytes = source.slice(from, to)
    this.#bytes.push(bytes)
    this.#texts.push(decoder.decode(bytes))
    this.#slots[slot] = this.#texts.length
    return this.#texts.length - 1
  }

  ofText(text: string): number {
    const bytes = encoder.encode(text)
    return this.of(bytes, 0, bytes.length)
  }

  clear(): void {
    this.#slots.fill(0)
    this.#bytes.length = 0
    this.#texts.length = 0
  }
}

function isSame(known: Uint8Array, source: Uint8Array, from: number, to: number): boolean {
  if (known.length !== to - from) return false
  for (let i = 0; i < known.length; i++) if (known[i] !== source[from + i]) return false
  return true
}

/** Goes over the texts of a column in order. */
export class TextNumberWalk {
  readonly #texts: TextList
  readonly #numbers: TextNumbers
  readonly #walk = new TextWalk()

  constructor(texts: TextList, numbers: TextNumbers) {
    this.#texts = texts
    this.#numbers = numbers
  }

  /** The number of the next text. */
  next(): number {
    this.#walk.step(this.#texts)
    return this.#numbers.of(this.#texts.bytes, this.#walk.from, this.#walk.to)
  }
}

/** Whether every text of the list is empty. */
export const isEmptyList = ({ length, count }: TextList): boolean => length === count
