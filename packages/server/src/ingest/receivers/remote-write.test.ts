import { defaultProject } from '@tidewatch/core/matcher.ts'
import {
  doubleField,
  exemplar,
  field,
  histogramFields,
  label,
  metadata,
  sample,
  series,
  varintField,
} from '@tidewatch/testkit/write-request.ts'
import { refsField, requestV2 } from '@tidewatch/testkit/write-request-v2.ts'
import { describe, expect, it } from 'vitest'
import type { Answer, RequestContext } from '../../http/port.ts'
import { fakeParts, rowsOf } from '../fakes.ts'
import { remoteWrite } from './remote-write.ts'

function receiver({
  zeroSamples = false,
  ...options
}: {
  readonly retentionMs?: number
  readonly zeroSamples?: boolean
} = {}) {
  const parts = fakeParts(options)
  const leftOut: Record<string, number> = {}
  const [route] = remoteWrite.routes({
    ...parts,
    wantsZeroSamples: () => zeroSamples,
    countLeftOut: (reason, count) => {
      leftOut[reason] = (leftOut[reason] ?? 0) + count
    },
  })
  const post = async (body: Uint8Array, headers: RequestContext['headers'] = { 'content-encoding': 'snappy' }) =>
    (await route.handle({
      id: 'r1',
      params: {},
      query: {},
      body,
      headers,
      identity: {
        kind: 'ingest_key',
        name: 'k',
        permissions: new Set(['ingest']),
        projects: 'all',
        project: defaultProject,
      },
      remoteAddress: '127.0.0.1',
      signal: new AbortController().signal,
    })) as Answer
  return { ...parts, leftOut, post }
}

const hourMs = 3_600_000

describe('POST /api/v1/write', () => {
  it('answers 204 when samples and metadata are in the spool and the head', async () => {
    const { post, clock, spool, inHead } = receiver()
    const body = Buffer.concat([series({ __name__: 'up' }, [[clock.nowMs(), 1]]), metadata(2, 'up', 'Whether up.')])
    expect(await post(body)).toMatchObject({
      status: 204,
      headers: { 'x-prometheus-remote-write-samples-written': '1' },
    })
    expect(inHead).toHaveLength(1)
    expect(rowsOf(spool, 'metadata')).toEqual([
      [{ project: 0, family: 'up', type: 'gauge', help: 'Whether up.', unit: '' }],
    ])
  })

  it('answers 400 for samples out of range and keeps the others', async () => {
    const { post, clock, inHead, leftOut } = receiver({ retentionMs: 24 * hourMs })
    const now = clock.nowMs()
    const answer = await post(
      Buffer.concat([
        series({ __name__: 'up' }, [[now, 1]]),
        series({ __name__: 'ahead' }, [[now + 2 * hourMs, 1]]),
        series({ __name__: 'old' }, [[now - 48 * hourMs, 1]]),
      ]),
    )
    expect(answer).toMatchObject({ status: 400 })
    expect(answer.body).toMatchInlineSnapshot(`
      "of 3 samples 1 is older than what is kept and 1 lies more than an hour ahead: ahead at 2026-06-01T14:00:00.000Z; old at 2026-05-30T12:00:00.000Z. The others were taken. Set the sender's clock (NTP). To take old samples start with a longer --retention, or --retention off.
      "
    `)
    expect(inHead).toHaveLength(1)
    expect(leftOut).toEqual({ too_old: 1, too_far_ahead: 1 })
  })

  it('answers 400 naming a series with a bad label and keeps the others', async () => {
    const { post, clock, inHead, leftOut } = receiver()
    const now = clock.nowMs()
    const bad = field(1, Buffer.concat([label('job', Uint8Array.of(0xff)), sample(now, 1)]))
    const answer = await post(Buffer.concat([bad, series({ __name__: 'up' }, [[now, 1]])]))
    expect(answer).toMatchObject({ status: 400, body: '1 series left out: a label of series 0 is not UTF-8\n' })
    expect(inHead).toHaveLength(1)
    expect(leftOut).toEqual({ bad_series: 1 })
  })

  it('takes known series when there are too many, and says so', async () => {
    const { post, clock, index, inHead } = receiver()
    const now = clock.nowMs()
    await post(series({ __name__: 'known' }, [[now, 1]]))
    index.maxSeries = 1
    const answer = await post(
      Buffer.concat([series({ __name__: 'new' }, [[now, 1]]), series({ __name__: 'known' }, [[now + 1, 1]])]),
    )
    expect(answer).toMatchObject({ status: 400, body: '1 series left out: more than 1 series\n' })
    expect(inHead).toHaveLength(2)
  })

  it('takes exemplars, and leaves out native histograms that are none and exemplars with too much text', async () => {
    const { post, clock, leftOut, spool } = receiver()
    const now = clock.nowMs()
    const wrong = Buffer.concat([histogramFields([1], now), varintField(1, 7)])
    const rest = [exemplar({ trace_id: 'a' }, 0.5, now), exemplar({ trace_id: 'a'.repeat(121) }, 0.5, now)]
    const parts = [label('__name__', 'h'), field(4, wrong), ...rest]
    const answer = await post(Buffer.concat([field(1, Buffer.concat(parts)), series({ __name__: 'up' }, [[now, 1]])]))
    expect(answer).toMatchObject({
      status: 400,
      headers: {
        'x-prometheus-remote-write-samples-written': '1',
        'x-prometheus-remote-write-histograms-written': '0',
        'x-prometheus-remote-write-exemplars-written': '1',
      },
    })
    expect(answer.body).toContain('1 native histogram left out: ')
    expect(leftOut).toEqual({ bad_histogram: 1, exemplar: 1 })
    expect(rowsOf(spool, 'exemplars')).toEqual([[[1, 'h', now, 0.5, 'trace_id', 'a']]])
  })

  it('takes 2.0, says what was written, and takes the rest where a series is none', async () => {
    const { post, clock, inHead, spool } = receiver()
    const now = clock.nowMs()
    const headers = {
      'content-type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request',
      'content-encoding': 'snappy',
    }
    const good = {
      ...{ labels: { __name__: 'up' }, samples: [[now, 1]] as const, metadata: { type: 2, help: 'Up.', unit: '' } },
      exemplars: [{ labels: { trace_id: 'a' }, value: 1, timeMs: now }],
    }
    const written = {
      'x-prometheus-remote-write-samples-written': '1',
      'x-prometheus-remote-write-histograms-written': '0',
      'x-prometheus-remote-write-exemplars-written': '1',
    }
    expect(await post(requestV2(good), headers)).toMatchObject({ status: 204, headers: written })
    const answer = await post(requestV2({ ...good, refs: [1] }, good), headers)
    expect(answer).toMatchObject({ status: 400, headers: written })
    expect(answer.body).toContain('1 series left out: a series has 1 label references')
    expect(inHead).toHaveLength(2)
    expect(rowsOf(spool, 'metadata').flat()).toMatchObject([{ family: 'up', type: 'gauge', help: 'Up.' }])
  })

  describe('start timestamps', () => {
    const headers = {
      'content-type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request',
      'content-encoding': 'snappy',
    }
    const symbols = ['', '__name__', 'a_total', 'h'].map((text) => field(4, text))
    /** Samples, each with its value, time and start. */
    const counter = (...samples: readonly (readonly [value: number, timeMs: number, startMs: number])[]) =>
      Buffer.concat([
        ...symbols,
        field(
          5,
          Buffer.concat([
            refsField([1, 2]),
            ...samples.map(([value, timeMs, startMs]) =>
              field(2, Buffer.concat([doubleField(1, value), varintField(2, timeMs), varintField(3, startMs)])),
            ),
          ]),
        ),
      ])
    const stored = (inHead: readonly { readonly timeMs: number; readonly bits: string }[], sinceMs: number) =>
      inHead.map(({ timeMs, bits }) => [timeMs - sinceMs, Buffer.from(bits, 'hex').readDoubleBE()])

    it('put a zero where a counter began, and where it began again', async () => {
      const { post, clock, inHead, index } = receiver({ zeroSamples: true })
      const t0 = clock.nowMs() - hourMs
      const body = counter([5, t0, t0 - 1000], [7, t0 + 10, t0 - 1000], [2, t0 + 30, t0 + 20])
      expect(await post(body, headers)).toMatchObject({ status: 204 })
      const first = [
        ...[
          [-1000, 0],
          [0, 5],
          [10, 7],
          [20, 0],
          [30, 2],
        ],
      ]
      expect(stored(inHead, t0)).toEqual(first)
      // what the series has already is no news
      index.newestMs.set(0, t0 + 30)
      await post(counter([3, t0 + 40, t0 + 20]), headers)
      expect(stored(inHead, t0)).toEqual([...first, [40, 3]])
    })

    it('put nothing where they make no sense, nor where nobody asked for it', async () => {
      const asked = receiver({ zeroSamples: true })
      const t0 = asked.clock.nowMs()
      await asked.post(counter([5, t0, t0], [6, t0 + 1, t0 + 2], [7, t0 + 2, 0]), headers)
      expect(stored(asked.inHead, t0)).toEqual([
        [0, 5],
        [1, 6],
        [2, 7],
      ])
      const unasked = receiver()
      await unasked.post(counter([5, t0, t0 - 1]), headers)
      expect(stored(unasked.inHead, t0)).toEqual([[0, 5]])
    })

    it('are those of a series where older senders say it, and of native histograms', async () => {
      const { post, clock, inHead, histogramsInHead } = receiver({ zeroSamples: true })
      const t0 = clock.nowMs()
      const samples = field(2, Buffer.concat([doubleField(1, 4), varintField(2, t0)]))
      const histogram = field(3, Buffer.concat([histogramFields([1, 2], t0), varintField(17, t0 - 2)]))
      const body = Buffer.concat([
        ...symbols,
        field(5, Buffer.concat([refsField([1, 2]), samples, varintField(6, t0 - 1)])),
        field(5, Buffer.concat([refsField([1, 3]), histogram])),
      ])
      expect(await post(body, headers)).toMatchObject({ status: 204 })
      expect(stored(inHead, t0)).toEqual([
        [-1, 0],
        [0, 4],
      ])
      expect(histogramsInHead.map(({ timeMs, histogram: { count } }) => [timeMs - t0, count])).toEqual([
        [-2, 0],
        [0, 3],
      ])
    })

    it('of a series that is left out leave nothing behind', async () => {
      const { post, clock, inHead } = receiver({ zeroSamples: true })
      const t0 = clock.nowMs()
      const sampleOf = (startMs: number) =>
        field(2, Buffer.concat([doubleField(1, 4), varintField(2, t0), varintField(3, startMs)]))
      const body = Buffer.concat([
        ...symbols,
        field(5, Buffer.concat([refsField([1]), sampleOf(t0 - 5)])),
        field(5, Buffer.concat([refsField([1, 2]), sampleOf(0)])),
      ])
      expect(await post(body, headers)).toMatchObject({ status: 400 })
      expect(stored(inHead, t0)).toEqual([[0, 4]])
    })
  })

  it.each([
    ['application/x-protobuf;proto=io.prometheus.write.v2.Request', 204],
    ['application/x-protobuf;proto=io.prometheus.write.v3.Request', 415],
    ['application/json', 415],
    ['application/x-protobuf', 204],
    ['application/x-protobuf; proto=prometheus.WriteRequest', 204],
  ])('answers Content-Type %s with %d', async (type, status) => {
    const { post } = receiver()
    const answer = await post(new Uint8Array(0), { 'content-type': type, 'content-encoding': 'snappy' })
    expect(answer.status).toBe(status)
    if (status === 415) expect(answer.body).toContain('remote write 1.0 or 2.0')
  })

  it('refuses before decoding while the spool is full', async () => {
    const { post, spool } = receiver()
    spool.full = true
    await expect(post(Buffer.from('not even protobuf'))).rejects.toMatchObject({
      code: 'spool.full',
      retryAfterSeconds: 5,
    })
  })

  it('takes nothing of a body that is no WriteRequest', async () => {
    const { post, clock, spool } = receiver()
    const body = Buffer.concat([series({ __name__: 'up' }, [[clock.nowMs(), 1]]), Uint8Array.of(0x0a, 0x05)])
    await expect(post(body)).rejects.toMatchObject({ code: 'ingest.bad_body' })
    expect(spool.frames).toEqual([])
  })
})
