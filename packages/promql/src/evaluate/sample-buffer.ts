import type { FloatHistogram } from '@tidewatch/core/native-histogram.ts'
import { isStaleAt } from '@tidewatch/core/stale.ts'
import type { SampleBuffer } from '../port.ts'

/** The buffer that series are read into, one after the other. */
export class GrowingSampleBuffer implements SampleBuffer {
  length = 0
  timesMs = new Float64Array(1024)
  values = new Float64Array(1024)
  histograms: (FloatHistogram | undefined)[] | undefined = undefined

  reserve(capacity: number): void {
    if (capacity <= this.values.length) return
    const size = Math.max(capacity, this.values.length * 2)
    const timesMs = new Float64Array(size)
    const values = new Float64Array(size)
    timesMs.set(this.timesMs.subarray(0, this.length))
    values.set(this.values.subarray(0, this.length))
    this.timesMs = timesMs
    this.values = values
  }
}

/** The words under a column of values, to look at NaN payloads. */
export function wordsOf(values: Float64Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length * 2)
}

/** Takes stale markers out of a buffer in place: range selectors do not see them. Hot: once a series. */
export function dropStale(buffer: SampleBuffer): void {
  const { timesMs, values, histograms, length } = buffer
  let first = 0
  while (first < length && !Number.isNaN(values[first])) first++
  if (first === length) return
  const words = wordsOf(values)
  let kept = first
  for (let i = first; i < length; i++) {
    if (Number.isNaN(values[i]) && isStaleAt(words, i)) continue
    timesMs[kept] = timesMs[i] as number
    values[kept] = values[i] as number
    if (histograms !== undefined) histograms[kept] = histograms[i]
    kept++
  }
  buffer.length = kept
  if (histograms !== undefined) histograms.length = kept
}
