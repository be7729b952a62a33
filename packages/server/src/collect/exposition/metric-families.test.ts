import { AppError } from '@tidewatch/core/error.ts'
import { doubleField, field, label, varint, varintField, zigzag } from '@tidewatch/testkit/write-request.ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Collector } from './testing/collected.ts'

const message = (...parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts)

function family(name: string, type: number, ...metrics: readonly Uint8Array[]): Uint8Array {
  const metricFields = metrics.map((metric) => field(4, metric))
  const body = message(field(1, name), field(2, 'Help.'), varintField(3, type), ...metricFields)
  return message(varint(body.length), body)
}

const time = Date.UTC(2026, 0, 1)
const timestamp = (number: number): Uint8Array =>
  field(number, message(varintField(1, time / 1000), varintField(2, 250_999_999)))
const exemplar = (id: string, ...more: readonly Uint8Array[]): Uint8Array =>
  message(label('trace_id', id), doubleField(2, 0.3), ...more)
const bucket = (count: number, bound: number, ...more: readonly Uint8Array[]): Uint8Array =>
  field(3, message(varintField(1, count), doubleField(2, bound), ...more))
const span = (number: number, offset: number, length: number): Uint8Array =>
  field(number, message(varintField(1, zigzag(offset)), varintField(2, length)))
const deltas = (number: number, ...values: readonly number[]): Uint8Array =>
  field(number, message(...values.map((value) => varint(zigzag(value)))))

const counter = family('runs_total', 0, message(label('table', 'orders "x"'), field(3, doubleField(1, 42))))
const classic = [bucket(1, 0.5, field(3, exemplar('classic'))), bucket(2, 1e6), bucket(2, 1)]
const native = [
  ...[varintField(5, zigzag(3)), doubleField(6, 0.001), varintField(7, 1)],
  ...[span(12, -2, 2), span(12, 1, 1), deltas(13, 1, -1, 3), span(9, 0, 1), deltas(10, 2)],
  field(16, exemplar('timed', timestamp(3))),
  field(16, exemplar('no time')),
]
const countAndSum = [varintField(1, 7), doubleField(2, 1.5)]
const both = family('seconds', 4, message(label('a', 'b'), field(7, message(...countAndSum, ...classic, ...native))))

const lines = ({ samples }: Collector): string[] =>
  samples.map(({ labels, value, timeMs }) =>
    `${Object.entries(labels).flat().join(' ')} ${value} ${timeMs ?? ''}`.trim(),
  )

describe('delimited MetricFamily messages', () => {
  it('become what the text format says; the bucket of all is added', () => {
    const collected = new Collector().parseFamilies(message(counter, both), 'classic')
    expect(lines(collected)).toEqual([
      '__name__ runs_total table orders "x" 42',
      '__name__ seconds_bucket a b le 0.5 1',
      '__name__ seconds_bucket a b le 1e+06 2',
      '__name__ seconds_bucket a b le 1.0 2',
      '__name__ seconds_bucket a b le +Inf 7',
      '__name__ seconds_sum a b 1.5',
      '__name__ seconds_count a b 7',
    ])
    expect(collected.histograms).toEqual([])
    expect(collected.exemplars).toMatchObject([
      { ofSeries: { __name__: 'seconds_bucket', le: '0.5' }, labels: ['trace_id', 'classic'], timeMs: undefined },
    ])
    expect(collected.lines.map(({ kind, family: name, text }) => `${kind} ${name} ${text}`)).toEqual([
      ...['help runs_total Help.', 'type runs_total counter'],
      ...['help seconds Help.', 'type seconds histogram'],
    ])
  })

  it('give native histograms, with exemplars that have a time, and without empty buckets', () => {
    const collected = new Collector().parseFamilies(both, 'native')
    expect(collected.samples).toEqual([])
    expect(collected.histograms).toEqual([
      {
        labels: { __name__: 'seconds', a: 'b' },
        timeMs: undefined,
        histogram: {
          ...{ schema: 3, counterResetHint: 'unknown', count: 7, sum: 1.5, zeroThreshold: 0.001, zeroCount: 1 },
          positiveSpans: [
            { offset: -2, length: 1 },
            { offset: 2, length: 1 },
          ],
          positiveBuckets: Float64Array.of(1, 3),
          ...{ negativeSpans: [{ offset: 0, length: 1 }], negativeBuckets: Float64Array.of(2) },
          ...{ customValues: [], isInteger: true },
        },
      },
    ])
    expect(collected.exemplars).toMatchObject([{ labels: ['trace_id', 'timed'], value: 0.3, timeMs: time + 250 }])
  })

  it('give both forms where both are wanted, the classic one only where it has buckets', () => {
    const nativeOnly = family('n', 4, message(field(7, message(...countAndSum, ...native))))
    const collected = new Collector().parseFamilies(message(both, nativeOnly), 'both')
    expect(collected.histograms.map(({ labels }) => labels.__name__)).toEqual(['seconds', 'n'])
    expect(lines(collected)).toHaveLength(6)
    expect(lines(new Collector().parseFamilies(nativeOnly, 'complete'))).toHaveLength(3)
  })

  it('give float and gauge histograms; an empty span tells that a histogram is native', () => {
    const counts = field(14, new Uint8Array(Float64Array.of(0.5, 1.5).buffer))
    const float = message(doubleField(4, 2), doubleField(2, 1), span(12, 0, 2), counts)
    const empty = message(span(12, 0, 0))
    const body = message(
      family('f', 5, message(field(7, float), varintField(6, time))),
      family('e', 4, field(7, empty)),
    )
    expect(new Collector().parseFamilies(body, 'native').histograms).toMatchObject([
      {
        timeMs: time,
        histogram: {
          isInteger: false,
          counterResetHint: 'gauge',
          count: 2,
          positiveBuckets: Float64Array.of(0.5, 1.5),
        },
      },
      { histogram: { isInteger: true, count: 0, positiveSpans: [] } },
    ])
  })

  it('of a scrape that repeats them are known', () => {
    const collector = new Collector().parseFamilies(message(counter, both), 'both')
    expect(collector.newSeries).toBe(8)
    expect(collector.parseFamilies(message(both, counter), 'both').newSeries).toBe(0)
  })

  it.each([
    ['ends too early', counter.subarray(0, -1)],
    ['a metric of runs_total is not a gauge', family('runs_total', 1, field(3, doubleField(1, 42)))],
    ['the type 9 of m is not known', family('m', 9)],
    ['a family has no name', family('', 1)],
    ['a native histogram is none', family('m', 4, field(7, message(varintField(1, 9), ...native)))],
    ['each label once', family('m', 1, message(label('a', '1'), label('a', '2'), field(2, doubleField(1, 1))))],
  ])('are refused where they are none: %s', (text, bytes) => {
    expect(() => new Collector().parseFamilies(bytes, 'both')).toThrow(text)
  })

  it('never fail otherwise, whatever the bytes', () => {
    const good = Buffer.concat([counter, both])
    const damaged = fc
      .tuple(fc.nat(good.length - 1), fc.nat(255))
      .map(([at, byte]) => Buffer.from(good).fill(byte, at, at + 1))
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), damaged), (bytes) => {
        try {
          new Collector().parseFamilies(bytes, 'both')
        } catch (error) {
          expect(error).toBeInstanceOf(AppError)
        }
      }),
      { numRuns: 2000 },
    )
  })
})
