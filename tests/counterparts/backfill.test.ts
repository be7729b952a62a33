// Recording rules over a past that was there before them, by `tidewatch rules backfill` against a running server.

import { readStreamed } from '@tidewatch/server/query/read/testing/client.ts'
import { type ReadSeries, samplesOfFrames } from '@tidewatch/server/query/read/testing/decode.ts'
import { getData, type RunningServer, startServer } from '@tidewatch/testkit/server.ts'
import { series, snappyBlock } from '@tidewatch/testkit/write-request.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runTidewatch, type TempDir, tempDir } from './programs.ts'

const minuteMs = 60_000
const endMs = Math.floor(Date.now() / 3_600_000) * 3_600_000 - 3_600_000
const startMs = endMs - 12 * 3_600_000

const rules = `
groups:
  - name: shop
    labels: { team: shop }
    rules:
      - { record: "job:requests:rate5m", expr: 'sum by (job) (rate(requests_total[5m]))' }
      - { record: "all:requests:rate5m", expr: 'sum(job:requests:rate5m)' }
      - { alert: Slow, expr: 'job:requests:rate5m > 1e9' }
  - name: slow
    interval: 5m
    limit: 1
    rules:
      - { record: "requests:max", expr: 'max by (job) (requests_total)' }
`

const stack = new AsyncDisposableStack()
let dir: TempDir
let server: RunningServer
let file = ''

interface Matrix {
  readonly result: readonly { readonly metric: Record<string, string>; readonly values: readonly [number, string][] }[]
}

const range = (query: string, step = '60'): Promise<Matrix> =>
  getData(server, '/api/v1/query_range', { query, start: String(startMs / 1000), end: String(endMs / 1000), step })

const recorded = async (name: string): Promise<readonly ReadSeries[]> => {
  const matchers = [{ name: '__name__', op: '=', value: name }] as const
  return samplesOfFrames(await readStreamed(server.url, [{ matchers, startMs, endMs }]))
}

const backfill = (...more: string[]) =>
  runTidewatch(['rules', 'backfill', file, '--url', server.url, '--end', String(endMs / 1000), ...more])

beforeAll(async () => {
  dir = stack.use(tempDir())
  file = dir.write('rules.yml', rules)
  server = stack.use(await startServer())
  const times = Array.from({ length: 12 * 60 * 2 }, (_, i) => startMs + i * 30_000)
  // one job ends half way
  const body = ['api', 'web'].map((job) =>
    series(
      { __name__: 'requests_total', job },
      times
        .filter((at) => job === 'api' || at < startMs + 6 * 3_600_000)
        .map((at, i) => [at, i * (job === 'api' ? 30 : 7)]),
    ),
  )
  const response = await fetch(`${server.url}/api/v1/write`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' },
    body: new Uint8Array(snappyBlock(...body)),
  })
  expect(response.status).toBe(204)
})
afterAll(() => stack.disposeAsync())

describe('rules over the past', () => {
  test('are recorded as they would have been, those that read others after them', async () => {
    const { code, out, err } = await backfill('--start', String(startMs / 1000))
    expect(out).toContain('shop: 2 recording rules every 1m; 1 alerting rule is passed over')
    expect(out).toContain('100 %')
    // the limit of the second group is told, and ends with 1
    expect(code).toBe(1)
    expect(err).toContain('exceeded limit of 1 with 2 series')
    const [asked, found] = [await range('sum by (job) (rate(requests_total[5m]))'), await range('job:requests:rate5m')]
    const plain = ({ result }: Matrix) =>
      result.map(({ metric, values }) => [metric.job, values]).sort(([a], [b]) => String(a).localeCompare(String(b)))
    expect(found.result[0]?.metric).toEqual({ __name__: 'job:requests:rate5m', job: 'api', team: 'shop' })
    expect(plain(found)).toEqual(plain(asked))
    expect((await range('all:requests:rate5m')).result[0]?.values).toEqual(
      (await range('sum(rate(requests_total[5m]))')).result[0]?.values,
    )
    // only where there was one series did the limit let it through
    expect((await range('requests:max', '300')).result).toMatchObject([{ metric: { job: 'api' } }])
  })

  test('an end is a stale marker at the next evaluation', async () => {
    const web = (await recorded('job:requests:rate5m')).find(({ labels }) => labels.job === 'web')
    const last = web?.samples.at(-1)
    expect(last?.bits).toBe(0x7ff0000000000002n)
    expect(last?.atMs).toBe((web?.samples.at(-2)?.atMs as number) + minuteMs)
  })

  test('done twice they are there once', async () => {
    const before = await recorded('job:requests:rate5m')
    await backfill('--start', String(startMs / 1000))
    expect(await recorded('job:requests:rate5m')).toEqual(before)
  })

  test.each([
    [['--start', '1000000000'], 'nothing before', 'start the server with a longer --retention'],
    [['--start', String(endMs / 1000 + 60)], '--start is after --end', ''],
    [[], 'say from when on', '--start 2026-01-01T00:00:00Z'],
  ])('%j is told', async (words, message, fix) => {
    const { code, err } = await backfill(...words)
    expect(code).toBe(1)
    expect(err).toContain(message)
    expect(err).toContain(fix)
  })
})
