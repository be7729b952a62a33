// Remote read and federation from request to bytes: the service with its pool, and a worker's runner on this thread, over a real head.
import { Labels } from '@tidewatch/core/labels.ts'
import { defaultProject, type Matcher } from '@tidewatch/core/matcher.ts'
import { uncompressSync } from 'snappy'
import { expect, test } from 'vitest'
import type { Head } from '../../head/head.ts'
import { appendAll, bitsOf, headForTest, type Sample, staleBits, startMs } from '../../head/head-for-test.ts'
import { createHeadReader } from '../../head/reader.ts'
import type { MetricStoreReader } from '../../store/port.ts'
import type { QueryWorker } from '../pool.ts'
import type { ReadRequest, ReadService } from '../port.ts'
import type { FromWorker } from '../protocol.ts'
import { createQueryRunner } from '../runner.ts'
import { createQueryService, type QueryLimits, type QueryOutcome } from '../service.ts'
import { decodeFrames, decodeSampled, samplesOfFrames } from './testing/decode.ts'

const none: MetricStoreReader = {
  series: async () => [],
  async *samples() {},
  async *histograms() {},
  metadata: async () => [],
}

interface Setup extends AsyncDisposable {
  readonly head: Head
  readonly reads: ReadService
  readonly outcomes: QueryOutcome[]
  /** Pieces that left the worker. */
  readonly sent: () => number
  /** Adds a series with these samples. */
  add(labels: Readonly<Record<string, string>>, samples: readonly (readonly [number, number | 'stale'])[]): void
}

function setup({
  limits = {},
  store = none,
  beginMs,
}: {
  limits?: Partial<QueryLimits>
  store?: MetricStoreReader
  beginMs?: number
} = {}): Setup {
  const head = headForTest({ budgetBytes: 16 << 20 })
  let sent = 0
  const spawn = (): QueryWorker => {
    let listen: (message: FromWorker) => void = () => undefined
    let cancelled = 0
    const reader = createHeadReader(head.descriptor)
    const acquire = reader.acquire.bind(reader)
    const run = createQueryRunner({
      head: Object.assign(reader, {
        acquire: () => {
          const acquired = acquire()
          return { beginMs: beginMs ?? acquired.beginMs }
        },
      }),
      store,
      usesHead: true,
      isCancelled: (id) => id === cancelled,
      monotonicMs: () => performance.now(),
      post: (message) => {
        if (message.type === 'piece') sent++
        setImmediate(() => listen(message))
      },
    })
    return {
      post: (message) => void setImmediate(() => run(message)),
      onMessage: (heard) => {
        listen = heard
      },
      onExit: () => undefined,
      cancel: (id) => {
        cancelled = id
        run({ type: 'cancel', id })
      },
      terminate: async () => undefined,
    }
  }
  const outcomes: QueryOutcome[] = []
  const service = createQueryService({
    ...{ workers: 2, spawn, index: head.index, openHead: undefined, store, limits },
    flusher: { flush: async () => undefined } as Parameters<typeof createQueryService>[0]['flusher'],
    knownProjects: () => [defaultProject],
    monotonicMs: () => performance.now(),
    onOutcome: (outcome) => outcomes.push(outcome),
  })
  return {
    ...{ head, reads: service, outcomes, sent: () => sent },
    add(labels, samples) {
      const ref = head.index.resolve(defaultProject, Labels.from(labels))
      const all = samples.map(([second, value]): Sample => {
        const bits = value === 'stale' ? staleBits : bitsOf(value)
        return { ref, timeMs: startMs + second * 1000, bits }
      })
      appendAll(head, all)
    },
    [Symbol.asyncDispose]: () => service[Symbol.asyncDispose](),
  }
}

const named = (value: string, op: Matcher['op'] = '='): Matcher => ({ name: '__name__', op, value })

function request(more: Partial<ReadRequest> = {}): ReadRequest {
  const windows = [{ matchers: [named('m')], startMs, endMs: startMs + 3_600_000 }]
  const { signal } = new AbortController()
  return { projects: 'all', user: 'mara', signal, windows, format: 'chunked', externalLabels: [], ...more }
}

const window = (matchers: readonly Matcher[], fromSecond = 0, toSecond = 3600) => ({
  matchers,
  startMs: startMs + fromSecond * 1000,
  endMs: startMs + toSecond * 1000,
})

async function bytesOf(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = []
  for await (const piece of pieces) all.push(piece)
  return Buffer.concat(all)
}

const sampledOf = async (reads: ReadService, more: Partial<ReadRequest> = {}) =>
  decodeSampled(Buffer.from(uncompressSync(await bytesOf(reads.read(request({ format: 'sampled', ...more }))))))

const textOf = async (reads: ReadService, more: Partial<ReadRequest> = {}): Promise<string> =>
  (await bytesOf(reads.read(request({ format: 'text', ...more })))).toString()

const steps = (count: number): (readonly [number, number])[] =>
  Array.from({ length: count }, (_, i) => [i, Math.sqrt(i)])

test('samples and chunks say the same, series by labels, several queries in order, with external labels where there are none', async () => {
  await using made = setup()
  made.add({ __name__: 'm', zone: 'b', A: 'x' }, steps(300))
  made.add({ __name__: 'm', region: 'own' }, [
    [5, 1],
    [6, 'stale'],
  ])
  made.add({ __name__: 'n' }, [[7, -0]])
  const windows = [window([named('m')], 4, 290), window([named('nothing')]), window([named('n')])]
  const externalLabels = ['Z', 'first', 'region', 'north']
  const sampled = await sampledOf(made.reads, { windows, externalLabels })
  const [m, nothing, n] = sampled
  expect(m?.map(({ labels }) => Object.entries(labels).flat().join(' '))).toEqual([
    'A x Z first __name__ m region north zone b',
    'Z first __name__ m region own',
  ])
  expect(m?.map(({ samples }) => samples.length)).toEqual([287, 2])
  expect(m?.[1]?.samples[1]?.bits).toBe(staleBits)
  expect(nothing).toEqual([])
  expect(n?.[0]?.samples).toEqual([{ atMs: startMs + 7000, bits: bitsOf(-0) }])
  const frames = decodeFrames(await bytesOf(made.reads.read(request({ windows, externalLabels }))))
  expect(frames.map(({ query, chunks }) => [query, chunks.length])).toEqual([
    [0, 3],
    [0, 1],
    [2, 1],
  ])
  expect(samplesOfFrames(frames)).toEqual(sampled.flat())
  expect(made.outcomes.map(({ kind, outcome }) => `${kind} ${outcome}`)).toEqual(['remote_read ok', 'remote_read ok'])
})

test('what only the store has is read too, and joined', async () => {
  const labels = Labels.from({ __name__: 'm' })
  let ids = [0, 0]
  const store: MetricStoreReader = {
    ...none,
    series: async () => [
      { project: defaultProject, idLow: ids[0] as number, idHigh: ids[1] as number, labels, seenMs: startMs },
    ],
    async *samples() {
      const timesMs = Float64Array.of(startMs + 1000, startMs + 2000)
      yield { length: 2, ids: Uint32Array.of(...ids, ...ids), timesMs, values: Float64Array.of(10, 20) }
    },
  }
  await using made = setup({ store, beginMs: startMs + 3000 })
  made.add({ __name__: 'm' }, [
    [2, 99],
    [3, 30],
    [4, 40],
  ])
  const ref = made.head.index.resolve(defaultProject, labels)
  ids = [made.head.index.idLow[ref] as number, made.head.index.idHigh[ref] as number]
  const [[series] = []] = await sampledOf(made.reads)
  expect(series?.samples.map(({ bits }) => bits)).toEqual([10, 20, 30, 40].map(bitsOf))
})

test('a series of more than a megabyte goes into several frames', async () => {
  await using made = setup()
  const random = (i: number): number => Math.sin(i) * 1e9
  made.add(
    { __name__: 'm' },
    Array.from({ length: 150_000 }, (_, i) => [i, random(i)] as const),
  )
  const windows = [window([named('m')], 0, 150_000)]
  const frames = decodeFrames(await bytesOf(made.reads.read(request({ windows }))))
  expect(frames.length).toBeGreaterThan(1)
  expect(samplesOfFrames(frames).flatMap(({ samples }) => samples)).toHaveLength(150_000)
})

/** 600 series of 1000 samples: about 5 MB in chunks. */
function fillWide({ add }: Setup): void {
  for (let i = 0; i < 600; i++)
    add(
      { __name__: 'm', i: String(i) },
      Array.from({ length: 1000 }, (_, s) => [s, Math.sin(s + i)]),
    )
}

test('is made no faster than it is taken, and ends when nobody takes it any more', async () => {
  await using made = setup()
  fillWide(made)
  const pieces = made.reads.read(request())[Symbol.asyncIterator]()
  await pieces.next()
  const settled = async (): Promise<void> => {
    for (let i = 0; i < 200; i++) await new Promise((resolve) => setImmediate(resolve))
  }
  await settled()
  expect(made.sent()).toBeLessThanOrEqual(5)
  await pieces.return?.()
  await settled()
  expect(made.outcomes.map(({ outcome }) => outcome)).toEqual(['cancelled'])
  // the place is free again
  const frames = decodeFrames(await bytesOf(made.reads.read(request())))
  expect(frames).toHaveLength(600)
  expect(made.sent()).toBeGreaterThan(10)
})

test('ends with its caller, also while it waits for its turn', async () => {
  await using made = setup()
  fillWide(made)
  const first = made.reads.read(request())[Symbol.asyncIterator]()
  await first.next()
  const abort = new AbortController()
  const second = made.reads.read(request({ signal: abort.signal }))[Symbol.asyncIterator]()
  const waiting = second.next()
  abort.abort(new Error('gone'))
  await expect(waiting).rejects.toThrow('gone')
  const third = bytesOf(made.reads.read(request()))
  await first.return?.()
  expect(decodeFrames(await third)).toHaveLength(600)
})

test('says which bound it would break', async () => {
  await using made = setup({ limits: { maxSamples: 100 } })
  made.add({ __name__: 'm' }, steps(101))
  await expect(sampledOf(made.reads)).rejects.toThrow('more than 100')
  await expect(bytesOf(made.reads.read(request()))).rejects.toThrow('more than 100')
  const windows = [window([named('(', '=~')])]
  await expect(sampledOf(made.reads, { windows })).rejects.toMatchObject({ code: 'query.parse' })
})

test('federation gives the newest of each series by name, once, with external labels and without what ended', async () => {
  await using made = setup()
  made.add({ __name__: 'b', Zone: 'x', instance: 'i' }, [
    [1, 1],
    [2, 0.5],
  ])
  made.add({ __name__: 'a', path: 'c:\\d "e"\nf' }, [[3, Number.POSITIVE_INFINITY]])
  made.add({ __name__: 'ended' }, [
    [1, 1],
    [2, 'stale'],
  ])
  made.add({ __name__: 'b', region: 'own' }, [[2, Number.NaN]])
  const windows = [window([named('b')], 0, 60), window([named('.+', '=~')], 0, 60)]
  const text = await textOf(made.reads, { windows, externalLabels: ['instance', '', 'region', 'north'] })
  const at = (second: number): number => startMs + second * 1000
  expect(text.split('\n')).toEqual([
    '# TYPE a untyped',
    `a{path="c:\\\\d \\"e\\"\\nf",instance="",region="north"} +Inf ${at(3)}`,
    '# TYPE b untyped',
    `b{Zone="x",instance="i",region="north"} 0.5 ${at(2)}`,
    `b{region="own",instance=""} NaN ${at(2)}`,
    '',
  ])
})

test('federation quotes names for who reads that, and changes them for who does not', async () => {
  await using made = setup()
  made.add({ __name__: 'http.requests', 'k8s.pod': 'p', ok: 'y' }, [[1, 1]])
  made.add({ __name__: '1st' }, [[1, 2]])
  const windows = [window([named('.+', '=~')])]
  const at = startMs + 1000
  expect(await textOf(made.reads, { windows, utf8Names: true })).toBe(
    `# TYPE "1st" untyped\n{"1st"} 2 ${at}\n# TYPE "http.requests" untyped\n{"http.requests","k8s.pod"="p",ok="y"} 1 ${at}\n`,
  )
  expect(await textOf(made.reads, { windows })).toBe(
    `# TYPE _st untyped\n_st 2 ${at}\n# TYPE http_requests untyped\nhttp_requests{k8s_pod="p",ok="y"} 1 ${at}\n`,
  )
})
