import { severityOfLevel } from '@tidewatch/core/log-severity.ts'

const longestWord = 32
/** A power of two. */
const places = 256

/** Severities by the bytes of their words: there are few, so that a place for each is enough, and another word of the same place is read anew. */
export class SeverityMemo {
  readonly #words = new Uint8Array(places * longestWord)
  /** 0 where the place is free. */
  readonly #lengths = new Uint8Array(places)
  readonly #severities = new Uint8Array(places)

  /** OpenTelemetry's number, 0 where the word is not known. */
  get(bytes: Uint8Array, start: number, end: number): number {
    const length = end - start
    if (length > longestWord || length === 0) return 0
    const place = (bytes[start] + 31 * bytes[end - 1] + 7 * length) & (places - 1)
    if (this.#lengths[place] === length && this.#isWordOf(place, bytes, start, end)) return this.#severities[place]
    const word = bytes.subarray(start, end)
    const severity = severityOfLevel(Buffer.from(word.buffer, word.byteOffset, length).toString())
    this.#words.set(word, place * longestWord)
    this.#lengths[place] = length
    this.#severities[place] = severity
    return severity
  }

  #isWordOf(place: number, bytes: Uint8Array, start: number, end: number): boolean {
    const words = this.#words
    let at = place * longestWord
    for (let i = start; i < end; i++) if (bytes[i] !== words[at++]) return false
    return true
  }
}
