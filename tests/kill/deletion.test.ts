// Deletion by matcher through the real server: at once, over restarts, and killed in the middle of it.
import { setTimeout } from 'node:timers/promises'
import { eventually, getData } from '@tidewatch/testkit/server.ts'
import {
  exemplar,
  field,
  histogramFields,
  label,
  sample,
  series,
  snappyBlock,
} from '@tidewatch/testkit/write-request.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { chanceOf, killsOfRun, seedOfRun } from './chance.ts'
import { Victim } from './victim.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
/** Not the hour's own border: what a deletion cuts lies within days and chunks. */
const nowMs = Math.floor(Date.now() / minute) * minute

let victim: Victim

// each test writes metrics of its own
beforeAll(async () => {
  victim = await Victim.start()
})
afterAll(() => victim[Symbol.asyncDispose]())

async function write(...parts: readonly Uint8Array[]): Promise<void> {
  const response = await fetch(`${victim.url}/api/v1/write`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' },
    body: snappyBlock(...parts) as Uint8Array<ArrayBuffer>,
  })
  expect([response.status, await response.text()]).toEqual([204, ''])
}

function deleteSeries(parameters: Readonly<Record<string, string>>): Promise<Response> {
  const body = new URLSearchParams(parameters)
  return fetch(`${victim.url}/api/v1/admin/tsdb/delete_series`, { method: 'POST', body })
}

/** How many samples of each series there are, by its label i, in all of ten days. */
async function counts(metric: string): Promise<Record<string, number>> {
  const { result } = await getData<{ result: { metric: Record<string, string>; value: [number, string] }[] }>(
    victim,
    '/api/v1/query',
    { query: `count_over_time(${metric}[10d])`, time: String(nowMs / 1000) },
  )
  return Object.fromEntries(result.map(({ metric: labels, value }) => [labels.i ?? '', Number(value[1])]))
}

const values = (matcher: string): Promise<string[]> =>
  getData<string[]>(victim, '/api/v1/label/i/values', { 'match[]': matcher })

const ofDays = (days: readonly number[]): (readonly [number, number])[] =>
  days.flatMap((ago) => [3, 2, 1].map((m) => [nowMs - ago * day - m * minute, ago + m / 10] as const))

test('what is deleted is gone at once and after a restart; what is written to its time later is there', async () => {
  const days = [5, 1, 0]
  await write(...[0, 1, 2].map((i) => series({ __name__: 'gone', i: String(i) }, ofDays(days))))
  await write(
    field(
      1,
      Buffer.concat([
        label('__name__', 'gone_native'),
        label('i', '0'),
        field(4, histogramFields([1, 2], nowMs - minute)),
      ]),
    ),
    field(
      1,
      Buffer.concat([
        ...[label('__name__', 'gone'), label('i', '1'), sample(nowMs - 30_000, 1)],
        exemplar({ trace_id: 'abc' }, 1, nowMs - minute),
      ]),
    ),
  )
  expect(await counts('gone')).toEqual({ 0: 9, 1: 10, 2: 9 })
  const exemplars = (): Promise<unknown[]> =>
    getData(victim, '/api/v1/query_exemplars', { query: 'gone', start: '0', end: String(nowMs / 1000) })
  expect(await exemplars()).toHaveLength(1)

  const window = { start: String((nowMs - 2 * day) / 1000), end: String(nowMs / 1000) }
  expect((await deleteSeries({ 'match[]': 'gone{i="1"}', ...window })).status).toBe(204)
  expect(await counts('gone')).toEqual({ 0: 9, 1: 3, 2: 9 })
  expect(await exemplars()).toEqual([])
  expect((await deleteSeries({ 'match[]': '{__name__=~"gone_native|gone",i="0"}' })).status).toBe(204)
  const after = { 1: 3, 2: 9 }
  expect(await counts('gone')).toEqual(after)
  expect(await counts('gone_native')).toEqual({})
  expect(await values('{__name__=~"gone.*"}')).toEqual(['1', '2'])
  await victim.killServer()
  await victim.start()
  expect(await counts('gone')).toEqual(after)
  expect(await counts('gone_native')).toEqual({})
  expect(await values('{__name__=~"gone.*"}')).toEqual(['1', '2'])
  expect(await exemplars()).toEqual([])

  await write(series({ __name__: 'gone', i: '0' }, ofDays([1])), series({ __name__: 'gone', i: '1' }, ofDays([0, 1])))
  const again = { 0: 3, 1: 9, 2: 9 }
  expect(await counts('gone')).toEqual(again)
  const cleaned = await fetch(`${victim.url}/api/v1/admin/tsdb/clean_tombstones`, { method: 'PUT' })
  expect(cleaned.status).toBe(204)
  expect(await counts('gone')).toEqual(again)
  await victim.killServer()
  await victim.start()
  expect(await counts('gone')).toEqual(again)
  expect(await values('gone')).toEqual(['0', '1', '2'])
})

test('what is written right after the answer stays, over a kill too', async () => {
  const times = ofDays([3, 0])
  for (let round = 0; round < 4; round++) {
    await write(series({ __name__: 'again', i: String(round) }, times))
    expect((await deleteSeries({ 'match[]': 'again' })).status).toBe(204)
    await write(series({ __name__: 'again', i: String(round) }, times.slice(0, 2)))
    expect(await counts('again')).toEqual({ [round]: 2 })
    if (round % 2 === 1) continue
    await victim.killServer()
    await victim.start()
    expect(await counts('again')).toEqual({ [round]: 2 })
  }
})

test('samples that come in all the while are neither lost nor deleted twice', async () => {
  let stop = false
  const acknowledged: number[] = []
  const sending = (async () => {
    for (let n = 0; !stop; n++) {
      // of a time of long ago: what is deleted meanwhile is a part of this
      await write(series({ __name__: 'steady', i: 's' }, [[nowMs - 4 * day + n, n]]))
      acknowledged.push(n)
    }
  })()
  await eventually(() => Promise.resolve(expect(acknowledged.length).toBeGreaterThan(5)))
  const before = acknowledged.length
  expect((await deleteSeries({ 'match[]': 'steady' })).status).toBe(204)
  const after = acknowledged.length
  await eventually(() => Promise.resolve(expect(acknowledged.length).toBeGreaterThan(after + 5)))
  stop = true
  await sending
  const left = (await counts('steady')).s ?? 0
  // the moment lies between the call and its answer
  expect(left).toBeGreaterThanOrEqual(acknowledged.length - after - 1)
  expect(left).toBeLessThanOrEqual(acknowledged.length - before)
  await victim.killServer()
  await victim.start()
  expect((await counts('steady')).s ?? 0).toBe(left)
})

test('killed in the middle, it is either done or, where nobody was told so, not begun', async () => {
  const chance = chanceOf(seedOfRun())
  const wanted = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [String(i), 6]))
  for (let round = 0; round < killsOfRun(5); round++) {
    const metric = `cut_${round}`
    await write(...Object.keys(wanted).map((i) => series({ __name__: metric, i }, ofDays([6, 0]))))
    await write(series({ __name__: `kept_${round}`, i: 'k' }, ofDays([6, 0])))
    const answer = deleteSeries({ 'match[]': metric }).then(
      ({ status }) => status,
      () => 'cut off',
    )
    await setTimeout(Math.floor(chance() * 700))
    await victim.killServer()
    const told = await answer
    await victim.start()
    const left = await counts(metric)
    if (told === 204) expect(left).toEqual({})
    else if (Object.keys(left).length > 0) expect(left).toEqual(wanted)
    expect(await values(metric)).toEqual(Object.keys(left).sort())
    expect(await counts(`kept_${round}`)).toEqual({ k: 6 })
  }
})

test('refuses what names no series, for administrators only', async () => {
  const answer = await deleteSeries({})
  expect([answer.status, await answer.json()]).toEqual([
    400,
    { status: 'error', errorType: 'bad_data', error: 'no match[] parameter provided' },
  ])
  expect((await deleteSeries({ 'match[]': 'sum(x)' })).status).toBe(400)
  expect((await deleteSeries({ 'match[]': '{}' })).status).toBe(400)
  expect((await deleteSeries({ 'match[]': 'x', start: '10', end: '5' })).status).toBe(400)
  expect((await deleteSeries({ 'match[]': 'nothing_has_this_name' })).status).toBe(204)
})
