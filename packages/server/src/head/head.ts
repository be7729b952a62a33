// The head: the newest samples of all series in shared memory, and the index of these series.
import type { Clock } from '@tidewatch/core/clock.ts'
import type { Matcher, ProjectId } from '@tidewatch/core/matcher.ts'
import { Epochs, type Release, retiredKind } from './epochs.ts'
import { HeadEraser } from './erase.ts'
import { HistogramChain, nodeUnits } from './histogram-chain.ts'
import { labelLimits } from './label-limits.ts'
import { LateSamples } from './late-samples.ts'
import { LookupHash } from './lookup-hash.ts'
import { pageBytes, reserveMemory } from './memory.ts'
import { PagePool } from './pages.ts'
import type {
  HeadDescriptor,
  HeadWriter,
  RefillSource,
  SeriesCollisions,
  SeriesIndex,
  SeriesRef,
  SeriesSurvey,
} from './port.ts'
import { createHeadReader } from './reader.ts'
import { type RefillResult, refillHead } from './refill.ts'
import { SeriesChain, sealedUnits } from './series-chain.ts'
import { SeriesColumns } from './series-columns.ts'
import { type IdHash, SeriesIdentity } from './series-identity.ts'
import { HeadSeriesIndex } from './series-index.ts'
import { SipHash } from './siphash.ts'
import { TimeSlots } from './slots.ts'
import { createSeriesSurvey } from './survey.ts'
import { Sweeper } from './sweeper.ts'
import { HeadWindow } from './window.ts'
import { type AppendCounts, SampleWriter } from './writer.ts'

const megabyte = 2 ** 20
const maxArenaBytes = 2 ** 31 - pageBytes

export interface HeadOptions {
  /** Memory for samples, bytes; 1 MB to 800 MB. */
  readonly budgetBytes?: number
  readonly clock: Clock
  /** 16 bytes, drawn once for an installation and kept for ever: ids of series are made with it. */
  readonly hashKey: Uint8Array
  /** Series at once; more are refused. */
  readonly maxSeries?: number
  /** How long a time slot is at most. Data is dropped by whole slots. */
  readonly slotMs?: number
  readonly collisions?: SeriesCollisions
  /** Takes the place of the keyed hash that ids are made by: for tests of collisions. */
  readonly idHash?: IdHash
}

export interface HeadStats extends AppendCounts {
  readonly series: number
  readonly beginMs: number
  readonly newestMs: number
  readonly budgetBytes: number
  /** Pages in use, also those that wait for readers to leave. */
  readonly sampleBytes: number
  readonly labelBytes: number
  readonly slots: number
  /** Things taken out of sight that readers may still look at. */
  readonly retired: number
  /** Readers whose memory was taken away. */
  readonly revocations: number
}

export interface Head extends Disposable {
  readonly index: SeriesIndex
  readonly writer: HeadWriter
  readonly survey: SeriesSurvey
  /** For `createHeadReader` in any thread. */
  readonly descriptor: HeadDescriptor
  /** Once, before the first append. */
  refill(source: RefillSource, options: { readonly signal: AbortSignal }): Promise<RefillResult>
  /**
   * Deletes the samples with startMs <= time <= endMs of the series that match, in slices; returns the series that were looked at. Nothing may be
   * appended meanwhile. Readers under way get `query.busy`.
   */
  erase(
    project: ProjectId,
    matchers: readonly Matcher[],
    window: { readonly startMs: number; readonly endMs: number },
  ): Promise<readonly SeriesRef[]>
  stats(): HeadStats
}

function sizesOf({ budgetBytes = 128 * megabyte, maxSeries = 2_000_000, slotMs = 1_800_000 }: HeadOptions) {
  if (!(budgetBytes >= megabyte && budgetBytes <= 800 * megabyte)) throw new RangeError('budgetBytes: 1 MB to 800 MB')
  if (!(maxSeries >= 1 && maxSeries <= 16_000_000)) throw new RangeError('maxSeries: 1 to 16 million')
  return { budgetBytes, maxSeries, slotMs }
}

/** An empty head. Reserves addresses for all it may ever hold; memory is taken as it fills. */
export function createHead(options: HeadOptions): Head {
  const { budgetBytes, maxSeries, slotMs } = sizesOf(options)
  const reserved = Math.min(maxArenaBytes, 2 * budgetBytes + maxSeries * 96 + 64 * pageBytes)
  const pages = Math.floor(reserved / pageBytes)
  const labelBytes = Math.min(maxArenaBytes, Math.max(megabyte, maxSeries * 640))
  const { memory, descriptor } = reserveMemory({ maxSeries, sampleBytes: pages * pageBytes, labelBytes })

  const columns = new SeriesColumns(maxSeries)
  const sip = new SipHash(options.hashKey)
  const identity = new SeriesIdentity(options.idHash ?? sip, columns, options.collisions)
  const lookup = new LookupHash(sip, labelLimits.totalBytes)
  const index = new HeadSeriesIndex({ memory, columns, lookup, identity, maxSeries })

  const pool = new PagePool(pages)
  const slots = new TimeSlots(pool, memory.slotStartMs)
  const epochs = new Epochs(memory.control)
  const chain = new SeriesChain({ memory, pool, slots, epochs, columns, budgetBytes, count: () => index.size })
  const release: Release = (kind, a, b) => {
    if (kind === retiredKind.openBlock) chain.releaseBlock(a, b)
    else if (kind === retiredKind.slot) slots.free(a)
    else if (kind === retiredKind.labels) index.releaseLabels(a)
    else if (kind === retiredKind.ref) index.releaseRef(a)
    else if (b < slots.oldest) return
    else if (kind === retiredKind.histogram) slots.recycle(b, a, nodeUnits(memory.samples, a))
    else slots.recycle(b, a, sealedUnits(memory.samples, a))
  }
  const { clock } = options
  const window = new HeadWindow({ memory, pool, slots, epochs, release, clock, budgetBytes, slotMs })
  const histograms = new HistogramChain({ memory, slots, epochs, columns })
  const parts = { memory, columns, index, window, slots, chain, histograms, epochs, release, clock }
  const sweeper = new Sweeper({ ...parts, maxSeries })
  const late = new LateSamples(parts)
  const writer = new SampleWriter({ ...parts, late, sweeper })
  const eraser = new HeadEraser({ ...parts, writer, openReader: () => createHeadReader(descriptor) })
  return {
    index,
    writer,
    erase: (project, matchers, times) => eraser.erase(project, matchers, times),
    survey: createSeriesSurvey({ memory, columns, index, slots }),
    descriptor,
    refill: (source, { signal }) =>
      refillHead({ index, identity, writer, window, budgetBytes, slotMs }, source, signal),
    stats: () => ({
      ...writer.counts,
      series: index.size,
      beginMs: window.beginMs,
      newestMs: window.newestMs,
      budgetBytes,
      sampleBytes: pool.used * pageBytes,
      labelBytes: index.labelBytes,
      slots: slots.newest - slots.oldest + 1,
      retired: epochs.pending,
      revocations: epochs.revocations,
    }),
    // memory goes when the last thread lets go of it; readers that are left are told
    [Symbol.dispose]: () => epochs.revokeReaders(),
  }
}
