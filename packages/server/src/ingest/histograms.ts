// Native histograms on their way in: those that are some and fit the times, as the bytes that spool, store and head keep. Called once a histogram.
import { AppError } from '@tidewatch/core/error.ts'
import { histogramFault } from '@tidewatch/core/native-histogram-check.ts'
import { encodeHistogram } from '@tidewatch/core/native-histogram-codec.ts'
import type { HistogramSample } from '@tidewatch/core/sample-batch.ts'
import type { EncodedHistograms, SeriesIndex, SeriesRef } from '../head/port.ts'

export interface TakenHistograms extends EncodedHistograms {
  readonly tooOld: readonly HistogramSample[]
  readonly tooFarAhead: readonly HistogramSample[]
  /** How many are no histograms, and what is wrong with the first. */
  readonly bad: number
  readonly firstBad: AppError | undefined
}

const noHistograms: TakenHistograms = {
  length: 0,
  refs: new Uint32Array(0),
  timesMs: new Float64Array(0),
  bytes: [],
  tooOld: [],
  tooFarAhead: [],
  bad: 0,
  firstBad: undefined,
}

export function takeHistograms(
  histograms: readonly HistogramSample[],
  { minMs, maxMs }: { readonly minMs: number; readonly maxMs: number },
  index: Pick<SeriesIndex, 'labels'>,
): TakenHistograms {
  if (histograms.length === 0) return noHistograms
  const refs = new Uint32Array(histograms.length)
  const timesMs = new Float64Array(histograms.length)
  const bytes: Uint8Array[] = []
  const tooOld: HistogramSample[] = []
  const tooFarAhead: HistogramSample[] = []
  let bad = 0
  let firstBad: AppError | undefined
  for (const sample of histograms) {
    const { ref, timeMs, histogram } = sample
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

function badHistogram(series: string, fault: string): AppError {
  return new AppError('ingest.bad_histogram', `a native histogram of ${series} is none: ${fault}`, {
    fix: 'The library that counts it, or what changes it on the way, is at fault; its other histograms were taken.',
  })
}
