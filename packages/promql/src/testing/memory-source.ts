// Samples in memory as a SampleSource: for tests and benchmarks.
import type { Labels } from '@tidewatch/core/labels.ts'
import type { Matcher } from '@tidewatch/core/matcher.ts'
import type { FloatHistogram } from '@tidewatch/core/native-histogram.ts'
import { compileLabelRegex } from '@tidewatch/core/regexp.ts'
import { setStale } from '@tidewatch/core/stale.ts'
import type { SampleBuffer, SampleSource, SelectedSeries, SelectRequest } from '../port.ts'

/** A sample's value; `stale` is the marker. */
export type MemoryValue = number | 'stale' | FloatHistogram

export interface MemorySample {
  readonly atMs: number
  readonly value: MemoryValue
}

/** One series in columns, times ascending. */
export interface MemorySeries {
  readonly labels: Labels
  readonly timesMs: Float64Array
  readonly values: Float64Array
  readonly histograms: (FloatHistogram | undefined)[] | undefined
}

/** Puts samples into columns. */
export function memorySeries(labels: Labels, samples: readonly MemorySample[]): MemorySeries {
  const values = new Float64Array(samples.length)
  const words = new Uint32Array(values.buffer)
  const histograms: (FloatHistogram | undefined)[] = []
  samples.forEach(({ value }, i) => {
    if (value === 'stale') setStale(words, i)
    else if (typeof value === 'number') values[i] = value
    else {
      values[i] = value.sum
      histograms[i] = value
    }
  })
  if (histograms.length > 0) histograms.length = samples.length
  return {
    labels,
    timesMs: Float64Array.from(samples, ({ atMs }) => atMs),
    values,
    histograms: histograms.length > 0 ? histograms : undefined,
  }
}

export class MemorySource implements SampleSource {
  readonly #series = new Map<string, MemorySeries>()

  constructor(series: Iterable<MemorySeries> = []) {
    for (const one of series) this.#series.set(one.labels.key(), one)
  }

  /** Adds samples to a series; of several at one time the last counts. */
  add(labels: Labels, samples: readonly MemorySample[]): void {
    const before = this.#series.get(labels.key())
    const merged = new Map<number, MemorySample>()
    if (before !== undefined) for (const sample of samplesOf(before)) merged.set(sample.atMs, sample)
    for (const sample of samples) merged.set(sample.atMs, sample)
    this.#series.set(
      labels.key(),
      memorySeries(
        labels,
        [...merged.values()].sort((a, b) => a.atMs - b.atMs),
      ),
    )
  }

  async select(requests: readonly SelectRequest[]): Promise<readonly SelectedSeries[]> {
    return requests.map((request) => {
      const tests = request.matchers.map(matcherTest)
      const found = [...this.#series.values()].filter(
        ({ labels, timesMs }) => tests.every((test) => test(labels)) && overlaps(timesMs, request),
      )
      return {
        count: found.length,
        labels: (index) => (found[index] as MemorySeries).labels,
        read: (index, buffer) => readWindow(found[index] as MemorySeries, request, buffer),
      }
    })
  }
}

function samplesOf({ timesMs, values, histograms }: MemorySeries): MemorySample[] {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length * 2)
  return Array.from(timesMs, (atMs, i) => {
    const stale = words[i * 2] === 2 && words[i * 2 + 1] === 0x7ff00000
    return { atMs, value: stale ? 'stale' : (histograms?.[i] ?? (values[i] as number)) }
  })
}

function overlaps(timesMs: Float64Array, { startMs, endMs }: SelectRequest): boolean {
  return timesMs.length > 0 && (timesMs[0] as number) <= endMs && (timesMs.at(-1) as number) >= startMs
}

function firstAtOrAfter(timesMs: Float64Array, atMs: number): number {
  let low = 0
  let high = timesMs.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((timesMs[middle] as number) < atMs) low = middle + 1
    else high = middle
  }
  return low
}

function readWindow(series: MemorySeries, { startMs, endMs }: SelectRequest, buffer: SampleBuffer): void {
  const from = firstAtOrAfter(series.timesMs, startMs)
  const until = firstAtOrAfter(series.timesMs, endMs + 1)
  buffer.length = 0
  buffer.reserve(until - from)
  buffer.timesMs.set(series.timesMs.subarray(from, until))
  buffer.values.set(series.values.subarray(from, until))
  buffer.histograms = series.histograms?.slice(from, until)
  buffer.length = until - from
}

function matcherTest({ name, op, value }: Matcher): (labels: Labels) => boolean {
  const test = op === '=~' || op === '!~' ? compileLabelRegex(value) : (text: string) => text === value
  const wanted = op === '=' || op === '=~'
  return (labels) => test(labels.get(name)) === wanted
}
