// TSDB status and deletion beside Debian's Prometheus: the same samples pushed to both, the same questions.
import { getData, type RunningServer, startServer } from '@tidewatch/testkit/server.ts'
import { series, snappyBlock } from '@tidewatch/testkit/write-request.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Program, startPrometheus, type TempDir, tempDir } from './programs.ts'

let dir: TempDir
let prometheus: Program
let tidewatch: RunningServer
const minute = 60_000
const nowMs = Math.floor(Date.now() / minute) * minute

beforeAll(async () => {
  dir = tempDir()
  const flags = ['--web.enable-remote-write-receiver', '--web.enable-admin-api']
  prometheus = await startPrometheus('global: {}\n', { dir, flags })
  tidewatch = await startServer()
})
afterAll(async () => {
  await tidewatch?.[Symbol.asyncDispose]()
  await prometheus?.[Symbol.asyncDispose]()
  dir?.[Symbol.dispose]()
})

const times = [5, 4, 3, 2, 1].map((m) => [nowMs - m * minute, m] as const)

async function writeBoth(...parts: readonly Uint8Array[]): Promise<void> {
  for (const { url } of [prometheus, tidewatch]) {
    const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' }
    const body = snappyBlock(...parts) as Uint8Array<ArrayBuffer>
    const response = await fetch(`${url}/api/v1/write`, { method: 'POST', headers, body })
    expect([response.status, await response.text()]).toEqual([204, ''])
  }
}

interface Counted {
  readonly name: string
  readonly value: number
}

type Status = Readonly<Record<string, readonly Counted[]>>

/** What the status says of our own series: both programs have others of themselves. */
async function status(server: { readonly url: string }): Promise<Record<string, unknown>> {
  const data = await getData<Status>(server, '/api/v1/status/tsdb', { limit: '10000' })
  const lists = [
    'seriesCountByMetricName',
    'labelValueCountByLabelName',
    'seriesCountByLabelValuePair',
    'memoryInBytesByLabelName',
  ]
  return Object.fromEntries(
    lists.map((list) => [
      list,
      Object.fromEntries(
        (data[list] ?? []).filter(({ name }) => name.includes('own_')).map(({ name, value }) => [name, value]),
      ),
    ]),
  )
}

test('counts series, values and pairs as Prometheus does', async () => {
  const parts = Array.from({ length: 12 }, (_, i) =>
    series({ __name__: `own_${i % 3}`, own_path: `/ünï/${i}`, own_code: String(i % 2) }, times),
  )
  await writeBoth(...parts)
  const wanted = await status(prometheus)
  expect(Object.keys(wanted.labelValueCountByLabelName as object).sort()).toEqual(['own_code', 'own_path'])
  const { memoryInBytesByLabelName: bytes, ...counts } = await status(tidewatch)
  // Debian's knows no limit and lists ten pairs; and it counts the bytes of a value once, where newer ones do so for each series
  const { memoryInBytesByLabelName: _, ...wantedCounts } = wanted
  expect(counts).toMatchObject(wantedCounts)
  expect(bytes).toEqual({ own_code: 12, own_path: 98 })
  const refused = await fetch(`${tidewatch.url}/api/v1/status/tsdb?limit=0`)
  expect([refused.status, await refused.json()]).toMatchObject([400, { status: 'error', errorType: 'bad_data' }])
})

async function ask(server: { readonly url: string }): Promise<readonly string[]> {
  const { result } = await getData<{ result: { metric: object; values: unknown }[] }>(server, '/api/v1/query', {
    query: '{__name__=~"own_.*"}[1h]',
    time: String(nowMs / 1000),
  })
  return result.map((one) => JSON.stringify(one)).sort()
}

async function remove(
  { url }: { readonly url: string },
  parameters: readonly (readonly [string, string])[],
): Promise<number> {
  const query = new URLSearchParams()
  for (const [name, value] of parameters) query.append(name, value)
  const response = await fetch(`${url}/api/v1/admin/tsdb/delete_series?${query}`, { method: 'POST' })
  return response.status
}

test('deletes what Prometheus deletes', async () => {
  const asked: (readonly (readonly [string, string])[])[] = [
    [['match[]', 'own_0']],
    [
      ['match[]', '{own_path=~"/ünï/(1|4)"}'],
      ['match[]', 'own_2{own_code!="0"}'],
      ['start', String((nowMs - 4 * minute) / 1000)],
      ['end', new Date(nowMs - 2 * minute).toISOString()],
    ],
    [['match[]', 'nothing_of_that_name']],
    [['match[]', '{']],
    [],
  ]
  for (const parameters of asked) {
    const wanted = await remove(prometheus, parameters)
    expect(await remove(tidewatch, parameters)).toBe(wanted)
    const left = await ask(prometheus)
    expect(await ask(tidewatch)).toEqual(left)
  }
  for (const { url } of [prometheus, tidewatch])
    expect((await fetch(`${url}/api/v1/admin/tsdb/clean_tombstones`, { method: 'POST' })).status).toBe(204)
  expect(await ask(tidewatch)).toEqual(await ask(prometheus))
  // here a series without samples is in no list at once; Prometheus lists it until the head is cleaned
  const paths = await getData<string[]>(tidewatch, '/api/v1/label/own_path/values', {
    'match[]': '{__name__=~"own_.*"}',
  })
  expect(paths).toEqual(['1', '10', '11', '2', '4', '5', '7', '8'].map((path) => `/ünï/${path}`))
})
