// The head on the kit's data: finding series, appending, memory, reading, selecting, refilling; each beside a plain way of doing it.
// Run: node scripts/with-node.mjs node bench/src/head.ts [million]
// `million` measures the index alone at a million series. BENCH_KIT is where the kit is.
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { systemClock } from '@tidewatch/core/clock.ts'
import { Labels } from '@tidewatch/core/labels.ts'
import { defaultProject, type Matcher } from '@tidewatch/core/matcher.ts'
import { createHead, type Head } from '@tidewatch/server/head/head.ts'
import type {
  HeadReader,
  RefillHistograms,
  RefillSamples,
  RefillSeries,
  RefillSource,
  SeriesRef,
} from '@tidewatch/server/head/port.ts'
import { createHeadReader } from '@tidewatch/server/head/reader.ts'

const kit = resolve(process.env.BENCH_KIT ?? '../shared/bench')
const { createDataset } = await import(pathToFileURL(`${kit}/lib/dataset.mjs`).href)
const { encodeLabels } = await import(pathToFileURL(`${kit}/lib/rw.mjs`).href)

const endMs = 1_767_225_600_000
const hashKey = new Uint8Array(16).fill(7)
const million = process.argv[2] === 'million'

interface KitSeries {
  readonly name: string
  readonly labels: [string, string][]
}

function say(what: string, figure: string): void {
  console.log(`${what.padEnd(58)} ${figure}`)
}

const ns = (ms: number, count: number): string => `${((ms * 1e6) / count).toFixed(1)} ns`

/** CPU time of this process, all threads, in ms: what long runs are measured by, since other work takes the machine meanwhile. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** The best of some rounds, in ms: other work on the machine only adds. */
function best(rounds: number, run: () => void): number {
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < rounds; i++) {
    const began = performance.now()
    run()
    least = Math.min(least, performance.now() - began)
  }
  return least
}

/** Label bytes of all series behind one another, as in a request. */
function asRequest(
  series: readonly KitSeries[],
  extra: readonly [string, string][] = [],
): { bytes: Uint8Array; ends: number[] } {
  const parts = series.map(
    ({ labels }) => encodeLabels([...labels, ...extra].sort(([a], [b]) => (a < b ? -1 : 1))) as Buffer,
  )
  const ends: number[] = []
  let at = 0
  for (const part of parts) {
    at += part.length
    ends.push(at)
  }
  return { bytes: Buffer.concat(parts), ends }
}

function benchResolve(series: readonly KitSeries[]): void {
  const extra: [string, string][] = [
    ['cluster', 'production-eu-central-1'],
    ['kubernetes_namespace', 'marketplace-backend'],
    ['pod', 'marketplace-api-7c9f8d6b5-x2x9k'],
  ]
  const { bytes, ends } = asRequest(series, extra)
  using head = createHead({ clock: systemClock, hashKey })
  const all = (): void => {
    let from = 0
    for (const end of ends) {
      head.index.resolveEncoded(defaultProject, bytes, from, end)
      from = end
    }
  }
  all()
  const ours = best(30, all)
  const map = new Map<string, number>()
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const plain = best(30, () => {
    let from = 0
    for (const end of ends) {
      const key = buffer.toString('latin1', from, end)
      if (!map.has(key)) map.set(key, map.size)
      from = end
    }
  })
  const mean = (bytes.length / ends.length).toFixed(0)
  say(
    `resolveEncoded, ${ends.length} known series, ${mean} bytes each`,
    `${ns(ours, ends.length)} (Map of strings ${ns(plain, ends.length)})`,
  )
}

interface Filled {
  readonly head: Head
  readonly refs: Uint32Array
  readonly samples: number
  readonly appendMs: number
}

function fill(dataset: ReturnType<typeof createDataset>): Filled {
  const head = createHead({ clock: systemClock, hashKey })
  const count = dataset.series.length
  const refs = Uint32Array.from(dataset.series as KitSeries[], ({ labels }) =>
    head.index.resolve(defaultProject, Labels.from(labels)),
  )
  const timesMs = new Float64Array(count)
  const values = new Float64Array(count)
  const words = new Uint32Array(values.buffer)
  let appendMs = 0
  while (dataset.step()) {
    values.set(dataset.values)
    for (const target of dataset.targets) {
      for (let i = target.first; i < target.first + target.count; i++) {
        timesMs[i] = target.time
        if (target.down && i !== target.first) words.set([2, 0x7ff00000], i * 2)
      }
    }
    const began = cpuMs()
    // as large as the requests of a sender
    for (let from = 0; from < count; from += 5000) {
      const to = Math.min(count, from + 5000)
      const part = {
        length: to - from,
        refs: refs.subarray(from, to),
        timesMs: timesMs.subarray(from, to),
        values: values.subarray(from, to),
      }
      head.writer.append(part)
    }
    appendMs += cpuMs() - began
  }
  return { head, refs, samples: count * dataset.steps, appendMs }
}

class Columns {
  length = 0
  timesMs = new Float64Array(8192)
  values = new Float64Array(8192)
  reserve(capacity: number): void {
    if (capacity > this.timesMs.length) throw new Error('a series of the kit has less samples')
  }
}

function benchRead({ refs, samples }: Filled, reader: HeadReader): void {
  const columns = new Columns()
  const read = (startMs: number): number => {
    let total = 0
    for (const ref of refs) {
      columns.length = 0
      reader.read(ref as SeriesRef, startMs, Number.POSITIVE_INFINITY, columns)
      total += columns.length
    }
    return total
  }
  reader.acquire()
  const whole = best(5, () => void read(Number.NEGATIVE_INFINITY))
  const hour = best(5, () => void read(endMs - 3_600_000))
  const five = best(20, () => void read(endMs - 300_000))
  const inHour = read(endMs - 3_600_000)
  const inFive = read(endMs - 300_000)
  reader.release()
  const rows = new Float64Array(samples)
  const target = new Float64Array(8192)
  const plain = best(5, () => {
    for (let from = 0; from < samples; from += 1440) for (let i = 0; i < 1440; i++) target[i] = rows[from + i]
  })
  say('read 6 h of every series', `${ns(whole, samples)} a sample (copy of one plain column ${ns(plain, samples)})`)
  say('read the last hour', `${ns(hour, inHour)} a sample`)
  say('read the last 5 minutes', `${ns(five, refs.length)} a series of ${(inFive / refs.length).toFixed(0)} samples`)
}

const questions: readonly (readonly [string, readonly Matcher[]])[] = [
  ['up', [{ name: '__name__', op: '=', value: 'up' }]],
  ['http_requests_total', [{ name: '__name__', op: '=', value: 'http_requests_total' }]],
  [
    'http_requests_total{status=~"5..",route!="/healthz"}',
    [
      { name: '__name__', op: '=', value: 'http_requests_total' },
      { name: 'status', op: '=~', value: '5..' },
      { name: 'route', op: '!=', value: '/healthz' },
    ],
  ],
  [
    '{__name__=~"http_.+",job=~"api-.*|orders"}',
    [
      { name: '__name__', op: '=~', value: 'http_.+' },
      { name: 'job', op: '=~', value: 'api-.*|orders' },
    ],
  ],
  ['{instance=~".*1:8080"}', [{ name: 'instance', op: '=~', value: '.*1:8080' }]],
]

function benchSelect(head: Head): void {
  for (const [text, matchers] of questions) {
    const select = (): Uint32Array => head.index.select(defaultProject, matchers, 0, Number.POSITIVE_INFINITY)
    const began = performance.now()
    const { length } = select()
    const first = performance.now() - began
    const ms = best(20, select)
    say(
      `select ${text}`,
      `${(ms * 1000).toFixed(0)} µs, first ${(first * 1000).toFixed(0)} µs, ${length} of ${head.index.size} series`,
    )
  }
}

/** The filled head as a store would give it back: by series. */
class OtherHead implements RefillSource {
  readonly #filled: Filled
  constructor(filled: Filled) {
    this.#filled = filled
  }
  async extent(): Promise<{ newestMs: number; perHour: number[] }> {
    return { newestMs: endMs, perHour: new Array(7).fill(this.#filled.samples / 6) }
  }
  async *series(): AsyncGenerator<RefillSeries[]> {
    const { index } = this.#filled.head
    const rows: RefillSeries[] = []
    for (const ref of this.#filled.refs as Iterable<SeriesRef>) {
      rows.push({
        project: defaultProject,
        idLow: index.idLow[ref],
        idHigh: index.idHigh[ref],
        labels: index.labels(ref),
      })
    }
    yield rows
  }
  async *histograms(): AsyncGenerator<RefillHistograms> {}
  async *samples(): AsyncGenerator<RefillSamples> {
    const { head, refs } = this.#filled
    using reader = createHeadReader(head.descriptor)
    reader.acquire()
    for (const ref of refs as Iterable<SeriesRef>) {
      const columns = new Columns()
      reader.read(ref, 0, Number.POSITIVE_INFINITY, columns)
      const ids = new Uint32Array(columns.length * 2)
      for (let i = 0; i < columns.length; i++) {
        ids[i * 2] = head.index.idLow[ref]
        ids[i * 2 + 1] = head.index.idHigh[ref]
      }
      yield { length: columns.length, ids, timesMs: columns.timesMs, values: columns.values }
    }
  }
}

async function benchRefill(filled: Filled): Promise<void> {
  const source = new OtherHead(filled)
  const signal = new AbortController().signal
  let began = cpuMs()
  for await (const _block of source.samples());
  const sourceMs = cpuMs() - began
  using head = createHead({ clock: systemClock, hashKey })
  began = cpuMs()
  const { samples } = await head.refill(source, { signal })
  const ms = cpuMs() - began - sourceMs
  const { sampleBytes } = head.stats()
  say(
    `refill ${(samples / 1e6).toFixed(1)}M samples`,
    `${(ms / 1000).toFixed(2)} s of CPU without the source's ${(sourceMs / 1000).toFixed(2)} s, ${(sampleBytes / samples).toFixed(2)} bytes a sample`,
  )
}

function benchMillion(): void {
  const { series } = createDataset({ series: 1_000_000, hours: 0.01, endMs }) as { series: KitSeries[] }
  const { bytes, ends } = asRequest(series)
  series.length = 0
  const gc = globalThis.gc ?? (() => undefined)
  gc()
  const before = process.memoryUsage().rss
  using head = createHead({ clock: systemClock, hashKey })
  let from = 0
  let slowest = 0
  const refs = new Uint32Array(ends.length)
  const began = cpuMs()
  for (const [i, end] of ends.entries()) {
    const start = performance.now()
    refs[i] = head.index.resolveEncoded(defaultProject, bytes, from, end)
    slowest = Math.max(slowest, performance.now() - start)
    from = end
  }
  const ms = cpuMs() - began
  gc()
  const grown = process.memoryUsage().rss - before
  say('a million new series', `${ns(ms, ends.length)} of CPU each, slowest ${slowest.toFixed(1)} ms`)
  const labelBytes = head.stats().labelBytes / ends.length
  say(
    'memory of the index',
    `${(grown / ends.length).toFixed(0)} bytes a series, ${labelBytes.toFixed(0)} of them labels`,
  )
  const known = best(3, () => {
    let at = 0
    for (const end of ends) {
      head.index.resolveEncoded(defaultProject, bytes, at, end)
      at = end
    }
  })
  say(`resolveEncoded, known, ${(bytes.length / ends.length).toFixed(0)} bytes each`, ns(known, ends.length))
  const values = new Float64Array(ends.length).fill(1)
  const scrapes = 8
  const appendMs = best(1, () => {
    for (let i = 0; i < scrapes; i++) {
      const timesMs = new Float64Array(ends.length).fill(endMs + i * 15_000)
      head.writer.append({ length: ends.length, refs, timesMs, values: values.map((value) => value + i) })
    }
  })
  say(
    `append ${scrapes} scrapes of them`,
    `${ns(appendMs, ends.length * scrapes)} a sample, ${JSON.stringify(head.stats())}`,
  )
  benchSelect(head)
}

if (million) benchMillion()
else {
  const dataset = createDataset({ series: 10_000, hours: 6, endMs })
  benchResolve(dataset.series)
  const filled = fill(dataset)
  const { head, samples, appendMs } = filled
  const { sampleBytes } = head.stats()
  say(`append ${(samples / 1e6).toFixed(1)}M samples of 10k series x 6 h`, `${ns(appendMs, samples)} of CPU a sample`)
  say(
    'memory',
    `${(sampleBytes / 1e6).toFixed(1)} MB, ${(sampleBytes / samples).toFixed(2)} bytes a sample (plain columns 16)`,
  )
  using reader = createHeadReader(head.descriptor)
  benchRead(filled, reader)
  benchSelect(head)
  await benchRefill(filled)
}
