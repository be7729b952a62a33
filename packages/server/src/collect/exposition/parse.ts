// Called once a line of a scrape, bench/src/exposition.ts: Prometheus's text format and OpenMetrics, on bytes. Formats:
// prometheus.io/docs/instrumenting/exposition_formats, and OpenMetrics 1.0; read as strictly as Prometheus's own parsers do.
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import type { NativeHistogram } from '@tidewatch/core/native-histogram.ts'
import type { ExemplarSample } from '@tidewatch/core/sample-batch.ts'
import type { MetricMetadata } from '../../store/port.ts'
import { ByteTable } from './byte-table.ts'
import { parseFloatInto, parseIntegerInto } from './number.ts'
import {
  type Complain,
  decodeText,
  isNameByte,
  parseLabels,
  parseSeries,
  scanBraces,
  scanSeries,
} from './series-text.ts'

export type ExpositionFormat = 'text' | 'openmetrics'

/** What a HELP, TYPE or UNIT line says. */
export interface MetadataLine {
  readonly kind: 'help' | 'type' | 'unit'
  readonly family: string
  /** For a type: one of the types of MetricMetadata. */
  readonly text: string
}

/** Takes what is found. Numbers of series and comments are those of the tables, so known ones need no text. */
export interface ExpositionSink {
  /** A series that the table did not have: names and values, flat, as written. Before its first sample. */
  series(slot: number, flat: readonly string[]): void
  /** `timeMs` is NaN where the line has none. */
  sample(slot: number, value: number, timeMs: number): void
  /** Of the sample or histogram that is told next: when its counter began. Of protobuf alone; OpenMetrics has series `_created`. */
  start?(slot: number, startMs: number, histogram?: NativeHistogram): void
  /** A native histogram, of protobuf alone. */
  histogram(slot: number, histogram: NativeHistogram, timeMs: number): void
  /** Of the series that was told just before; its `timeMs` is NaN where it has none. */
  exemplar(slot: number, exemplar: Omit<ExemplarSample, 'ref'>): void
  /** A metadata line that the table did not have. Before its first `metadata`. */
  comment(slot: number, line: MetadataLine): void
  /** That line is in this scrape. */
  metadata(slot: number): void
}

/** The texts of one target, kept from scrape to scrape. */
export class ExpositionTables {
  readonly series = new ByteTable()
  readonly comments = new ByteTable()
}

const types: Readonly<Record<ExpositionFormat, Readonly<Record<string, MetricMetadata['type']>>>> = {
  text: { counter: 'counter', gauge: 'gauge', histogram: 'histogram', summary: 'summary', untyped: 'unknown' },
  openmetrics: {
    counter: 'counter',
    gauge: 'gauge',
    histogram: 'histogram',
    gaugehistogram: 'gaugehistogram',
    summary: 'summary',
    info: 'info',
    stateset: 'stateset',
    unknown: 'unknown',
  },
}

/** Parses one body in slices: `step` until it says that it is done. Throws `collect.bad_exposition` with the line. */
export class ExpositionParser {
  readonly #bytes: Buffer
  readonly #tables: ExpositionTables
  readonly #sink: ExpositionSink
  readonly #format: ExpositionFormat
  readonly #number = new Float64Array(1)
  readonly #complain: Complain = (at, expected) => this.#bad(at, expected)
  #at = 0
  #line = 1
  #lineStart = 0
  #ended = false

  constructor(
    bytes: Uint8Array,
    options: { readonly format: ExpositionFormat; readonly tables: ExpositionTables; readonly sink: ExpositionSink },
  ) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#format = options.format
    this.#tables = options.tables
    this.#sink = options.sink
    this.#tables.series.rewind()
    this.#tables.comments.rewind()
  }

  /** Parses up to so many lines. True at the end of the body. */
  step(maxLines: number): boolean {
    const bytes = this.#bytes
    for (let n = 0; n < maxLines && this.#at < bytes.length; n++) {
      const byte = bytes[this.#at]
      if (this.#format === 'openmetrics') this.#openMetricsLine(byte)
      else if (byte === 0x0a) this.#newLine()
      else if (byte === 0x20 || byte === 0x09) this.#at = this.#pastBlanks(this.#at)
      else if (byte === 0x23) this.#textComment()
      else this.#textSample()
    }
    if (this.#at < bytes.length) return false
    if (this.#format === 'openmetrics' && !this.#ended) {
      throw this.#bad(this.#at, 'the line "# EOF" at the end: the answer was cut short')
    }
    return true
  }

  #textSample(): void {
    const bytes = this.#bytes
    const slot = this.#series(true)
    this.#at = this.#pastBlanks(this.#at)
    const value = this.#value(this.#at)
    let at = this.#pastBlanks(this.#at)
    let timeMs = Number.NaN
    if (at < bytes.length && bytes[at] !== 0x0a) {
      const end = this.#tokenEnd(at)
      if (!parseIntegerInto(bytes, at, end, this.#number)) {
        throw this.#bad(at, 'a time in whole milliseconds, or the end of the line')
      }
      timeMs = this.#number[0]
      at = this.#pastBlanks(end)
      if (at < bytes.length && bytes[at] !== 0x0a) throw this.#bad(at, 'the end of the line')
    }
    this.#at = at
    if (at < bytes.length) this.#newLine()
    this.#sink.sample(slot, value, timeMs)
  }

  #openMetricsLine(first: number): void {
    if (this.#ended) throw this.#bad(this.#at, 'nothing after "# EOF"')
    if (first === 0x23) {
      this.#openMetricsComment()
      return
    }
    const bytes = this.#bytes
    const slot = this.#series(false)
    const value = this.#value(this.#space())
    let timeMs = Number.NaN
    if (bytes[this.#at] === 0x20 && bytes[this.#at + 1] !== 0x23) timeMs = this.#seconds(this.#space())
    const exemplar = bytes[this.#at] === 0x20 ? this.#exemplar() : undefined
    if (bytes[this.#at] !== 0x0a) throw this.#bad(this.#at, 'the end of the line')
    this.#newLine()
    this.#sink.sample(slot, value, timeMs)
    if (exemplar !== undefined) this.#sink.exemplar(slot, exemplar)
  }

  /** The series at the start of a line; moves behind it. */
  #series(blanks: boolean): number {
    const bytes = this.#bytes
    const table = this.#tables.series
    const start = this.#at
    let slot = table.guess(bytes, start)
    if (slot >= 0) {
      const end = start + table.length(slot)
      // a name alone is only that text when neither the name nor labels go on behind it
      if (bytes[end - 1] === 0x7d || (isBlank(bytes[end]) && bytes[this.#pastBlanks(end)] !== 0x7b)) {
        this.#at = end
        table.expectAfter(slot)
        return slot
      }
    }
    const end = scanSeries(bytes, start, blanks, this.#complain)
    if (bytes[end - 1] !== 0x7d && !isBlank(bytes[end])) throw this.#bad(end, 'a blank or { after the metric name')
    slot = table.find(bytes, start, end)
    if (slot < 0) {
      const flat = parseSeries(bytes, start, end, { blanks, complain: this.#complain })
      slot = table.add(bytes, start, end)
      this.#sink.series(slot, flat)
    }
    this.#at = end
    table.expectAfter(slot)
    return slot
  }

  #value(start: number): number {
    const end = this.#tokenEnd(start)
    if (!parseFloatInto(this.#bytes, start, end, this.#number)) throw this.#bad(start, 'a number as the value')
    this.#at = end
    return this.#number[0]
  }

  /** A time in seconds, to whole ms towards zero as Prometheus cuts it. */
  #seconds(start: number): number {
    const end = this.#tokenEnd(start)
    if (!parseFloatInto(this.#bytes, start, end, this.#number) || !Number.isFinite(this.#number[0])) {
      throw this.#bad(start, 'a time in seconds')
    }
    this.#at = end
    return Math.trunc(this.#number[0] * 1000)
  }

  /** ` # {labels} value [time]`. */
  #exemplar(): Omit<ExemplarSample, 'ref'> {
    const start = this.#at
    const bytes = this.#bytes
    if (bytes[start + 1] !== 0x23 || bytes[start + 2] !== 0x20 || bytes[start + 3] !== 0x7b) {
      throw this.#bad(start, 'an exemplar " # {...} value" or the end of the line')
    }
    const end = scanBraces(bytes, start + 3, this.#complain)
    const labels = parseLabels(bytes, start + 3, end, this.#complain)
    this.#at = end
    const value = this.#value(this.#space())
    const timeMs = bytes[this.#at] === 0x20 ? this.#seconds(this.#space()) : Number.NaN
    return { labels, value, timeMs }
  }

  /** Behind the one space that must stand here. */
  #space(): number {
    if (this.#bytes[this.#at] !== 0x20) throw this.#bad(this.#at, 'one space')
    return this.#at + 1
  }

  #textComment(): void {
    const lineEnd = this.#lineEnd()
    const start = this.#pastBlanks(this.#at + 1)
    const kind = this.#keyword(start, lineEnd, isBlank)
    if (kind === 'help' || kind === 'type') {
      this.#metadata(kind, this.#pastBlanks(start + kind.length), lineEnd)
    }
    this.#endLine(lineEnd)
  }

  #openMetricsComment(): void {
    const bytes = this.#bytes
    const lineEnd = this.#lineEnd()
    if (lineEnd - this.#at === 5 && bytes.toString('latin1', this.#at, lineEnd) === '# EOF') {
      this.#ended = true
      this.#endLine(lineEnd)
      return
    }
    const start = this.#at + 2
    const kind = bytes[this.#at + 1] === 0x20 ? this.#keyword(start, lineEnd, isSpace) : undefined
    if (kind === undefined) throw this.#bad(this.#at, '# HELP, # TYPE, # UNIT or # EOF')
    if (lineEnd === bytes.length) throw this.#bad(lineEnd, 'a newline at the end of the line')
    this.#metadata(kind, start + kind.length + 1, lineEnd)
    this.#endLine(lineEnd)
  }

  #keyword(start: number, lineEnd: number, isGap: (byte: number) => boolean): MetadataLine['kind'] | undefined {
    if (start + 4 >= lineEnd || !isGap(this.#bytes[start + 4])) return undefined
    const word = this.#bytes.toString('latin1', start, start + 4)
    if (word === 'HELP') return 'help'
    if (word === 'TYPE') return 'type'
    return word === 'UNIT' ? 'unit' : undefined
  }

  /** A metadata line, whose family begins at `start`. */
  #metadata(kind: MetadataLine['kind'], start: number, lineEnd: number): void {
    const table = this.#tables.comments
    const lineStart = this.#at
    let slot = table.guess(this.#bytes, lineStart)
    if (slot < 0 || table.length(slot) !== lineEnd - lineStart) slot = table.find(this.#bytes, lineStart, lineEnd)
    if (slot < 0) {
      const line = this.#metadataLine(kind, start, lineEnd)
      slot = table.add(this.#bytes, lineStart, lineEnd)
      this.#sink.comment(slot, line)
    }
    table.expectAfter(slot)
    this.#sink.metadata(slot)
  }

  #metadataLine(kind: MetadataLine['kind'], start: number, lineEnd: number): MetadataLine {
    const bytes = this.#bytes
    const strict = this.#format === 'openmetrics'
    const complain = this.#complain
    let at = start
    let family: string
    if (bytes[start] === 0x22) {
      for (at = start + 1; at < lineEnd && bytes[at] !== 0x22; at++) if (bytes[at] === 0x5c) at++
      if (at >= lineEnd) throw this.#bad(start, 'a closing " of the metric name')
      family = decodeText(bytes, start + 1, at, { what: 'a metric name', complain, quotes: true, escaped: true })
      at++
    } else {
      while (at < lineEnd && isNameByte(bytes[at], at === start, true)) at++
      family = bytes.toString('latin1', start, at)
    }
    if (family === '') throw this.#bad(start, 'a metric name')
    if (at < lineEnd && !isBlank(bytes[at])) throw this.#bad(at, 'a blank after the metric name')
    const textStart = strict ? Math.min(at + 1, lineEnd) : this.#pastBlanks(at)
    const text = decodeText(bytes, Math.min(textStart, lineEnd), lineEnd, {
      what: 'text',
      complain,
      quotes: strict,
      escaped: kind === 'help',
    })
    if (kind === 'help') return { kind, family, text }
    if (kind === 'unit') {
      if (text !== '' && !family.endsWith(`_${text}`)) {
        throw this.#bad(textStart, `a unit that the name ${quoteValue(family)} ends in`)
      }
      return { kind, family, text }
    }
    const known = types[this.#format]
    const type = Object.hasOwn(known, text) ? known[text] : undefined
    if (type === undefined) throw this.#bad(textStart, `a type (${Object.keys(known).join(', ')})`)
    return { kind, family, text: type }
  }

  #pastBlanks(start: number): number {
    let at = start
    while (isBlank(this.#bytes[at])) at++
    return at
  }

  #tokenEnd(start: number): number {
    const bytes = this.#bytes
    let at = start
    while (at < bytes.length && bytes[at] !== 0x0a && bytes[at] !== 0x20 && bytes[at] !== 0x09) at++
    return at
  }

  #lineEnd(): number {
    const end = this.#bytes.indexOf(0x0a, this.#at)
    return end === -1 ? this.#bytes.length : end
  }

  #endLine(lineEnd: number): void {
    this.#at = lineEnd
    if (lineEnd < this.#bytes.length) this.#newLine()
  }

  #newLine(): void {
    this.#at++
    this.#line++
    this.#lineStart = this.#at
  }

  #bad(at: number, expected: string): AppError {
    const bytes = this.#bytes
    const end = this.#tokenEnd(at)
    const found =
      at >= bytes.length
        ? 'the end of the answer'
        : end === at && bytes[at] === 0x0a
          ? 'the end of the line'
          : quoteValue(bytes.toString('utf8', at, Math.max(at + 1, Math.min(end, at + 60))))
    const where = { line: this.#line, column: at - this.#lineStart + 1 }
    const message = `line ${where.line}, column ${where.column}: expected ${expected}, found ${found}`
    return new AppError('collect.bad_exposition', message, { where })
  }
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09
}

function isSpace(byte: number): boolean {
  return byte === 0x20
}
