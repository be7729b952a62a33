// JSON read from a text without building objects: the leaves of a line, and what lies under a path. Numbers keep their digits.

/** Objects inside one another. */
const maxDepth = 128

const quoteCode = 34
const backslash = 92

export interface JsonVisitor {
  /** A text, number or boolean. The prefix holds the names of the objects around, joined with `_`; '' at the top. */
  leaf(prefix: string, name: string, value: string): void
  /** The prefix of an object's fields. */
  nest(prefix: string, name: string): string
}

/** Visits the leaves of an object's text in order; arrays and nulls are left out. What is wrong with it, or undefined. */
export function visitJson(text: string, visitor: JsonVisitor): string | undefined {
  const scan = new JsonScan(text)
  scan.skipBlanks()
  if (text[scan.at] !== '{') return 'the line is no JSON object'
  try {
    scan.visitObject('', visitor, 1)
    return undefined
  } catch (error) {
    if (error instanceof JsonFault) return error.message
    throw error
  }
}

/** A step of a path: a field's name or a place in an array. */
export type PathStep = string | number

/**
 * What each path finds in a JSON text: the text of a string, the digits of a number, the JSON of an object or array, '' of null; undefined where there
 * is nothing. The fault is what is wrong with the text as far as it was read.
 */
export function findInJson(
  text: string,
  paths: readonly (readonly PathStep[])[],
): { readonly values: readonly (string | undefined)[]; readonly fault: string | undefined } {
  let fault: string | undefined
  const values = paths.map((path) => {
    const scan = new JsonScan(text)
    try {
      scan.skipBlanks()
      return scan.find(path)
    } catch (error) {
      if (!(error instanceof JsonFault)) throw error
      fault = error.message
      return undefined
    }
  })
  return { values, fault }
}

class JsonFault extends Error {}

class JsonScan {
  at = 0
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  skipBlanks(): void {
    const text = this.#text
    let at = this.at
    for (;;) {
      const code = text.charCodeAt(at)
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) break
      at++
    }
    this.at = at
  }

  /** From the brace on. */
  visitObject(prefix: string, visitor: JsonVisitor, depth: number): void {
    if (depth > maxDepth) throw new JsonFault(`objects are nested deeper than ${maxDepth}`)
    const text = this.#text
    this.at++
    for (let isFirst = true; this.#nextField(isFirst); isFirst = false) {
      const name = this.#fieldName()
      const code = text.charCodeAt(this.at)
      if (code === quoteCode) visitor.leaf(prefix, name, this.#string())
      else if (code === 123) this.visitObject(visitor.nest(prefix, name), visitor, depth + 1)
      else if (code === 91) this.#skipNested()
      else {
        const word = this.#word()
        if (word !== 'null') visitor.leaf(prefix, name, word)
      }
    }
  }

  /** The value under the path, from the value on at which the scan stands. */
  find(path: readonly PathStep[], from = 0): string | undefined {
    const code = this.#text.charCodeAt(this.at)
    if (from === path.length) return this.#valueText(code)
    const step = path[from]
    if (typeof step === 'number') return code === 91 ? this.#findItem(path, from, step) : undefined
    if (code !== 123) return undefined
    this.at++
    for (let isFirst = true; this.#nextField(isFirst); isFirst = false) {
      if (this.#fieldName() === step) return this.find(path, from + 1)
      this.#skipValue()
    }
    return undefined
  }

  #findItem(path: readonly PathStep[], from: number, index: number): string | undefined {
    this.at++
    this.skipBlanks()
    if (this.#text[this.at] === ']') return undefined
    for (let i = 0; ; i++) {
      this.skipBlanks()
      if (i === index) return this.find(path, from + 1)
      this.#skipValue()
      this.skipBlanks()
      if (this.#text[this.at] !== ',') return undefined
      this.at++
    }
  }

  /** Whether a field follows; stands at its name then, else behind the object. */
  #nextField(isFirst: boolean): boolean {
    this.skipBlanks()
    let code = this.#text.charCodeAt(this.at)
    if (code === 125) {
      this.at++
      return false
    }
    if (!isFirst) {
      if (code !== 44) throw new JsonFault(`expected , or } at ${this.at}`)
      this.at++
      this.skipBlanks()
      code = this.#text.charCodeAt(this.at)
    }
    if (code !== quoteCode) throw new JsonFault(`expected a field's name at ${this.at}`)
    return true
  }

  /** The name; stands at the value then. */
  #fieldName(): string {
    const name = this.#string()
    this.skipBlanks()
    if (this.#text.charCodeAt(this.at) !== 58) throw new JsonFault(`expected : at ${this.at}`)
    this.at++
    this.skipBlanks()
    return name
  }

  /** The end of the text that begins here, at its closing quote. */
  #stringEnd(): number {
    const text = this.#text
    let end = this.at
    for (;;) {
      end = text.indexOf('"', end + 1)
      if (end < 0) throw new JsonFault(`the text that begins at ${this.at} does not end`)
      let slashes = 0
      while (text.charCodeAt(end - 1 - slashes) === backslash) slashes++
      if (slashes % 2 === 0) return end
    }
  }

  #string(): string {
    const start = this.at
    const end = this.#stringEnd()
    this.at = end + 1
    const raw = this.#text.slice(start + 1, end)
    return raw.includes('\\') ? unescapeJson(raw) : raw
  }

  /** A number, true, false or null. */
  #word(): string {
    const text = this.#text
    const start = this.at
    let at = start
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at)
      if (code === 44 || code === 125 || code === 93 || code <= 32) break
    }
    this.at = at
    const word = text.slice(start, at)
    const code = word.charCodeAt(0)
    const isNumber = code === 45 || (code >= 48 && code <= 57)
    if (isNumber ? Number.isNaN(Number(word)) : word !== 'true' && word !== 'false' && word !== 'null') {
      throw new JsonFault(`unknown value at ${start}`)
    }
    return word
  }

  /** An array or object, from its bracket to behind its end. */
  #skipNested(): void {
    const text = this.#text
    const start = this.at
    let depth = 0
    for (; this.at < text.length; this.at++) {
      const code = text.charCodeAt(this.at)
      if (code === quoteCode) this.at = this.#stringEnd()
      else if (code === 123 || code === 91) depth++
      else if ((code === 125 || code === 93) && --depth === 0) {
        this.at++
        return
      }
    }
    throw new JsonFault(`what begins at ${start} does not end`)
  }

  #skipValue(): void {
    const code = this.#text.charCodeAt(this.at)
    if (code === quoteCode) this.at = this.#stringEnd() + 1
    else if (code === 123 || code === 91) this.#skipNested()
    else this.#word()
  }

  #valueText(code: number): string {
    if (code === quoteCode) return this.#string()
    if (code === 123 || code === 91) {
      const start = this.at
      this.#skipNested()
      return this.#text.slice(start, this.at)
    }
    const word = this.#word()
    return word === 'null' ? '' : word
  }
}

/** The text that JSON's escapes stand for; '' where one is malformed. What is no character becomes a blank. */
function unescapeJson(raw: string): string {
  try {
    const value: unknown = JSON.parse(`"${raw}"`)
    return typeof value === 'string' ? value.toWellFormed().replaceAll('\ufffd', ' ') : ''
  } catch {
    // a malformed escape: Loki gives nothing for the whole text
    return ''
  }
}
