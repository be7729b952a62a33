// Native histograms in the head: what one takes, how long it takes to write and read, and its bytes alone.
// node scripts/with-node.mjs node bench/src/head-histograms.ts
import { systemClock } from '@tidewatch/core/clock.ts'
import { Labels } from '@tidewatch/core/labels.ts'
import { defaultProject } from '@tidewatch/core/matcher.ts'
import type { NativeHistogram } from '@tidewatch/core/native-histogram.ts'
import { decodeHistogram, encodeHistogram } from '@tidewatch/core/native-histogram-codec.ts'
import { createHead } from '@tidewatch/server/head/head.ts'
import { createHeadReader } from '@tidewatch/server/head/reader.ts'

const seriesCount = 500
const steps = 480
const bucketCount = 40
const stepMs = 15_000
const beginMs = Date.now() - steps * stepMs

/** Latencies of some route: most buckets hold something, and grow. */
function observed(series: number, step: number): NativeHistogram {
  const buckets = Float64Array.from({ length: bucketCount }, (_, i) =>
    Math.floor((step + 1) * (1 + ((series * 7 + i * 13) % 50)) * Math.exp(-(((i - 20) / 9) ** 2))),
  )
  return {
    schema: 3,
    counterResetHint: step === 0 ? 'unknown' : 'not_reset',
    count: buckets.reduce((sum, count) => sum + count, 0),
    sum: (step + 1) * 17.25 + series / 3,
    zeroThreshold: 2 ** -128,
    zeroCount: 0,
    positiveSpans: [{ offset: -20, length: bucketCount }],
    positiveBuckets: buckets,
    negativeSpans: [],
    negativeBuckets: new Float64Array(0),
    customValues: [],
    isInteger: true,
  }
}

const total = seriesCount * steps
function tell(what: string, beganMicros: number, count: number, unit: string): void {
  const { user, system } = process.cpuUsage()
  console.log(`${what.padEnd(44)} ${((user + system - beganMicros) / count).toFixed(2)} µs of CPU ${unit}`)
}
const now = (): number => {
  const { user, system } = process.cpuUsage()
  return user + system
}

using head = createHead({ clock: systemClock, hashKey: new Uint8Array(16), maxSeries: 10_000 })
const refs = Uint32Array.from({ length: seriesCount }, (_, i) =>
  head.index.resolve(defaultProject, Labels.from({ __name__: 'request_seconds', route: `/r${i}` })),
)
const scrapes = Array.from({ length: steps }, (_, step) =>
  Array.from({ length: seriesCount }, (__, series) => observed(series, step)),
)

let began = now()
const encoded = scrapes.map((scrape) => scrape.map(encodeHistogram))
tell('encode', began, total, 'a histogram')
const bytes = encoded.flat().reduce((sum, one) => sum + one.length, 0)
console.log(`${'bytes'.padEnd(44)} ${(bytes / total).toFixed(1)} a histogram of ${bucketCount} buckets`)

began = now()
for (const [step, scrape] of encoded.entries()) {
  const timesMs = new Float64Array(seriesCount).fill(beginMs + step * stepMs)
  head.writer.appendHistograms({ length: seriesCount, refs, timesMs, bytes: scrape })
}
tell('append', began, total, 'a histogram')
console.log(`${'memory'.padEnd(44)} ${(head.stats().sampleBytes / total).toFixed(1)} bytes a histogram`)

using reader = createHeadReader(head.descriptor)
reader.acquire()
const readAll = (fromMs: number): number => {
  let found = 0
  for (const ref of refs)
    for (const one of reader.readHistograms(
      ref as Parameters<typeof reader.readHistograms>[0],
      fromMs,
      Number.POSITIVE_INFINITY,
    )?.bytes ?? [])
      found += decodeHistogram(one).positiveBuckets.length > 0 ? 1 : 0
  return found
}
for (const [what, fromMs] of [
  ['read and decode all', 0],
  ['read and decode the last 5 minutes', beginMs + (steps - 20) * stepMs],
] as const) {
  readAll(fromMs)
  began = now()
  const found = readAll(fromMs)
  tell(what, began, found, 'a histogram')
}
