// Delimited io.prometheus.client.MetricFamily messages (client_model, io/prometheus/client/metrics.proto), as targets with native histograms expose
// them and Go and Java clients push them. Told to the sink as the text formats are: a series is known by the text it would have there.
import { AppError } from '@tidewatch/core/error.ts'
import { formatBound } from '@tidewatch/core/format-float.ts'
import { histogramFault } from '@tidewatch/core/native-histogram-check.ts'
import { withKnownResolution } from '@tidewatch/core/native-histogram-resolution.ts'
import { ProtoReader } from '@tidewatch/core/proto-reader.ts'
import {
  compact,
  type FamilyExemplar,
  readExemplar,
  readHistogramMessage,
  readLabel,
  readTimestamp,
} from './native-histogram-message.ts'
import type { ExpositionSink, ExpositionTables, MetadataLine } from './parse.ts'
import { parseSeries } from './series-text.ts'

/**
 * Which of a histogram's two forms are told where it has both; `complete` tells count and sum in the classic form also where there are no classic
 * buckets. A histogram with classic buckets alone is told as that in any case.
 */
export type HistogramForms = 'classic' | 'native' | 'both' | 'complete'

export interface FamiliesOptions {
  readonly tables: ExpositionTables
  readonly sink: ExpositionSink
  readonly histograms: HistogramForms
  /** How the labels `le` and `quantile` are written; 1.0 by default. */
  readonly formatBound?: (bound: number) => string
}

type FamilyType = 'counter' | 'gauge' | 'summary' | 'unknown' | 'histogram' | 'gaugehistogram'

const types: readonly FamilyType[] = ['counter', 'gauge', 'summary', 'unknown', 'histogram', 'gaugehistogram']
/** The field of a Metric that holds the value of its type. */
const valueFields: Readonly<Record<FamilyType, number>> = {
  ...{ gauge: 2, counter: 3, summary: 4, unknown: 5, histogram: 7, gaugehistogram: 7 },
}

interface Family {
  readonly name: string
  readonly type: FamilyType
  /** The message once more: its metrics are read one by one. */
  readonly reader: ProtoReader
}

/** Reads one body in slices: `step` until it says that it is done. Throws `collect.bad_exposition` with the family. */
export class MetricFamiliesParser {
  readonly #body: ProtoReader
  readonly #options: FamiliesOptions
  #family: Family | undefined
  #text = Buffer.alloc(1024)

  constructor(bytes: Uint8Array, options: FamiliesOptions) {
    this.#body = new ProtoReader(bytes)
    this.#options = options
    options.tables.series.rewind()
    options.tables.comments.rewind()
  }

  /** Reads up to so many metrics. True at the end of the body. */
  step(maxMetrics: number): boolean {
    try {
      for (let n = 0; n < maxMetrics; n++) {
        this.#family ??= this.#nextFamily()
        if (this.#family === undefined) return true
        this.#nextMetric(this.#family)
      }
    } catch (error) {
      if (!(error instanceof RangeError || error instanceof TypeError)) throw error
      const where = this.#family === undefined ? 'a metric family' : `the metric family ${this.#family.name}`
      throw new AppError('collect.bad_exposition', `${where} is no MetricFamily message: ${error.message}`, {
        cause: error,
        fix: 'Each MetricFamily stands behind its length as a varint.',
      })
    }
    return false
  }

  #nextFamily(): Family | undefined {
    if (this.#body.isAtEnd) return undefined
    const [head, reader] = this.#body.messageTwice()
    const found = { name: '', help: '', type: 0, unit: '', metrics: 0 }
    while (head.next()) {
      if (head.is(1, 2)) found.name = head.text()
      else if (head.is(2, 2)) found.help = head.text()
      else if (head.is(3, 0)) found.type = head.varint()
      else if (head.is(5, 2)) found.unit = head.text()
      else {
        if (head.is(4, 2)) found.metrics++
        head.skip()
      }
    }
    const { name, help, unit } = found
    const type = types[found.type]
    if (name === '') throw new RangeError('a family has no name')
    if (type === undefined) throw new RangeError(`the type ${found.type} of ${name} is not known`)
    const family = { name, type, reader }
    // of a family without metrics nothing is told
    if (found.metrics === 0) return family
    if (help !== '') this.#tell({ kind: 'help', family: name, text: help })
    if (unit !== '') this.#tell({ kind: 'unit', family: name, text: unit })
    this.#tell({ kind: 'type', family: name, text: type })
    return family
  }

  #nextMetric(family: Family): void {
    const { reader } = family
    while (reader.next()) {
      if (reader.is(4, 2)) {
        this.#metric(family, reader.message())
        return
      }
      reader.skip()
    }
    this.#family = undefined
  }

  #metric(family: Family, reader: ProtoReader): void {
    const { name, type } = family
    const labels: string[] = []
    let value: ProtoReader | undefined
    let timeMs = Number.NaN
    while (reader.next()) {
      if (reader.is(1, 2)) labels.push(...readLabel(reader.message()))
      else if (reader.is(valueFields[type], 2)) value = reader.message()
      // proto3 does not tell a time of 0 from none
      else if (reader.is(6, 0)) timeMs = reader.signed() || Number.NaN
      else reader.skip()
    }
    if (value === undefined) throw new RangeError(`a metric of ${name} is not a ${type}`)
    if (type === 'summary') this.#summary(name, labels, { value, timeMs })
    else if (type === 'histogram' || type === 'gaugehistogram') this.#histogram(family, labels, { value, timeMs })
    else this.#plain(family, labels, { value, timeMs })
  }

  #plain({ name, type }: Family, labels: readonly string[], { value, timeMs }: Valued): void {
    let number = 0
    let startMs = 0
    let exemplar: FamilyExemplar | undefined
    while (value.next()) {
      if (value.is(1, 1)) number = value.double()
      else if (value.is(2, 2)) exemplar = readExemplar(value.message())
      else if (type === 'counter' && value.is(3, 2)) startMs = readTimestamp(value.message())
      else value.skip()
    }
    const slot = this.#slot(name, labels)
    if (startMs > 0) this.#options.sink.start?.(slot, startMs)
    this.#options.sink.sample(slot, number, timeMs)
    if (exemplar !== undefined) this.#options.sink.exemplar(slot, exemplar)
  }

  #summary(name: string, labels: readonly string[], { value, timeMs }: Valued): void {
    let count = 0
    let sum = 0
    let startMs = 0
    while (value.next()) {
      if (value.is(1, 0)) count = value.varint()
      else if (value.is(2, 1)) sum = value.double()
      else if (value.is(3, 2)) {
        const [quantile, at] = twoDoubles(value.message())
        this.#sample(name, [...labels, 'quantile', this.#bound(quantile)], at, timeMs)
      } else if (value.is(4, 2)) startMs = readTimestamp(value.message())
      else value.skip()
    }
    this.#counted(`${name}_sum`, labels, { value: sum, timeMs, startMs })
    this.#counted(`${name}_count`, labels, { value: count, timeMs, startMs })
  }

  #histogram({ name, type }: Family, labels: readonly string[], { value, timeMs }: Valued): void {
    const { sink, histograms } = this.#options
    const message = readHistogramMessage(value, type === 'gaugehistogram')
    const { startMs } = message
    const sent = histograms === 'classic' ? undefined : message.native
    if (sent !== undefined) {
      const native = withKnownResolution(sent)
      const fault = histogramFault(native)
      const slot = this.#slot(name, labels)
      if (fault !== undefined) throw new RangeError(`a native histogram is none: ${fault}`)
      if (startMs > 0) sink.start?.(slot, startMs, native)
      sink.histogram(slot, compact(native), timeMs)
      for (const exemplar of message.exemplars) sink.exemplar(slot, exemplar)
      if (histograms === 'native' || (histograms === 'both' && message.buckets.length === 0)) return
    }
    for (const { upperBound, count, exemplar } of message.buckets) {
      const slot = this.#slot(`${name}_bucket`, [...labels, 'le', this.#bound(upperBound)])
      if (startMs > 0) sink.start?.(slot, startMs)
      sink.sample(slot, count, timeMs)
      if (exemplar !== undefined) sink.exemplar(slot, exemplar)
    }
    // clients leave it out: it is the count
    if (!message.buckets.some(({ upperBound }) => upperBound === Number.POSITIVE_INFINITY))
      this.#counted(`${name}_bucket`, [...labels, 'le', '+Inf'], { value: message.count, timeMs, startMs })
    this.#counted(`${name}_sum`, labels, { value: message.sum, timeMs, startMs })
    this.#counted(`${name}_count`, labels, { value: message.count, timeMs, startMs })
  }

  #bound(value: number): string {
    return (this.#options.formatBound ?? formatBound)(value)
  }

  #sample(name: string, labels: readonly string[], value: number, timeMs: number): void {
    this.#options.sink.sample(this.#slot(name, labels), value, timeMs)
  }

  /** A sample of something that began once. */
  #counted(name: string, labels: readonly string[], { value, timeMs, startMs }: Counted): void {
    const slot = this.#slot(name, labels)
    if (startMs > 0) this.#options.sink.start?.(slot, startMs)
    this.#options.sink.sample(slot, value, timeMs)
  }

  #slot(name: string, labels: readonly string[]): number {
    const end = this.#write(seriesText(name, labels))
    const { series } = this.#options.tables
    const known = this.#known(series, end)
    if (known >= 0) return known
    const flat = parseSeries(this.#text, 0, end, { blanks: false, complain: notSeries })
    const slot = series.add(this.#text, 0, end)
    series.expectAfter(slot)
    this.#options.sink.series(slot, flat)
    return slot
  }

  #tell(line: MetadataLine): void {
    const end = this.#write(`${line.kind} ${line.family} ${line.text}`)
    const { comments } = this.#options.tables
    let slot = this.#known(comments, end)
    if (slot < 0) {
      slot = comments.add(this.#text, 0, end)
      comments.expectAfter(slot)
      this.#options.sink.comment(slot, line)
    }
    this.#options.sink.metadata(slot)
  }

  #known(table: ExpositionTables['series'], end: number): number {
    let slot = table.guess(this.#text, 0)
    if (slot < 0 || table.length(slot) !== end) slot = table.find(this.#text, 0, end)
    if (slot >= 0) table.expectAfter(slot)
    return slot
  }

  /** Into the buffer of texts; answers where it ends. */
  #write(text: string): number {
    if (text.length * 3 > this.#text.length) this.#text = Buffer.alloc(text.length * 6)
    return this.#text.write(text)
  }
}

/** A series as the text format may write it, every name in quotes. */
export function seriesText(name: string, labels: readonly string[]): string {
  let text = `{${quoted(name)}`
  for (let i = 0; i < labels.length; i += 2) text += `,${quoted(labels[i])}=${quoted(labels[i + 1])}`
  return `${text}}`
}

interface Counted {
  readonly value: number
  readonly timeMs: number
  /** 0 where it does not say. */
  readonly startMs: number
}

interface Valued {
  readonly value: ProtoReader
  readonly timeMs: number
}

function quoted(text: string): string {
  return `"${/[\\"\n]/.test(text) ? text.replace(/[\\"\n]/g, (found) => (found === '\n' ? '\\n' : `\\${found}`)) : text}"`
}

function notSeries(_at: number, expected: string): AppError {
  return new AppError('collect.bad_exposition', `a metric is no series: expected ${expected}`)
}

function twoDoubles(reader: ProtoReader): [first: number, second: number] {
  const found: [number, number] = [0, 0]
  while (reader.next()) {
    if (reader.is(1, 1)) found[0] = reader.double()
    else if (reader.is(2, 1)) found[1] = reader.double()
    else reader.skip()
  }
  return found
}
