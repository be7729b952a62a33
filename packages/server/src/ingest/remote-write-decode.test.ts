import { AppError } from '@tidewatch/core/error.ts'
import { defaultProject } from '@tidewatch/core/matcher.ts'
import { SampleBatch } from '@tidewatch/core/sample-batch.ts'
import {
  exemplar,
  field,
  histogramFields,
  label,
  metadata,
  sample,
  series,
  varint,
  varintField,
} from '@tidewatch/testkit/write-request.ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FakeIndex } from './fakes.ts'
import { RemoteWriteDecoder } from './remote-write-decode.ts'

function decode(...parts: readonly Uint8Array[]) {
  const batch = new SampleBatch(1)
  const index = new FakeIndex()
  const decoder = new RemoteWriteDecoder(Buffer.concat(parts), batch, (bytes, start, end) =>
    index.resolveEncoded(defaultProject, bytes, start, end),
  )
  while (!decoder.step(1)) if (batch.length > 1e6) throw new Error('does not end')
  const samples = Array.from({ length: batch.length }, (_, i) => ({
    labels: index.labels(index.resolve(defaultProject, index.labels(batch.refs[i] as never))).toString(),
    timeMs: batch.timesMs[i],
    value: batch.values[i],
  }))
  return { batch, samples, found: decoder.found }
}

function errorOf(...parts: readonly Uint8Array[]): string {
  try {
    decode(...parts)
  } catch (error) {
    if (error instanceof AppError) return `${error.code}: ${error.message}`
    throw error
  }
  throw new Error('was taken')
}

const time = Date.UTC(2026, 0, 1)

describe('remote write bodies', () => {
  it('gives each sample its series, time and value', () => {
    const { samples } = decode(
      series({ __name__: 'up', job: 'api' }, [
        [time, 1],
        [time + 15_000, 0],
      ]),
      series({ __name__: 'up', job: 'db' }, [[time, 0.25]]),
    )
    expect(samples).toEqual([
      { labels: 'up{job="api"}', timeMs: time, value: 1 },
      { labels: 'up{job="api"}', timeMs: time + 15_000, value: 0 },
      { labels: 'up{job="db"}', timeMs: time, value: 0.25 },
    ])
  })

  it.each([0, 1, -1, -62_135_596_800_000, 127, 128, 2 ** 31, 2 ** 41 - 1, 2 ** 42, 2 ** 53 - 1, -(2 ** 53) + 1])(
    'reads the time %d exactly',
    (timeMs) => {
      expect(decode(series({ a: 'b' }, [[timeMs, 1]])).samples).toMatchObject([{ timeMs }])
    },
  )

  it('reads times beyond 2^53 near enough to refuse them', () => {
    const { samples } = decode(series({ a: 'b' }, [[2n ** 63n - 1n, 1]]), series({ a: 'b' }, [[-(2n ** 63n), 1]]))
    expect(samples.map((found) => found.timeMs)).toEqual([2 ** 63, -(2 ** 63)])
  })

  it('keeps the bits of any NaN', () => {
    const stale = Uint8Array.of(2, 0, 0, 0, 0, 0, 0xf0, 0x7f)
    const { batch } = decode(series({ a: 'b' }, [[time, stale]]))
    expect([...batch.words.subarray(0, 2)]).toEqual([2, 0x7ff00000])
  })

  it('takes labels and samples in any order, as protobuf allows', () => {
    const message = Buffer.concat([label('a', '1'), sample(time, 1), label('b', '2'), sample(time + 1, 2)])
    expect(decode(field(1, message)).samples).toEqual([
      { labels: '{a="1", b="2"}', timeMs: time, value: 1 },
      { labels: '{a="1", b="2"}', timeMs: time + 1, value: 2 },
    ])
  })

  it('passes over fields of later versions', () => {
    const fixed = Buffer.concat([varint(9 * 8 + 5), new Uint8Array(4), varint(9 * 8 + 1), new Uint8Array(8)])
    const message = Buffer.concat([
      label('a', '1'),
      varintField(9, 300),
      fixed,
      field(2, Buffer.concat([varintField(7, 5), Buffer.from(sample(time, 5)).subarray(2)])),
    ])
    const { samples } = decode(field(1, message), field(200, 'x'), field(1, label('only', 'labels')))
    expect(samples).toEqual([{ labels: '{a="1"}', timeMs: time, value: 5 }])
  })

  it('gives exemplars and native histograms to their series', () => {
    const parts = [exemplar({ trace_id: 'é' }, 0.5, time), field(4, histogramFields([1, 3, 2], time))]
    const { batch } = decode(
      series({ a: '1' }, [[time, 1]]),
      field(1, Buffer.concat([label('a', '2'), ...parts])),
      field(1, Buffer.concat([...parts, label('a', '1')])),
    )
    expect(batch.exemplars).toEqual([
      { ref: 1, timeMs: time, value: 0.5, labels: ['trace_id', 'é'] },
      { ref: 0, timeMs: time, value: 0.5, labels: ['trace_id', 'é'] },
    ])
    expect(batch.histograms).toMatchObject([{ ref: 1 }, { ref: 0 }])
    expect(batch.histograms[0]).toEqual({
      ref: 1,
      timeMs: time,
      histogram: {
        ...{ schema: 3, counterResetHint: 'not_reset', count: 6, sum: 12.5, zeroThreshold: 0.001, zeroCount: 0 },
        ...{ positiveSpans: [{ offset: 0, length: 3 }], positiveBuckets: Float64Array.of(1, 3, 2) },
        ...{ negativeSpans: [], negativeBuckets: new Float64Array(0), customValues: [], isInteger: true },
      },
    })
  })

  it('counts what belongs to bad series', () => {
    const bad = [exemplar({}, 1, time), field(4, histogramFields([1], time)), sample(time, 1)]
    const { batch, found } = decode(field(1, Buffer.concat([label('a', Uint8Array.of(0xff)), ...bad])))
    expect(batch).toMatchObject({ length: 0, histograms: [], exemplars: [] })
    expect(found).toMatchObject({ badSeries: 1, badSamples: 2, badExemplars: 1 })
  })

  it('reads metadata', () => {
    const { found } = decode(metadata(1, 'http_requests_total', 'Requests.', ''), metadata(99, 'x', 'é', 'bytes'))
    expect(found.metadata).toEqual([
      { family: 'http_requests_total', type: 'counter', help: 'Requests.', unit: '' },
      { family: 'x', type: 'unknown', help: 'é', unit: 'bytes' },
    ])
  })

  it('leaves out series whose labels are none and takes the others', () => {
    const bad = field(1, Buffer.concat([label('job', Uint8Array.of(0xff)), sample(time, 1), sample(time + 1, 1)]))
    const { samples, found } = decode(bad, series({ job: 'api' }, [[time, 1]]))
    expect(samples).toHaveLength(1)
    expect(found).toMatchObject({ badSeries: 1, badSamples: 2, firstBad: { code: 'ingest.bad_label' } })
  })

  it('names the byte and what should stand there', () => {
    const whole = Buffer.from(series({ job: 'api' }, [[time, 1]]))
    expect(errorOf(whole.subarray(0, 20))).toMatchInlineSnapshot(
      `"ingest.bad_body: byte 1 of the inflated body: expected a TimeSeries of 30 bytes, of which 18 are there, found the bytes "1e0a0a0a036a6f62""`,
    )
    expect(errorOf(field(1, Uint8Array.of(0x0a, 0x7f)))).toMatchInlineSnapshot(
      `"ingest.bad_body: byte 2 of the inflated body: expected a Label that ends within its TimeSeries, found the bytes "0a7f""`,
    )
    expect(errorOf(field(1, field(2, Uint8Array.of(0x09, 1, 2))))).toMatchInlineSnapshot(
      `"ingest.bad_body: byte 4 of the inflated body: expected a value of 8 bytes, found the bytes "090102""`,
    )
    expect(errorOf(Uint8Array.of(0x0b))).toMatchInlineSnapshot(
      `"ingest.bad_body: byte 0 of the inflated body: expected a field of wire type 0, 1, 2 or 5, found the bytes "0b""`,
    )
    expect(errorOf(new Uint8Array(20).fill(0xff))).toMatchInlineSnapshot(
      `"ingest.bad_body: byte 0 of the inflated body: expected a varint of at most 10 bytes, found the bytes "ffffffffffffffff""`,
    )
    expect(errorOf(field(3, field(2, Uint8Array.of(0xff))))).toContain('the name of a metric family in UTF-8')
  })

  it('throws nothing but AppErrors on random bytes, cuts and flips', () => {
    const good = Buffer.concat([
      series({ __name__: 'up', job: 'a' }, [
        [time, 1],
        [-5, 2],
      ]),
      metadata(1, 'f', 'h'),
    ])
    const tryDecode = (bytes: Uint8Array): void => {
      try {
        decode(bytes)
      } catch (error) {
        expect(error).toBeInstanceOf(AppError)
      }
    }
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), tryDecode))
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), fc.nat(good.length), (at, byte, cut) => {
        const bytes = Buffer.from(good)
        bytes[at] = byte
        tryDecode(bytes.subarray(0, cut))
      }),
    )
  })

  it('gives back what was encoded', () => {
    const point = fc.tuple(fc.integer({ min: -1e14, max: 1e14 }), fc.double())
    const request = fc.array(fc.tuple(fc.string({ minLength: 1 }), fc.array(point)), { maxLength: 20 })
    fc.assert(
      fc.property(request, (wanted) => {
        const { samples } = decode(...wanted.map(([job, points]) => series({ job }, points)))
        const plain = wanted.flatMap(([, points]) => points.map(([timeMs, value]) => ({ timeMs, value })))
        expect(samples.map(({ timeMs, value }) => ({ timeMs, value }))).toEqual(
          plain.map(({ timeMs, value }) => ({ timeMs: timeMs + 0, value: Object.is(value, -0) ? 0 : value })),
        )
      }),
    )
  })
})
