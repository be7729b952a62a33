import { AppError } from '@tidewatch/core/error.ts'
import { defaultProject } from '@tidewatch/core/matcher.ts'
import { SampleBatch } from '@tidewatch/core/sample-batch.ts'
import { isStaleAt, staleHigh, staleLow } from '@tidewatch/core/stale.ts'
import { doubleField, field, label, sample, varint, varintField } from '@tidewatch/testkit/write-request.ts'
import { refsField, requestV2 } from '@tidewatch/testkit/write-request-v2.ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FakeIndex } from './fakes.ts'
import { RemoteWriteDecoder } from './remote-write-decode.ts'
import { RemoteWriteV2Decoder } from './remote-write-v2-decode.ts'

function decode(body: Uint8Array) {
  const batch = new SampleBatch(1)
  const index = new FakeIndex()
  const decoder = new RemoteWriteV2Decoder(body, batch, (bytes, start, end) =>
    index.resolveEncoded(defaultProject, bytes, start, end),
  )
  while (!decoder.step(1)) if (batch.length > 1e6) throw new Error('does not end')
  const nameOf = (ref: number): string => index.labels(ref as never).toString()
  const samples = Array.from({ length: batch.length }, (_, i) => [
    nameOf(batch.refs[i]),
    ...[batch.timesMs[i], batch.values[i]],
  ])
  return { batch, samples, nameOf, found: decoder.found }
}

const time = Date.UTC(2026, 0, 1)
const sampleOf = (value: number): Uint8Array => field(2, Buffer.concat([doubleField(1, value), varintField(2, time)]))
const up = { labels: { __name__: 'up' }, samples: [[time, 1]] } as const

describe('remote write 2.0 bodies', () => {
  it('give each sample its series, time and value', () => {
    const body = requestV2(
      {
        labels: { __name__: 'up', job: 'api' },
        samples: [
          [time, 1],
          [time + 15_000, 0],
        ],
      },
      { labels: { __name__: 'up', job: 'db', note: 'ü'.repeat(50) }, samples: [[time, 0.25]] },
    )
    expect(decode(body).samples).toEqual([
      ['up{job="api"}', time, 1],
      ['up{job="api"}', time + 15_000, 0],
      [`up{job="db", note="${'ü'.repeat(50)}"}`, time, 0.25],
    ])
  })

  it('keep the bits of a stale marker', () => {
    const stale = new Float64Array(Uint32Array.of(staleLow, staleHigh).buffer)
    const bytes = Buffer.concat([varint(9), new Uint8Array(stale.buffer), varintField(2, time)])
    const series = field(5, Buffer.concat([refsField([1, 2]), field(2, bytes)]))
    const { batch } = decode(Buffer.concat([field(4, ''), field(4, '__name__'), field(4, 'up'), series]))
    expect(isStaleAt(batch.words, 0)).toBe(true)
  })

  it('bring histograms, exemplars and metadata of a family once', () => {
    const metadata = { type: 3, help: 'How long.', unit: 'seconds' }
    const { batch, nameOf, found } = decode(
      requestV2(
        {
          labels: { __name__: 'h_seconds' },
          histograms: [[time, [1, 3, 2]]],
          exemplars: [{ labels: { trace_id: 'é' }, value: 0.5, timeMs: time }],
          metadata,
        },
        { labels: { __name__: 'c_seconds_bucket', le: '+Inf' }, samples: [[time, 1]], metadata },
        { labels: { __name__: 'c_seconds_bucket', le: '1.0' }, samples: [[time, 1]], metadata },
      ),
    )
    expect(batch.histograms).toMatchObject([
      { timeMs: time, histogram: { count: 6, schema: 3, counterResetHint: 'not_reset', isInteger: true } },
    ])
    expect(nameOf(batch.histograms[0].ref)).toBe('h_seconds')
    expect(batch.exemplars).toMatchObject([{ timeMs: time, value: 0.5, labels: ['trace_id', 'é'] }])
    expect(found.metadata).toEqual([
      { family: 'h_seconds', type: 'histogram', help: 'How long.', unit: 'seconds' },
      { family: 'c_seconds', type: 'histogram', help: 'How long.', unit: 'seconds' },
    ])
  })

  it('may have symbols behind their series, references one by one, and fields of later versions', () => {
    const refs = Buffer.concat([varintField(1, 1), varintField(1, 2)])
    const started = field(2, Buffer.concat([doubleField(1, 7), varintField(2, time), varintField(3, time - 1)]))
    const series = field(5, Buffer.concat([sampleOf(5), refs, started, varintField(6, time), varintField(99, 1)]))
    const body = Buffer.concat([series, field(4, ''), field(4, '__name__'), field(4, 'up'), field(77, 'x')])
    expect(decode(body).samples).toEqual([
      ['up', time, 5],
      ['up', time, 7],
    ])
  })

  it.each([
    ['label references, which come in pairs', { refs: [1, 2, 1] }],
    ['the reference 99 lies outside of the 3 symbols', { refs: [1, 99] }],
    ['the reference 4294967295 lies outside', { refs: [2 ** 40, 2] }],
    ['has no label __name__', { refs: [2, 1] }],
    ['has no label __name__', { refs: [] }],
    ['more than 512', { refs: Array.from({ length: 1100 }, () => 1) }],
    ['neither a sample nor a histogram', { samples: [] }],
    ['both samples and histograms', { histograms: [[time, [1]]] as const }],
    ['more than 131072 bytes', { labels: { __name__: 'bad', x: 'x'.repeat(140_000) } }],
    ['in the metadata of a series the reference', { metadataRefs: true }],
  ])('leave out a series and take the others: %s', (message, wrong) => {
    const series = { labels: { __name__: 'bad', x: 'y' }, samples: [[time, 2]] as const, ...wrong }
    const exemplars = [{ labels: {}, value: 1, timeMs: time }]
    const body =
      'metadataRefs' in wrong
        ? Buffer.concat([
            ...['', '__name__', 'up'].map((text) => field(4, text)),
            field(5, Buffer.concat([refsField([1, 2]), sampleOf(3), field(4, ''), field(5, varintField(3, 9))])),
            field(5, Buffer.concat([refsField([1, 2]), sampleOf(1)])),
          ])
        : requestV2({ ...series, exemplars }, up)
    const { samples, found, batch } = decode(body)
    expect(samples).toEqual([['up', time, 1]])
    expect(found).toMatchObject({ badSeries: 1, badExemplars: 1 })
    expect(found.firstBad?.message).toContain(message)
    expect(batch).toMatchObject({ exemplars: [], histograms: [] })
  })

  it('leave out exemplars whose references are wrong', () => {
    const exemplar = (refs: readonly number[]): Uint8Array =>
      field(4, Buffer.concat([refsField(refs), doubleField(2, 1), varintField(3, time)]))
    const series = [refsField([1, 2]), sampleOf(1), exemplar([1]), exemplar([1, 3]), exemplar([1, 2])]
    const symbols = ['', '__name__', 'up'].map((text) => field(4, text))
    const { batch, found } = decode(Buffer.concat([...symbols, field(5, Buffer.concat(series))]))
    expect(batch.exemplars).toMatchObject([{ labels: ['__name__', 'up'] }])
    expect(found).toMatchObject({ badExemplars: 2, badSeries: 0 })
  })

  it('that claim a million series without labels are given up', () => {
    const body = Buffer.alloc(100_000)
    for (let i = 0; i < body.length; i += 2) body[i] = 0x2a
    expect(() => decode(body)).toThrow('has no label __name__')
  })

  it('refuse more symbols than a request can mean', () => {
    const body = Buffer.alloc(((1 << 20) + 1) * 2)
    for (let i = 0; i < body.length; i += 2) body[i] = 0x22
    expect(() => decode(body)).toThrow('at most 1048576 symbols')
  })

  it('say the same as 1.0 says of the same samples', () => {
    const name = fc.stringMatching(/^[a-z]{1,5}$/)
    const labels = fc.dictionary(name, fc.string({ minLength: 1, maxLength: 9 }), { maxKeys: 3, noNullPrototype: true })
    const samples = fc.array(
      fc.tuple(
        fc.nat(2 ** 41),
        fc.double({ noNaN: true }).map((value) => value + 0),
      ),
      { minLength: 1, maxLength: 3 },
    )
    const series = fc.record({ labels: labels.map((more) => ({ __name__: 'm', ...more })), samples })
    fc.assert(
      fc.property(fc.array(series, { maxLength: 4 }), (all) => {
        const old = Buffer.concat(
          all.map((one) => {
            const parts = Object.entries(one.labels).map(([key, value]) => label(key, value))
            return field(1, Buffer.concat([...parts, ...one.samples.map(([timeMs, value]) => sample(timeMs, value))]))
          }),
        )
        const { batch } = decode(requestV2(...all))
        const before = new SampleBatch(1)
        const index = new FakeIndex()
        const decoder = new RemoteWriteDecoder(old, before, (bytes, start, end) =>
          index.resolveEncoded(defaultProject, bytes, start, end),
        )
        while (!decoder.step(100));
        for (const column of ['refs', 'timesMs', 'values'] as const)
          expect(batch[column].subarray(0, batch.length)).toEqual(before[column].subarray(0, before.length))
      }),
    )
  })

  it('of 1.0 are refused, and do not pass as empty ones', () => {
    expect(() => decode(field(1, label('a', 'b')))).toThrow('a field of remote write 2.0, not of 1.0')
  })

  it('are refused by an error of ours, whatever the bytes', () => {
    const good = requestV2(up, { labels: { __name__: 'h' }, histograms: [[time, [1, 2]]] })
    const damaged = fc
      .tuple(fc.nat(good.length - 1), fc.nat(255))
      .map(([at, byte]) => Buffer.from(good).fill(byte, at, at + 1))
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), damaged), (bytes) => {
        try {
          decode(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(AppError)
        }
      }),
      { numRuns: 3000 },
    )
  })
})
