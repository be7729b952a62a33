// A day of series that come and go in the head: 100,000 new ones an hour, each scraped every minute for an hour. What the process takes must stay flat
// once the budget is full. No peer: what is compared is the last hours with the first full ones.
// node scripts/with-node.mjs node --expose-gc bench/src/churn.ts [hours]
import { randomBytes } from 'node:crypto'
import { systemClock } from '@tidewatch/core/clock.ts'
import { Labels } from '@tidewatch/core/labels.ts'
import { defaultProject } from '@tidewatch/core/matcher.ts'
import { createHead } from '@tidewatch/server/head/head.ts'

const hours = Number(process.argv[2] ?? 24)
const perHour = 100_000
const minuteMs = 60_000
const startMs = Date.UTC(2026, 0, 1)
/** In as many steps an hour, each bringing its share of new series in place of as many old ones. */
const stepsPerHour = 60
const replaced = Math.ceil(perHour / stepsPerHour)

let nowMs = startMs
const clock = { ...systemClock, nowMs: () => nowMs, monotonicMs: () => nowMs - startMs }
using head = createHead({ clock, hashKey: randomBytes(16) })
const { index, writer } = head
let made = 0
let slowestMs = 0

function newSeries(): number {
  const number = made++
  return index.resolve(
    defaultProject,
    Labels.from({
      __name__: `http_requests_${number % 40}_total`,
      job: 'api',
      instance: `10.0.${(number >> 8) & 255}.${number & 255}:8080`,
      pod: `marketplace-api-${Math.floor(number / 40).toString(36)}`,
      route: `/orders/${number % 40}`,
    }),
  )
}

const refs = new Uint32Array(perHour)
const timesMs = new Float64Array(perHour)
const values = new Float64Array(perHour)
const generations = new Uint32Array(perHour)
for (let i = 0; i < perHour; i++) remember(i, newSeries())

function remember(place: number, ref: number): void {
  refs[place] = ref
  generations[place] = index.generation(ref as Parameters<typeof index.generation>[0])
}

const rows: Record<string, string | number>[] = []
for (let hour = 0; hour < hours; hour++) {
  const began = process.cpuUsage()
  for (let step = 0; step < stepsPerHour; step++) oneMinute(hour * stepsPerHour + step)
  globalThis.gc?.()
  const { user, system } = process.cpuUsage(began)
  const { series, sampleBytes, labelBytes } = head.stats()
  rows.push({
    hour: hour + 1,
    series,
    'resident MB': Math.round(process.memoryUsage().rss / 1e6),
    'heap MB': Math.round(process.memoryUsage().heapUsed / 1e6),
    'samples MB': Math.round(sampleBytes / 1e6),
    'labels MB': Math.round(labelBytes / 1e6),
    'CPU s': ((user + system) / 1e6).toFixed(1),
    'slowest minute ms': Math.round(slowestMs),
  })
  slowestMs = 0
}
console.table(rows)

/** New series in place of the oldest, then a sample of each. */
function oneMinute(minute: number): void {
  nowMs += minuteMs
  const startedMs = performance.now()
  const first = (minute * replaced) % perHour
  for (let i = first; i < Math.min(perHour, first + replaced); i++) remember(i, newSeries())
  for (let i = 0; i < perHour; i++) {
    index.touch(refs[i] as Parameters<typeof index.touch>[0], generations[i] as number)
    timesMs[i] = startMs + minute * minuteMs + (i % 50_000)
    values[i] = minute * 7 + (i % 13)
  }
  // as large as the requests of a sender
  for (let from = 0; from < perHour; from += 5000) {
    const to = from + 5000
    const part = { refs: refs.subarray(from, to), timesMs: timesMs.subarray(from, to), values: values.slice(from, to) }
    writer.append({ length: 5000, ...part })
  }
  slowestMs = Math.max(slowestMs, performance.now() - startedMs)
}
