// What is written for scrapers is read again by our own scraper's reader.
import { Labels } from '@tidewatch/core/labels.ts'
import { customBucketsSchema, type NativeHistogram, staleHistogram } from '@tidewatch/core/native-histogram.ts'
import { setStale } from '@tidewatch/core/stale.ts'
import { GrowingSampleBuffer } from '@tidewatch/promql/evaluate/sample-buffer.ts'
import { expect, test } from 'vitest'
import { readExposition } from '../../collect/exposition/read.ts'
import { expositionFormat } from './exposition-format.ts'
import { FederatedFamilies } from './federated-families.ts'

const atMs = Date.UTC(2026, 10, 21)

type Written = number | 'stale' | NativeHistogram

function bufferOf(value: Written): GrowingSampleBuffer {
  const buffer = new GrowingSampleBuffer()
  buffer.reserve(2)
  buffer.length = 2
  buffer.timesMs.set([atMs - 1000, atMs])
  buffer.values.set([5, typeof value === 'number' ? value : 0])
  if (value === 'stale') setStale(new Uint32Array(buffer.values.buffer, buffer.values.byteOffset), 1)
  if (typeof value === 'object') buffer.histograms = [undefined, value]
  return buffer
}

async function readBack(
  series: readonly (readonly [Readonly<Record<string, string>>, Written])[],
  { external = [] as readonly string[], utf8Names = true } = {},
) {
  const answer = new FederatedFamilies(external, utf8Names)
  const pieces: Uint8Array[] = []
  for (const [labels, value] of series) {
    answer.series(Labels.from(labels), bufferOf(value))
    const piece = answer.takePiece()
    if (piece !== undefined) pieces.push(piece)
  }
  const bytes = Buffer.concat([...pieces, answer.finish()])
  const samples: Record<string, number> = {}
  const histograms: [string, NativeHistogram, number][] = []
  const shown = (flat: readonly string[]): string => Labels.fromSorted([...flat]).toString()
  const options = { format: 'protobuf', signal: new AbortController().signal } as const
  await readExposition(bytes, options, {
    sample: (flat, value, timeMs) => {
      expect(timeMs).toBe(atMs)
      samples[shown(flat)] = value
    },
    histogram: (flat, histogram, timeMs) => histograms.push([shown(flat), histogram, timeMs]),
    metadata: () => undefined,
  })
  return { samples, histograms, pieces: pieces.length }
}

const native = (more: Partial<NativeHistogram> = {}): NativeHistogram => ({
  ...{
    schema: 3,
    counterResetHint: 'unknown',
    count: 12,
    sum: -1.5,
    zeroThreshold: 1e-9,
    zeroCount: 2,
    isInteger: true,
  },
  positiveSpans: [
    { offset: -300, length: 2 },
    { offset: 70, length: 1 },
  ],
  positiveBuckets: Float64Array.of(3, 1, 2),
  negativeSpans: [{ offset: 5, length: 1 }],
  negativeBuckets: Float64Array.of(4),
  customValues: [],
  ...more,
})

test('floats and native histograms, whole, of fractions, of gauges and without buckets', async () => {
  const fractions = native({
    ...{ isInteger: false, count: 5.25, zeroCount: 0.5, positiveBuckets: Float64Array.of(0.25, 1, 2) },
    negativeBuckets: Float64Array.of(1.5),
  })
  const gauge = native({ counterResetHint: 'gauge' })
  const nothing = Float64Array.of()
  const bare = native({
    ...{ count: 0, zeroCount: 0, zeroThreshold: 0, sum: 0, positiveSpans: [], negativeSpans: [] },
    ...{ positiveBuckets: nothing, negativeBuckets: nothing },
  })
  const { samples, histograms } = await readBack([
    [{ __name__: 'a', x: '1' }, 1.5],
    [{ __name__: 'a', x: '2' }, 'stale'],
    [{ __name__: 'a', x: '3' }, native()],
    [{ __name__: 'b' }, { ...staleHistogram, isInteger: true }],
    [{ __name__: 'bare' }, bare],
    [{ __name__: 'fractions' }, fractions],
    [{ __name__: 'gauge' }, gauge],
  ])
  expect(samples).toMatchObject({ 'a{x="1"}': 1.5 })
  expect(samples['a{x="2"}']).toBeUndefined()
  const [first, second, third, fourth] = histograms
  expect(histograms).toHaveLength(4)
  expect(first).toEqual(['a{x="3"}', native(), atMs])
  expect(second).toMatchObject(['bare', { schema: 3, count: 0, zeroThreshold: 0 }, atMs])
  expect(third).toEqual(['fractions', fractions, atMs])
  expect(fourth).toEqual(['gauge', gauge, atMs])
})

test('custom buckets are those of a classic histogram', async () => {
  const custom = native({
    ...{ schema: customBucketsSchema, customValues: [0.5, 1, 10], count: 6, zeroCount: 0, zeroThreshold: 0, sum: 7 },
    ...{
      positiveSpans: [
        { offset: 0, length: 1 },
        { offset: 1, length: 2 },
      ],
      positiveBuckets: Float64Array.of(1, 3, 2),
    },
    ...{ negativeSpans: [], negativeBuckets: Float64Array.of() },
  })
  const { samples, histograms } = await readBack([[{ __name__: 'c' }, custom]])
  expect(histograms).toEqual([])
  expect(samples).toEqual({
    ...{ 'c_bucket{le="0.5"}': 1, 'c_bucket{le="1"}': 1, 'c_bucket{le="10"}': 4, 'c_bucket{le="+Inf"}': 6 },
    ...{ c_count: 6, c_sum: 7 },
  })
})

test('external labels, and names for who reads letters alone', async () => {
  const series = [[{ __name__: 'http.requests', 'k8s.pod': 'p', zone: 'z' }, 1]] as const
  const external = ['instance', '', 'zone', 'other']
  expect((await readBack(series, { external })).samples).toEqual({
    'http.requests{k8s.pod="p", zone="z", instance=""}': 1,
  })
  // an empty label keeps the scraper's own from taking its place
  const { samples } = await readBack(series, { external, utf8Names: false })
  expect(samples).toEqual({ 'http_requests{k8s_pod="p", zone="z", instance=""}': 1 })
})

test('large families go on in further messages and pieces', async () => {
  const series = Array.from({ length: 20_000 }, (_, i) => [{ __name__: 'm', i: String(i) }, i] as const)
  const { samples, pieces } = await readBack(series)
  expect(Object.keys(samples)).toHaveLength(20_000)
  expect(pieces).toBeGreaterThan(1)
})

const delimited = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited'
test.each([
  [undefined, 'text', false],
  ['*/*', 'text', false],
  [`${delimited};q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.1`, 'families', false],
  [`${delimited};escaping=allow-utf-8;q=0.7,application/openmetrics-text;q=0.6,text/plain;q=0.4`, 'families', true],
  [`${delimited};q=0.2,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4`, 'text', true],
  [`${delimited};q=0, text/plain;q=0.1`, 'text', false],
  ['application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text', 'text', false],
])('who accepts %s gets %s', (accept, format, utf8Names) => {
  expect(expositionFormat(accept)).toMatchObject({ format, utf8Names })
})
