import type { NativeHistogram } from '@tidewatch/core/native-histogram.ts'

/** Codecs that other folders own; handed in by the command. */
export interface WireCodecs {
  /** CRC-32 by Castagnoli's polynomial. */
  readonly crc32c: (bytes: Uint8Array) => number
  /** The Histogram message of remote write. */
  readonly encodeHistogram: (histogram: NativeHistogram, timeMs: number) => Uint8Array
}

/** Told the samples of a chunk in their order. A float comes by its bits, low word first: stale markers are NaNs with bits of their own. */
export interface ChunkSink {
  float(timeMs: number, low: number, high: number): void
  histogram(timeMs: number, histogram: NativeHistogram): void
}
