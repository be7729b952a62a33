// Words that stand in a row in a line, as seed phrases are written: with blanks, commas, line breaks, quotes of JSON arrays, numbers, keys between.
// The same steps read a text and the JSON that holds it, so that what is found in the text is found in the line. Called per sample of a line;
// bench/src/redact.ts.
import { type WordTable, wordLists, wordTable } from './word-lists.ts'

/** Fewer words make no seed phrase. */
export const leastWords = 12

const separator = 0
const letter = 1
const high = 2
const classes = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte >= 0x80) return high
  return (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122) ? letter : separator
})

const backslash = 92
/** As `classes`, and what makes letters of what stands behind it. */
const rowClasses = Uint8Array.from(classes, (kind, byte) => (byte === backslash ? high : kind))
const quote = 34
/** Longest word of the lists, decomposed. */
const longestWord = 36

/** With letters of an escape before it. */
const longestRun = longestWord + 4

const isHex = (byte: number): boolean =>
  (byte >= 48 && byte <= 57) || (byte >= 97 && byte <= 102) || (byte >= 65 && byte <= 70)

const isDigit = (byte: number): boolean => byte >= 48 && byte <= 57

/** Letters after which a backslash stands for a control character. */
const isEscapeLetter = (byte: number): boolean =>
  byte === 110 || byte === 114 || byte === 116 || byte === 98 || byte === 102

/** Reads words one after the other; the fields are where the last one stands. */
export class PhraseWords {
  start = 0
  end = 0
  /** Number of the word in the lists, 0 where it is in none. */
  word = 0
  readonly #table: WordTable = wordTable()
  #bytes: Uint8Array = new Uint8Array(0)
  #to = 0

  open(bytes: Uint8Array, at: number, to: number): void {
    this.#bytes = bytes
    this.#to = to
    this.end = at
  }

  /** The next word that is no key (`"word":`, `word1=`); false at the end. */
  next(): boolean {
    do {
      const start = this.#skipSeparators(this.end)
      if (start >= this.#to) return false
      this.start = start
      this.end = this.#wordEnd(start)
    } while (this.#isKey())
    const length = this.end - this.start
    this.word = length > longestWord || length < 3 ? 0 : this.#table.find(this.#bytes, this.start, this.end)
    return true
  }

  /** Where reading may begin so that the word around `at` comes whole: the begin of its letters, or of the escape before them. */
  beginOf(at: number, from: number): number {
    const bytes = this.#bytes
    let start = at
    const least = Math.max(from, at - 2 * longestWord)
    while (start > least && classes[bytes[start - 1]] !== separator) start--
    // not within a character
    while (start < at && (bytes[start] & 0xc0) === 0x80) start++
    for (let back = 1; back <= 5 && start - back >= from; back++)
      if (bytes[start - back] === backslash) return start - back
    return start
  }

  #skipSeparators(at: number): number {
    const bytes = this.#bytes
    const to = this.#to
    let i = at
    while (i < to) {
      const byte = bytes[i]
      if (byte === backslash) i += this.#escapeBytes(i)
      else if (classes[byte] === separator) i++
      else if (byte < 0x80) break
      else {
        const wide = this.#wideSeparator(i)
        if (wide === 0) break
        i += wide
      }
    }
    return Math.min(i, to)
  }

  /** `\n` and `\u000a` are no letters, in a text as in JSON. */
  #escapeBytes(at: number): number {
    const bytes = this.#bytes
    if (at + 1 >= this.#to) return 1
    const next = bytes[at + 1]
    if (isEscapeLetter(next)) return 2
    if (next !== 117 || at + 6 > this.#to) return 1
    for (let i = at + 2; i < at + 6; i++) if (!isHex(bytes[i])) return 1
    return 6
  }

  /** Blanks and signs beyond ASCII: U+00A0, U+2000 to U+2FFF, U+3000 to U+303F. */
  #wideSeparator(at: number): number {
    const bytes = this.#bytes
    const byte = bytes[at]
    if (byte === 0xe2) return 3
    if (byte === 0xe3 && bytes[at + 1] === 0x80) return 3
    return byte === 0xc2 && bytes[at + 1] === 0xa0 ? 2 : 0
  }

  #wordEnd(start: number): number {
    const bytes = this.#bytes
    const first = bytes[start]
    // a Chinese character is a word
    if ((first >= 0xe4 && first <= 0xe9) || (first === 0xe3 && bytes[start + 1] >= 0x90))
      return Math.min(start + 3, this.#to)
    let i = start + 1
    while (i < this.#to) {
      const kind = classes[bytes[i]]
      if (kind === separator || (kind === high && this.#wideSeparator(i) > 0)) break
      if (bytes[i] >= 0xe4 && bytes[i] <= 0xe9) break
      i++
    }
    return i
  }

  /** Whether the word just read is a name. */
  #isKey(): boolean {
    if (this.end >= this.#to || this.#bytes[this.end - 1] >= 0x80) return false
    const after = keyEnd(this.#bytes, this.end, this.#to)
    if (after === 0) return false
    this.end = after
    return true
  }
}

/** Where a name ends whose first letters end at `end`: letters, digits, then `":` or `=`. 0 where it is none. */
function keyEnd(bytes: Uint8Array, end: number, to: number): number {
  let i = end
  const limit = Math.min(to, i + 40)
  while (i < limit && (isDigit(bytes[i]) || bytes[i] === 95 || classes[bytes[i]] === letter)) i++
  const nameEnd = i
  while (i < limit && bytes[i] === backslash) i++
  if (i < limit && bytes[i] === quote) {
    i++
    while (i < limit && bytes[i] === 32) i++
    return i < limit && bytes[i] === 58 ? i : 0
  }
  return i === nameEnd && i < limit && bytes[i] === 61 ? i : 0
}

/**
 * Whether there are as many words as a seed phrase has, of whatever list; said as well where letters beyond ASCII or escapes stand, which have their
 * own rules. All lists begin at three letters.
 */
export function mayHoldRow(bytes: Uint8Array, from: number, to: number): boolean {
  let words = 0
  let run = 0
  for (let i = from; i < to; i++) {
    const kind = rowClasses[bytes[i]]
    if (kind === letter) {
      if (++run === 3 && ++words === leastWords) return true
    } else if (kind === separator) run = 0
    else return true
  }
  return false
}

const hashPlaces = 1 << 17
/** Whether a word of a list has this hash: a first look, without the word. */
const hashed = new Uint8Array(hashPlaces)
for (const list of wordLists) {
  for (const word of list) {
    let hash = 0
    for (let i = 0; i < word.length; i++) hash = nextHash(hash, word.charCodeAt(i))
    hashed[hash & (hashPlaces - 1)] = 1
  }
}

/** Letters in either case hash alike. */
function nextHash(hash: number, letterCode: number): number {
  return (Math.imul(hash, 0x01000193) ^ (letterCode | 32)) | 0
}

/**
 * A quick look at the first word that ends behind `at` and is no key: 1 where it may be one of the lists, else less than 0: no word of a list
 * stands between `at` and that many bytes.
 */
export function mayBeWord(bytes: Uint8Array, at: number, from: number, to: number): number {
  let i = at
  if (classes[bytes[i]] === letter) while (i > from && classes[bytes[i - 1]] === letter) i--
  while (true) {
    while (i < to && classes[bytes[i]] === separator) i++
    if (i >= to) return -to
    // escapes and letters beyond ASCII have their own rules
    if (bytes[i] >= 0x80 || (i > from && (bytes[i - 1] === backslash || bytes[i - 1] >= 0x80))) return 1
    const start = i
    let hash = 0
    while (i < to && classes[bytes[i]] === letter) hash = nextHash(hash, bytes[i++])
    // whatever stands around so many: the places in them need not be looked at one by one
    if (i - start > longestRun) return -i
    if (i < to && bytes[i] >= 0x80) return 1
    if (start > from && isNearEscape(bytes, start, from)) return 1
    const after = keyEnd(bytes, i, to)
    if (after === 0) return hashed[hash & (hashPlaces - 1)] === 1 ? 1 : -i
    i = after
  }
}

/** Digits before it that may be those of `\\u001b`, whose last may be letters. */
function isNearEscape(bytes: Uint8Array, start: number, from: number): boolean {
  if (!isDigit(bytes[start - 1])) return false
  for (let back = 2; back <= 5 && start - back >= from; back++) if (bytes[start - back] === backslash) return true
  return false
}
