// Debian's Prometheus beside the product: it scrapes a node_exporter and itself and writes everything to us; then both are asked the same.
import type { Expr, LabelMatcher } from '@tidewatch/promql/ast.ts'
import { parse } from '@tidewatch/promql/parse.ts'
import { print } from '@tidewatch/promql/print.ts'
import { eventually, getData, type RunningServer, startServer } from '@tidewatch/testkit/server.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Program, runTidewatch, startNodeExporter, startPrometheus, tempDir } from './programs.ts'

/** Its first scrape comes five seconds after the start, more on a busy machine. */
const patience = { timeoutMs: 180_000 }

const stack = new AsyncDisposableStack()
let server: RunningServer
let exporter: Program
let prometheus: Program
let reader: Readonly<Record<string, string>>

interface Vector {
  readonly resultType: string
  readonly result: readonly { readonly metric: Readonly<Record<string, string>>; readonly value: [number, string] }[]
}

const configOf = (url: string, key: string, exporterAddress: string): string => `
global:
  scrape_interval: 1s
  scrape_timeout: 1s
scrape_configs:
  - job_name: node
    static_configs: [{ targets: ['${exporterAddress}'], labels: { room: 'böse "1"' } }]
  - job_name: prometheus
    static_configs: [{ targets: [PROMETHEUS] }]
remote_write:
  - name: bearer
    url: ${url}/api/v1/write
    authorization: { credentials: ${key} }
    queue_config: { batch_send_deadline: 200ms, max_shards: 1 }
    metadata_config: { send_interval: 1s }
  - name: basic
    url: ${url}/api/v1/write
    basic_auth: { username: anybody, password: ${key} }
    queue_config: { batch_send_deadline: 200ms, max_shards: 1 }
    write_relabel_configs:
      - { source_labels: [__name__], regex: up, action: keep }
      - { target_label: via, replacement: basic }
`

/** What the first writer brought; there are also the second's series, this host's and our own. */
const sent = '{job=~"node|prometheus", via=""}'
const sentMatchers: readonly LabelMatcher[] = [
  { name: 'job', op: '=~', value: 'node|prometheus' },
  { name: 'via', op: '!~', value: '.+' },
]

/** The expression with every selector narrowed to what the first writer brought. */
function narrowed(query: string): string {
  const visit = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(visit)
    if (typeof node !== 'object' || node === null) return node
    const copy: Record<string, unknown> = Object.fromEntries(
      Object.entries(node).map(([key, value]) => [key, visit(value)]),
    )
    if (copy.kind === 'vector_selector') copy.matchers = [...(copy.matchers as LabelMatcher[]), ...sentMatchers]
    return copy
  }
  return print(visit(parse(query)) as Expr)
}

const ask = (query: string, time?: number): Promise<Vector> =>
  getData(server, '/api/v1/query', { query, ...(time === undefined ? {} : { time: String(time) }) }, reader)
const askCounterpart = (query: string, time?: number): Promise<Vector> =>
  getData(prometheus, '/api/v1/query', { query, ...(time === undefined ? {} : { time: String(time) }) })

async function secret(...words: readonly string[]): Promise<string> {
  const { code, out, err } = await runTidewatch(['token', ...words, '--data-dir', server.dataDir])
  if (code !== 0) throw new Error(err)
  return out.trim()
}

beforeAll(async () => {
  const dir = stack.use(tempDir())
  server = stack.use(await startServer({ auth: true }))
  exporter = stack.use(await startNodeExporter())
  const key = await secret('key', '--name', 'prometheus')
  reader = { authorization: `Bearer ${await secret('create', '--scope', 'read')}` }
  prometheus = stack.use(await startPrometheus(configOf(server.url, key, exporter.address), { dir }))
  await eventually(async () => {
    const { result } = await ask(`count_over_time(up${sent}[1m]) >= 14`)
    if (result.length < 2) throw new Error('there are not 14 scrapes of both targets yet')
  }, patience)
})
afterAll(() => stack.disposeAsync())

describe('what comes by remote write', () => {
  test('with an ingest key as bearer token and as basic password', async () => {
    const { result } = await ask('count by (job, via) (up{job=~"node|prometheus"})')
    const found = result.map(({ metric }) => `${metric.job} ${metric.via ?? ''}`).sort()
    expect(found).toEqual(['node ', 'node basic', 'prometheus ', 'prometheus basic'])
  })

  test('is refused without a key, and the key reads nothing', async () => {
    const refused = await fetch(`${server.url}/api/v1/write`, { method: 'POST', body: 'x' })
    expect(refused.status).toBe(401)
    const key = await secret('key', '--name', 'other')
    const asked = await fetch(`${server.url}/api/v1/query?query=up`, { headers: { authorization: `Bearer ${key}` } })
    expect(asked.status).toBe(403)
  })

  test('has every series and label the sender has', async () => {
    const match = { 'match[]': '{job=~"node|prometheus"}' }
    const names = (from: Pick<RunningServer, 'url'>, headers = {}): Promise<string[]> =>
      getData(from, '/api/v1/label/__name__/values', match, headers)
    const series = (from: Pick<RunningServer, 'url'>, headers = {}): Promise<object[]> =>
      getData(from, '/api/v1/series', match, headers)
    const sorted = (all: readonly object[]): string[] =>
      all.map((labels) => JSON.stringify(Object.entries(labels).sort())).sort()
    // what the sender begins with only now is on its way
    await eventually(async () => {
      expect(await names(server, reader)).toEqual(await names(prometheus))
      const ours = (await series(server, reader)).filter((labels) => !('via' in labels))
      expect(ours.length).toBeGreaterThan(200)
      expect(sorted(ours)).toEqual(sorted(await series(prometheus)))
    })
  })

  test('has its metadata', async () => {
    const wanted = await getData<Record<string, object[]>>(prometheus, '/api/v1/metadata')
    await eventually(async () => {
      const ours = await getData<Record<string, object[]>>(server, '/api/v1/metadata', {}, reader)
      expect(ours).toEqual(expect.objectContaining({ node_load1: wanted.node_load1, go_info: wanted.go_info }))
      const missing = Object.keys(wanted).filter((family) => !(family in ours))
      expect(missing).toEqual([])
    })
  })
})

const expressions: readonly string[] = [
  'up',
  '{job="node", __name__=~"node_(load|memory_Mem).*"}',
  'node_cpu_seconds_total{mode!~"idle|iowait"}',
  'rate(node_cpu_seconds_total[10s])',
  'irate(node_cpu_seconds_total{mode="user"}[10s])',
  'increase(node_context_switches_total[10s])',
  'delta(node_memory_MemAvailable_bytes[10s])',
  'idelta(node_load1[10s])',
  'deriv(node_memory_MemFree_bytes[10s])',
  'predict_linear(node_memory_MemFree_bytes[10s], 60)',
  'sum by (mode) (rate(node_cpu_seconds_total[10s]))',
  '1 - avg without (cpu) (rate(node_cpu_seconds_total{mode="idle"}[10s]))',
  'node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes * 100',
  'node_filesystem_avail_bytes / on (instance, device, mountpoint) node_filesystem_size_bytes',
  'rate(node_network_receive_bytes_total[10s]) * on (instance, device) group_left (operstate) node_network_info',
  'avg_over_time(node_load1[10s]) + min_over_time(node_load5[10s]) - max_over_time(node_load15[10s])',
  'stddev_over_time(node_memory_MemFree_bytes[10s])',
  'quantile_over_time(0.9, node_memory_MemFree_bytes[10s])',
  'count_over_time(up[10s])',
  'last_over_time(node_boot_time_seconds[10s]) == bool 0',
  'changes(node_context_switches_total[10s])',
  'resets(node_context_switches_total[10s])',
  'absent(node_nothing{room="x"})',
  'absent_over_time(node_nothing[10s])',
  'topk(3, process_resident_memory_bytes)',
  'count_values("load", round(node_load1))',
  'quantile(0.25, node_cpu_seconds_total)',
  'stdvar by (mode) (node_cpu_seconds_total)',
  'group by (room) (node_uname_info)',
  'histogram_quantile(0.9, prometheus_http_request_duration_seconds_bucket)',
  'histogram_quantile(0.5, sum by (le) (rate(prometheus_tsdb_compaction_chunk_range_seconds_bucket[10s])))',
  'sum(rate(prometheus_http_requests_total[10s])) by (handler, code)',
  'label_replace(up, "port", "$1", "instance", ".*:(.*)")',
  'label_join(up, "both", "-", "job", "instance")',
  'max_over_time(rate(node_context_switches_total[6s])[10s:2s])',
  'node_load1 offset 5s',
  'up and on (job) up{job="node"} or up{job="prometheus"} unless on (job) up{room!=""}',
  'clamp(node_load1, 0.1, 0.2)',
  'timestamp(up)',
  'time() - node_boot_time_seconds',
  'scalar(count(node_cpu_seconds_total))',
  'sort_desc(node_filesystem_size_bytes{fstype!=""})',
  'sgn(delta(node_load1[10s])) + ceil(node_load1) + floor(node_load5) + sqrt(node_load15)',
  'day_of_week(vector(time())) + hour() + minute()',
  'node_scrape_collector_success == 0',
  'avg(node_scrape_collector_duration_seconds) > 1000',
]

/** Elsewhere an empty answer would prove nothing. */
const mayBeEmpty: ReadonlySet<string> = new Set(expressions.slice(-2))

/** What both must say alike: labels and value, in an order of their own. */
function comparable(data: { readonly resultType: string; readonly result: unknown }): [string, number[]][] {
  if (data.resultType === 'scalar') return [['scalar', [Number((data.result as [number, string])[1])]]]
  const series = data.result as readonly {
    readonly metric: Readonly<Record<string, string>>
    readonly value?: [number, string]
    readonly values?: readonly [number, string][]
  }[]
  return series
    .map(({ metric, value, values = value === undefined ? [] : [value] }): [string, number[]] => [
      JSON.stringify(Object.entries(metric).sort()),
      values.flatMap(([at, text]) => [at, numberOf(text)]),
    ])
    .sort(([a], [b]) => (a < b ? -1 : 1))
}

const numberOf = (text: string): number => Number(text.replace('Inf', 'Infinity'))

function expectSame(ours: [string, number[]][], theirs: [string, number[]][]): void {
  expect(ours.map(([labels]) => labels)).toEqual(theirs.map(([labels]) => labels))
  for (const [i, [labels, numbers]] of theirs.entries()) {
    const got = ours[i]?.[1] ?? []
    expect(got.length, labels).toBe(numbers.length)
    const isFar = (a: number, b: number): boolean => !Object.is(a, b) && Math.abs(a - b) > 1e-6 * Math.abs(b) && a !== b
    const far = numbers.flatMap((wanted, j) => (isFar(got[j] as number, wanted) ? [{ got: got[j], wanted }] : []))
    expect(far, labels).toEqual([])
  }
}

describe('the same PromQL', () => {
  let at = 0

  beforeAll(async () => {
    // Debian's Prometheus takes a sample that lies exactly on a window's left border, newer ones and we do not: so the time asked for, and
    // with it all borders a whole second away, lie half a second beside the scrapes of one target and clear of those of the other.
    const stamps = (await ask(`timestamp(up${sent})`)).result.map(({ value }) => Number(value[1]))
    const fractions = stamps.map((stamp) => Math.round((stamp % 1) * 1000))
    const clear = [...Array(1000).keys()].find(
      (ms) =>
        ms > 0 && fractions.every((other) => Math.min((ms - other + 1000) % 1000, (other - ms + 1000) % 1000) > 100),
    )
    at = Math.floor(Math.min(...stamps)) + (clear ?? 0) / 1000
    await eventually(async () => {
      const { result } = await ask(`count by (job) (timestamp(scrape_duration_seconds${sent}) > ${at})`)
      if (result.length < 2) throw new Error('not everything up to that time was sent')
    })
  })

  test.each(expressions)('%s', async (query) => {
    const theirs = comparable(await askCounterpart(query, at))
    if (!mayBeEmpty.has(query)) expect(theirs).not.toEqual([])
    expectSame(comparable(await ask(narrowed(query), at)), theirs)
  })

  test.each([
    'sum by (mode) (rate(node_cpu_seconds_total[5s]))',
    'node_load1',
    'node_memory_MemAvailable_bytes - node_memory_MemFree_bytes > 0',
    'max_over_time(node_context_switches_total[3s:1s])',
    'avg(rate(prometheus_http_requests_total[4s])) by (code)',
  ])('over a range: %s', async (query) => {
    const range = { start: String(at - 8), end: String(at), step: '2' }
    const ours = await getData<Vector>(server, '/api/v1/query_range', { query: narrowed(query), ...range }, reader)
    const theirs = await getData<Vector>(prometheus, '/api/v1/query_range', { query, ...range })
    expectSame(comparable(ours), comparable(theirs))
  })
})

test('series end when their target does', async () => {
  const load = `node_load1${sent}`
  expect((await ask(load)).result).toHaveLength(1)
  await exporter.stop()
  await eventually(async () => {
    expect((await ask(`up${sent} == 0`)).result[0]?.value[1]).toBe('0')
    expect((await ask(load)).result).toEqual([])
  })
  // and not by the look-back: the last sample is not five minutes old
  expect((await ask(`last_over_time(${load}[5m])`)).result).toHaveLength(1)
})
