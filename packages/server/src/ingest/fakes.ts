// In-memory stand-ins of index, head, spool and encoder for the tests of this folder.
import { AppError } from '@tidewatch/core/error.ts'
import { Labels } from '@tidewatch/core/labels.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import { decodeHistogram } from '@tidewatch/core/native-histogram-codec.ts'
import type { HistogramSample } from '@tidewatch/core/sample-batch.ts'
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import type { HeadWriter, ResolvedSamples, SeriesIndex, SeriesRef } from '../head/port.ts'
import type { SpoolSection, SpoolWriter } from '../spool/port.ts'
import type { MetricMetadata, MetricTablesEncoder, StoredExemplar, StoredSeries } from '../store/port.ts'
import { createSampleAcceptor } from './accept.ts'

export interface FakeSample {
  readonly ref: number
  readonly timeMs: number
  /** Hexadecimal, high word first: NaN payloads are seen. */
  readonly bits: string
}

function samplesOf(samples: ResolvedSamples): FakeSample[] {
  const words = new Uint32Array(samples.values.buffer, samples.values.byteOffset, samples.length * 2)
  const hex = (word: number): string => word.toString(16).padStart(8, '0')
  return Array.from({ length: samples.length }, (_, i) => ({
    ref: samples.refs[i],
    timeMs: samples.timesMs[i],
    bits: hex(words[i * 2 + 1]) + hex(words[i * 2]),
  }))
}

/** Series by a Map, labels parsed plainly. */
export class FakeIndex implements SeriesIndex {
  readonly idLow = new Uint32Array(1 << 12)
  readonly idHigh = new Uint32Array(1 << 12)
  readonly saved = new Set<number>()
  maxSeries = 1 << 12
  readonly #refs = new Map<string, SeriesRef>()
  readonly #series: { readonly project: ProjectId; readonly labels: Labels }[] = []

  get size(): number {
    return this.#series.length
  }
  resolve(project: ProjectId, labels: Labels): SeriesRef {
    const key = `${project} ${labels.key()}`
    const known = this.#refs.get(key)
    if (known !== undefined) return known
    if (this.size >= this.maxSeries) {
      throw new AppError('ingest.too_many_series', `more than ${this.maxSeries} series`)
    }
    const ref = this.#series.length as SeriesRef
    this.idLow[ref] = ref + 1
    this.idHigh[ref] = 7
    this.#series.push({ project, labels })
    this.#refs.set(key, ref)
    return ref
  }
  resolveEncoded(project: ProjectId, bytes: Uint8Array, start: number, end: number): SeriesRef {
    const entries: [string, string][] = []
    for (let at = start; at < end; ) {
      const stop = at + 2 + bytes[at + 1]
      const nameEnd = at + 4 + bytes[at + 3]
      const decode = (from: number, to: number): string => {
        try {
          return new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(from, to))
        } catch {
          throw new AppError('ingest.bad_label', `a label of series ${this.size} is not UTF-8`)
        }
      }
      entries.push([decode(at + 4, nameEnd), decode(nameEnd + 2, stop)])
      at = stop
    }
    return this.resolve(project, Labels.from(entries))
  }
  /** Knows no order: every series is looked for. */
  guess(): number {
    return -1
  }
  encodedLength(): number {
    return 0
  }
  note(): void {}
  labels(ref: SeriesRef): Labels {
    return this.#series[ref].labels
  }
  project(ref: SeriesRef): ProjectId {
    return this.#series[ref].project
  }
  /** By ref: when the newest sample was taken. */
  readonly newestMs = new Map<number, number>()
  lastMs(ref: SeriesRef): number {
    return this.newestMs.get(ref) ?? Number.NEGATIVE_INFINITY
  }
  isSaved(ref: SeriesRef): boolean {
    return this.saved.has(ref)
  }
  markSaved(ref: SeriesRef): void {
    this.saved.add(ref)
  }
  generation(): number {
    return 0
  }
  touch(): boolean {
    return true
  }
  select(): Uint32Array {
    return new Uint32Array(0)
  }
  countAtMost(): number {
    return this.size
  }
  labelNames(): string[] {
    return []
  }
  labelValues(): string[] {
    return []
  }
}

/** Keeps frames; can be made to refuse, or to hold appends back until `release`. */
export class FakeSpool implements SpoolWriter {
  readonly frames: (readonly SpoolSection[])[] = []
  full = false
  refuseAppends = false
  #held: (() => void)[] | undefined

  checkRoom(): void {
    if (this.full) throw new AppError('spool.full', 'the spool is full', { retryAfterSeconds: 5 })
  }
  async append(sections: readonly SpoolSection[]): Promise<{ readonly duplicate: boolean }> {
    if (this.#held !== undefined) await new Promise<void>((resolve) => this.#held?.push(resolve))
    if (this.refuseAppends) throw new AppError('spool.disk_full', 'the disk is full', { retryAfterSeconds: 5 })
    this.frames.push(sections)
    return { duplicate: false }
  }
  hold(): void {
    this.#held = []
  }
  release(): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const resolve of held) resolve()
  }
}

/** Sections whose only part is the rows as JSON, to be read back by `rowsOf`. */
export const fakeEncoder: MetricTablesEncoder = {
  samples: ({ length, projects, ids, timesMs, values }) => {
    const samples = samplesOf({ length, refs: new Uint32Array(length), timesMs, values })
    return section(
      'samples',
      samples.map(({ timeMs, bits }, i) => ({ project: projects[i], id: [ids[i * 2], ids[i * 2 + 1]], timeMs, bits })),
    )
  },
  histograms: ({ length, ids, timesMs, bytes }) =>
    section(
      'histograms',
      Array.from({ length }, (_, i) => ({
        id: [ids[i * 2], ids[i * 2 + 1]],
        timeMs: timesMs[i],
        ...plainly(bytes[i]),
      })),
    ),
  series: (rows: readonly StoredSeries[]) =>
    section(
      'series',
      rows.map((row) => ({ id: [row.idLow, row.idHigh], labels: row.labels.toString(), seenMs: row.seenMs })),
    ),
  metadata: (rows: readonly MetricMetadata[]) => section('metadata', rows),
  exemplars: (rows: readonly StoredExemplar[]) =>
    section(
      'exemplars',
      rows.map(({ idLow, labels, timeMs, value, example }) => [idLow, labels.toString(), timeMs, value, ...example]),
    ),
}

function plainly(bytes: Uint8Array): object {
  const { count, sum, isInteger } = decodeHistogram(bytes)
  return { count, sum, isInteger }
}

function section(table: string, rows: readonly unknown[]): SpoolSection {
  return { table, rows: rows.length, parts: [Buffer.from(JSON.stringify(rows))] }
}

/** The rows of a table in each frame, one list a frame. */
export function rowsOf(spool: FakeSpool, table: string): unknown[] {
  return spool.frames.map((frame) =>
    frame.filter((found) => found.table === table).flatMap((found) => JSON.parse(String(found.parts[0])) as unknown[]),
  )
}

export function fakeParts(options: { readonly retentionMs?: number } = {}) {
  const index = new FakeIndex()
  const spool = new FakeSpool()
  const inHead: FakeSample[] = []
  const histogramsInHead: HistogramSample[] = []
  const head: HeadWriter = {
    changes: { sequence: 0, earliestSince: () => Number.POSITIVE_INFINITY, noteFrom: () => undefined },
    beginMs: Number.NEGATIVE_INFINITY,
    append: (samples) => void inHead.push(...samplesOf(samples)),
    appendHistograms: ({ length, refs, timesMs, bytes }) => {
      for (let i = 0; i < length; i++)
        histogramsInHead.push({ ref: refs[i], timeMs: timesMs[i], histogram: decodeHistogram(bytes[i]) })
    },
  }
  const clock = new FakeClock(Date.UTC(2026, 5, 1, 12))
  const acceptor = createSampleAcceptor({
    index,
    head,
    spool,
    encoder: fakeEncoder,
    clock,
    retentionMs: options.retentionMs,
  })
  return { index, spool, head, inHead, histogramsInHead, clock, acceptor }
}
