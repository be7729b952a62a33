// A series' native histograms among its floats, in one order of time. Called once a series that has some; what has none is not touched.
import type { NativeHistogram } from '@tidewatch/core/native-histogram.ts'
import { decodeHistogram, isStaleEncoded, replacesHistogram } from '@tidewatch/core/native-histogram-codec.ts'
import { setStale } from '@tidewatch/core/stale.ts'
import { wordsOf } from '@tidewatch/promql/evaluate/sample-buffer.ts'
import type { SampleBuffer } from '@tidewatch/promql/port.ts'
import type { TimedHistograms } from '../head/port.ts'

/**
 * Puts the histograms of all parts into the buffer. Where a float has the same time the histogram counts, unless it is a stale marker: so what
 * counts depends on no order, and a float never hides what was observed.
 */
export function mergeHistograms(buffer: SampleBuffer, parts: readonly TimedHistograms[]): void {
  const entries = inOrder(parts)
  let float = buffer.length - 1
  let entry = entries.length - 1
  const total = buffer.length + entries.length - sharedTimes(buffer, entries)
  buffer.reserve(total)
  const { timesMs, values } = buffer
  const words = wordsOf(values)
  const histograms = new Array<NativeHistogram | undefined>(total).fill(undefined)
  // from the end, so that floats move within their own columns
  for (let to = total - 1; to >= 0; to--) {
    const { timeMs: histogramMs, bytes } = entries[entry] ?? nothing
    const floatMs = float < 0 ? Number.NEGATIVE_INFINITY : (timesMs[float] as number)
    const isFloat = floatMs > histogramMs || (floatMs === histogramMs && isStaleEncoded(bytes))
    if (isFloat) {
      timesMs[to] = floatMs
      words[to * 2] = words[float * 2] as number
      words[to * 2 + 1] = words[float * 2 + 1] as number
    } else {
      const histogram = decodeHistogram(bytes)
      timesMs[to] = histogramMs
      if (isStaleEncoded(bytes)) setStale(words, to)
      else values[to] = histogram.sum
      histograms[to] = histogram
    }
    if (floatMs >= histogramMs) float--
    if (histogramMs >= floatMs) entry--
  }
  buffer.histograms = histograms
  buffer.length = total
}

interface Entry {
  readonly timeMs: number
  readonly bytes: Uint8Array
}

const nothing: Entry = { timeMs: Number.NEGATIVE_INFINITY, bytes: new Uint8Array(0) }

/** By time, one at each: the store and several projects may have more. */
function inOrder(parts: readonly TimedHistograms[]): Entry[] {
  const all = parts.flatMap(({ timesMs, bytes }) =>
    bytes.map((one, i): Entry => ({ timeMs: timesMs[i] as number, bytes: one })),
  )
  // one part is in order, and so are the store's and the head's of one series
  all.sort((a, b) => a.timeMs - b.timeMs)
  let kept = 0
  for (const entry of all) {
    const before = all[kept - 1]
    if (before?.timeMs !== entry.timeMs) all[kept++] = entry
    else if (replacesHistogram(entry.bytes, before.bytes)) all[kept - 1] = entry
  }
  all.length = kept
  return all
}

function sharedTimes({ timesMs, length }: SampleBuffer, entries: readonly Entry[]): number {
  let shared = 0
  let at = 0
  for (const { timeMs } of entries) {
    while (at < length && (timesMs[at] as number) < timeMs) at++
    if (at < length && timesMs[at] === timeMs) shared++
  }
  return shared
}
