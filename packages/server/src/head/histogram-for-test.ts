// Builders of native histograms for the tests of the head.
import type { NativeHistogram } from '@tidewatch/core/native-histogram.ts'
import { encodeHistogram } from '@tidewatch/core/native-histogram-codec.ts'
import type { Head } from './head.ts'
import type { HeadReader } from './port.ts'

/** As many observations in as many buckets as `width` says. */
export function histogramOf(count: number, width = 4): NativeHistogram {
  return {
    schema: 3,
    counterResetHint: 'unknown',
    count: count * width,
    sum: count * 1.5,
    zeroThreshold: 2 ** -128,
    zeroCount: 0,
    positiveSpans: [{ offset: 0, length: width }],
    positiveBuckets: new Float64Array(width).fill(count),
    negativeSpans: [],
    negativeBuckets: new Float64Array(0),
    customValues: [],
    isInteger: true,
  }
}

export interface TimedBytes {
  readonly ref: number
  readonly timeMs: number
  readonly bytes: Uint8Array
}

export function appendHistograms(head: Head, all: readonly TimedBytes[]): void {
  head.writer.appendHistograms({
    length: all.length,
    refs: Uint32Array.from(all, ({ ref }) => ref),
    timesMs: Float64Array.from(all, ({ timeMs }) => timeMs),
    bytes: all.map(({ bytes }) => bytes),
  })
}

export const bytesOf = (count: number, width?: number): Uint8Array => encodeHistogram(histogramOf(count, width))

/** [time, bytes as hex] of what a reader finds. */
export function listHistograms(reader: HeadReader, ref: number, fromMs: number, toMs: number): [number, string][] {
  const found = reader.readHistograms(ref as Parameters<HeadReader['readHistograms']>[0], fromMs, toMs)
  return found?.bytes.map((bytes, i) => [found.timesMs[i] as number, Buffer.from(bytes).toString('hex')]) ?? []
}
