// Debian's Prometheus beside the product, both with the same samples: what they say of wrong requests and how they count what a query looks at.
import { eventually, getData, type RunningServer, startServer } from '@tidewatch/testkit/server.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Program, run, startPrometheus, tempDir } from './programs.ts'

const stack = new AsyncDisposableStack()
let server: RunningServer
let prometheus: Program

const configOf = (url: string): string => `
global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs: [{ job_name: prometheus, static_configs: [{ targets: [PROMETHEUS] }] }]
remote_write: [{ url: '${url}/api/v1/write', queue_config: { batch_send_deadline: 200ms, max_shards: 1 } }]
`

beforeAll(async () => {
  const dir = stack.use(tempDir())
  server = stack.use(await startServer())
  prometheus = stack.use(await startPrometheus(configOf(server.url), { dir }))
  await eventually(
    async () => {
      const { result } = await getData<{ result: unknown[] }>(server, '/api/v1/query', {
        query: 'count_over_time(up{job="prometheus"}[1m]) >= 20',
      })
      if (result.length === 0) throw new Error('there are not 20 scrapes yet')
    },
    { timeoutMs: 180_000 },
  )
})
afterAll(() => stack.disposeAsync())

interface Said {
  readonly status: number
  readonly errorType?: string
  readonly error?: string
}

async function ask(base: string, path: string, method = 'GET'): Promise<Said> {
  const [name, query = ''] = path.split('?')
  const response =
    method === 'GET'
      ? await fetch(`${base}/api/v1/${path}`)
      : await fetch(`${base}/api/v1/${name}`, { method, body: new URLSearchParams(query) })
  const { errorType, error } = (await response.json()) as Said
  return { status: response.status, ...(errorType === undefined ? {} : { errorType, error: String(error) }) }
}

describe('wrong requests get the same status, type and words', () => {
  test.each([
    'query?query=up(',
    'query?query=sum(&time=5',
    'query?query=up&time=abc',
    'query?query=up&timeout=xx',
    'query?query=up&timeout=-1s',
    'query?query=label_replace(up,"a","$1","b","(")',
    'query?query=up*on(nothing)up{a="b"}%2Bon()up',
    'query_range?query=up&start=0&end=1&step=0',
    'query_range?query=up&start=0&end=1&step=1e-10',
    'query_range?query=up&start=2&end=1&step=1',
    'query_range?query=up&start=0&end=100000&step=1',
    'query_range?query=up&start=0&end=1&step=x',
    'query_range?query=up&start=0&end=1&step=-1s',
    'query_range?query=up&start=0&end=1',
    'query_range?query=up&end=1&step=1',
    'query_range?query=up[5m]&start=0&end=1&step=1',
    'series',
    'series?match[]={}',
    'series?match[]={a=""}',
    'series?match[]=up[5m]',
    'series?match[]=up%2B1',
    'series?match[]=up&start=2&end=1',
    'series?match[]=up&start=x',
    'label/job/values?start=x',
    'metadata?limit=x',
    'format_query?query=sum(',
    'query?query=up&time=-292273086-05-16T16:47:06Z',
    'query?query=1&time=2026-01-01t00:00:00z',
    'query_range?query=1&start=1&end=3&step=0x1',
  ])('%s', async (path) => {
    const words = ({ status, errorType, error }: Said): Said => ({
      status,
      ...(errorType === undefined ? {} : { errorType, error: error?.replaceAll('\\u003c', '<') ?? '' }),
    })
    const wanted = words(await ask(prometheus.url, path))
    expect(words(await ask(server.url, path))).toEqual(wanted)
    const isForm = /^(?:query|query_range|series|format_query)\?/.test(path) && !path.includes('%')
    if (isForm) expect(words(await ask(server.url, path, 'POST'))).toEqual(wanted)
  })
})

interface Stats {
  readonly stats: { readonly samples: { readonly totalQueryableSamples: number; readonly peakSamples: number } }
}

describe('stats', () => {
  test.each([
    'up',
    'prometheus_http_requests_total',
    'rate(prometheus_http_requests_total[5s])',
    'sum by (code) (rate(prometheus_http_requests_total[5s])) / ignoring (code) group_left sum(rate(prometheus_http_requests_total[5s]))',
    // no step of the subquery lies on the window's border, which Prometheus 2 still counted
    'max_over_time(rate(process_cpu_seconds_total[4s])[5500ms:2s])',
    'up @ end()',
    'timestamp(up)',
    'histogram_quantile(0.9, rate(prometheus_http_request_duration_seconds_bucket[5s]))',
    'up offset 2s or vector(1)',
  ])('counts the samples that each step looks at: %s', async (expr) => {
    const query = expr.replaceAll(/(prometheus_\w+|process_\w+|up)\b(?!\{)/g, '$1{job="prometheus"}')
    // past the newest scrape of either lies nothing that may still come
    const end = Math.floor(Date.now() / 1000) - 3
    const parameters = { query, start: String(end - 8), end: String(end), step: '2', stats: 'all' }
    const of = async (from: Pick<RunningServer, 'url'>): Promise<number> => {
      const { stats } = await getData<Stats>(from, '/api/v1/query_range', parameters)
      expect(stats.samples.peakSamples).toBeGreaterThan(0)
      return stats.samples.totalQueryableSamples
    }
    const wanted = await of(prometheus)
    expect(wanted).toBeGreaterThan(0)
    await eventually(async () => expect(await of(server)).toBe(wanted), { timeoutMs: 180_000 })
  })

  test('say all that Prometheus says, each step, and where the samples came from', async () => {
    const shape = (value: object): string[] => Object.keys(value).sort()
    const basic = { query: 'up', stats: 'true' }
    const theirs = await getData<{ stats: { timings: object; samples: object } }>(prometheus, '/api/v1/query', basic)
    const ours = await getData<typeof theirs>(server, '/api/v1/query', basic)
    expect(shape(ours.stats)).toEqual(['samples', 'timings'])
    expect(shape(ours.stats.timings)).toEqual(shape(theirs.stats.timings))
    expect(shape(ours.stats.samples)).toEqual(shape(theirs.stats.samples))
    const { stats } = await getData<{ stats: Record<string, never> }>(server, '/api/v1/query_range', {
      ...{ query: 'rate(up[5s])', start: '0', end: '60', step: '30', stats: 'all' },
    })
    expect(stats).toMatchObject({
      samples: {
        totalQueryableSamplesPerStep: [
          [0, 0],
          [30, 0],
          [60, 0],
        ],
      },
      tidewatch: { selectors: [{ selector: 'up', start: expect.any(Number) }], stages: { queue: expect.any(Number) } },
    })
    expect(await getData(server, '/api/v1/query', { query: 'up' })).not.toHaveProperty('stats')
  })
})

describe('limit', () => {
  test.each([
    ['query', { query: 'up or node_load1' }],
    [
      'query_range',
      {
        query: 'prometheus_http_requests_total',
        start: String(Date.now() / 1000 - 30),
        end: String(Date.now() / 1000 + 30),
        step: '5',
      },
    ],
    ['series', { 'match[]': '{job="prometheus"}' }],
    ['labels', {}],
    ['label/__name__/values', {}],
  ])('cuts %s and says so', async (path, parameters) => {
    const at = async (limit: number) => {
      const url = `${server.url}/api/v1/${path}?${new URLSearchParams({ ...parameters, limit: String(limit) } as never)}`
      return (await (await fetch(url)).json()) as { data: { result?: unknown[] } | unknown[]; warnings?: string[] }
    }
    const cut = await at(1)
    expect(cut.warnings).toContain('results truncated due to limit')
    expect(Array.isArray(cut.data) ? cut.data : cut.data.result).toHaveLength(1)
    expect((await at(0)).warnings ?? []).not.toContain('results truncated due to limit')
    expect((await at(100_000)).warnings ?? []).not.toContain('results truncated due to limit')
  })

  test('must be a number from 0 on', async () => {
    expect(await ask(server.url, 'query?query=1&limit=-1')).toMatchObject({
      status: 400,
      error: 'invalid parameter "limit": limit must be non-negative',
    })
    expect(await ask(server.url, 'labels?limit=x')).toMatchObject({
      error: 'invalid parameter "limit": strconv.Atoi: parsing "x": invalid syntax',
    })
  })
})

test('names of labels may be any text, plain or escaped', async () => {
  expect(await getData(server, '/api/v1/label/U__job/values')).toContain('prometheus')
  expect(await getData(server, '/api/v1/label/U___5f__5f_name_5f__5f_/values')).toContain('up')
  expect(await getData(server, '/api/v1/label/a.b%2Fc/values')).toEqual([])
  expect(await getData(server, '/api/v1/label/U__a_zz_/values')).toEqual([])
})

test('what the server can is told by name', async () => {
  const features = await getData<Record<string, Record<string, boolean>>>(server, '/api/v1/features')
  expect(features.promql_functions).toMatchObject({ rate: true, info: true, mad_over_time: true })
  expect(features.promql_operators).toMatchObject({ sum: true, limitk: true, atan2: true, '=~': true })
  expect(features.api).toMatchObject({ query_stats: true })
})

test("promtool's queries have what they ask for: stats do not disturb it, headers and times pass", async () => {
  const { code, out } = await run('promtool', [
    'query',
    'range',
    '--start=0',
    '--end=60',
    '--step=30s',
    server.url,
    'vector(1)',
  ])
  expect(code).toBe(0)
  expect(out.trim()).toBe('{} =>\n1 @[0]\n1 @[30]\n1 @[60]')
})

describe('the query workers', () => {
  /** Each step goes through an hour of each series again: minutes of work, unless it is ended. */
  const heavy = () =>
    new URLSearchParams({
      query: 'deriv((last_over_time({__name__=~".+"}[1h] @ end()))[1h:1s])',
      start: String(Date.now() / 1000 - 10_000),
      end: String(Date.now() / 1000),
      step: '1',
    })
  const own = async (pattern: RegExp): Promise<number> => {
    const text = await (await fetch(`${server.url}/metrics`)).text()
    return Number(pattern.exec(text)?.[1] ?? 0)
  }
  const running = () => own(/^tidewatch_queries_running (\S+)$/m)
  const waiting = () => own(/^tidewatch_queries_waiting (\S+)$/m)
  const cancelled = () => own(/^tidewatch_queries_total\{kind="range",outcome="cancelled"\} (\S+)$/m)

  test('are free again when the callers go away, those that waited included', async () => {
    const abort = new AbortController()
    const calls = Array.from({ length: 30 }, () =>
      fetch(`${server.url}/api/v1/query_range?${heavy()}`, { signal: abort.signal }).catch(
        (error: Error) => error.name,
      ),
    )
    await eventually(async () => expect([(await running()) > 0, (await waiting()) > 0]).toEqual([true, true]))
    // a small query is answered meanwhile
    expect(await getData(server, '/api/v1/query', { query: 'count(up)' })).toHaveProperty('result')
    abort.abort()
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['AbortError']))
    await eventually(async () => expect([await running(), await waiting()]).toEqual([0, 0]), { timeoutMs: 180_000 })
    expect(await cancelled()).toBe(30)
  })

  test('end a query at the timeout that it asks for', async () => {
    const response = await fetch(`${server.url}/api/v1/query_range?${heavy()}&timeout=300ms`)
    const answer = (await response.json()) as Said
    expect([response.status, answer.errorType]).toEqual([503, 'timeout'])
    expect(answer.error).toMatch(/^query timed out in query execution/)
    await eventually(async () => expect(await running()).toBe(0), { timeoutMs: 180_000 })
  })
})
