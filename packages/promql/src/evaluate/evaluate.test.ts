// What the conformance scripts do not look at: requests to the source, limits, cancelling, positions, newer modifiers and functions.
import { AppError } from '@tidewatch/core/error.ts'
import { Labels } from '@tidewatch/core/labels.ts'
import { describe, expect, test } from 'vitest'
import { parse } from '../parse.ts'
import type { SampleSource, SelectRequest } from '../port.ts'
import { MemorySource, memorySeries } from '../testing/memory-source.ts'
import { type EvaluateOptions, evaluate } from './evaluate.ts'
import { Notes } from './notes.ts'
import type { ResultSeries } from './result.ts'

const minuteMs = 60_000
const signal = new AbortController().signal

/** `series({ name: 'x', job: 'a' }, 15_000, [1, 2, undefined, 'stale'])`: one sample each interval from 0 on. */
function series(
  labels: Readonly<Record<string, string>>,
  intervalMs: number,
  values: readonly (number | 'stale' | undefined)[],
) {
  const { name = '', ...rest } = labels
  const samples = values.flatMap((value, i) => (value === undefined ? [] : [{ atMs: i * intervalMs, value }]))
  return memorySeries(Labels.from({ __name__: name, ...rest }), samples)
}

type Times = Partial<EvaluateOptions> & { readonly startMs: number }

function run(query: string, source: SampleSource, options: Times) {
  const { startMs, endMs = startMs, stepMs = minuteMs, ...rest } = options
  return evaluate(parse(query), source, { startMs, endMs, stepMs, lookbackMs: 5 * minuteMs, signal, query, ...rest })
}

function show({ labels, timesMs, values, present }: ResultSeries): string {
  const cells = Array.from(present, (kind, i) => (kind === 1 ? `${values[i]}@${(timesMs[i] as number) / 1000}` : '_'))
  return `${labels.toString()} ${cells.join(' ')}`
}

async function shown(query: string, source: SampleSource, options: Times): Promise<readonly string[]> {
  const result = await run(query, source, options)
  if (result.type === 'scalar' || result.type === 'string') return [String(result.value)]
  return result.series.map(show)
}

async function requestsOf(query: string, options: Times): Promise<readonly SelectRequest[]> {
  let seen: readonly SelectRequest[] = []
  const source: SampleSource = {
    select: async (requests) => {
      seen = requests
      return requests.map(() => ({ count: 0, labels: () => Labels.empty, read: () => {} }))
    },
  }
  await run(query, source, options)
  return seen
}

describe('asks the source once', () => {
  const windows = async (query: string) =>
    (await requestsOf(query, { startMs: 1_000_000, endMs: 1_600_000 })).map(({ startMs, endMs }) => [startMs, endMs])

  test('for lookback, range, offset and @', async () => {
    expect(await windows('x')).toEqual([[700_001, 1_600_000]])
    expect(await windows('rate(x[1m])')).toEqual([[940_001, 1_600_000]])
    expect(await windows('rate(x[1m] offset 1m)')).toEqual([[880_001, 1_540_000]])
    expect(await windows('rate(x[1m] @ 500)')).toEqual([[440_001, 500_000]])
    expect(await windows('x @ end()')).toEqual([[1_300_001, 1_600_000]])
  })

  test('for subqueries with all that is around them', async () => {
    expect(await windows('max_over_time(rate(x[1m])[10m:1m] offset 5m)')).toEqual([[40_001, 1_300_000]])
    expect(await windows('max_over_time(rate(x[1m])[10m:1m] @ 2000)')).toEqual([[1_340_001, 2_000_000]])
  })

  test('for anchored and smoothed selectors with the samples around the range', async () => {
    expect(await windows('rate(x[1m] anchored)')).toEqual([[640_001, 1_600_000]])
    expect(await windows('rate(x[1m] smoothed)')).toEqual([[640_001, 1_900_000]])
  })

  test('for the same selection twice only once', async () => {
    expect(await windows('x / (x + x)')).toHaveLength(1)
    expect(await windows('x / (x offset 1m)')).toHaveLength(2)
  })

  test('and tells the function and the grouping around a selector', async () => {
    const query = 'sum by (job) (rate(x{a="b"}[1m])) + sum by (job) (abs(rate(y[1m])))'
    const [request, deeper] = await requestsOf(query, { startMs: 0, endMs: minuteMs })
    const hints = { stepMs: minuteMs, gridMs: 0, func: 'rate', rangeMs: minuteMs }
    expect(request?.hints).toEqual({ ...hints, grouping: ['job'], by: true })
    expect(deeper?.hints).toEqual(hints)
    expect(request?.matchers).toEqual([
      { name: 'a', op: '=', value: 'b' },
      { name: '__name__', op: '=', value: 'x' },
    ])
  })

  test('and tells where the times lie that a selector is evaluated at', async () => {
    const grid = async (query: string) =>
      (await requestsOf(query, { startMs: 100_000, endMs: 700_000 })).map(({ hints }) => [hints.gridMs, hints.stepMs])
    expect(await grid('x')).toEqual([[100_000, minuteMs]])
    expect(await grid('rate(x[1m] offset 30s)')).toEqual([[70_000, minuteMs]])
    expect(await grid('x @ 400 offset 10s')).toEqual([[390_000, minuteMs]])
    // a subquery's times are multiples of its step, whenever it is asked for
    expect(await grid('max_over_time((x offset 10s)[5m:2m])')).toEqual([[-10_000, 120_000]])
    expect(await grid('rate(x[1m] smoothed)')).toEqual([[undefined, minuteMs]])
  })
})

describe('stops', () => {
  const source = new MemorySource([
    series(
      { name: 'x' },
      1000,
      Array.from({ length: 100 }, (_, i) => i),
    ),
  ])
  const failure = async (query: string, options: Times): Promise<unknown> =>
    run(query, source, options).catch((caught: unknown) => caught)

  test('at the limit on samples, in words that name it', async () => {
    const caught = await failure('x', { startMs: 0, endMs: 60_000, stepMs: 1000, limits: { maxSamples: 50 } })
    expect(caught).toBeInstanceOf(AppError)
    expect(caught).toMatchObject({
      code: 'query.limit',
      message: 'query processing would load too many samples into memory in query execution',
    })
  })

  test('before it makes the columns of a subquery that has too many steps', async () => {
    const caught = await failure('count_over_time(vector(1)[100y:1ms])', { startMs: 0, limits: { maxSamples: 1e6 } })
    expect(caught).toMatchObject({ code: 'query.limit' })
  })

  test('when it is cancelled between two series', async () => {
    let asked = 0
    const caught = await failure('x', { startMs: 0, cancelled: () => ++asked > 2 })
    expect(caught).toMatchObject({ code: 'query.cancelled' })
  })

  test('where a range query is asked of a range', async () => {
    expect(await failure('x[5m]', { startMs: 0, endMs: 60_000 })).toMatchObject({
      message: 'invalid expression type "range vector" for range query, must be Scalar or instant Vector',
    })
    expect(await failure('x', { startMs: 0, endMs: 60_000, stepMs: 0 })).toMatchObject({ code: 'query.parse' })
  })
})

describe('results', () => {
  const source = new MemorySource([
    series({ name: 'x', job: 'b' }, 15_000, [1, 2, 'stale', 4, 5]),
    series({ name: 'x', job: 'a' }, 15_000, [10, undefined, 30]),
  ])

  test('of an instant query keep the source’s order, of a range query are sorted by labels', async () => {
    expect(await shown('x', source, { startMs: 15_000 })).toEqual(['x{job="b"} 2@15', 'x{job="a"} 10@15'])
    expect(await shown('x', source, { startMs: 0, endMs: 30_000, stepMs: 15_000 })).toEqual([
      'x{job="a"} 10@0 10@15 30@30',
      'x{job="b"} 1@0 2@15 _',
    ])
  })

  test('of a range selector are the samples themselves, without stale markers', async () => {
    expect(await shown('x{job="b"}[1m]', source, { startMs: 60_000 })).toEqual(['x{job="b"} 2@15 4@45 5@60'])
  })

  test('of a subquery are its steps', async () => {
    expect(await shown('x{job="a"}[30s:10s]', source, { startMs: 35_000 })).toEqual(['x{job="a"} 10@10 10@20 30@30'])
  })

  test('of a scalar and a text', async () => {
    expect(await shown('1 + 2 * time()', source, { startMs: 10_000 })).toEqual(['21'])
    expect(await shown('"a"', source, { startMs: 0 })).toEqual(['a'])
    expect(await shown('pi() > bool 3', source, { startMs: 0, endMs: minuteMs })).toEqual(['{} 1@0 1@60'])
  })

  test('of a range query over one step are a matrix', async () => {
    expect((await run('x', source, { startMs: 0, kind: 'range' })).type).toBe('matrix')
  })

  test('that become the same by losing their names are put together, or refused where they overlap', async () => {
    const names = new MemorySource([
      series({ name: 'a_total' }, minuteMs, [1, 2, undefined, undefined, undefined, undefined, undefined]),
      series({ name: 'b_total' }, minuteMs, [undefined, undefined, undefined, undefined, 5, 6, 7]),
    ])
    const query = '{__name__=~"._total"} * 1'
    const options = { startMs: 0, endMs: 6 * minuteMs, lookbackMs: minuteMs }
    expect(await shown(query, names, options)).toEqual(['{} 1@0 2@60 _ _ 5@240 6@300 7@360'])
    await expect(run(query, names, { ...options, lookbackMs: 5 * minuteMs })).rejects.toThrow(
      'vector cannot contain metrics with the same labelset',
    )
  })
})

test('warnings name their place in the query by line and byte', async () => {
  const source = new MemorySource([series({ name: 'memory' }, 15_000, [1, 2, 3])])
  const result = await run('# é\nsum(\n  rate(memory[1m]))', source, { startMs: 30_000 })
  expect(result.infos).toEqual([
    'PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "memory" (3:8)',
  ])
})

test('says that its notes tell of steps, so that nobody joins them with those of others', async () => {
  const buckets = ['1', '2', '+Inf'].map((le, i) =>
    series({ name: 'h_bucket', le }, minuteMs, [[5, 3, 6][i] as number]),
  )
  const falling = await run('histogram_quantile(0.5, h_bucket)', new MemorySource(buckets), { startMs: 0 })
  expect(falling).toMatchObject({ notesTellSteps: true, infos: [expect.stringContaining('over 1 samples')] })
  expect(await run('h_bucket', new MemorySource(buckets), { startMs: 0 })).not.toHaveProperty('notesTellSteps')
})

test('tells at most ten annotations of a kind and how many more there are', async () => {
  const many = Array.from({ length: 12 }, (_, i) => series({ name: `gauge_${i}` }, 15_000, [1, 2, 3]))
  const { infos } = await run('count(rate({__name__=~"gauge_.*"}[1m]))', new MemorySource(many), { startMs: 30_000 })
  expect(infos).toHaveLength(11)
  expect(infos.at(-1)).toBe('2 more info annotations omitted')
})

describe('anchored and smoothed', () => {
  // 1 at 0 s to 5 at 60 s, then a reset: 2 at 75 s to 5 at 120 s
  const source = new MemorySource([series({ name: 'x_total' }, 15_000, [1, 2, 3, 4, 5, 2, 3, 4, 5])])
  const at = async (query: string, seconds: number) => (await shown(query, source, { startMs: seconds * 1000 }))[0]
  const valueAt = async (query: string, seconds: number) => Number(/ (.+)@/.exec((await at(query, seconds)) ?? '')?.[1])

  test('anchored counts from the sample at or before the start to the last one', async () => {
    expect(await at('increase(x_total[30s] anchored)', 50)).toBe('{} 2@50')
    expect(await at('increase(x_total[1m] anchored)', 60)).toBe('{} 4@60')
    expect(await at('increase(x_total[30s] anchored)', 80)).toBe('{} 3@80')
    expect(await at('changes(x_total[30s] anchored)', 50)).toBe('{} 2@50')
    expect(await at('resets(x_total[30s] anchored)', 80)).toBe('{} 1@80')
  })

  test('smoothed interpolates at both borders', async () => {
    expect(await valueAt('increase(x_total[30s] smoothed)', 50)).toBeCloseTo(2, 12)
    expect(await valueAt('rate(x_total[30s] smoothed)', 50)).toBeCloseTo(2 / 30, 12)
    // from 4 at 45 s to 5 at 60 s, then as if from 0 to 2 at 75 s: a third of that at 65 s
    expect(await valueAt('increase(x_total[20s] smoothed)', 65)).toBeCloseTo(1 + 2 / 3, 12)
    expect(await valueAt('delta(x_total[15s] smoothed)', 60)).toBe(1)
    expect(await valueAt('x_total smoothed', 20)).toBeCloseTo(2 + 5 / 15, 12)
  })

  test('show their borders as samples', async () => {
    expect(await at('x_total[20s] anchored', 50)).toBe('x_total 3@30 4@45 4@50')
    expect(await at('x_total[15s] smoothed', 65)).toBe('x_total 4.333333333333333@50 5@60 4@65')
  })

  test('are refused by functions that cannot use them', async () => {
    await expect(run('avg_over_time(x_total[1m] anchored)', source, { startMs: minuteMs })).rejects.toThrow(
      'anchored modifier can only be used with: changes, delta, increase, rate, resets - not with avg_over_time',
    )
  })
})

describe('fill', () => {
  const source = new MemorySource([
    series({ name: 'a', i: '1' }, minuteMs, [1]),
    series({ name: 'a', i: '2' }, minuteMs, [2]),
    series({ name: 'b', i: '2' }, minuteMs, [20]),
    series({ name: 'b', i: '3' }, minuteMs, [30]),
  ])
  const sorted = async (query: string) => [...(await shown(query, source, { startMs: 0 }))].sort()

  test('takes the place of a missing side', async () => {
    expect(await sorted('a + fill_right(100) b')).toEqual(['{i="1"} 101@0', '{i="2"} 22@0'])
    expect(await sorted('a + fill_left(100) b')).toEqual(['{i="2"} 22@0', '{i="3"} 130@0'])
    expect(await sorted('a + fill(0) b')).toEqual(['{i="1"} 1@0', '{i="2"} 22@0', '{i="3"} 30@0'])
  })
})

test('many-to-many matching is refused with the labels that were matched', async () => {
  const source = new MemorySource([
    series({ name: 'a', job: 'x' }, minuteMs, [1]),
    series({ name: 'b', job: 'x', i: '1' }, minuteMs, [1]),
    series({ name: 'b', job: 'x', i: '2' }, minuteMs, [1]),
  ])
  await expect(run('a + on (job) b', source, { startMs: 0 })).rejects.toThrow(
    'found duplicate series for the match group {job="x"} on the right hand-side of the operation: [{__name__="b", i="1", job="x"}, {__name__="b", i="2", job="x"}];many-to-many matching not allowed: matching labels must be unique on one side',
  )
  await expect(run('b + on (job) a', source, { startMs: 0 })).rejects.toThrow(
    'multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)',
  )
})

test('info adds the labels of the newest info series of the same job and instance', async () => {
  const target = { job: 'j', instance: 'i' }
  const source = new MemorySource([
    series({ name: 'x', ...target, a: 'b' }, minuteMs, [1, 2, 3]),
    series({ name: 'target_info', ...target, version: '1' }, minuteMs, [1, 1, 'stale']),
    series({ name: 'target_info', ...target, version: '2' }, minuteMs, [undefined, undefined, 1]),
    series({ name: 'y', job: 'other', instance: 'i' }, minuteMs, [7, 7, 7]),
  ])
  const range = { startMs: 0, endMs: 2 * minuteMs }
  expect(await shown('info(x)', source, range)).toEqual([
    'x{a="b", instance="i", job="j", version="1"} 1@0 2@60 _',
    'x{a="b", instance="i", job="j", version="2"} _ _ 3@120',
  ])
  expect(await shown('info(y)', source, { startMs: 0 })).toEqual(['y{instance="i", job="other"} 7@0'])
  expect(await shown('info(y, {version=~".+"})', source, { startMs: 0 })).toEqual([])
})

test('tells notes in the order of their texts, whatever the order of the series', () => {
  const notes = new Notes('')
  for (const text of ['b', 'a', 'c']) notes.info(text, { start: 0, end: 0 })
  expect(notes.infos).toEqual(['PromQL info: a', 'PromQL info: b', 'PromQL info: c'])
})
