// Deletes samples out of the head. Main thread only. A series that keeps some is written anew, which readers must not see half of: those that began
// before are revoked, and begin again; those that begin meanwhile learn of their series when it is done.
import { setImmediate } from 'node:timers/promises'
import type { Matcher, ProjectId } from '@tidewatch/core/matcher.ts'
import type { Epochs } from './epochs.ts'
import type { HistogramChain } from './histogram-chain.ts'
import type { HeadReader, SampleColumns, SeriesRef, TimedHistograms } from './port.ts'
import type { SeriesChain } from './series-chain.ts'
import type { SeriesColumns } from './series-columns.ts'
import type { HeadSeriesIndex } from './series-index.ts'
import type { SampleWriter } from './writer.ts'

/** How long the thread is kept at once, ms. */
const sliceMs = 5

interface EraseParts {
  readonly index: HeadSeriesIndex
  readonly columns: SeriesColumns
  readonly chain: SeriesChain
  readonly histograms: HistogramChain
  readonly writer: SampleWriter
  readonly epochs: Epochs
  readonly openReader: () => HeadReader
}

export class HeadEraser {
  readonly #parts: EraseParts
  readonly #samples = new Columns()

  constructor(parts: EraseParts) {
    this.#parts = parts
  }

  /** See `Head.erase`. */
  async erase(
    project: ProjectId,
    matchers: readonly Matcher[],
    window: { readonly startMs: number; readonly endMs: number },
  ): Promise<SeriesRef[]> {
    const { index, epochs, openReader, writer } = this.#parts
    const refs = index.select(project, matchers, window.startMs, window.endMs)
    const generations = Array.from(refs, (ref) => index.generation(ref as SeriesRef))
    const erased: SeriesRef[] = []
    using reader = openReader()
    for (let at = 0; at < refs.length; ) {
      epochs.revokeReaders()
      const endMs = performance.now() + sliceMs
      for (; at < refs.length && performance.now() < endMs; at++) {
        const ref = refs[at] as SeriesRef
        // another series may have the number by now: then this one's samples have left the head
        if (!index.touch(ref, generations[at])) continue
        this.#eraseOne(ref, window, reader)
        erased.push(ref)
      }
      if (at < refs.length) await setImmediate()
    }
    writer.changes.noteFrom(window.startMs)
    return erased
  }

  #eraseOne(ref: SeriesRef, window: { readonly startMs: number; readonly endMs: number }, reader: HeadReader): void {
    const { columns, chain, histograms, writer } = this.#parts
    const everything = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const
    const samples = this.#samples
    samples.length = 0
    // released before anything is written: writing may have to wait for nobody, least of all for this
    reader.acquire()
    reader.read(ref, ...everything, samples)
    const all = reader.readHistograms(ref, ...everything)
    const keptHistograms = without(all, window)
    reader.release()
    const kept = samples.without(window)
    if (kept === samples.length && keptHistograms.timesMs.length === (all?.timesMs.length ?? 0)) return
    chain.forget(ref)
    histograms.forget(ref)
    columns.histogramFirstMs[ref] = Number.POSITIVE_INFINITY
    columns.histogramLastMs[ref] = Number.NEGATIVE_INFINITY
    if (kept > 0) {
      const { timesMs, values } = samples
      writer.append({ length: kept, refs: new Uint32Array(kept).fill(ref), timesMs, values })
    }
    const { length } = keptHistograms.timesMs
    if (length > 0)
      writer.appendHistograms({
        ...{ length, bytes: keptHistograms.bytes, timesMs: Float64Array.from(keptHistograms.timesMs) },
        refs: new Uint32Array(length).fill(ref),
      })
  }
}

/** Copies, since what they were read from is written to. */
function without(
  histograms: TimedHistograms | undefined,
  { startMs, endMs }: { readonly startMs: number; readonly endMs: number },
): { readonly timesMs: number[]; readonly bytes: Uint8Array[] } {
  const timesMs: number[] = []
  const bytes: Uint8Array[] = []
  if (histograms === undefined) return { timesMs, bytes }
  for (const [i, timeMs] of histograms.timesMs.entries()) {
    if (timeMs >= startMs && timeMs <= endMs) continue
    timesMs.push(timeMs)
    bytes.push(histograms.bytes[i].slice())
  }
  return { timesMs, bytes }
}

/** One series' samples. */
class Columns implements SampleColumns {
  length = 0
  timesMs = new Float64Array(1024)
  values = new Float64Array(1024)

  reserve(capacity: number): void {
    if (capacity <= this.timesMs.length) return
    const room = Math.max(capacity, this.timesMs.length * 2)
    const timesMs = new Float64Array(room)
    const values = new Float64Array(room)
    timesMs.set(this.timesMs)
    values.set(this.values)
    this.timesMs = timesMs
    this.values = values
  }

  /** Moves what is outside of the window to the front; returns how many that are. */
  without({ startMs, endMs }: { readonly startMs: number; readonly endMs: number }): number {
    const { timesMs, values, length } = this
    const words = new Uint32Array(values.buffer)
    let kept = 0
    for (let i = 0; i < length; i++) {
      if (timesMs[i] >= startMs && timesMs[i] <= endMs) continue
      timesMs[kept] = timesMs[i]
      // by bits: a stale marker is one of many NaNs
      words[kept * 2] = words[i * 2]
      words[kept * 2 + 1] = words[i * 2 + 1]
      kept++
    }
    return kept
  }
}
