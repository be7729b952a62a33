// The measurement behind docs/decisions/001-threads.md: where does a query run while samples come in and HTTP must answer?
// A server process holds 10k series x 6 h of 15 s samples as plain columns, appends at a steady rate and answers /healthy, while
// `sum by (rate[5m])` over 2,400 series x 360 steps runs in a loop, once for each variant. This process asks /healthy every 5 ms.
import { fork } from 'node:child_process'
import { createServer, get } from 'node:http'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'

const seriesCount = 10_000
const depth = 1440
const queried = 2400
const steps = 360
const groups = 8
const ratePerSecond = Number(process.env.BENCH_RATE ?? 400_000)
const runMs = Number(process.env.BENCH_MS ?? 6000)
const variants = [
  'idle',
  'plain-whole',
  'plain-sliced',
  'shared-whole',
  'shared-sliced',
  'shared-workers',
  'growable-workers',
] as const
type Variant = (typeof variants)[number]

interface Columns {
  /** Offset from the base in ms, a ring of `depth` for each series. */
  readonly times: Int32Array
  readonly values: Float64Array
}

function allocate(variant: Variant): Columns {
  const cells = seriesCount * depth
  if (variant.startsWith('shared')) {
    // a gigabyte each is reserved and only what is written is ever resident
    return {
      times: new Int32Array(new SharedArrayBuffer(2 ** 30), 0, cells),
      values: new Float64Array(new SharedArrayBuffer(2 ** 30), 0, cells),
    }
  }
  if (variant.startsWith('growable')) {
    return {
      times: new Int32Array(new SharedArrayBuffer(cells * 4, { maxByteLength: 2 ** 30 })),
      values: new Float64Array(new SharedArrayBuffer(cells * 8, { maxByteLength: 2 ** 30 })),
    }
  }
  return { times: new Int32Array(cells), values: new Float64Array(cells) }
}

function fill({ times, values }: Columns): void {
  for (let series = 0; series < seriesCount; series++) {
    let total = 0
    for (let i = 0; i < depth; i++) {
      total += (series * 31 + i * 7) % 13
      if (i % 997 === 996) total = 0
      times[series * depth + i] = i * 15_000 + (series % 100) * 150
      values[series * depth + i] = total
    }
  }
}

/** Working memory of the query, as an evaluator would own it. */
const corrected = new Float64Array(depth)
const sums = new Float64Array(groups * steps)

/** rate[5m] of one series added to its group: reset-corrected prefix, then two moving indexes. */
function addRate({ times, values }: Columns, series: number): void {
  const from = series * depth
  let lift = 0
  let before = values[from]
  corrected[0] = before
  for (let i = 1; i < depth; i++) {
    const value = values[from + i]
    if (value < before) lift += before
    before = value
    corrected[i] = value + lift
  }
  const row = (series % groups) * steps
  let low = 0
  let high = 0
  for (let step = 0; step < steps; step++) {
    const at = (step + 1) * 60_000
    while (high < depth && times[from + high] <= at) high++
    while (low < high && times[from + low] <= at - 300_000) low++
    const count = high - low
    if (count < 2) continue
    const first = from + low
    const last = from + high - 1
    const spread = times[last] - times[first]
    sums[row + step] += ((corrected[high - 1] - corrected[low]) / spread) * (1 + 15_000 / spread)
  }
}

async function evaluate(columns: Columns, sliceMs: number): Promise<number> {
  const began = performance.now()
  let sliceBegan = began
  sums.fill(0)
  for (let series = 0; series < queried; series++) {
    addRate(columns, series)
    if ((series & 15) === 15 && performance.now() - sliceBegan > sliceMs) {
      await new Promise<void>((resolve) => setImmediate(resolve))
      sliceBegan = performance.now()
    }
  }
  return performance.now() - began
}

async function loop(columns: Columns, sliceMs: number, report: (ms: number) => void): Promise<never> {
  for (;;) {
    report(await evaluate(columns, sliceMs))
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
}

/** Appends at `ratePerSecond` in the order scrapes arrive; returns what it did. */
function ingest({ times, values }: Columns): { samples: number; ms: number } {
  const done = { samples: 0, ms: 0 }
  let next = 0
  let ring = 0
  const began = performance.now()
  setInterval(() => {
    const due = Math.floor(((performance.now() - began) / 1000) * ratePerSecond) - done.samples
    const count = Math.min(due, 50_000)
    const start = performance.now()
    for (let i = 0; i < count; i++) {
      const cell = next * depth + ring
      times[cell] = ring * 15_000 + (next % 100) * 150
      values[cell] = values[cell] + 1
      next++
      if (next === seriesCount) {
        next = 0
        ring = (ring + 1) % depth
      }
    }
    done.ms += performance.now() - start
    done.samples += count
  }, 5)
  return done
}

function serve(variant: Variant): void {
  const columns = allocate(variant)
  fill(columns)
  const queryMs: number[] = []
  const done = ingest(columns)
  const began = performance.now()
  const cpu = process.cpuUsage()
  const report = (ms: number): void => {
    queryMs.push(ms)
  }
  if (variant.endsWith('workers')) {
    new Worker(new URL(import.meta.url), { workerData: { columns } }).on('message', report)
  } else if (variant !== 'idle') {
    void loop(columns, variant.endsWith('whole') ? Number.POSITIVE_INFINITY : 5, report)
  }
  const server = createServer((request, response) => {
    if (request.url !== '/stats') return void response.end('ok')
    const used = process.cpuUsage(cpu)
    const seconds = (performance.now() - began) / 1000
    response.end(JSON.stringify({ queryMs, ...done, seconds, cores: (used.user + used.system) / 1e6 / seconds }))
  })
  server.listen(0, '127.0.0.1', () => process.send?.(server.address()))
}

function fetchText(port: number, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part
      })
      response.on('end', () => resolve(text))
    }).on('error', reject)
  })
}

const at = (sorted: readonly number[], share: number): string =>
  (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1).padStart(6)

async function measure(variant: Variant): Promise<void> {
  const child = fork(new URL(import.meta.url), [variant], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const { port } = await new Promise<{ port: number }>((resolve) =>
    child.once('message', resolve as (m: unknown) => void),
  )
  const latencies: number[] = []
  const until = performance.now() + runMs
  while (performance.now() < until) {
    const began = performance.now()
    await fetchText(port, '/healthy')
    latencies.push(performance.now() - began)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  const stats = JSON.parse(await fetchText(port, '/stats'))
  child.kill()
  latencies.sort((a, b) => a - b)
  const query = stats.queryMs.sort((a: number, b: number) => a - b)
  const perSecond = `${(stats.samples / stats.seconds / 1000).toFixed(0)}k/s`.padStart(7)
  const nsEach = ((stats.ms / stats.samples) * 1e6).toFixed(0).padStart(4)
  console.log(
    `${variant.padEnd(17)} healthy ms p50 ${at(latencies, 0.5)} p99 ${at(latencies, 0.99)} max ${at(latencies, 1)}   query ms p50 ${at(query, 0.5)} ` +
      `p99 ${at(query, 0.99)} (${String(query.length).padStart(4)})   ingest ${perSecond} at ${nsEach} ns   cores ${stats.cores.toFixed(2)}`,
  )
}

if (!isMainThread) {
  void loop(workerData.columns, Number.POSITIVE_INFINITY, (ms) => parentPort?.postMessage(ms))
} else if (process.send !== undefined) {
  serve(process.argv[2] as Variant)
} else {
  for (const variant of variants) await measure(variant)
}
