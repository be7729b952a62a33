// Called per sample. Bench: bench/src/head.ts.
import type { Clock } from '@tidewatch/core/clock.ts'
import { ChangedTimes } from './changes.ts'
import type { Epochs, Release } from './epochs.ts'
import type { HistogramChain } from './histogram-chain.ts'
import type { LateSamples } from './late-samples.ts'
import { type HeadMemory, slotRing, tipAddress } from './memory.ts'
import type { EncodedHistograms, HeadWriter, ResolvedSamples } from './port.ts'
import { maxChunkSpanMs, type SeriesChain } from './series-chain.ts'
import type { SeriesColumns } from './series-columns.ts'
import type { HeadSeriesIndex } from './series-index.ts'
import type { TimeSlots } from './slots.ts'
import type { Sweeper } from './sweeper.ts'
import type { HeadWindow } from './window.ts'

/** What became of the samples that were handed in. */
export interface AppendCounts {
  /** In order and new. */
  appended: number
  /** Out of order, merged. */
  late: number
  /** Already there, or weaker than what is. */
  duplicate: number
  /** Older than the head's begin. */
  tooOld: number
  /** Of numbers that are no series, or with a time that is no finite number. */
  refused: number
}

interface WriterParts {
  readonly memory: HeadMemory
  readonly columns: SeriesColumns
  readonly index: HeadSeriesIndex
  readonly window: HeadWindow
  readonly slots: TimeSlots
  readonly chain: SeriesChain
  readonly late: LateSamples
  readonly histograms: HistogramChain
  readonly sweeper: Sweeper
  readonly epochs: Epochs
  readonly release: Release
  readonly clock: Clock
}

export class SampleWriter implements HeadWriter {
  readonly counts: AppendCounts = { appended: 0, late: 0, duplicate: 0, tooOld: 0, refused: 0 }
  readonly changes = new ChangedTimes()
  readonly #parts: WriterParts

  constructor(parts: WriterParts) {
    this.#parts = parts
  }

  get beginMs(): number {
    return this.#parts.window.beginMs
  }

  append(samples: ResolvedSamples): void {
    const { index, clock, epochs, release, sweeper } = this.#parts
    index.tick = Math.floor(clock.monotonicMs() / 1000)
    this.changes.note(samples)
    this.#settle()
    const words = new Uint32Array(samples.values.buffer, samples.values.byteOffset, samples.values.length * 2)
    for (let from = 0; from < samples.length; ) from = this.#appendFast(samples, words, from)
    sweeper.step(256 + (samples.length >>> 2))
    epochs.reclaim(release)
  }

  #settle(): void {
    const { histograms, clock, window } = this.#parts
    if (histograms.isUnsettled) histograms.settle(clock.nowMs(), () => window.makeRoom())
  }

  appendHistograms({ length, refs, timesMs, bytes }: EncodedHistograms): void {
    const { index, clock, epochs, release, sweeper, columns, window, histograms } = this.#parts
    index.tick = Math.floor(clock.monotonicMs() / 1000)
    let earliestMs = Number.POSITIVE_INFINITY
    this.#settle()
    const nowMs = clock.nowMs()
    for (let i = 0; i < length; i++) {
      const ref = refs[i]
      const timeMs = timesMs[i]
      if (columns.live[ref] !== 1 || !Number.isFinite(timeMs)) {
        this.counts.refused++
        continue
      }
      window.makeRoom()
      if (timeMs < earliestMs) earliestMs = timeMs
      if (timeMs < window.beginMs) {
        this.counts.tooOld++
        continue
      }
      this.counts[histograms.insert(ref, { timeMs, bytes: bytes[i], nowMs })]++
      if (timeMs > window.newestMs) window.newestMs = timeMs
    }
    this.changes.noteFrom(earliestMs)
    sweeper.step(256 + (length >>> 2))
    epochs.reclaim(release)
  }

  /** Appends until a sample needs more than a place in an open block; that one too. Returns where to go on. */
  #appendFast(samples: ResolvedSamples, words: Uint32Array, from: number): number {
    const { memory, columns, slots, window } = this.#parts
    const { tips, slotStartMs } = memory
    const { u32, i32, f64 } = memory.samples
    const { lastMs, tipSlot, openClass } = columns
    const { refs, timesMs, length } = samples
    const newestSlot = slots.newest
    const { begin } = slots
    let newest = window.newestMs
    let i = from
    for (; i < length; i++) {
      const ref = refs[i]
      const time = timesMs[i]
      if (!(time > lastMs[ref]) || openClass[ref] < 0) break
      const slot = tipSlot[ref]
      if (slot !== newestSlot && (slot < begin || time >= slotStartMs[(slot + 1) % slotRing])) break
      const at = tips[ref] & tipAddress
      const word = at * 2
      const count = u32[word + 5]
      const capacity = u32[word + 4] >>> 8
      const sinceFirst = time - f64[at + 1]
      if (count === capacity || !(sinceFirst < maxChunkSpanMs)) break
      u32[word + 6 + count] = sinceFirst
      const value = word + 6 + capacity + count * 2
      u32[value] = words[i * 2]
      u32[value + 1] = words[i * 2 + 1]
      lastMs[ref] = time
      if (time > newest) newest = time
      Atomics.store(i32, word + 5, count + 1)
    }
    this.counts.appended += i - from
    window.newestMs = newest
    if (i < length) this.#appendSlow(samples, words, i++)
    return i
  }

  #appendSlow(samples: ResolvedSamples, words: Uint32Array, i: number): void {
    const { columns, chain, window, slots, late, memory } = this.#parts
    const ref = samples.refs[i]
    const timeMs = samples.timesMs[i]
    if (columns.live[ref] !== 1 || !Number.isFinite(timeMs)) {
      this.counts.refused++
      return
    }
    window.makeRoom()
    if (timeMs < window.beginMs) {
      this.counts.tooOld++
      return
    }
    if (memory.tips[ref] !== 0 && columns.lastMs[ref] < slots.startMs(slots.oldest)) chain.forget(ref)
    if (timeMs > columns.lastMs[ref]) {
      chain.put(chain.blockFor(ref, timeMs), timeMs, words, i)
      columns.lastMs[ref] = timeMs
      if (timeMs > window.newestMs) window.newestMs = timeMs
      this.counts.appended++
    } else if (late.insert(ref, { timeMs, values: samples.values, words, at: i })) this.counts.late++
    else this.counts.duplicate++
    if (timeMs < columns.firstMs[ref]) columns.firstMs[ref] = timeMs
  }
}
