// What the tests of this folder stand on: a receiver that answers as told, and all that leads to it.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Labels } from '@tidewatch/core/labels.ts'
import { defaultProject } from '@tidewatch/core/matcher.ts'
import { SampleBatch } from '@tidewatch/core/sample-batch.ts'
import { isStaleAt, setStale } from '@tidewatch/core/stale.ts'
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { uncompressSync } from 'snappy'
import { afterEach, beforeEach, expect } from 'vitest'
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

export type Rule = (labels: Map<string, string>) => boolean
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

export const startMs = Date.UTC(2026, 0, 1)
export const encoder = createMetricTablesEncoder()
export const settingsOf = (
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

/** What a test has before it; made anew for each. */
interface Place {
  clock: FakeClock
  spool: Spool
  receiver: Receiver
  writes: RemoteWrites<unknown, Rule>
  /** What the store knows. */
  stored: readonly StoredSeries[]
  isFull: boolean
  logger: ReturnType<typeof fakeLogger>
}

export const at = {} as Place
let dir: string
let loading: AbortController

/** Call once in a test file: a spool, a receiver and what sends to it, made anew for each test. */
export function prepare(): void {
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'remote-write-'))
    at.clock = new FakeClock(startMs)
    at.receiver = new Receiver()
    at.stored = []
    at.isFull = false
    at.logger = fakeLogger()
    await open()
  })
  afterEach(async () => {
    await close()
    await rm(dir, { recursive: true })
  })
}

/** As a start of the server does; a loader confirms whatever comes. */
export async function open({ maxHeldBytes = 1 << 30 } = {}): Promise<void> {
  at.spool = await createSpool({
    dir,
    clock: at.clock,
    durability: 'group',
    readers: ['loader'],
    reserveBytes: 0,
    segmentBytes: 1,
    log: () => {},
  })
  loading = new AbortController()
  void load(loading.signal)
  const source: RemoteSource = {
    attach: (id) => at.spool.attach(`to-${id}`),
    detach: (id) => at.spool.detach(`to-${id}`),
    attached: () => at.spool.attached.map((name) => name.slice(3)),
    isSpoolFull: () => at.isFull,
    sections: createMetricSectionReader(),
    series: { seriesById: async (ids) => at.stored.filter(({ idLow }) => ids.includes(idLow)) },
    metadata: async () => [{ project: defaultProject, family: 'x', type: 'counter', help: 'Some.', unit: '' }],
  }
  at.writes = createRemoteWrites<unknown, Rule>({
    source,
    openClient: () => at.receiver,
    compileRelabel: (rules) => (labels) => rules.every((rule) => rule(labels)),
    clock: at.clock,
    logger: at.logger,
    version: '9',
    maxHeldBytes,
  })
}

async function load(signal: AbortSignal): Promise<void> {
  const reader = at.spool.reader('loader')
  try {
    for (;;) await reader.confirm((await reader.next({ signal })).number)
  } catch {
    // the signal, at the end of the test
  }
}

export async function close(): Promise<void> {
  const closed = at.writes[Symbol.asyncDispose]()
  await at.clock.advance(3000)
  await closed
  loading.abort()
  await at.spool[Symbol.asyncDispose]()
}

export const apply = (...remotes: RemoteSettings<unknown, Rule>[]) =>
  at.writes.apply(remotes, {
    externalLabels: { site: 'a', job: 'ours' },
    changeKey: (remote) => JSON.stringify(remote),
  })

/** A batch of accepted samples: `rows` of [series number, ms after the start, value]. */
export async function accept(
  rows: readonly (readonly [number, number, number])[],
  { withSeries = true } = {},
): Promise<void> {
  const ids = Uint32Array.from(rows.flatMap(([id]) => [id, 7]))
  const values = Float64Array.from(rows, ([, , value]) => value)
  for (const [i, [, , value]] of rows.entries()) if (Number.isNaN(value)) setStale(new Uint32Array(values.buffer), i)
  const series = [...new Set(rows.map(([id]) => id))].map(seriesOf)
  await at.spool.append([
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

export const seriesOf = (id: number): StoredSeries => ({
  project: defaultProject,
  idLow: id,
  idHigh: 7,
  labels: Labels.from({ __name__: 'x', n: String(id), ...(id % 2 === 1 ? { job: 'own' } : {}) }),
  seenMs: startMs,
})

export const counters = () => {
  const [status] = at.writes.status()
  if (status === undefined) throw new Error('no receiver')
  return status.counters
}

export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve))
}
