// A line as a row of tokens, each a hash: words by themselves, whatever changes from line to line as one mark. Called per line; bench/src/log-patterns.ts.

/** The token of whatever changes: numbers, hex, ids, addresses, durations, quoted texts. */
export const variable = 0

const inWord = 0
const blank = 1
const delimiter = 2
const quote = 3
const digit = 4

/** What a character is to the tokenizer; beyond ASCII all are letters. */
const kinds = Uint8Array.from({ length: 128 }, (_, code) => {
  const letter = String.fromCharCode(code)
  if (code <= 32 || code === 127) return blank
  if (letter >= '0' && letter <= '9') return digit
  if (letter === '"' || letter === "'" || letter === '`') return quote
  return '=,;:()[]{}<>|/?&'.includes(letter) ? delimiter : inWord
})

/** Longer quoted texts are no one value. */
const longestQuoted = 256
const shortestHexWord = 8

/** The tokens of one line; its owner uses it again for the next. */
export class Tokens {
  count = 0
  /** Of all tokens; `variable` counts as itself. */
  hash = 0
  readonly ids: Int32Array
  readonly starts: Int32Array
  readonly ends: Int32Array
  readonly #most: number

  constructor(most: number) {
    this.#most = most
    this.ids = new Int32Array(most)
    this.starts = new Int32Array(most)
    this.ends = new Int32Array(most)
  }

  /** Reads a line; what comes behind the most tokens is one variable, the last. */
  read(body: string): void {
    this.count = 0
    this.hash = 0x811c9dc5 | 0
    const length = body.length
    let i = 0
    while (i < length) {
      const code = body.charCodeAt(i)
      const kind = code < 128 ? kinds[code] : inWord
      if (kind === blank || kind === delimiter) i++
      else if (this.count === this.#most - 1) {
        this.#push(variable, i, length)
        return
      } else if (kind === quote) i = this.#quoted(body, i)
      else i = this.#word(body, i)
    }
  }

  #push(id: number, start: number, end: number): void {
    const at = this.count++
    this.ids[at] = id
    this.starts[at] = start
    this.ends[at] = end
    this.hash = Math.imul(this.hash ^ id, 0x01000193) ^ (this.hash >>> 13)
  }

  /** A quoted text is one value; an apostrophe within a word, or one that nothing closes, is passed over. */
  #quoted(body: string, start: number): number {
    const opening = body.charCodeAt(start)
    const limit = Math.min(body.length, start + longestQuoted)
    for (let i = start + 1; i < limit; i++) {
      if (body.charCodeAt(i) !== opening) continue
      if (i > start + 1) this.#push(variable, start + 1, i)
      return i + 1
    }
    return start + 1
  }

  #word(body: string, start: number): number {
    const length = body.length
    let hash = 0x811c9dc5 | 0
    let digits = 0
    let notHex = false
    let i = start
    for (; i < length; i++) {
      const code = body.charCodeAt(i)
      const kind = code < 128 ? kinds[code] : inWord
      if (kind === blank || kind === delimiter) break
      if (kind === quote && code !== 39) break
      if (kind === digit) digits++
      else if (!((code | 32) >= 97 && (code | 32) <= 102)) notHex = true
      hash = Math.imul(hash ^ code, 0x01000193)
    }
    const isHexWord = !notHex && i - start >= shortestHexWord
    const changes = isHexWord || (digits > 0 && !isVersion(body, start, i))
    // a word's hash is never the mark of a variable
    this.#push(changes ? variable : hash === variable ? 1 : hash, start, i)
    return i
  }
}

/** `v1` of a path names an interface and stays. */
function isVersion(body: string, start: number, end: number): boolean {
  const length = end - start
  if (length < 2 || length > 3 || (body.charCodeAt(start) | 32) !== 118) return false
  for (let i = start + 1; i < end; i++) if (kinds[body.charCodeAt(i)] !== digit) return false
  return true
}
