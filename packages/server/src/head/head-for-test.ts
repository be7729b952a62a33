// Builders that the tests of the head share.
import { Labels } from '@tidewatch/core/labels.ts'
import { defaultProject } from '@tidewatch/core/matcher.ts'
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { createHead, type Head, type HeadOptions } from './head.ts'
import type { SeriesRef } from './port.ts'

export const startMs = Date.UTC(2026, 0, 1)
export const staleBits = 0x7ff0000000000002n

export function headForTest(options: Partial<HeadOptions> = {}): Head {
  const hashKey = Uint8Array.from({ length: 16 }, (_, i) => i)
  return createHead({
    clock: new FakeClock(startMs + 86_400_000),
    hashKey,
    budgetBytes: 2 ** 20,
    maxSeries: 10_000,
    ...options,
  })
}

export function seriesForTest(head: Head, count: number): SeriesRef[] {
  return Array.from({ length: count }, (_, i) =>
    head.index.resolve(defaultProject, Labels.from({ __name__: 'm', i: String(i) })),
  )
}

/** One sample; the value by its bits. */
export interface Sample {
  readonly ref: number
  readonly timeMs: number
  readonly bits: bigint
}

export function appendAll(head: Head, samples: readonly Sample[]): void {
  const values = new Float64Array(samples.length)
  new BigUint64Array(values.buffer).set(samples.map(({ bits }) => bits))
  head.writer.append({
    length: samples.length,
    refs: Uint32Array.from(samples, ({ ref }) => ref),
    timesMs: Float64Array.from(samples, ({ timeMs }) => timeMs),
    values,
  })
}

const bitsView = new BigUint64Array(1)
const numberView = new Float64Array(bitsView.buffer)

export function bitsOf(value: number): bigint {
  numberView[0] = value
  return bitsView[0]
}
