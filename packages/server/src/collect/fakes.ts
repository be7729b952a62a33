// Stand-ins for the tests of this folder: an acceptor that keeps what it is given, and targets that answer what they are told.
import { AppError } from '@tidewatch/core/error.ts'
import { Labels } from '@tidewatch/core/labels.ts'
import { isStaleHistogram } from '@tidewatch/core/native-histogram.ts'
import type { ResolvedSamples, SeriesRef } from '../head/port.ts'
import type { AcceptOptions, SampleAcceptor } from '../ingest/port.ts'
import type { Logger } from '../self/port.ts'
import type { MetricMetadata } from '../store/port.ts'
import type { ScrapeAnswer, ScrapeClient } from './scrape/client.ts'

/** Keeps samples as lines `series @ms value`, a batch each. */
export class FakeAcceptor implements SampleAcceptor {
  readonly batches: string[][] = []
  readonly metadata: MetricMetadata[] = []
  readonly stats = {
    batches: 0,
    samples: 0,
    refusedTooOld: 0,
    refusedTooFarAhead: 0,
    seriesRows: 0,
    metadataRows: 0,
    exemplars: 0,
    refusedExemplars: 0,
    histograms: 0,
    refusedHistograms: 0,
  }
  full = false
  /** Series that contain this text are refused. */
  refuseSeries: string | undefined
  readonly #series: Labels[] = []
  readonly #refs = new Map<string, SeriesRef>()
  #waiting: (() => void)[] = []

  /** Resolves with the batch that is accepted next. */
  async next(): Promise<string[]> {
    await new Promise<void>((resolve) => this.#waiting.push(resolve))
    return this.batches.at(-1) ?? []
  }

  async accept(samples: ResolvedSamples, { metadata = [] }: AcceptOptions = {}) {
    this.checkRoom()
    const words = new Uint32Array(samples.values.buffer, 0, samples.length * 2)
    const lines = Array.from({ length: samples.length }, (_, i) => {
      const stale = words[i * 2 + 1] === 0x7ff00000 && words[i * 2] === 2
      return `${this.#series[samples.refs[i]]} @${samples.timesMs[i]} ${stale ? 'stale' : samples.values[i]}`
    })
    for (const { ref, timeMs, histogram } of samples.histograms ?? []) {
      const { schema, count, positiveBuckets } = histogram
      const said = isStaleHistogram(histogram)
        ? 'stale histogram'
        : `schema ${schema} count ${count} buckets ${positiveBuckets.join(' ')}`
      lines.push(`${this.#series[ref]} @${timeMs} ${said}`)
    }
    for (const { ref, timeMs, value, labels } of samples.exemplars ?? [])
      lines.push(`${this.#series[ref]} @${timeMs} exemplar ${value} ${labels.join(' ')}`)
    this.batches.push(lines)
    this.metadata.push(...metadata)
    for (const resolve of this.#waiting.splice(0)) resolve()
    return {
      accepted: samples.length,
      histograms: 0,
      badHistograms: 0,
      firstBadHistogram: undefined,
      exemplars: 0,
      refusedExemplars: 0,
      refused: { tooOld: 0, tooFarAhead: 0, examples: [] },
    }
  }
  rememberExemplars(): void {}

  checkRoom(): void {
    if (this.full) throw new AppError('spool.full', 'the spool is full', { retryAfterSeconds: 5 })
  }
  /** Of every series. */
  lastMs = (): number => Number.NEGATIVE_INFINITY
  readonly order = { guess: () => -1, encodedLength: () => 0, note: () => undefined }
  resolve(_project: number, labels: Labels): SeriesRef {
    const text = labels.toString()
    if (this.refuseSeries !== undefined && text.includes(this.refuseSeries)) {
      throw new AppError('ingest.too_many_series', 'there are too many series')
    }
    const known = this.#refs.get(labels.key())
    if (known !== undefined) return known
    const ref = (this.#series.push(labels) - 1) as SeriesRef
    this.#refs.set(labels.key(), ref)
    return ref
  }
  resolveEncoded(project: number, bytes: Uint8Array, start: number, end: number): SeriesRef {
    const flat: string[] = []
    for (let at = start; at < end; ) {
      const whole = length(bytes, at + 1)
      const name = length(bytes, whole.at + 1)
      const value = length(bytes, name.at + name.length + 1)
      flat.push(text(bytes, name.at, name.length), text(bytes, value.at, value.length))
      at = whole.at + whole.length
    }
    return this.resolve(project, Labels.fromSorted(flat))
  }
}

function length(bytes: Uint8Array, start: number): { at: number; length: number } {
  let value = 0
  for (let at = start, shift = 0; ; at++, shift += 7) {
    value |= (bytes[at] & 127) << shift
    if (bytes[at] < 128) return { at: at + 1, length: value }
  }
}

function text(bytes: Uint8Array, at: number, size: number): string {
  return Buffer.from(bytes.subarray(at, at + size)).toString()
}

/** A target: text, an error, or a promise that never comes. */
export type FakeAnswer =
  | string
  | Error
  | 'hang'
  | { readonly body: string | Uint8Array; readonly contentType: string | undefined }

/** Answers by URL, `answers['*']` for all others, and counts. */
export class FakeClient implements ScrapeClient {
  readonly asked: string[] = []
  answers: Record<string, FakeAnswer> = {}
  closed = 0

  async get(url: URL, { signal }: { readonly signal: AbortSignal }): Promise<ScrapeAnswer> {
    this.asked.push(url.href)
    const answer = this.answers[url.href] ?? this.answers['*'] ?? ''
    if (answer === 'hang')
      return await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    if (answer instanceof Error) throw answer
    if (typeof answer === 'string') return { body: Buffer.from(answer), contentType: 'text/plain; version=0.0.4' }
    return { body: Buffer.from(answer.body), contentType: answer.contentType }
  }
  async [Symbol.asyncDispose](): Promise<void> {
    this.closed++
  }
}

/** Keeps warnings and errors. */
export function fakeLogger(): Logger & { readonly lines: string[] } {
  const lines: string[] = []
  const note = (message: string): void => void lines.push(message)
  const logger = { debug: () => {}, info: () => {}, warn: note, error: note, child: () => logger, lines }
  return logger
}
