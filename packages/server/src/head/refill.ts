// Fills an empty head at a start with the newest samples of the store.

import { AppError } from '@tidewatch/core/error.ts'
import type { RefillSource, ResolvedSamples } from './port.ts'
import type { SeriesIdentity } from './series-identity.ts'
import type { HeadSeriesIndex } from './series-index.ts'
import type { HeadWindow } from './window.ts'
import type { SampleWriter } from './writer.ts'

const hourMs = 3_600_000
/** What a sample is expected to take, its share of the series included; only to choose where to begin. */
const expectedSampleBytes = 4
/** The part of the budget that is filled. */
const fillShare = 0.8
/** Slots that the window is divided into at least. */
const minSlots = 16
const maxSlots = 512
/** How long samples are put in before others get a turn. */
const sliceMs = 10

interface RefillParts {
  readonly index: HeadSeriesIndex
  readonly identity: SeriesIdentity
  readonly writer: SampleWriter
  readonly window: HeadWindow
  readonly budgetBytes: number
  readonly slotMs: number
}

/** What a refill did. */
export interface RefillResult {
  readonly beginMs: number
  readonly series: number
  readonly samples: number
  /** Series or samples that could not be used: labels or ids that are there already, ids without a series. */
  readonly skipped: number
}

/** Resolves when the head holds the newest samples. On an error the head is empty and begins after everything it has seen. */
export async function refillHead(parts: RefillParts, source: RefillSource, signal: AbortSignal): Promise<RefillResult> {
  if (parts.window.newestMs !== Number.NEGATIVE_INFINITY || parts.window.beginMs !== Number.NEGATIVE_INFINITY) {
    throw new AppError('internal.bug', 'a head is refilled before anything else is put into it, and once')
  }
  const extent = await source.extent({ signal })
  if (extent === undefined) return { beginMs: parts.window.beginMs, series: 0, samples: 0, skipped: 0 }
  const from = whereToBegin(extent, parts.budgetBytes)
  parts.window.beginAt(from)
  const spanMs = extent.newestMs - from
  const stepMs = Math.max(1, Math.ceil(Math.max(Math.min(parts.slotMs, spanMs / minSlots), spanMs / maxSlots)))
  for (let at = from + stepMs; at <= extent.newestMs; at += stepMs) parts.window.openAt(at)
  try {
    const { series, skipped } = await addSeries(parts, source, from, signal)
    const samples = await addSamples(parts, source, from, signal)
    const histograms = await addHistograms(parts, source, from, signal)
    return {
      beginMs: parts.window.beginMs,
      series,
      samples: samples.added + histograms.added,
      skipped: skipped + samples.skipped + histograms.skipped,
    }
  } catch (error) {
    parts.window.newestMs = Math.max(parts.window.newestMs, extent.newestMs)
    parts.window.dropAll()
    throw error
  }
}

/** The time from which samples fit into the budget; at the earliest where the source's counts begin, as it may have older ones. */
function whereToBegin(extent: { newestMs: number; perHour: readonly number[] }, budgetBytes: number): number {
  let room = (budgetBytes * fillShare) / expectedSampleBytes
  for (const [hour, count] of extent.perHour.entries()) {
    if (count > room) return Math.floor(extent.newestMs - (hour + room / count) * hourMs) + 1
    room -= count
  }
  return extent.newestMs - extent.perHour.length * hourMs + 1
}

async function addSeries(
  { index }: RefillParts,
  source: RefillSource,
  sinceMs: number,
  signal: AbortSignal,
): Promise<{ series: number; skipped: number }> {
  let series = 0
  let skipped = 0
  for await (const block of source.series(sinceMs, { signal })) {
    for (const { project, labels, idLow, idHigh } of block) {
      if (index.restore(project, labels, { low: idLow, high: idHigh }) === undefined) skipped++
      else series++
    }
    await nextTurn(signal)
  }
  return { series, skipped }
}

async function addSamples(
  { identity, writer }: RefillParts,
  source: RefillSource,
  sinceMs: number,
  signal: AbortSignal,
): Promise<{ added: number; skipped: number }> {
  let added = 0
  const known = new KnownRefs(identity)
  const slice = 16_384
  const refs = new Uint32Array(slice)
  let turnBegan = performance.now()
  for await (const { ids, timesMs, values, length } of source.samples(sinceMs, { signal })) {
    for (let from = 0; from < length; from += slice) {
      const count = Math.min(slice, length - from)
      known.fill(refs, ids, { from, count })
      const part: ResolvedSamples = {
        length: count,
        refs,
        timesMs: timesMs.subarray(from, from + count),
        values: values.subarray(from, from + count),
      }
      writer.append(part)
      added += count
      if (performance.now() - turnBegan < sliceMs) continue
      await nextTurn(signal)
      turnBegan = performance.now()
    }
  }
  return { added: added - known.missing, skipped: known.missing }
}

async function addHistograms(
  { identity, writer }: RefillParts,
  source: RefillSource,
  sinceMs: number,
  signal: AbortSignal,
): Promise<{ added: number; skipped: number }> {
  let added = 0
  const known = new KnownRefs(identity)
  const slice = 1024
  for await (const { ids, timesMs, bytes, length } of source.histograms(sinceMs, { signal })) {
    for (let from = 0; from < length; from += slice) {
      const count = Math.min(slice, length - from)
      const refs = new Uint32Array(count)
      known.fill(refs, ids, { from, count })
      writer.appendHistograms({
        length: count,
        refs,
        timesMs: timesMs.subarray(from, from + count),
        bytes: bytes.slice(from, from + count),
      })
      added += count
      await nextTurn(signal)
    }
  }
  return { added: added - known.missing, skipped: known.missing }
}

/** Numbers of series by their ids, which come in runs: one look for each run. */
class KnownRefs {
  /** How many samples were of no known series. */
  missing = 0
  readonly #identity: SeriesIdentity
  #low = -1
  #high = -1
  #ref: number | undefined

  constructor(identity: SeriesIdentity) {
    this.#identity = identity
  }

  /** Of `ids[from]` on into `refs[0]` on. */
  fill(refs: Uint32Array, ids: Uint32Array, { from, count }: { readonly from: number; readonly count: number }): void {
    let low = this.#low
    let high = this.#high
    let ref = this.#ref
    for (let i = 0; i < count; i++) {
      const at = (from + i) * 2
      if (ids[at] !== low || ids[at + 1] !== high) {
        low = ids[at]
        high = ids[at + 1]
        ref = this.#identity.find(low, high)
      }
      refs[i] = ref ?? unknownRef
      if (ref === undefined) this.missing++
    }
    this.#low = low
    this.#high = high
    this.#ref = ref
  }
}

/** No series has this number, so the writer refuses its samples. */
const unknownRef = 0xffffffff

/** Lets requests be answered; throws when the signal has fired. */
async function nextTurn(signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve))
  signal.throwIfAborted()
}
