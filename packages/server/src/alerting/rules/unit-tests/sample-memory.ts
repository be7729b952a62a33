// The store of one unit test: what its series have written so far and what its rules record.
import { AppError } from '@tidewatch/core/error.ts'
import { formatFloat } from '@tidewatch/core/format-float.ts'
import type { Labels } from '@tidewatch/core/labels.ts'
import type { Matcher } from '@tidewatch/core/matcher.ts'
import type { FloatHistogram } from '@tidewatch/core/native-histogram.ts'
import { compileLabelRegex } from '@tidewatch/core/regexp.ts'
import { isStaleAt, setStale } from '@tidewatch/core/stale.ts'
import { detectReset, withHint } from '@tidewatch/promql/native/arithmetic.ts'
import type { SampleBuffer, SampleSource, SelectedSeries, SelectRequest } from '@tidewatch/promql/port.ts'
import { printHistogram } from './histogram-notation.ts'

export type StoredValue = number | 'stale' | FloatHistogram

/** Samples of one series in columns that grow, times ascending. */
class SeriesColumns {
  readonly labels: Labels
  length = 0
  #timesMs = new Float64Array(16)
  #values = new Float64Array(16)
  #words = new Uint32Array(this.#values.buffer)
  #histograms: (FloatHistogram | undefined)[] | undefined

  constructor(labels: Labels) {
    this.labels = labels
  }

  append(atMs: number, value: StoredValue): void {
    const lastMs = this.length === 0 ? Number.NEGATIVE_INFINITY : (this.#timesMs[this.length - 1] as number)
    if (atMs < lastMs) throw new AppError('query.execution', 'out of order sample')
    if (atMs === lastMs) {
      if (!this.#endsWith(value)) throw new AppError('query.execution', 'duplicate sample for timestamp')
      return
    }
    if (this.length === this.#values.length) this.#grow()
    const at = this.length++
    this.#timesMs[at] = atMs
    if (value === 'stale') setStale(this.#words, at)
    else if (typeof value === 'number') this.#values[at] = value
    else {
      const stored = withHint(value, this.#hintOf(value, at))
      this.#values[at] = value.sum
      this.#histograms ??= []
      this.#histograms[at] = stored
    }
  }

  read({ startMs, endMs }: SelectRequest, buffer: SampleBuffer): void {
    const from = this.#firstAtOrAfter(startMs)
    const until = this.#firstAtOrAfter(endMs + 1)
    buffer.length = 0
    buffer.reserve(until - from)
    buffer.timesMs.set(this.#timesMs.subarray(from, until))
    buffer.values.set(this.#values.subarray(from, until))
    buffer.histograms =
      this.#histograms === undefined
        ? undefined
        : Array.from({ length: until - from }, (_, i) => this.#histograms?.[from + i])
    buffer.length = until - from
  }

  text(startMs: number): string {
    const shown = (at: number): string => {
      if (isStaleAt(this.#words, at)) return 'stale'
      const histogram = this.#histograms?.[at]
      return histogram === undefined ? formatFloat(this.#values[at] as number) : printHistogram(histogram)
    }
    const samples = Array.from({ length: this.length }, (_, at) => at)
    return samples.map((at) => `${shown(at)}@${((this.#timesMs[at] as number) - startMs) / 1000}`).join(' ')
  }

  overlaps({ startMs, endMs }: SelectRequest): boolean {
    return this.length > 0 && (this.#timesMs[0] as number) <= endMs && this.#lastMs() >= startMs
  }

  /** As the time series database of Prometheus knows it: from the histogram before, if that is one. Of resets it is never certain. */
  #hintOf(value: FloatHistogram, at: number): FloatHistogram['counterResetHint'] {
    const { counterResetHint } = value
    if (counterResetHint === 'gauge') return 'gauge'
    if (counterResetHint === 'reset') return 'unknown'
    const before = at === 0 || isStaleAt(this.#words, at - 1) ? undefined : this.#histograms?.[at - 1]
    if (before === undefined || before.counterResetHint === 'gauge') return 'unknown'
    return detectReset(withHint(value, 'unknown'), before) ? 'unknown' : 'not_reset'
  }

  #endsWith(value: StoredValue): boolean {
    const last = this.length - 1
    const isStale = isStaleAt(this.#words, last)
    if (value === 'stale' || isStale) return value === 'stale' && isStale
    if (typeof value !== 'number') return this.#histograms?.[last] !== undefined
    return this.#histograms?.[last] === undefined && Object.is(value, this.#values[last])
  }

  #lastMs(): number {
    return this.#timesMs[this.length - 1] as number
  }

  #firstAtOrAfter(atMs: number): number {
    let low = 0
    let high = this.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#timesMs[middle] as number) < atMs) low = middle + 1
      else high = middle
    }
    return low
  }

  #grow(): void {
    const values = new Float64Array(this.#values.length * 2)
    values.set(this.#values)
    const timesMs = new Float64Array(values.length)
    timesMs.set(this.#timesMs)
    this.#values = values
    this.#timesMs = timesMs
    this.#words = new Uint32Array(values.buffer)
  }
}

export class SampleMemory implements SampleSource {
  readonly #series = new Map<string, SeriesColumns>()
  readonly #regexes = new Map<string, (text: string) => boolean>()

  /** Throws `query.execution` for a sample before the series' last one, and for another value at its time. */
  append(labels: Labels, atMs: number, value: StoredValue): void {
    const key = labels.key()
    let series = this.#series.get(key)
    if (series === undefined) {
      series = new SeriesColumns(labels)
      this.#series.set(key, series)
    }
    series.append(atMs, value)
  }

  /** Each series with its samples as `VALUE@SECONDS after the start`, by labels. */
  dump(startMs: number): { readonly labels: string; readonly text: string }[] {
    return [...this.#series.values()]
      .map((series) => ({ labels: series.labels.toString(), text: series.text(startMs) }))
      .sort((a, b) => (a.labels < b.labels ? -1 : 1))
  }

  async select(requests: readonly SelectRequest[]): Promise<readonly SelectedSeries[]> {
    return requests.map((request) => {
      const tests = request.matchers.map((matcher) => this.#testOf(matcher))
      const found = [...this.#series.values()].filter(
        (series) => series.overlaps(request) && tests.every((test) => test(series.labels)),
      )
      return {
        count: found.length,
        labels: (index) => (found[index] as SeriesColumns).labels,
        read: (index, buffer) => (found[index] as SeriesColumns).read(request, buffer),
      }
    })
  }

  #testOf({ name, op, value }: Matcher): (labels: Labels) => boolean {
    const test = op === '=~' || op === '!~' ? this.#regex(value) : (text: string) => text === value
    const wanted = op === '=' || op === '=~'
    return (labels) => test(labels.get(name)) === wanted
  }

  /** One for each regular expression that the rules and tests write, so their number bounds the map. */
  #regex(pattern: string): (text: string) => boolean {
    let test = this.#regexes.get(pattern)
    if (test === undefined) {
      test = compileLabelRegex(pattern)
      this.#regexes.set(pattern, test)
    }
    return test
  }
}
