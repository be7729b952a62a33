import { ProtoReader } from '@tidewatch/core/proto-reader.ts'
import { expect, test } from 'vitest'
import { type RangeSeries, type RecordingRule, recordHistory } from './rule-history.ts'

const minute = 60_000
const rule: RecordingRule = { name: 'job:up', expr: 'sum by (job) (up)', labels: { team: 'a' } }

/** `series{...} time value` of what a body holds; values by their bits where they are NaN. */
function read(body: Uint8Array): string[] {
  const lines: string[] = []
  const request = new ProtoReader(body)
  while (request.next()) {
    const series = request.message()
    const labels: string[] = []
    while (series.next()) {
      const message = series.message()
      if (series.is(1, 2)) {
        const pair: string[] = []
        while (message.next()) pair.push(message.text())
        labels.push(pair.join('='))
        continue
      }
      let value = 0
      let atMs = 0
      while (message.next()) {
        if (message.is(1, 1)) value = message.double()
        else atMs = message.varint()
      }
      lines.push(`${labels.join(',')} ${atMs / minute} ${value}`)
    }
  }
  return lines
}

interface Asked {
  readonly expr: string
  readonly from: number
  readonly to: number
}

async function record(
  answer: (asked: Asked) => readonly RangeSeries[],
  more: { rules?: RecordingRule[]; limit?: number; start?: number; end?: number } = {},
) {
  const asked: Asked[] = []
  const written: string[] = []
  const failures: string[] = []
  const samples = await recordHistory({
    ...{ rules: more.rules ?? [rule], intervalMs: minute, limit: more.limit ?? 0 },
    ...{ startMs: (more.start ?? 1) * minute, endMs: (more.end ?? 4) * minute },
    ask: async ({ expr, startMs, endMs }) => {
      const one = { expr, from: startMs / minute, to: endMs / minute }
      asked.push(one)
      return answer(one)
    },
    write: async (body) => void written.push(...read(body)),
    onProgress: () => undefined,
    onFailure: ({ name }, atMs, reason) => failures.push(`${name} ${atMs / minute}: ${reason}`),
  })
  return { asked, written, failures, samples }
}

const series = (job: string, ...values: [number, string][]): RangeSeries => ({
  metric: { job },
  values: values.map(([at, value]) => [at * 60, value]),
})

test('samples have the rule’s name and labels and the times of its evaluations; a series that ends gets a stale marker', async () => {
  const { written, samples } = await record(() => [series('api', [1, '1'], [2, '+Inf']), series('web', [4, '2'])])
  expect(written).toEqual([
    '__name__=job:up,job=api,team=a 1 1',
    '__name__=job:up,job=api,team=a 2 Infinity',
    '__name__=job:up,job=api,team=a 3 NaN',
    '__name__=job:up,job=web,team=a 4 2',
  ])
  expect(samples).toBe(4)
})

test('evaluations lie on whole multiples of the interval, and a rule comes after what those before it wrote', async () => {
  const second = { ...rule, name: 'all:up', expr: 'sum(job:up)' }
  const order: string[] = []
  await record(
    ({ expr }) => {
      order.push(expr)
      return []
    },
    { rules: [rule, second], start: 1.5, end: 3.2 },
  )
  const { asked } = await record(() => [], { start: 1.5, end: 3.2 })
  expect(asked).toEqual([{ expr: rule.expr, from: 2, to: 3 }])
  expect(order).toEqual([rule.expr, second.expr])
})

test('long spans are asked for in pieces that know what was there before', async () => {
  const { asked, written } = await record(
    ({ from, to }) => (from === 1 ? [series('api', [to, '1'])] : [series('api', [from, '1'])]),
    { end: 501 },
  )
  expect(asked.map(({ from, to }) => [from, to])).toEqual([
    [1, 500],
    [500, 501],
  ])
  expect(written).toEqual(['__name__=job:up,job=api,team=a 500 1', '__name__=job:up,job=api,team=a 501 NaN'])
})

test('an evaluation with two series of the same labels, or more than the limit, writes nothing', async () => {
  const merged = { ...rule, labels: { job: 'all' } }
  const two = () => [series('api', [1, '1'], [2, '1']), series('web', [2, '1'], [3, '1'])]
  const same = await record(two, { rules: [merged] })
  expect(same.failures).toEqual(['job:up 2: vector contains metrics with the same labelset after applying rule labels'])
  expect(same.written.filter((line) => line.includes(' 2 '))).toEqual([])
  const many = await record(two, { limit: 1 })
  expect(many.failures).toEqual(['job:up 2: exceeded limit of 1 with 2 series'])
})

test('native histograms are refused by name', async () => {
  await expect(record(() => [{ metric: {}, histograms: [[60, {}]] }])).rejects.toThrow('job:up gives native histograms')
})
