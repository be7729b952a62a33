// Prometheus's JSON, written by hand: large answers are most of a query's cost otherwise. Called once a query, in a worker; bench/src/query-json.ts.
import type { Labels } from '@tidewatch/core/labels.ts'
import type { EvaluateResult, ResultSeries } from '@tidewatch/promql/evaluate/result.ts'
import { float, histogram } from '@tidewatch/promql/evaluate/row.ts'
import { printNumber } from '@tidewatch/promql/print.ts'
import { histogramJson } from './histogram-json.ts'
import { CellPlaces, type IndexedJson } from './indexed-json.ts'
import { numberText, timeText } from './number-text.ts'
import type { QueryJob } from './protocol.ts'
import type { QueryTrace } from './trace.ts'

const utf8 = new TextEncoder()
/** Text is turned into bytes in pieces of about so many characters: one string for a large answer would be copied again and again. */
const pieceLength = 1 << 16
/** Larger answers are not taken apart: to join one would hold the thread that does. */
const maxIndexedBytes = 4 << 20

/** The body of `/api/v1/query` and `/query_range`. With a `limit` (0: none) series beyond it are left out and a warning says so. */
export function resultToJson(result: EvaluateResult, limit: number, stats?: () => object): Uint8Array {
  return write(result, limit, undefined, stats)
}

/** The answer's body as the job wants it. */
export function answerOf(
  result: EvaluateResult,
  job: Pick<QueryJob, 'limit' | 'keepsPlaces' | 'stats' | 'startMs' | 'stepMs'>,
  trace?: QueryTrace,
): IndexedJson {
  const { limit, stats, keepsPlaces = false } = job
  if (stats !== undefined && trace !== undefined)
    return { json: resultToJson(result, limit, () => trace.stats(result, stats, job)), index: undefined }
  return keepsPlaces ? matrixToJson(result) : { json: resultToJson(result, limit), index: undefined }
}

/** A range query's body, and where its cells are; not where native histograms are among them, or its notes tell of steps. */
export function matrixToJson(result: EvaluateResult): IndexedJson {
  const isWhole = result.notesTellSteps === true
  if (result.type !== 'matrix' || isWhole || result.series.some(({ histograms }) => histograms !== undefined))
    return { json: write(result, 0, undefined), index: undefined }
  const { series, warnings, infos } = result
  const places = new CellPlaces(series.length, series[0]?.present.length ?? 0)
  const json = write(result, 0, places)
  return { json, index: json.length > maxIndexedBytes ? undefined : { ...places.done(), warnings, infos } }
}

function write(
  result: EvaluateResult,
  limit: number,
  places: CellPlaces | undefined,
  stats?: () => object,
): Uint8Array {
  const writer = new JsonBytes()
  writer.text('{"status":"success","data":{"resultType":')
  const isCut = writeData(writer, result, limit, places)
  // last, so that they know how long the result took to write
  if (stats !== undefined) writer.text(`,"stats":${JSON.stringify(stats())}`)
  writer.text('}')
  writeNotes(writer, 'warnings', isCut ? [...result.warnings, 'results truncated due to limit'] : result.warnings)
  writeNotes(writer, 'infos', result.infos)
  writer.text('}')
  return writer.finish()
}

function writeData(writer: JsonBytes, result: EvaluateResult, limit: number, places?: CellPlaces): boolean {
  // unlike cells these two are written by Go's plain encoder: the time as short as it can be, the number without an exponent
  if (result.type === 'scalar') {
    writer.text(`"scalar","result":[${result.atMs / 1000},"${printNumber(result.value)}"]`)
    return false
  }
  if (result.type === 'string') {
    writer.text(`"string","result":[${result.atMs / 1000},${JSON.stringify(result.value.toWellFormed())}]`)
    return false
  }
  const isCut = limit > 0 && result.series.length > limit
  const series = isCut ? result.series.slice(0, limit) : result.series
  writer.text(`"${result.type}","result":[`)
  if (result.type === 'vector') writeVector(writer, series)
  else writeMatrix(writer, series, places)
  writer.text(']')
  return isCut
}

function writeVector(writer: JsonBytes, series: readonly ResultSeries[]): void {
  let separator = ''
  for (const { labels, timesMs, values, present, histograms } of series) {
    const sample = present[0] === histogram ? histograms?.[0] : undefined
    if (sample === undefined && present[0] !== float) continue
    const [name, value] =
      sample === undefined ? ['value', `"${numberText(values[0] as number)}"`] : ['histogram', histogramJson(sample)]
    writer.text(`${separator}{"metric":${labelsText(labels)},"${name}":[${timeText(timesMs[0] as number)},${value}]}`)
    separator = ','
  }
}

function writeMatrix(writer: JsonBytes, all: readonly ResultSeries[], places: CellPlaces | undefined): void {
  // the steps' times are the same for all series: written once
  const prefixes = new Map<Float64Array, string[]>()
  let separator = ''
  for (const series of all) {
    const { labels, timesMs } = series
    let prefix = prefixes.get(timesMs)
    if (prefix === undefined) {
      prefix = Array.from(timesMs, (atMs) => `[${timeText(atMs)},"`)
      // a plain range has own times for each series: keeping them would only cost memory
      if (prefixes.size < 4) prefixes.set(timesMs, prefix)
    }
    writer.text(separator)
    separator = ','
    places?.beginSeries(writer.place())
    writer.text(`{"metric":${labelsText(labels)}`)
    const hasHistograms = series.histograms !== undefined && series.present.includes(histogram)
    // a series of native histograms alone has no list of values
    if (!hasHistograms || series.present.includes(float)) writeValues(writer, series, prefix, places)
    if (hasHistograms) writeHistograms(writer, series)
    writer.text('}')
  }
}

function writeValues(
  writer: JsonBytes,
  { present, values }: ResultSeries,
  prefix: readonly string[],
  places: CellPlaces | undefined,
): void {
  writer.text(',"values":[')
  places?.beginCells(writer.place())
  let isFirst = true
  for (let i = 0; i < present.length; i++) {
    places?.add(isFirst ? 0 : writer.placeOfAscii() + 1)
    if (present[i] !== float) continue
    writer.text(isFirst ? (prefix[i] as string) : `,${prefix[i]}`)
    writer.text(numberText(values[i] as number))
    writer.text('"]')
    isFirst = false
  }
  places?.endCells(writer.place())
  writer.text(']')
}

function writeHistograms(writer: JsonBytes, { present, timesMs, histograms }: ResultSeries): void {
  let separator = ',"histograms":['
  for (let i = 0; i < present.length; i++) {
    const sample = present[i] === histogram ? histograms?.[i] : undefined
    if (sample === undefined) continue
    writer.text(`${separator}[${timeText(timesMs[i] as number)},${histogramJson(sample)}]`)
    separator = ','
  }
  writer.text(']')
}

function writeNotes(writer: JsonBytes, name: 'warnings' | 'infos', notes: readonly string[]): void {
  if (notes.length > 0) writer.text(`,"${name}":${JSON.stringify(notes)}`)
}

function labelsText(labels: Labels): string {
  const { flat } = labels
  let text = '{'
  for (let i = 0; i < flat.length; i += 2)
    text += `${i === 0 ? '' : ','}${JSON.stringify(flat[i])}:${JSON.stringify(flat[i + 1])}`
  return `${text}}`
}

/** Bytes that grow as text is added. */
class JsonBytes {
  #bytes = new Uint8Array(0)
  #length = 0
  #pending = ''

  text(text: string): void {
    this.#pending += text
    if (this.#pending.length >= pieceLength) this.#flush()
  }

  /** How many bytes there are. */
  place(): number {
    this.#flush()
    return this.#length
  }

  /** The same without turning text into bytes, where all since the last `place` is ASCII. */
  placeOfAscii(): number {
    return this.#length + this.#pending.length
  }

  finish(): Uint8Array {
    // most answers are small: memory for larger ones would be the collector's main work
    if (this.#length === 0) return utf8.encode(this.#pending)
    this.#flush()
    return this.#bytes.slice(0, this.#length)
  }

  #flush(): void {
    // a UTF-16 unit takes at most three bytes
    const needed = this.#length + this.#pending.length * 3
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2))
      grown.set(this.#bytes.subarray(0, this.#length))
      this.#bytes = grown
    }
    this.#length += utf8.encodeInto(this.#pending, this.#bytes.subarray(this.#length)).written
    this.#pending = ''
  }
}
