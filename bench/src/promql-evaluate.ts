// The evaluator on the shapes of the bench kit's queries, over synthetic columns in memory: no store, no decoding, no JSON.
// Run: node scripts/with-node.mjs node bench/src/promql-evaluate.ts [filter]
// `read` is what copying the samples out of the source costs by itself; `plain` is the same query by the plain definition (each window
// taken apart and added up anew), where there is one.
import { Labels } from '@tidewatch/core/labels.ts'
import { evaluate } from '@tidewatch/promql/evaluate/evaluate.ts'
import { planSelects } from '@tidewatch/promql/evaluate/plan-selects.ts'
import { GrowingSampleBuffer } from '@tidewatch/promql/evaluate/sample-buffer.ts'
import { parse } from '@tidewatch/promql/parse.ts'
import { preprocess } from '@tidewatch/promql/preprocess.ts'
import { type MemorySeries, MemorySource } from '@tidewatch/promql/testing/memory-source.ts'

const hourMs = 3_600_000
const scrapeMs = 15_000
const hours = 6
const instances = 50
const endMs = 1_767_225_600_000
const lookbackMs = 300_000
const signal = new AbortController().signal

let seed = 1
function random(): number {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
  return seed / 2 ** 32
}

const jitters = new Map<string, number>()

/** Each target has its own moment in the interval; its series share their times. */
function jitterOf(instance: string): number {
  const jitterMs = jitters.get(instance) ?? Math.floor(random() * scrapeMs)
  jitters.set(instance, jitterMs)
  return jitterMs
}

type NextValue = (before: number) => number

function series(labels: Readonly<Record<string, string>>, next: NextValue, spanMs = hours * hourMs): MemorySeries {
  const length = spanMs / scrapeMs
  const timesMs = new Float64Array(length)
  const values = new Float64Array(length)
  const jitterMs = jitterOf(labels.instance ?? '')
  let value = 0
  for (let i = 0; i < length; i++) {
    timesMs[i] = endMs - spanMs + i * scrapeMs + jitterMs
    value = next(value)
    values[i] = value
  }
  return { labels: Labels.from(labels), timesMs, values, histograms: undefined }
}

/** A counter of whole numbers that starts anew about every 5 hours. */
const counter: NextValue = (before) => (random() < 1 / 1200 ? 0 : before + Math.floor(random() * 20))
const gauge: NextValue = () => random() * 1000
const queue: NextValue = () => Math.floor(random() * 500)

const bounds = ['0.005', '0.01', '0.025', '0.05', '0.1', '0.25', '0.5', '1', '2.5', '+Inf']

function* fleet(): Generator<MemorySeries> {
  for (let i = 0; i < instances; i++) {
    const target = { instance: `10.0.0.${i}:9090`, job: `app-${i % 5}` }
    yield series({ __name__: 'up', ...target }, () => 1)
    yield series({ __name__: 'build_info', ...target, version: `v${i % 3}` }, () => 1)
    for (let r = 0; r < 48; r++) {
      const status = String(200 + (r % 4) * 100)
      const labels = { route: `/api/v1/r${(r >> 2) % 6}`, method: r < 24 ? 'GET' : 'POST', status }
      yield series({ __name__: 'http_requests_total', ...target, ...labels }, counter)
    }
    for (let r = 0; r < 12; r++) {
      for (const le of bounds) {
        const labels = { __name__: 'http_request_duration_seconds_bucket', ...target, route: `/api/v1/r${r}`, le }
        yield series(labels, (before) => before + Math.floor(random() * 3), 2 * hourMs)
      }
    }
    yield series({ __name__: 'queue_depth', ...target }, queue)
    yield series({ __name__: 'process_resident_memory_bytes', ...target }, gauge)
  }
}

const rate = 'sum by (job) (rate(http_requests_total[5m]))'
const p95 = 'histogram_quantile(0.95, sum by (le, route) (rate(http_request_duration_seconds_bucket[5m])))'

interface Shape {
  readonly name: string
  readonly query: string
  readonly rangeMs: number
  readonly stepMs: number
  readonly plain?: boolean
}

const shapes: readonly Shape[] = [
  { name: 'up', query: 'up', rangeMs: 0, stepMs: 0 },
  { name: 'rate-now', query: rate, rangeMs: 0, stepMs: 0 },
  { name: 'rate-1h', query: rate, rangeMs: hourMs, stepMs: 15_000, plain: true },
  { name: 'rate-6h', query: rate, rangeMs: 6 * hourMs - 300_000, stepMs: 60_000, plain: true },
  { name: 'p95-1h', query: p95, rangeMs: hourMs, stepMs: 15_000 },
  { name: 'topk', query: 'topk(10, rate(http_requests_total[5m]))', rangeMs: 0, stepMs: 0 },
  { name: 'quantile-over-time', query: 'quantile_over_time(0.9, queue_depth[30m])', rangeMs: hourMs, stepMs: 60_000 },
  { name: 'subquery', query: 'max_over_time(sum(rate(http_requests_total[1m]))[30m:1m])', rangeMs: 0, stepMs: 0 },
  { name: 'count-by-name', query: 'count by (__name__) ({__name__=~".+"})', rangeMs: 0, stepMs: 0 },
  {
    name: 'group-left',
    query: 'sum by (version) (rate(http_requests_total[5m]) * on (job, instance) group_left (version) build_info)',
    rangeMs: hourMs,
    stepMs: 60_000,
  },
  { name: 'avg-6h', query: 'avg_over_time(process_resident_memory_bytes[5h])', rangeMs: 0, stepMs: 0 },
  { name: 'sum-over-time', query: 'sum_over_time(queue_depth[1h])', rangeMs: 4 * hourMs, stepMs: 60_000 },
  {
    name: 'increase-6h',
    query: 'sum by (job) (increase(http_requests_total[1h]))',
    rangeMs: 5 * hourMs,
    stepMs: 60_000,
    plain: true,
  },
  { name: 'deriv', query: 'deriv(queue_depth[15m])', rangeMs: hourMs, stepMs: 60_000 },
  {
    name: 'offset',
    query: `${rate} > 1.05 * (sum by (job) (rate(http_requests_total[5m] offset 1h)))`,
    rangeMs: 4 * hourMs,
    stepMs: 60_000,
  },
  {
    name: 'label-replace',
    query: 'sum by (host) (label_replace(process_resident_memory_bytes, "host", "$1", "instance", "([^:]+):.*"))',
    rangeMs: hourMs,
    stepMs: 15_000,
  },
]

const source = new MemorySource(fleet())

function windowOf({ rangeMs, stepMs }: Shape) {
  return { startMs: endMs - rangeMs, endMs, stepMs }
}

async function readOnly(shape: Shape): Promise<number> {
  const window = windowOf(shape)
  const plan = planSelects(preprocess(parse(shape.query), window), { ...window, lookbackMs, defaultStepMs: 60_000 })
  const buffer = new GrowingSampleBuffer()
  let samples = 0
  for (const selected of await source.select(plan.requests)) {
    for (let s = 0; s < selected.count; s++) {
      selected.read(s, buffer)
      samples += buffer.length
    }
  }
  return samples
}

/** rate or increase by job, each window cut out and walked through sample by sample. */
async function plainRate(shape: Shape): Promise<Map<string, Float64Array>> {
  const window = windowOf(shape)
  const plan = planSelects(preprocess(parse(shape.query), window), { ...window, lookbackMs, defaultStepMs: 60_000 })
  const selected = (await source.select(plan.requests))[0]
  const rangeMs = plan.requests[0]?.hints.rangeMs ?? 0
  const perSecond = shape.query.includes('rate(')
  const steps = Math.floor(shape.rangeMs / shape.stepMs) + 1
  const sums = new Map<string, Float64Array>()
  const buffer = new GrowingSampleBuffer()
  for (let s = 0; s < (selected?.count ?? 0); s++) {
    selected?.read(s, buffer)
    const job = selected?.labels(s).get('job') ?? ''
    const sum = sums.get(job) ?? new Float64Array(steps)
    sums.set(job, sum)
    for (let i = 0; i < steps; i++) {
      const atMs = window.startMs + i * shape.stepMs
      const points: { readonly t: number; readonly v: number }[] = []
      for (let k = 0; k < buffer.length; k++) {
        const t = buffer.timesMs[k] as number
        if (t > atMs) break
        if (t > atMs - rangeMs) points.push({ t, v: buffer.values[k] as number })
      }
      sum[i] = (sum[i] as number) + plainWindow(points, atMs, rangeMs, perSecond)
    }
  }
  return sums
}

function plainWindow(
  points: readonly { readonly t: number; readonly v: number }[],
  atMs: number,
  rangeMs: number,
  perSecond: boolean,
): number {
  const first = points[0]
  const last = points.at(-1)
  if (first === undefined || last === undefined || first === last) return 0
  let difference = last.v - first.v
  for (let k = 1; k < points.length; k++) {
    const [a, b] = [points[k - 1]?.v ?? 0, points[k]?.v ?? 0]
    if (b < a) difference += a
  }
  const sampled = (last.t - first.t) / 1000
  const average = sampled / (points.length - 1)
  let toStart = (first.t - (atMs - rangeMs)) / 1000
  let toEnd = (atMs - last.t) / 1000
  if (toStart >= average * 1.1) toStart = average / 2
  if (difference > 0 && first.v >= 0) toStart = Math.min(toStart, sampled * (first.v / difference))
  if (toEnd >= average * 1.1) toEnd = average / 2
  const factor = (sampled + toStart + toEnd) / sampled
  return difference * (perSecond ? factor / (rangeMs / 1000) : factor)
}

/** CPU milliseconds of this thread for one run, the least of several rounds: what else runs on the machine hardly moves it. */
async function cost(work: () => Promise<unknown>, rounds: number): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let round = 0; round < rounds; round++) {
    const runs = rounds === 1 ? 1 : 5
    const before = process.threadCpuUsage()
    for (let i = 0; i < runs; i++) await work()
    const { user, system } = process.threadCpuUsage(before)
    least = Math.min(least, (user + system) / 1000 / runs)
  }
  return least
}

const filter = process.argv[2] ?? ''
console.log(
  `${'query'.padEnd(20)} ${'samples'.padStart(10)} ${'ours ms'.padStart(9)} ${'read ms'.padStart(9)} ${'beyond'.padStart(9)} ${'plain ms'.padStart(9)}`,
)
for (const shape of shapes.filter(({ name }) => name.includes(filter))) {
  const run = () => evaluate(parse(shape.query), source, { ...windowOf(shape), lookbackMs, signal })
  for (let i = 0; i < 3; i++) await run()
  const samples = await readOnly(shape)
  const ours = await cost(run, 6)
  const read = await cost(() => readOnly(shape), 6)
  const plain = shape.plain === true ? await cost(() => plainRate(shape), 1) : undefined
  const cells = [
    samples.toString(),
    ours.toFixed(2),
    read.toFixed(2),
    (ours - read).toFixed(2),
    plain?.toFixed(0) ?? '',
  ]
  console.log(`${shape.name.padEnd(20)} ${cells.map((cell, i) => cell.padStart(i === 0 ? 10 : 9)).join(' ')}`)
}
