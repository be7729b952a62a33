// Lines that wait for a reader: all of them as long as there is room, then evenly fewer.
import type { LogLine } from '@tidewatch/api/logs.ts'

export interface SampleLimits {
  readonly maxLines: number
  /** Characters of all lines together, about. */
  readonly maxLength: number
}

export interface Sample {
  readonly lines: LogLine[]
  /** Lines that there were. */
  readonly matched: number
}

/** Where it is full every second line goes, and from then on every second of those that come is taken: what stays is spread over the time. */
export class LineSample {
  readonly #limits: SampleLimits
  #lines: { readonly line: LogLine; readonly length: number }[] = []
  #length = 0
  #matched = 0
  #seen = 0
  /** One of so many is taken. */
  #step = 1

  constructor(limits: SampleLimits) {
    this.#limits = limits
  }

  /** Whether the next line is taken: then it is to be added. */
  next(): boolean {
    this.#matched++
    return this.#seen++ % this.#step === 0
  }

  add(line: LogLine): void {
    const length = lengthOf(line)
    this.#lines.push({ line, length })
    this.#length += length
    const { maxLines, maxLength } = this.#limits
    while ((this.#lines.length > maxLines || this.#length > maxLength) && this.#lines.length > 1) this.#halve()
  }

  /** A line that was asked for by `next`, and is none of the search after all. */
  drop(): void {
    this.#matched--
  }

  /** So many more matched, about, that could not be looked at. */
  miss(lines: number): void {
    this.#matched += lines
  }

  get isEmpty(): boolean {
    return this.#matched === 0
  }

  take(): Sample {
    const sample = { lines: this.#lines.map(({ line }) => line), matched: this.#matched }
    this.#lines = []
    this.#length = 0
    this.#matched = 0
    this.#seen = 0
    this.#step = 1
    return sample
  }

  #halve(): void {
    this.#lines = this.#lines.filter((_, i) => i % 2 === 0)
    this.#length = this.#lines.reduce((sum, { length }) => sum + length, 0)
    this.#step *= 2
    this.#seen = 0
  }
}

/** As JSON, about. */
function lengthOf({ body, service, identity, resource, attributes }: LogLine): number {
  let length = 200 + body.length + service.length
  for (const part of [identity, resource, attributes])
    for (const name in part) length += name.length + String(part[name]).length + 6
  return length
}
