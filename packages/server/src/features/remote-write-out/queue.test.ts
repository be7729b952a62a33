import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AppError } from '@tidewatch/core/error.ts'
import { Labels } from '@tidewatch/core/labels.ts'
import { defaultProject } from '@tidewatch/core/matcher.ts'
import { SampleBatch } from '@tidewatch/core/sample-batch.ts'
import { isStaleAt, setStale } from '@tidewatch/core/stale.ts'
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { uncompressSync } from 'snappy'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fakeLogger } from '../../collect/fakes.ts'
import type { BytesAnswer, HttpClient, OutgoingRequest } from '../../collect/http-client/port.ts'
import { FakeIndex } from '../../ingest/fakes.ts'
import { RemoteWriteDecoder } from '../../ingest/remote-write-decode.ts'
import { RemoteWriteV2Decoder } from '../../ingest/remote-write-v2-decode.ts'
import { createSpool, type Spool } from '../../spool/spool.ts'
import { createMetricTablesEncoder } from '../../store/metric-encoder.ts'
import { createMetricSectionReader } from '../../store/metric-sections.ts'
import type { StoredSeries } from '../../store/port.ts'
import type { RemoteSettings, RemoteSource } from './port.ts'
import { createRemoteWrites, type RemoteWrites } from './remote-writes.ts'

type Rule = (labels: Map<string, string>) => boolean
type Answer = number | Error | { readonly status: number; readonly headers: Readonly<Record<string, string>> } | 'hang'

/** A receiver that keeps what it took as lines, and answers as told, then 204. */
class Receiver implements HttpClient {
  readonly answers: Answer[] = []
  readonly taken: string[] = []
  readonly requests: OutgoingRequest[] = []
  readonly sizes: number[] = []
  always: Answer = 204

  async fetch(_url: URL, request: OutgoingRequest & { readonly signal?: AbortSignal }): Promise<BytesAnswer> {
    this.requests.push(request)
    const answer = this.answers.shift() ?? this.always
    if (answer === 'hang')
      await new Promise((_, reject) => request.signal?.addEventListener('abort', () => reject(request.signal?.reason)))
    if (answer instanceof Error) throw answer
    const { status, headers } =
      typeof answer === 'object' ? answer : { status: Number(answer), headers: {} as Readonly<Record<string, string>> }
    const lines = this.#lines(request)
    if (status < 300) {
      this.taken.push(...lines)
      this.sizes.push(lines.length)
    }
    const all = { 'x-prometheus-remote-write-samples-written': String(lines.length), ...headers }
    return { status, body: Buffer.from('why'), header: (name) => new Map(Object.entries(all)).get(name) }
  }

  #lines({ headers = {}, body }: OutgoingRequest): string[] {
    const bytes = uncompressSync(Buffer.from(body ?? [])) as Buffer
    const batch = new SampleBatch()
    const index = new FakeIndex()
    const resolve = (at: Uint8Array, start: number, end: number) => index.resolveEncoded(defaultProject, at, start, end)
    const isV2 = String(headers['content-type']).includes('v2')
    const decoder = isV2
      ? new RemoteWriteV2Decoder(bytes, batch, resolve)
      : new RemoteWriteDecoder(bytes, batch, resolve)
    while (!decoder.step(100));
    expect(decoder.found.badSeries).toBe(0)
    const name = (ref: number): string => String(index.labels(ref as never))
    return [
      ...Array.from({ length: batch.length }, (_, i) => {
        const value = isStaleAt(batch.words, i) ? 'stale' : String(batch.values[i])
        return `${name(batch.refs[i] as number)} ${(batch.timesMs[i] as number) - startMs} ${value}`
      }),
      ...batch.histograms.map(
        ({ ref, timeMs, histogram }) => `${name(ref)} ${timeMs - startMs} count ${histogram.count}`,
      ),
      ...batch.exemplars.map(({ ref, value, labels }) => `${name(ref)} # ${labels.join('=')} ${value}`),
      ...decoder.found.metadata.map(({ family, type, help }) => `meta ${family} ${type} ${help}`),
    ]
  }

  async send(): Promise<never> {
    throw new Error('not used')
  }
  async [Symbol.asyncDispose](): Promise<void> {}
}

const startMs = Date.UTC(2026, 0, 1)
const encoder = createMetricTablesEncoder()
const settingsOf = (
  more: Partial<RemoteSettings> = {},
  queue: Partial<RemoteSettings['queue']> = {},
): RemoteSettings<unknown, Rule> => ({
  id: 'one',
  name: 'one',
  url: 'http://receiver.test/write',
  timeoutMs: 30_000,
  headers: { 'X-Tenant': 't' },
  sendExemplars: true,
  sendHistograms: true,
  message: '1.0',
  metadata: { send: false, everyMs: 60_000, maxPerSend: 500 },
  http: {},
  ...more,
  relabelRules: (more.relabelRules ?? []) as readonly Rule[],
  queue: {
    capacity: 10_000,
    maxShards: 8,
    minShards: 1,
    maxSamplesPerSend: 100,
    minBackoffMs: 30,
    maxBackoffMs: 1000,
    retryOn429: true,
    sampleAgeLimitMs: 0,
    ...queue,
  },
})

let dir: string
let clock: FakeClock
let spool: Spool
let receiver: Receiver
let writes: RemoteWrites<unknown, Rule>
let stored: StoredSeries[]
let isFull: boolean
let logger: ReturnType<typeof fakeLogger>
let loading: AbortController

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'remote-write-'))
  clock = new FakeClock(startMs)
  receiver = new Receiver()
  stored = []
  isFull = false
  logger = fakeLogger()
  await open()
})
afterEach(async () => {
  await close()
  await rm(dir, { recursive: true })
})

/** As a start of the server does; a loader confirms whatever comes. */
async function open({ maxHeldBytes = 1 << 30 } = {}): Promise<void> {
  spool = await createSpool({
    dir,
    clock,
    durability: 'group',
    readers: ['loader'],
    reserveBytes: 0,
    segmentBytes: 1,
    log: () => {},
  })
  loading = new AbortController()
  void load(loading.signal)
  const source: RemoteSource = {
    attach: (id) => spool.attach(`to-${id}`),
    detach: (id) => spool.detach(`to-${id}`),
    attached: () => spool.attached.map((name) => name.slice(3)),
    isSpoolFull: () => isFull,
    sections: createMetricSectionReader(),
    series: { seriesById: async (ids) => stored.filter(({ idLow }) => ids.includes(idLow)) },
    metadata: async () => [{ project: defaultProject, family: 'x', type: 'counter', help: 'Some.', unit: '' }],
  }
  writes = createRemoteWrites<unknown, Rule>({
    source,
    openClient: () => receiver,
    compileRelabel: (rules) => (labels) => rules.every((rule) => rule(labels)),
    clock,
    logger,
    version: '9',
    maxHeldBytes,
  })
}

async function load(signal: AbortSignal): Promise<void> {
  const reader = spool.reader('loader')
  try {
    for (;;) await reader.confirm((await reader.next({ signal })).number)
  } catch {
    // the signal, at the end of the test
  }
}

async function close(): Promise<void> {
  const closed = writes[Symbol.asyncDispose]()
  await clock.advance(3000)
  await closed
  loading.abort()
  await spool[Symbol.asyncDispose]()
}

const apply = (...remotes: RemoteSettings<unknown, Rule>[]) =>
  writes.apply(remotes, { externalLabels: { site: 'a', job: 'ours' }, changeKey: (remote) => JSON.stringify(remote) })

/** A batch of accepted samples: `rows` of [series number, ms after the start, value]. */
async function accept(rows: readonly (readonly [number, number, number])[], { withSeries = true } = {}): Promise<void> {
  const ids = Uint32Array.from(rows.flatMap(([id]) => [id, 7]))
  const values = Float64Array.from(rows, ([, , value]) => value)
  for (const [i, [, , value]] of rows.entries()) if (Number.isNaN(value)) setStale(new Uint32Array(values.buffer), i)
  const series = [...new Set(rows.map(([id]) => id))].map(seriesOf)
  await spool.append([
    ...(withSeries ? [encoder.series(series)] : []),
    encoder.samples({
      length: rows.length,
      projects: new Uint32Array(rows.length),
      ids,
      timesMs: Float64Array.from(rows, ([, ms]) => startMs + ms),
      values,
    }),
  ])
}

const seriesOf = (id: number): StoredSeries => ({
  project: defaultProject,
  idLow: id,
  idHigh: 7,
  labels: Labels.from({ __name__: 'x', n: String(id), ...(id % 2 === 1 ? { job: 'own' } : {}) }),
  seenMs: startMs,
})

const counters = () => {
  const [status] = writes.status()
  if (status === undefined) throw new Error('no receiver')
  return status.counters
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve))
}

describe('what is sent', () => {
  it('is what was accepted, with external labels where a series has none of its own, stale markers as they are', async () => {
    await apply(settingsOf())
    await accept([
      [1, 10, 0.5],
      [2, 10, -0],
      [1, 20, Number.NaN],
    ])
    await until(() => receiver.taken.length === 3)
    expect(receiver.taken).toEqual([
      'x{job="own", n="1", site="a"} 10 0.5',
      'x{job="ours", n="2", site="a"} 10 0',
      'x{job="own", n="1", site="a"} 20 stale',
    ])
    expect(receiver.requests[0]?.headers).toMatchObject({
      'content-type': 'application/x-protobuf',
      'content-encoding': 'snappy',
      'x-prometheus-remote-write-version': '0.1.0',
      'user-agent': 'Tidewatch/9',
      'x-tenant': 't',
    })
  })

  it.each(['1.0', '2.0'] as const)(
    'has histograms and exemplars in version %s, if they are wanted',
    async (message) => {
      const { encodeHistogram } = await import('@tidewatch/core/native-histogram-codec.ts')
      const histogram = {
        schema: 3,
        counterResetHint: 'gauge' as const,
        count: 5,
        sum: 12.5,
        zeroThreshold: 0.001,
        zeroCount: 1,
        positiveSpans: [{ offset: -2, length: 2 }],
        positiveBuckets: Float64Array.of(1, 3),
        negativeSpans: [],
        negativeBuckets: new Float64Array(0),
        customValues: [],
        isInteger: true,
      }
      const send = () =>
        spool.append([
          encoder.series([seriesOf(1)]),
          encoder.histograms({
            length: 1,
            projects: new Uint32Array(1),
            ids: Uint32Array.of(1, 7),
            timesMs: Float64Array.of(startMs + 5),
            bytes: [encodeHistogram(histogram)],
          }),
          encoder.exemplars([{ ...seriesOf(1), timeMs: startMs + 5, value: 2.5, example: ['trace_id', 'abc'] }]),
        ])
      await apply(settingsOf({ message }))
      await send()
      await until(() => receiver.taken.length === 2)
      expect(receiver.taken.sort()).toEqual([
        'x{job="own", n="1", site="a"} # trace_id=abc 2.5',
        'x{job="own", n="1", site="a"} 5 count 5',
      ])
      expect(counters().sent).toMatchObject({ histograms: 1, exemplars: 1 })
      expect(counters().dropped.exemplar_alone).toBe(0)
      await apply(settingsOf({ message, sendExemplars: false, sendHistograms: false }))
      await send()
      await accept([[1, 6, 1]])
      await until(() => receiver.taken.length === 3)
      expect(receiver.taken[2]).toMatch(/ 6 1$/)
    },
  )

  it('is relabelled; what is dropped is counted', async () => {
    const dropOdd: Rule = (labels) => labels.get('job') !== 'own'
    const rename: Rule = (labels) => labels.set('n', `s${labels.get('n')}`) !== undefined
    await apply(settingsOf({ relabelRules: [dropOdd, rename] }))
    await accept([
      [1, 1, 1],
      [2, 1, 2],
      [3, 1, 3],
    ])
    await until(() => receiver.taken.length === 1)
    expect(receiver.taken).toEqual(['x{job="ours", n="s2", site="a"} 1 2'])
    expect(counters().dropped.relabelled).toBe(2)
  })

  it('goes in requests of max_samples_per_send, a series in order', async () => {
    await apply(settingsOf({}, { maxSamplesPerSend: 10, minShards: 3 }))
    await accept(Array.from({ length: 300 }, (_, i) => [i % 7, i, i] as const))
    await until(() => receiver.taken.length === 300)
    expect(Math.max(...receiver.sizes)).toBe(10)
    for (let n = 0; n < 7; n++) {
      const times = receiver.taken
        .filter((line) => line.includes(`n="${n}"`))
        .map((line) => Number(line.split(' ').at(-2)))
      expect(times).toEqual([...times].sort((a, b) => a - b))
      expect(times.length).toBeGreaterThan(40)
    }
  })

  it('has metadata of its own in version 1.0', async () => {
    await apply(settingsOf({ metadata: { send: true, everyMs: 60_000, maxPerSend: 500 } }))
    await until(() => receiver.taken.length === 1)
    expect(receiver.taken).toEqual(['meta x counter Some.'])
    await clock.advance(60_000)
    await until(() => receiver.taken.length === 2)
  })

  it('names series of former segments by the store, and counts those that nobody knows', async () => {
    stored = [seriesOf(2)]
    await apply(settingsOf())
    await accept(
      [
        [2, 1, 1],
        [4, 1, 1],
      ],
      { withSeries: false },
    )
    await until(() => counters().dropped.unknown_series === 1 && receiver.taken.length === 1)
    expect(receiver.taken).toEqual(['x{job="ours", n="2", site="a"} 1 1'])
  })
})

describe('a receiver that refuses or fails', () => {
  const away = new AppError('collect.unreachable', 'cannot reach receiver.test')

  it('gets it again after 5xx, 429 and no answer, later and later, or when it says', async () => {
    receiver.answers.push(500, away, 429, { status: 503, headers: { 'retry-after': '7' } })
    await apply(settingsOf())
    await accept([[1, 1, 1]])
    for (const [count, ms] of [
      [1, 30],
      [2, 60],
      [3, 120],
      [4, 7000],
    ] as const) {
      await until(() => receiver.requests.length === count && clock.sleeping >= 2)
      await clock.advance(ms - 1)
      expect(receiver.requests.length).toBe(count)
      await clock.advance(1)
    }
    await until(() => receiver.taken.length === 1)
    expect(counters()).toMatchObject({ sent: { samples: 1 }, retried: { samples: 4 }, failed: { samples: 0 } })
    expect(logger.lines).toEqual(['samples cannot be sent on; they are kept and tried again'])
  })

  it.each([400, 404, 413])('is not asked again after %i', async (status) => {
    receiver.answers.push(status)
    await apply(settingsOf())
    await accept([[1, 1, 1]])
    await accept([[1, 2, 2]])
    await until(() => receiver.taken.length === 1)
    expect(counters()).toMatchObject({ sent: { samples: 1 }, failed: { samples: 1 }, retried: { samples: 0 } })
    expect(logger.lines).toEqual(['the receiver refused samples; they are dropped'])
  })

  it('is not asked again after 429 where the configuration does not say so', async () => {
    receiver.answers.push(429)
    await apply(settingsOf({}, { retryOn429: false }))
    await accept([[1, 1, 1]])
    await until(() => counters().failed.samples === 1)
  })

  it('that knows version 1.0 alone and answers well all the same is found out', async () => {
    receiver.answers.push({ status: 204, headers: { 'x-prometheus-remote-write-samples-written': '0' } })
    await apply(settingsOf({ message: '2.0' }))
    await accept([[1, 1, 1]])
    await until(() => counters().failed.samples === 1)
    expect(counters().trouble).toContain('nothing was written')
  })

  it('gets no sample that is older than sample_age_limit', async () => {
    receiver.always = 500
    await apply(settingsOf({}, { sampleAgeLimitMs: 10_000 }))
    await accept([[1, 0, 1]])
    await until(() => receiver.requests.length === 1)
    clock.jump(20_000)
    await clock.advance(1000)
    await until(() => counters().dropped.too_old === 1)
    receiver.always = 204
    await accept([
      [1, 1, 1],
      [1, 15_000, 2],
    ])
    await until(() => receiver.taken.length === 1)
    expect(counters().dropped.too_old).toBe(2)
  })

  it('keeps no more in the spool than its bound, and no room that new samples need', async () => {
    await close()
    await open({ maxHeldBytes: 5000 })
    receiver.always = 500
    await apply(settingsOf())
    for (let i = 0; i < 40; i++) {
      await accept([[1, i, i]])
      await clock.advance(1000)
    }
    while (counters().dropped.behind === 0 || spool.status().bytes > 6000) await clock.advance(1000)
    expect(logger.lines).toContain('samples for a receiver that does not answer are dropped')
    isFull = true
    // one of them is being tried, and goes with the next attempt
    while (spool.reader('to-one').heldBytes() > 0) await clock.advance(1000)
    receiver.always = 204
    isFull = false
    await accept([[1, 1000, 5]])
    await clock.advance(5000)
    await until(() => receiver.taken.includes('x{job="own", n="1", site="a"} 1000 5'))
  })
})

describe('its place', () => {
  it('is kept over a restart: nothing is sent twice or left out', async () => {
    await apply(settingsOf())
    await accept([[1, 1, 1]])
    await until(() => receiver.taken.length === 1)
    receiver.always = 500
    await accept([[1, 2, 2]])
    await accept([[1, 3, 3]])
    await until(() => receiver.requests.length >= 2)
    await close()
    receiver.always = 204
    stored = [seriesOf(1)]
    await open()
    await apply(settingsOf())
    await until(() => receiver.taken.length === 3)
    expect(receiver.taken.map((line) => line.split(' ').at(-1))).toEqual(['1', '2', '3'])
  })

  it('goes on within a segment: what was answered for is not sent again', async () => {
    await apply(settingsOf({}, { maxSamplesPerSend: 10 }))
    receiver.answers.push(204, 204, 'hang')
    await accept(Array.from({ length: 50 }, (_, i) => [1, i, i] as const))
    await until(() => receiver.requests.length === 3)
    await close()
    await open()
    stored = [seriesOf(1)]
    await apply(settingsOf({}, { maxSamplesPerSend: 10 }))
    await until(() => receiver.taken.length >= 50)
    expect(receiver.taken.map((line) => Number(line.split(' ').at(-1)))).toEqual(
      Array.from({ length: 50 }, (_, i) => i),
    )
  })

  it('is kept by a changed configuration and given up by one without it', async () => {
    await apply(settingsOf())
    receiver.always = 500
    await accept([[1, 1, 1]])
    await until(() => receiver.requests.length > 0)
    const applied = apply(settingsOf({ headers: { b: '2' } }))
    await clock.advance(4000)
    await applied
    receiver.always = 204
    await clock.advance(1000)
    await until(() => receiver.taken.length === 1)
    expect(receiver.requests.at(-1)?.headers).toMatchObject({ b: '2' })
    expect(counters().sent.samples).toBe(1)
    await apply()
    expect(writes.status()).toEqual([])
    expect(spool.attached).toEqual([])
    await accept([[1, 2, 2]])
    await until(() => spool.status().segments === 0)
  })
})
