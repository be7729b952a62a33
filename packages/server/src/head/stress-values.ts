import { bytesOf } from './histogram-for-test.ts'

/** What the stress test writes, so that a reader can tell each sample from all others. */
export const intervalMs = 1000

export function stressLabel(series: number): string {
  return `series-${series}`
}

/** Whole numbers, decimals and doubles that do not compress, by series. */
export function stressValue(series: number, step: number): number {
  if (series % 3 === 0) return step * 10 + series
  if (series % 3 === 1) return (step * 7 + series) / 100
  return Math.sin(step * 1000 + series)
}

/** A native histogram of a size that differs from series to series and step to step. */
export function stressBytes(series: number, step: number): Uint8Array {
  return bytesOf(step * 64 + series, 1 + ((series + step) % 40))
}
