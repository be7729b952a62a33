// Native histograms on their way in: those that are some and fit the times, as the bytes that spool, store and head keep. Called once a histogram.
import { setImmediate } from 'node:timers/promises'
import { AppError } from '@tidewatch/core/error.ts'
import { histogramFault } from '@tidewatch/core/native-histogram-check.ts'
import { encodeHistogram } from '@tidewatch/core/native-histogram-codec.ts'
import { withKnownResolution } from '@tidewatch/core/native-histogram-resolution.ts'
import type { HistogramSample } from '@tidewatch/core/sample-batch.ts'
import type { EncodedHistograms, HeadWriter, SeriesIndex, SeriesRef } from '../head/port.ts'

/** So many are checked and encoded, or appended, in one go: about 5 ms. */
const slice = 1 << 11

export interface TakenHistograms extends EncodedHistograms {
  readonly tooOld: readonly HistogramSample[]
  readonly tooFarAhead: readonly HistogramSample[]
  /** How many are no histograms, and what is wrong with the first. */
  readonly bad: number
  readonly firstBad: AppError | undefined
}

export const noHistograms: TakenHistograms = {
  length: 0,
  refs: new Uint32Array(0),
  timesMs: new Float64Array(0),
  bytes: [],
  tooOld: [],
  tooFarAhead: [],
  bad: 0,
  firstBad: undefined,
}

/** In slices: between them the thread answers others. */
export async function takeHistograms(
  histograms: readonly HistogramSample[],
  { minMs, maxMs }: { readonly minMs: number; readonly maxMs: number },
  index: Pick<SeriesIndex, 'labels'>,
): Promise<TakenHistograms> {
  const refs = new Uint32Array(histograms.length)
  const timesMs = new Float64Array(histograms.length)
  const bytes: Uint8Array[] = []
  const tooOld: HistogramSample[] = []
  const tooFarAhead: HistogramSample[] = []
  let bad = 0
  let firstBad: AppError | undefined
  for (const [i, sample] of histograms.entries()) {
    if (i % slice === slice - 1) await setImmediate()
    const { ref, timeMs } = sample
    const histogram = withKnownResolution(sample.histogram)
    const fault = histogramFault(histogram)
    if (fault !== undefined) {
      bad++
      firstBad ??= badHistogram(index.labels(ref as SeriesRef).toString(), fault)
    } else if (timeMs > maxMs) tooFarAhead.push(sample)
    else if (!(timeMs >= minMs)) tooOld.push(sample)
    else {
      refs[bytes.length] = ref
      timesMs[bytes.length] = timeMs
      bytes.push(encodeHistogram(histogram))
    }
  }
  return { length: bytes.length, refs, timesMs, bytes, tooOld, tooFarAhead, bad, firstBad }
}

/** Puts them into the head, in slices too. */
export async function appendHistograms(
  head: Pick<HeadWriter, 'appendHistograms'>,
  { length, refs, timesMs, bytes }: EncodedHistograms,
): Promise<void> {
  for (let from = 0; from < length; from += slice) {
    const to = Math.min(length, from + slice)
    if (from > 0) await setImmediate()
    head.appendHistograms({
      length: to - from,
      refs: refs.subarray(from, to),
      timesMs: timesMs.subarray(from, to),
      bytes: bytes.slice(from, to),
    })
  }
}

function badHistogram(series: string, fault: string): AppError {
  return new AppError('ingest.bad_histogram', `a native histogram of ${series} is none: ${fault}`, {
    fix: 'The library that counts it, or what changes it on the way, is at fault; its other histograms were taken.',
  })
}
