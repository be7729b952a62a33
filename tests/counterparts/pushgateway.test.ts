// The Pushgateway's API by its clients: prom-client's class, curl as its README has it, the Go client's protobuf; beside them Prometheus as the
// one who scrapes, a scrape job that a team still has for its gateway, and a restart in between.
import { gzipSync } from 'node:zlib'
import { freePort } from '@tidewatch/testkit/free-port.ts'
import { eventually, getData, type RunningServer, startServer } from '@tidewatch/testkit/server.ts'
import { Counter, Gauge, Histogram, Pushgateway, Registry } from 'prom-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Program, runTidewatch, startPrometheus, type TempDir, tempDir } from './programs.ts'

const stack = new AsyncDisposableStack()
let dir: TempDir
let port: number
let server: RunningServer
let ingestKey: string
let token: string

interface Sample {
  readonly metric: Readonly<Record<string, string>>
  readonly value: readonly [number, string]
}

/** A gateway that the team has replaced by us: its job is still in the configuration. */
const scrapeJobs = (): string => `
global: { scrape_interval: 500ms, scrape_timeout: 500ms }
scrape_configs:
  - job_name: pushgateway
    honor_labels: true
    metrics_path: /pushgateway/metrics
    authorization: { credentials: ${token} }
    static_configs: [{ targets: ['127.0.0.1:${port}'] }]
`

/** Killed: what was answered is there all the same. */
async function restart(): Promise<void> {
  await server.kill()
  server = await startServer({
    auth: true,
    port,
    dataDir: `${dir.path}/data`,
    args: ['--config', `${dir.path}/config`],
  })
}

beforeAll(async () => {
  dir = stack.use(tempDir())
  port = await freePort()
  const dataDir = `${dir.path}/data`
  dir.write('config/prometheus.yml', 'global: {}\n')
  server = await startServer({ auth: true, port, dataDir, args: ['--config', `${dir.path}/config`] })
  stack.defer(() => server[Symbol.asyncDispose]())
  ingestKey = (await runTidewatch(['token', 'key', '--data-dir', dataDir])).out.trim()
  token = (await runTidewatch(['token', 'create', '--scope', 'admin', '--data-dir', dataDir])).out.trim()
  dir.write('config/prometheus.yml', scrapeJobs())
})
afterAll(() => stack.disposeAsync())

async function ask(query: string): Promise<readonly Sample[]> {
  const headers = { authorization: `Bearer ${token}` }
  return (await getData<{ readonly result: readonly Sample[] }>(server, '/api/v1/query', { query }, headers)).result
}

async function valuesOf(query: string): Promise<Record<string, string>> {
  const entries = (await ask(query)).map(({ metric: { __name__: name, ...labels }, value }): [string, string] => [
    `${name ?? ''}${JSON.stringify(labels)}`,
    value[1],
  ])
  return Object.fromEntries(entries)
}

interface Sent {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly as?: string
}

async function send(
  path: string,
  body: string | Uint8Array<ArrayBuffer> | undefined,
  { method = 'POST', headers, as }: Sent = {},
) {
  const response = await fetch(`${server.url}${path}`, {
    method,
    ...(body === undefined ? {} : { body }),
    headers: { authorization: `Bearer ${as ?? ingestKey}`, ...headers },
  })
  return { status: response.status, text: await response.text() }
}

// what curl says of any --data-binary
const curl = { 'content-type': 'application/x-www-form-urlencoded' }

describe("prom-client's Pushgateway", () => {
  const registry = new Registry()
  const rows = new Gauge({
    name: 'batch_rows',
    help: 'Rows of the batch.',
    labelNames: ['table'],
    registers: [registry],
  })
  const runs = new Counter({ name: 'batch_runs_total', help: 'Runs.', registers: [registry] })
  const seconds = new Histogram({ name: 'batch_seconds', help: 'Seconds.', buckets: [0.5, 5], registers: [registry] })
  const client = () =>
    new Pushgateway(server.url, { headers: { authorization: `Bearer ${ingestKey}` }, timeout: 10_000 }, registry)
  const group = { jobName: 'night batch', groupings: { instance: 'eu-1', shard: 'a b' } }
  const labels = '{"instance":"eu-1","job":"night batch","shard":"a b"'

  test('push, pushAdd, and delete after a kill', async () => {
    rows.set({ table: 'orders' }, 7)
    runs.inc(3)
    seconds.observe(0.2)
    seconds.observe(2)
    const beforeSeconds = Date.now() / 1000
    await client().push(group)
    expect(await valuesOf('{job="night batch", __name__=~"batch_.*"}')).toEqual({
      [`batch_rows${labels},"table":"orders"}`]: '7',
      [`batch_runs_total${labels}}`]: '3',
      'batch_seconds_bucket{"instance":"eu-1","job":"night batch","le":"+Inf","shard":"a b"}': '2',
      'batch_seconds_bucket{"instance":"eu-1","job":"night batch","le":"0.5","shard":"a b"}': '1',
      'batch_seconds_bucket{"instance":"eu-1","job":"night batch","le":"5","shard":"a b"}': '2',
      [`batch_seconds_count${labels}}`]: '2',
      [`batch_seconds_sum${labels}}`]: '2.2',
    })
    const metadata = await getData(
      server,
      '/api/v1/metadata',
      { metric: 'batch_seconds' },
      { authorization: `Bearer ${token}` },
    )
    expect(metadata).toEqual({ batch_seconds: [{ type: 'histogram', help: 'Seconds.', unit: '' }] })
    const [pushed] = await ask('push_time_seconds{job="night batch"}')
    expect(Number(pushed.value[1])).toBeGreaterThanOrEqual(beforeSeconds - 0.01)
    expect((await ask('push_failure_time_seconds{job="night batch"}'))[0].value[1]).toBe('0')

    rows.remove({ table: 'orders' })
    rows.set({ table: 'users' }, 8)
    registry.removeSingleMetric('batch_runs_total')
    await client().pushAdd(group)
    expect(await valuesOf('{job="night batch", __name__=~"batch_(rows|runs_total)"}')).toEqual({
      [`batch_rows${labels},"table":"users"}`]: '8',
      [`batch_runs_total${labels}}`]: '3',
    })
    await client().push(group)
    expect(await valuesOf('batch_runs_total')).toEqual({})

    await restart()
    const restartedAtMs = Date.now()
    // nobody pushes any more, and the series goes on
    await eventually(
      async () =>
        expect(Number((await ask('timestamp(batch_rows)'))[0].value[1]) * 1000).toBeGreaterThan(restartedAtMs),
      { timeoutMs: 180_000 },
    )
    expect(Number((await ask('push_time_seconds{job="night batch"}'))[0].value[1]) * 1000).toBeLessThan(restartedAtMs)
    await client().delete(group)
    expect(await valuesOf('{job="night batch"}')).toEqual({})
  })

  test('tells what was wrong', async () => {
    await send('/metrics/job/other', '# TYPE batch_rows counter\nbatch_rows 1\n')
    await expect(client().push(group)).rejects.toThrow(
      'push failed with status 400, pushed metrics are invalid or inconsistent with existing metrics: metric "batch_rows" is a gauge, but a counter in another group',
    )
    expect(Number((await ask('push_failure_time_seconds{job="night batch"}'))[0].value[1])).toBeGreaterThan(0)
    expect((await ask('push_time_seconds{job="night batch"}'))[0].value[1]).toBe('0')
    await client().delete(group)
  })
})

describe('curl, as the README of the Pushgateway has it', () => {
  test('a single sample, something more complex, deletion of one group alone', async () => {
    expect(await send('/metrics/job/some_job', 'some_metric 3.14\n', { headers: curl })).toEqual({
      status: 200,
      text: '',
    })
    const more = `# TYPE another_counter counter
another_counter{label="val1"} 42
# TYPE another_metric gauge
# HELP another_metric Just an example.
another_metric 2398.283
`
    expect(await send('/metrics/job/some_job/instance/some_instance', more, { headers: curl })).toMatchObject({
      status: 200,
    })
    expect(await valuesOf('{job="some_job", __name__!~"push_.*"}')).toEqual({
      'some_metric{"job":"some_job"}': '3.14',
      'another_counter{"instance":"some_instance","job":"some_job","label":"val1"}': '42',
      'another_metric{"instance":"some_instance","job":"some_job"}': '2398.283',
    })
    expect(await send('/metrics/job/some_job', undefined, { method: 'DELETE' })).toMatchObject({ status: 202 })
    expect(await valuesOf('count({job="some_job", __name__!~"push_.*"})')).toEqual({ '{}': '2' })
    expect(await send('/metrics/job/some_job/instance/some_instance', undefined, { method: 'DELETE' })).toMatchObject({
      status: 202,
    })
  })

  test.each([
    ['/metrics/job/directory_cleaner/path@base64/L3Zhci90bXA', '{"job":"directory_cleaner","path":"/var/tmp"}'],
    ['/metrics/job/example/first_label@base64/=/second_label/foobar', '{"job":"example","second_label":"foobar"}'],
    [
      '/metrics/job/titan/name/%CE%A0%CF%81%CE%BF%CE%BC%CE%B7%CE%B8%CE%B5%CF%8D%CF%82',
      '{"job":"titan","name":"Προμηθεύς"}',
    ],
    ['/metrics/job/titan/name@base64/zqDPgc6_zrzOt864zrXPjc-C', '{"job":"titan","name":"Προμηθεύς"}'],
    ['/metrics/job@base64/YS9i', '{"job":"a/b"}'],
  ])('%s', async (path, labels) => {
    const body = gzipSync('special 1\n')
    expect(await send(path, body, { method: 'PUT', headers: { 'content-encoding': 'gzip' } })).toEqual({
      status: 200,
      text: '',
    })
    expect(await valuesOf('special')).toEqual({ [`special${labels}`]: '1' })
    expect(await send(path, undefined, { method: 'DELETE' })).toMatchObject({ status: 202 })
    expect(await valuesOf('special')).toEqual({})
  })

  test.each([
    ['/metrics/job/j', 'm 1 1600000000000\n', 400, 'must not have timestamps'],
    ['/metrics/job/j', 'm{\n', 400, 'line 1'],
    ['/metrics/job/j', '# TYPE m counter\nm 1\n# TYPE m gauge\n', 400, 'a second TYPE line for metric "m"'],
    ['/metrics/job/j', 'm 1\nm 2\n', 400, 'comes twice'],
    ['/metrics/job/j/odd', 'm 1\n', 400, 'a label without a value'],
    ['/metrics/job/j/__x/1', 'm 1\n', 400, 'improper label name "__x"'],
    ['/metrics/job/j/a//b/c', 'm 1\n', 400, '/a@base64/='],
    ['/metrics/job@base64/$', 'm 1\n', 400, 'invalid base64'],
  ])('%s with %j answers %d', async (path, body, status, text) => {
    const answer = await send(path, body, { headers: curl })
    expect(answer.status).toBe(status)
    expect(answer.text).toContain(text)
    await send('/metrics/job/j', undefined, { method: 'DELETE' })
  })

  test('OpenMetrics is read as such; protobuf of another kind is refused', async () => {
    const body = '# TYPE jobs counter\n# HELP jobs Jobs.\njobs_total 4 # {trace_id="a"} 1\njobs_created 1\n# EOF\n'
    const headers = { 'content-type': 'application/openmetrics-text; version=1.0.0; charset=utf-8' }
    expect(await send('/metrics/job/om', body, { headers })).toEqual({ status: 200, text: '' })
    expect(await valuesOf('{job="om", __name__=~"jobs.*"}')).toEqual({
      'jobs_created{"job":"om"}': '1',
      'jobs_total{"job":"om"}': '4',
    })
    const wrong = {
      'content-type': 'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=text',
    }
    const answer = await send('/metrics/job/om', '', { headers: wrong })
    expect(answer).toMatchObject({ status: 415 })
    expect(answer.text).toContain('encoding=delimited')
    await send('/metrics/job/om', undefined, { method: 'DELETE' })
  })

  test('an ingest key pushes, but neither reads nor wipes; nobody pushes without', async () => {
    expect(await send('/pushgateway/metrics', undefined, { method: 'GET' })).toMatchObject({ status: 403 })
    expect(await send('/api/v1/admin/wipe', undefined, { method: 'PUT' })).toMatchObject({ status: 403 })
    expect(await send('/metrics/job/j', 'm 1\n', { as: 'nonsense' })).toMatchObject({ status: 401 })
  })
})

describe('beside Prometheus', () => {
  let prometheus: Program

  beforeAll(async () => {
    await restart()
    const own = '  - job_name: self\n    static_configs: [{ targets: [PROMETHEUS] }]\n'
    prometheus = stack.use(await startPrometheus(`${scrapeJobs()}${own}`, { dir }))
  })

  const asPrometheus = async (query: string) =>
    (await getData<{ readonly result: readonly Sample[] }>(prometheus, '/api/v1/query', { query })).result

  test('the Go encoder: its own metrics in delimited protobuf become what its text format says', async () => {
    const type = 'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited'
    const pushAs = async (job: string, accept: string): Promise<void> => {
      const response = await fetch(`${prometheus.url}/metrics`, { headers: { accept } })
      const headers = { 'content-type': response.headers.get('content-type') ?? '' }
      expect(headers['content-type']).toContain(accept.split(';')[0])
      const body = new Uint8Array(await response.arrayBuffer())
      expect(await send(`/metrics/job/${job}`, body, { method: 'PUT', headers })).toEqual({ status: 200, text: '' })
    }
    // the first request of /metrics makes series that the second shows
    await fetch(`${prometheus.url}/metrics`)
    await pushAs('go_text', 'text/plain')
    await pushAs('go_protobuf', type)
    const seriesOf = async (job: string, names: string) => {
      const found = await ask(`{job="${job}", __name__=~"${names}"}`)
      return found.map(({ metric, value }) => [JSON.stringify({ ...metric, job: '' }), value[1]]).sort()
    }
    const identities = async (job: string) => (await seriesOf(job, '(go|process|prometheus)_.*')).map(([text]) => text)
    expect(await identities('go_protobuf')).toEqual(await identities('go_text'))
    expect((await identities('go_protobuf')).length).toBeGreaterThan(200)
    const steady = 'go_info|process_start_time_seconds|prometheus_(build_info|config_.*|engine_queries_concurrent_max)'
    expect(await seriesOf('go_protobuf', steady)).toEqual(await seriesOf('go_text', steady))
    for (const job of ['go_text', 'go_protobuf']) await send(`/metrics/job/${job}`, undefined, { method: 'DELETE' })
  })

  test('it scrapes what we store; our own job for the gateway stores nothing a second time', async () => {
    const body =
      '# TYPE lag summary\nlag{quantile="0.5"} 1e+06\nlag_sum 0.25\nlag_count 3\nplain{a="\\"x\\\\\\n"} -Inf\n'
    await send('/metrics/job/shared/instance/i', body, { method: 'PUT' })
    await send('/metrics/job/shared', 'plain{b="1"} NaN\n', { method: 'PUT' })
    const query = 'sort({job="shared", __name__!~"push_.*"})'
    const bare = (samples: readonly Sample[]) =>
      new Set(samples.map(({ metric, value }) => JSON.stringify([metric, value[1]])))
    await eventually(async () => expect(bare(await asPrometheus(query))).toEqual(bare(await ask(query))))
    expect(await ask(query)).toHaveLength(5)
    // our scraper has been there by now, and more than once
    await eventually(async () =>
      expect(Number((await ask('count_over_time(up{job="pushgateway"}[1m])'))[0].value[1])).toBeGreaterThan(3),
    )
    expect((await ask('up{job="pushgateway"}'))[0].value[1]).toBe('1')
    expect((await ask('scrape_samples_scraped{job="pushgateway"}'))[0].value[1]).toBe('0')
    expect(await ask('{exported_job=~".+"}')).toEqual([])
    // once when it was pushed, and at most every 15 s from then on
    expect(Number((await ask('count_over_time(lag_sum[10s])'))[0].value[1])).toBeLessThanOrEqual(2)
    await send('/metrics/job/shared', undefined, { method: 'DELETE' })
    // its own stale markers: the series is gone from the exposition
    await eventually(async () => expect(await asPrometheus('plain{job="shared", b="1"}')).toEqual([]))
  })

  test('the API of the Pushgateway, and wipe', async () => {
    const answer = await send('/api/v1/metrics', undefined, { method: 'GET', as: token })
    const { data } = JSON.parse(answer.text) as { readonly data: readonly Record<string, unknown>[] }
    expect(data.find(({ labels }) => JSON.stringify(labels) === '{"instance":"i","job":"shared"}')).toMatchObject({
      last_push_successful: true,
      lag: {
        type: 'SUMMARY',
        metrics: [{ labels: { instance: 'i', job: 'shared' }, quantiles: { '0.5': '1e+06' }, count: '3', sum: '0.25' }],
      },
      push_failure_time_seconds: { type: 'GAUGE', metrics: [{ value: '0' }] },
    })
    expect(await send('/api/v1/admin/wipe', undefined, { method: 'PUT', as: token })).toMatchObject({ status: 202 })
    expect(await send('/pushgateway/metrics', undefined, { method: 'GET', as: token })).toEqual({
      status: 200,
      text: '',
    })
    expect(await valuesOf('{job="shared"}')).toEqual({})
  })
})
