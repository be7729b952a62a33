// Prometheus's text format as its strict parser reads it (every line ends with a newline, TYPE before samples): for judging a page, not for scraping one.
// https://prometheus.io/docs/instrumenting/exposition_formats/
import { AppError } from '@tidewatch/core/error.ts'
import { goQuote, goQuoteRune } from '@tidewatch/promql/quote.ts'
import { endOfPage, TextCursor } from './text-cursor.ts'

export type FamilyType = 'counter' | 'gauge' | 'summary' | 'untyped' | 'histogram' | 'gauge_histogram'

export const familyTypes: readonly FamilyType[] = [
  'counter',
  'gauge',
  'summary',
  'untyped',
  'histogram',
  'gauge_histogram',
]

/** The samples of one name. Those of a histogram or summary that differ only in `le` or `quantile` are one series. */
export interface MetricFamily {
  readonly name: string
  readonly help: string | undefined
  readonly type: FamilyType | undefined
  /** The labels of each series in the order in which they were written; equal series are there as often as they were written. */
  readonly series: readonly (readonly (readonly [string, string])[])[]
  /** Buckets or quantiles of the first of them. */
  readonly marksOfFirst: number
}

interface OpenFamily {
  readonly name: string
  help: string | undefined
  type: FamilyType | undefined
  readonly series: [string, string][][]
  /** Of a histogram or summary: those that are there already. */
  readonly seen: Set<string>
  marksOfFirst: number
}

/** All families that have samples, in the order of the page. Throws `config.invalid` with line and reason. */
export function readPage(text: string): readonly MetricFamily[] {
  const reader = new PageReader(text)
  return reader.read().filter(({ series }) => series.length > 0)
}

const numberPattern = /^(?:[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf|infinity)|nan)$/i

class PageReader {
  readonly #cursor: TextCursor
  readonly #families = new Map<string, OpenFamily>()
  /** Whether the sample that is being read is a bucket or quantile. */
  #hasMark = false

  constructor(text: string) {
    this.#cursor = new TextCursor(text)
  }

  read(): readonly OpenFamily[] {
    const cursor = this.#cursor
    for (;;) {
      cursor.beginLine()
      if (cursor.current === endOfPage) return [...this.#families.values()]
      try {
        this.#line()
      } catch (error) {
        const { message, kind } = AppError.from(error)
        if (kind === 'bug') throw error
        throw new AppError('config.invalid', `text format parsing error in line ${cursor.line}: ${message}`, {
          where: { line: cursor.line },
        })
      }
    }
  }

  #line(): void {
    const { current } = this.#cursor
    if (current === '#') this.#comment()
    else if (current !== '\n') this.#sample()
  }

  #comment(): void {
    const cursor = this.#cursor
    cursor.advance()
    cursor.skipBlanks()
    if (cursor.current === '\n') return
    const keyword = cursor.untilWhitespace()
    if (cursor.current === '\n') return
    if (keyword !== 'HELP' && keyword !== 'TYPE') {
      cursor.skipLine()
      return
    }
    cursor.skipBlanks()
    const name = cursor.name(':', 'metric')
    if (cursor.current === '\n') return
    if (cursor.current !== ' ' && cursor.current !== '\t') cursor.fail('invalid metric name in comment')
    const family = this.#familyOf(name)
    cursor.skipBlanks()
    if (cursor.current === '\n') return
    if (keyword === 'HELP') {
      if (family.help !== undefined) cursor.fail(`second HELP line for metric name ${goQuote(family.name)}`)
      family.help = cursor.help()
    } else this.#type(family)
  }

  #type(family: OpenFamily): void {
    const cursor = this.#cursor
    if (family.type !== undefined) {
      cursor.fail(`second TYPE line for metric name ${goQuote(family.name)}, or TYPE reported after samples`)
    }
    const written = cursor.untilNewline()
    const type = familyTypes.find((known) => known === written.toLowerCase())
    if (type === undefined) cursor.fail(`unknown metric type ${goQuote(written)}`)
    family.type = type
  }

  #sample(): void {
    const cursor = this.#cursor
    let family: OpenFamily | undefined
    if (cursor.current !== '{') {
      const name = cursor.name(':', 'metric')
      if (name === '') cursor.fail('invalid metric name')
      family = this.#started(name)
      cursor.skipBlanks()
    }
    const labels: [string, string][] = []
    this.#hasMark = false
    if (cursor.current === '{') family = this.#labels(family, labels)
    if (family === undefined) throw new AppError('config.invalid', 'invalid metric name')
    this.#keep(family, labels)
    this.#valueAndTime()
  }

  #started(name: string): OpenFamily {
    const family = this.#familyOf(name)
    family.type ??= 'untyped'
    return family
  }

  /** From the brace on to behind its counterpart; a name in quotes inside is the metric's. */
  #labels(before: OpenFamily | undefined, labels: [string, string][]): OpenFamily | undefined {
    const cursor = this.#cursor
    let family = before
    for (;;) {
      cursor.advance()
      cursor.skipBlanks()
      if (cursor.current === '}') break
      const name = cursor.name('', 'label')
      if (name === '') cursor.fail(`invalid label name for metric ${goQuote(family?.name ?? '')}`)
      cursor.skipBlanks()
      if (cursor.current !== '=') {
        if (before !== undefined) cursor.fail(`expected '=' after label name, found ${goQuoteRune(cursor.current)}`)
        if (cursor.current !== ',' && cursor.current !== '}')
          cursor.fail(`unexpected end of metric value ${goQuoteRune(cursor.current)}`)
        family = this.#started(name)
      } else this.#label(name, family, labels)
      if (cursor.current === '}') break
    }
    cursor.advance()
    cursor.skipBlanks()
    return family
  }

  #label(name: string, family: OpenFamily | undefined, labels: [string, string][]): void {
    const cursor = this.#cursor
    if (name === '__name__') cursor.fail('label name "__name__" is reserved')
    const marks = isMark(family, name)
    if (!marks && labels.some(([known]) => known === name))
      cursor.fail(`duplicate label names for metric ${goQuote(family?.name ?? '')}`)
    cursor.advance()
    cursor.skipBlanks()
    if (cursor.current !== '"')
      cursor.fail(`expected '"' at start of label value, found ${goQuoteRune(cursor.current)}`)
    const value = cursor.labelValue()
    this.#hasMark ||= marks
    if (!marks) labels.push([name, value])
    else if (!numberPattern.test(value))
      cursor.fail(`expected float as value for '${name}' label, got ${goQuote(value)}`)
    cursor.skipBlanks()
    if (cursor.current !== ',' && cursor.current !== '}') cursor.fail(`unexpected end of label value ${goQuote(value)}`)
  }

  #keep(family: OpenFamily, labels: [string, string][]): void {
    if (family.type === 'histogram' || family.type === 'summary') {
      const key = JSON.stringify([...labels].sort())
      const [first = key] = family.seen
      if (this.#hasMark && key === first) family.marksOfFirst++
      if (family.seen.has(key)) return
      family.seen.add(key)
    }
    family.series.push(labels)
  }

  #valueAndTime(): void {
    const cursor = this.#cursor
    const value = cursor.untilWhitespace()
    if (!numberPattern.test(value)) cursor.fail(`expected float as value, got ${goQuote(value)}`)
    if (cursor.current === '\n') return
    cursor.skipBlanks()
    const time = cursor.untilWhitespace()
    if (!/^[+-]?\d+$/.test(time)) cursor.fail(`expected integer as timestamp, got ${goQuote(time)}`)
    const rest = cursor.untilNewline()
    if (rest !== '') cursor.fail(`spurious string after timestamp: ${goQuote(rest)}`)
  }

  /** The family of a name: of `x_count` that of the histogram or summary `x`, if there is one. */
  #familyOf(name: string): OpenFamily {
    const known = this.#families.get(name) ?? this.#partOf(name, /_(?:count|sum)$/, 'summary')
    const family = known ?? this.#partOf(name, /_(?:count|sum|bucket)$/, 'histogram')
    if (family !== undefined) return family
    const created: OpenFamily = { name, help: undefined, type: undefined, series: [], seen: new Set(), marksOfFirst: 0 }
    this.#families.set(name, created)
    return created
  }

  #partOf(name: string, suffix: RegExp, type: FamilyType): OpenFamily | undefined {
    const family = suffix.test(name) ? this.#families.get(name.replace(suffix, '')) : undefined
    return family?.type === type ? family : undefined
  }
}

/** The label that tells the parts of one series of a histogram or summary. */
function isMark(family: OpenFamily | undefined, name: string): boolean {
  return (family?.type === 'summary' && name === 'quantile') || (family?.type === 'histogram' && name === 'le')
}
