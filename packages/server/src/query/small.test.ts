import { AppError } from '@tidewatch/core/error.ts'
import { defaultProject } from '@tidewatch/core/matcher.ts'
import { expect, test } from 'vitest'
import type { Head } from '../head/head.ts'
import { appendAll, bitsOf, headForTest, seriesForTest, startMs } from '../head/head-for-test.ts'
import { createHeadReader } from '../head/reader.ts'
import type { MetricStoreReader } from '../store/port.ts'
import type { QueryJob } from './protocol.ts'
import { SmallQueries } from './small.ts'

const { signal } = new AbortController()
const notAsked = new Proxy({} as MetricStoreReader, {
  get: (_target, name) => () => {
    throw new Error(`the store was asked for ${String(name)}`)
  },
})

/** 50 series with a sample every 15 s for an hour; the hands of the clock move by `msPerLook` whenever somebody looks, and the head says that it begins at `beginMs`. */
function filled(msPerLook = 0, beginMs?: number): { head: Head; small: SmallQueries } {
  const head = headForTest({ budgetBytes: 8 << 20 })
  const refs = seriesForTest(head, 50)
  for (let step = 0; step < 240; step++) {
    appendAll(
      head,
      refs.map((ref, i) => ({ ref, timeMs: startMs + step * 15_000, bits: bitsOf(i + step) })),
    )
  }
  let nowMs = 0
  const small = new SmallQueries({
    index: head.index,
    openHead: () => {
      const reader = createHeadReader(head.descriptor)
      const acquire = reader.acquire.bind(reader)
      return Object.assign(reader, {
        acquire: () => {
          const acquired = acquire()
          return { beginMs: beginMs ?? acquired.beginMs }
        },
      })
    },
    store: notAsked,
    monotonicMs: () => {
      nowMs += msPerLook
      return nowMs
    },
  })
  return { head, small }
}

const endMs = startMs + 3_600_000
const job = (query: string, more: Partial<QueryJob> = {}): QueryJob => ({
  kind: 'instant',
  query,
  startMs: endMs,
  endMs,
  stepMs: 0,
  lookbackMs: 300_000,
  projects: [defaultProject],
  maxSamples: 1e6,
  limit: 0,
  ...more,
})
const range = { kind: 'range', startMs, endMs, stepMs: 15_000 } as const

async function textOf(small: SmallQueries, asked: QueryJob): Promise<string | undefined> {
  const result = await small.tryRun(asked, signal)
  return result === undefined || !('json' in result) ? undefined : new TextDecoder().decode(result.json)
}

test('what needs little is answered, also several at once', async () => {
  const { head, small } = filled()
  using _ = head
  const texts = await Promise.all([
    textOf(small, job('1')),
    textOf(small, job('sum(m)')),
    textOf(small, job('m{i="3"}', range)),
    textOf(small, job('absent(none)', range)),
  ])
  expect(texts[0]).toContain('"result":[1767229200,"1"]')
  expect(texts[1]).toContain('"value":[1767229200,"13175"]')
  expect(texts[2]?.match(/\[176/g)).toHaveLength(241)
  expect(texts[3]?.match(/"1"\]/g)).toHaveLength(241)
  const vector = await small.tryRun(job('max(m)', { kind: 'vector' }), signal)
  expect(vector).toEqual({ samples: [{ labels: [], atMs: endMs, value: 288 }] })
})

test.each([
  ['many values', job('m', range)],
  ['no name and no value', job('count({i=~".+"})')],
  ['a long range at every step', job('sum(quantile_over_time(0.5, m[1h]))', range)],
  ['many steps of a subquery', job('max_over_time(sum(m)[1h:1s])')],
  ['a long text', job(Array.from({ length: 300 }, () => 'm').join(' + '))],
])('%s are left to a worker', async (_name, asked) => {
  const { head, small } = filled()
  using _ = head
  expect(await small.tryRun(asked, signal)).toBeUndefined()
})

test('what reaches back to where only the store knows is left to a worker', async () => {
  const { head, small } = filled(0, startMs + 1_800_000)
  using _ = head
  expect(await textOf(small, job('sum(m)'))).toContain('"13175"')
  expect(await small.tryRun(job('sum(m offset 26m)'), signal)).toBeUndefined()
})

test('an estimate that was wrong ends after a moment and is left to a worker; the head is free again', async () => {
  const { head, small } = filled(5)
  using _ = head
  expect(await small.tryRun(job('sum(m)'), signal)).toBeUndefined()
  expect(await textOf(small, job('m{i="1"}'))).toContain('"240"')
})

test('what is wrong with a query is said, and the next one is answered', async () => {
  const { head, small } = filled()
  using _ = head
  await expect(small.tryRun(job('sum('), signal)).rejects.toThrow('unclosed left parenthesis')
  await expect(small.tryRun(job('m', { maxSamples: 3 }), signal)).rejects.toThrow('too many samples')
  const gone = AbortSignal.abort(new AppError('internal.cancelled', 'the caller went away.'))
  await expect(small.tryRun(job('m'), gone)).rejects.toMatchObject({ code: 'query.cancelled' })
  expect(await textOf(small, job('m{i="1"}'))).toContain('"240"')
})

test('what a query did is told where somebody asks', async () => {
  const { head, small } = filled(0.5)
  using _ = head
  const stats = async (more: Partial<QueryJob>) => {
    const text = await textOf(small, job('rate(m{i=~"[0-4]"}[1m]) + m{i="1"}', { limit: 1, ...more }))
    return (JSON.parse(text ?? '{}') as { data: { stats?: object } }).data.stats
  }
  expect(await stats({})).toBeUndefined()
  expect(await stats({ stats: 'basic' })).toEqual({
    timings: expect.objectContaining({ execQueueTime: 0, resultSortTime: 0, evalTotalTime: expect.any(Number) }),
    samples: { totalQueryableSamples: 5 * 3 + 1, peakSamples: expect.any(Number) },
  })
  const all = await stats({ stats: 'all' })
  expect(all).toMatchObject({
    samples: { totalQueryableSamplesPerStep: [[endMs / 1000, 16]] },
    tidewatch: {
      ...{ evaluatedIn: 'server', series: 6, samplesFromStore: 0 },
      selectors: [
        { selector: 'm{i=~"[0-4]"}', series: 5, seriesInHead: 5, seriesInStore: 0, samplesFromHead: 5 * 3 },
        { selector: 'm{i="1"}', series: 1, end: endMs / 1000 },
      ],
      stages: { queue: 0, parse: 0.0005, encode: 0.0005 },
    },
  })
})

test('a matrix has only the cells that are there, by stretches of steps', async () => {
  const { small } = filled()
  const asked = job('vector(1) unless vector(time()) % 60 < 30', {
    ...range,
    kind: 'matrix',
    endMs: startMs + 120_000,
  })
  const result = await small.tryRun(asked, signal)
  const first = (startMs / 1000) % 60
  expect(first % 15).toBe(0)
  const series = result === undefined || !('series' in result) ? [] : result.series
  const there = Array.from({ length: 9 }, (_, step) => (first + step * 15) % 60 >= 30)
  const cells = series.flatMap(({ runs }) =>
    Array.from({ length: runs.length / 2 }, (_, i) => [runs[i * 2] as number, runs[i * 2 + 1] as number]).flatMap(
      ([from = 0, to = 0]) => Array.from({ length: to - from }, (_, i) => from + i),
    ),
  )
  expect(cells).toEqual(there.flatMap((isThere, step) => (isThere ? [step] : [])))
  expect(series[0]?.values).toEqual(new Float64Array(cells.length).fill(1))
})
