// A series as exposition formats write it. Called once for each distinct text of a target; after that its bytes are recognised.
import { type AppError, quoteValue } from '@tidewatch/core/error.ts'
import { metricNameLabel } from '@tidewatch/core/labels.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Throws with line and column added; `at` is the byte in the body. */
export type Complain = (at: number, expected: string) => AppError

/** Whether the byte may begin a metric name (`:` only there) or go on in one. */
export function isNameByte(byte: number, first: boolean, colon: boolean): boolean {
  const letter = byte | 0x20
  if (letter >= 0x61 && letter <= 0x7a) return true
  return byte === 0x5f || (colon && byte === 0x3a) || (!first && byte >= 0x30 && byte <= 0x39)
}

/**
 * The end of the series text that starts here: behind its `}`, or behind the name where no labels follow. Only quotes and braces
 * are looked at; `parseSeries` checks the rest. `blanks`: the format allows them around its tokens (text does, OpenMetrics not).
 */
export function scanSeries(bytes: Uint8Array, start: number, blanks: boolean, complain: Complain): number {
  let at = start
  while (at < bytes.length && isNameByte(bytes[at], at === start, true)) at++
  const nameEnd = at
  if (blanks) while (bytes[at] === 0x20 || bytes[at] === 0x09) at++
  if (bytes[at] !== 0x7b) {
    if (nameEnd === start) throw complain(start, 'a metric name, { or #')
    return nameEnd
  }
  return scanBraces(bytes, at, complain)
}

/** The end of `{...}`, behind the closing brace. */
export function scanBraces(bytes: Uint8Array, start: number, complain: Complain): number {
  let inQuotes = false
  for (let at = start + 1; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === 0x0a) break
    if (inQuotes && byte === 0x5c && bytes[at + 1] !== 0x0a) at++
    else if (byte === 0x22) inQuotes = !inQuotes
    else if (byte === 0x7d && !inQuotes) return at + 1
  }
  throw complain(start, inQuotes ? 'a closing " of a label value' : 'a } that closes the labels')
}

/**
 * Names and values, flat and in the order they are written, the metric name under `__name__`; empty values are kept, since they mean
 * something where honor_labels is set. Throws for what is no series, a name that comes twice included.
 */
export function parseSeries(
  bytes: Buffer,
  start: number,
  end: number,
  options: { readonly blanks: boolean; readonly complain: Complain },
): string[] {
  const reader = new SeriesReader(bytes, start, end, options)
  return reader.read()
}

/** Names and values of the labels of an exemplar, `{...}`, which has no metric name. Throws as `parseSeries` does. */
export function parseLabels(bytes: Buffer, start: number, end: number, complain: Complain): string[] {
  return new SeriesReader(bytes, start, end, { blanks: false, complain }).readLabels()
}

class SeriesReader {
  readonly #bytes: Buffer
  readonly #end: number
  readonly #blanks: boolean
  readonly #complain: Complain
  readonly #flat: string[] = []
  readonly #names = new Set<string>()
  #at: number

  constructor(
    bytes: Buffer,
    start: number,
    end: number,
    { blanks, complain }: { blanks: boolean; complain: Complain },
  ) {
    this.#bytes = bytes
    this.#at = start
    this.#end = end
    this.#blanks = blanks
    this.#complain = complain
  }

  read(): string[] {
    const start = this.#at
    if (this.#isName(true, true)) this.#add(metricNameLabel, this.#name(true), start)
    this.#skipBlanks()
    if (this.#at < this.#end) this.#labels()
    if (!this.#names.has(metricNameLabel)) throw this.#complain(start, 'a series with a metric name')
    return this.#flat
  }

  readLabels(): string[] {
    const start = this.#at
    this.#labels()
    if (this.#names.has(metricNameLabel)) throw this.#complain(start, 'labels without a metric name')
    return this.#flat
  }

  #labels(): void {
    this.#at++
    for (;;) {
      this.#skipBlanks()
      if (this.#take(0x7d)) return
      this.#label()
      this.#skipBlanks()
      if (this.#take(0x7d)) return
      if (!this.#take(0x2c)) throw this.#complain(this.#at, 'a , or } after a label')
    }
  }

  /** `name="value"`, `"any name"="value"`, or the metric's name in quotes alone. */
  #label(): void {
    const start = this.#at
    const quoted = this.#bytes[start] === 0x22
    if (!quoted && !this.#isName(true, false)) throw this.#complain(start, 'a label name')
    const name = quoted ? this.#quoted('a name') : this.#name(false)
    if (name === '') throw this.#complain(start, 'a name that is not empty')
    this.#skipBlanks()
    if (!this.#take(0x3d)) {
      if (!quoted) throw this.#complain(this.#at, `= after the label name ${quoteValue(name)}`)
      this.#add(metricNameLabel, name, start)
      return
    }
    this.#skipBlanks()
    if (this.#bytes[this.#at] !== 0x22) {
      throw this.#complain(this.#at, `a value in double quotes for the label ${quoteValue(name)}`)
    }
    this.#add(name, this.#quoted(`the value of the label ${quoteValue(name)}`), start)
  }

  #add(name: string, value: string, at: number): void {
    if (this.#names.has(name)) {
      const what = name === metricNameLabel ? 'one metric name' : `each label once: ${quoteValue(name)} is there twice`
      throw this.#complain(at, what)
    }
    this.#names.add(name)
    this.#flat.push(name, value)
  }

  /** A string in quotes; backslash escapes of \ " and newline, others stay as they are. */
  #quoted(what: string): string {
    const start = ++this.#at
    let escaped = false
    for (; this.#at < this.#end && this.#bytes[this.#at] !== 0x22; this.#at++) {
      if (this.#bytes[this.#at] !== 0x5c) continue
      escaped = true
      this.#at++
    }
    const end = this.#at++
    return decodeText(this.#bytes, start, end, { what, complain: this.#complain, quotes: true, escaped })
  }

  #name(colon: boolean): string {
    const start = this.#at
    while (this.#at < this.#end && this.#isName(this.#at === start, colon)) this.#at++
    return this.#bytes.toString('latin1', start, this.#at)
  }

  #isName(first: boolean, colon: boolean): boolean {
    return this.#at < this.#end && isNameByte(this.#bytes[this.#at], first, colon)
  }

  #take(byte: number): boolean {
    if (this.#at >= this.#end || this.#bytes[this.#at] !== byte) return false
    this.#at++
    return true
  }

  #skipBlanks(): void {
    if (!this.#blanks) return
    while (this.#bytes[this.#at] === 0x20 || this.#bytes[this.#at] === 0x09) this.#at++
  }
}

/** UTF-8 text with `\\`, `\n` and, where asked, `\"` resolved. */
export function decodeText(
  bytes: Buffer,
  start: number,
  end: number,
  options: { readonly what: string; readonly complain: Complain; readonly quotes: boolean; readonly escaped: boolean },
): string {
  let text: string
  try {
    text = utf8.decode(bytes.subarray(start, end))
  } catch {
    throw options.complain(start, `${options.what} in UTF-8`)
  }
  if (!options.escaped || !text.includes('\\')) return text
  return text.replace(/\\([\\n"])/g, (whole, escaped: string) => {
    if (escaped === 'n') return '\n'
    return escaped === '"' && !options.quotes ? whole : escaped
  })
}
