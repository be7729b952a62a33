// What is read of a JSON line that is made of very many fields: its beginning, as JSON again. To take all of it apart, for most of it to be left
// out then, would keep others waiting. Once a byte of lines that are long and not plain.
import { maxReadElements, maxReadFields } from './fold.ts'

/** Far more than are kept: which of them are kept is decided when they are known as fields. */
const maxKeys = 4 * maxReadFields
const maxValues = 16 * maxReadElements

const utf8 = new TextDecoder()
const [quote, backslash, colon, comma] = [0x22, 0x5c, 0x3a, 0x2c]
const [openBracket, closeBracket, openBrace, closeBrace] = [0x5b, 0x5d, 0x7b, 0x7d]
/** An object, among the numbers of elements of those lists that are open. */
const isObject = -1

export interface ReadPart {
  /** A JSON object. */
  readonly text: string
  /** How many values were passed over. */
  readonly leftOut: number
}

/** Of bytes that hold a JSON object and nothing else but blanks. */
export const readPartOf = (bytes: Uint8Array, from: number, to: number): ReadPart => new Walk(bytes, to).read(from)

class Walk {
  readonly #bytes: Uint8Array
  readonly #end: number
  /** What is open, the innermost last. */
  readonly #open: number[] = []
  #text = ''
  #keptFrom = 0
  #leftOut = 0
  #keys = 0
  #values = 0
  /** How many are open where what is passed over ends; 0: nothing is. */
  #passingAt = 0

  constructor(bytes: Uint8Array, end: number) {
    this.#bytes = bytes
    this.#end = end
  }

  read(from: number): ReadPart {
    const bytes = this.#bytes
    this.#keptFrom = from
    for (let at = from; at < this.#end; at++) {
      const byte = bytes[at] as number
      if (byte <= 0x20 || byte === colon) continue
      if (byte === comma) this.#comma(at)
      else if (byte === closeBracket || byte === closeBrace) this.#close(at)
      else if (byte === openBracket || byte === openBrace) {
        this.#begin()
        this.#open.push(byte === openBrace ? isObject : 1)
      } else if (byte === quote) {
        at = this.#endOfText(at)
        if (this.#isKey(at)) this.#key()
        else this.#leaf()
      } else {
        if (byte !== 0x6e) this.#leaf()
        at = this.#endOfWord(at)
      }
    }
    return { text: this.#text + this.#decoded(this.#end), leftOut: this.#leftOut }
  }

  /** What stands behind it is passed over where enough was read, up to the end of the object or list. */
  #comma(at: number): void {
    if (this.#passingAt > 0) return
    const last = this.#open.length - 1
    const elements = this.#open[last] as number
    if (elements !== isObject) this.#open[last] = elements + 1
    if (elements < maxReadElements && this.#keys < maxKeys && this.#values < maxValues) return
    this.#text += this.#decoded(at)
    this.#passingAt = last + 1
  }

  #close(at: number): void {
    if (this.#open.length === this.#passingAt) {
      this.#passingAt = 0
      this.#keptFrom = at
    }
    this.#open.pop()
  }

  #key(): void {
    if (this.#passingAt === 0) this.#keys++
  }

  #leaf(): void {
    this.#begin()
    if (this.#passingAt > 0) this.#leftOut++
  }

  #begin(): void {
    if (this.#passingAt === 0) this.#values++
  }

  #isKey(at: number): boolean {
    const bytes = this.#bytes
    let next = at + 1
    while (next < this.#end && (bytes[next] as number) <= 0x20) next++
    return bytes[next] === colon
  }

  /** Where its last quote is. */
  #endOfText(from: number): number {
    const bytes = this.#bytes
    for (let at = from + 1; at < this.#end; at++) {
      if (bytes[at] === quote) return at
      if (bytes[at] === backslash) at++
    }
    return this.#end
  }

  /** Where the last letter of a number or word is. */
  #endOfWord(from: number): number {
    const bytes = this.#bytes
    let at = from + 1
    while (at < this.#end && isOfWord(bytes[at] as number)) at++
    return at - 1
  }

  #decoded(to: number): string {
    return utf8.decode(this.#bytes.subarray(this.#keptFrom, to))
  }
}

const isOfWord = (byte: number): boolean =>
  byte > 0x20 && byte !== comma && byte !== closeBracket && byte !== closeBrace
