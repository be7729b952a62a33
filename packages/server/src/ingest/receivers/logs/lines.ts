// The lines of a body, each into the request. Called once a request, the loops once a line (bench/src/ingest-logs.ts). Each is work in steps:
// between them others have the thread.
import type { LogRequest } from '../../logs/port.ts'
import { LineSteps } from '../../slices.ts'
import type { LineProblems } from './problems.ts'

/** One JSON object a line; empty lines do not count as such. */
export function* readNdjson(request: LogRequest, bytes: Uint8Array, problems: LineProblems): Generator<void> {
  const end = bytes.length
  const steps = new LineSteps()
  for (let from = 0, line = 1; from < end; line++) {
    const next = endOfLine(bytes, from)
    const to = withoutReturn(bytes, from, next)
    if (to > from) {
      const fault = request.addJson(bytes, from, to)
      if (fault !== undefined) problems.add(line, fault)
    }
    if (steps.endWith(to - from)) yield
    from = next + 1
  }
}

/** Each line a message. */
export function* readTextLines(request: LogRequest, bytes: Uint8Array): Generator<void> {
  const end = bytes.length
  const steps = new LineSteps()
  for (let from = 0; from < end; ) {
    const next = endOfLine(bytes, from)
    const to = withoutReturn(bytes, from, next)
    if (to > from) request.addText(bytes, from, to)
    if (steps.endWith(to - from)) yield
    from = next + 1
  }
}

const endOfLine = (bytes: Uint8Array, from: number): number => {
  const feed = bytes.indexOf(0x0a, from)
  return feed < 0 ? bytes.length : feed
}

const withoutReturn = (bytes: Uint8Array, from: number, to: number): number =>
  to > from && bytes[to - 1] === 0x0d ? to - 1 : to

/**
 * The elements of a JSON array, or the one object that the body is. Elements are found by their brackets alone: what is wrong within one is for
 * its reader to see, and after it the rest is still found.
 */
export function* readJsonArray(request: LogRequest, bytes: Uint8Array, problems: LineProblems): Generator<void> {
  const places = new ElementPlaces(bytes)
  const steps = new LineSteps()
  for (let element = 1; places.next(); element++) {
    const fault = request.addJson(bytes, places.from, places.to)
    if (fault !== undefined) problems.add(element, fault)
    if (steps.endWith(places.to - places.from)) yield
  }
}

class ElementPlaces {
  from = 0
  to = 0
  readonly #bytes: Uint8Array
  #at = 0

  /** Behind the first bracket, if there is one. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#skipBetween()
    if (bytes[this.#at] === 0x5b) this.#at++
  }

  next(): boolean {
    const bytes = this.#bytes
    this.#skipBetween()
    if (this.#at >= bytes.length) return false
    this.from = this.#at
    let depth = 0
    for (; this.#at < bytes.length; this.#at++) {
      const byte = bytes[this.#at]
      if (byte === 0x22) this.#at = endOfString(bytes, this.#at)
      else if (byte === 0x7b || byte === 0x5b) depth++
      else if (byte === 0x7d || byte === 0x5d) {
        if (--depth < 0) break
        if (depth > 0) continue
        this.#at++
        break
      } else if (byte === 0x2c && depth === 0) break
    }
    this.to = this.#at
    return true
  }

  /** Blanks, commas, and the brackets that end the array. */
  #skipBetween(): void {
    const bytes = this.#bytes
    while (this.#at < bytes.length && isBetween(bytes[this.#at])) this.#at++
  }
}

const isBetween = (byte: number): boolean => byte <= 0x20 || byte === 0x2c || byte === 0x5d || byte === 0x7d

/** Where its last quote is; the end of the bytes where it has none. */
function endOfString(bytes: Uint8Array, from: number): number {
  for (let at = from + 1; at < bytes.length; at++) {
    if (bytes[at] === 0x22) return at
    if (bytes[at] === 0x5c) at++
  }
  return bytes.length
}
