// What Grafana's Loki data source, logcli and Loki's ruler files do, at the running product: the very requests that they make.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { get as request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually, getData, type RunningServer, startServer } from '@tidewatch/testkit/server.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'

const rules = `groups:
  - name: loki
    interval: 1s
    rules:
      - alert: PaymentsFail
        expr: sum by (service) (count_over_time({service="payments"} |= "declined" [10m])) > 2
        annotations: { summary: '{{ $value }} declined at {{ $labels.service }}' }
      - record: service:log_lines:count10m
        expr: sum by (service) (count_over_time({service=~".+"}[10m]))
`
const ownRules = `interval: 1s
rules:
  - name: ErrorsOfPayments
    logs: { query: 'level:error AND service:payments', more_than: 2 }
    window: 10m
    by: [service]
    message: '{{ $labels.service }}: {{ $value }}'
  - name: BackupIsQuiet
    logs: { query: 'service:backup', less_than: 1 }
`
const dir = mkdtempSync(join(tmpdir(), 'tidewatch-loki-'))
const stack = new AsyncDisposableStack()
let server: RunningServer

const post = (path: string, body: unknown): Promise<Response> =>
  fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

const lines = (count: number, status: number) =>
  Array.from({ length: count }, (_, i) => ({
    ...{ message: `card ${i} declined`, level: 'error', service: 'payments', status },
    ...{ traceId: `00000000000000000000000000000a0${i}` },
  }))

beforeAll(async () => {
  stack.defer(() => rmSync(dir, { recursive: true }))
  writeFileSync(join(dir, 'loki.yml'), rules)
  writeFileSync(join(dir, 'own.yml'), ownRules)
  writeFileSync(join(dir, 'tidewatch.yml'), 'rules: [loki.yml, own.yml]\n')
  server = stack.use(await startServer({ args: ['--config', join(dir, 'tidewatch.yml')] }))
  const stored = await post('/api/tidewatch/v1/logs', lines(3, 502))
  expect(stored.status, await stored.text()).toBeLessThan(300)
})
afterAll(() => stack.disposeAsync())

const nowNs = (): string => `${Date.now() + 60_000}000000`
const hourAgoNs = (): string => `${Date.now() - 3_600_000}000000`

async function get(
  path: string,
  query: Readonly<Record<string, string>> = {},
  headers: Readonly<Record<string, string>> = {},
) {
  const response = await fetch(`${server.url}/loki/api/v1/${path}?${new URLSearchParams(query)}`, { headers })
  expect(response.status, path).toBe(200)
  return (await response.json()) as { readonly data: unknown } & Record<string, unknown>
}

test('the health check of the data source', async () => {
  const { data } = await get('query', { query: 'vector(1)+vector(1)', direction: 'backward', time: '4000000000' })
  expect(data).toMatchObject({ resultType: 'vector', result: [{ metric: {}, value: [4_000_000_000, '2'] }] })
  expect(await (await fetch(`${server.url}/ready`)).text()).toBe('ready\n')
})

test('what the editor and the list of rules of Grafana ask', async () => {
  const query = '{service="payments"}|json|status>=500'
  expect(await get('format_query', { query })).toEqual({
    ...{ status: 'success', data: '{service="payments"} | json | status>=500' },
  })
  const bad = await fetch(`${server.url}/loki/api/v1/format_query?query=${encodeURIComponent('{a="b"} | nothing')}`)
  expect([bad.status, await bad.text()]).toEqual([400, expect.stringContaining('parse error at line 1, col')])
  const asked = async (path: string, method = 'GET') => {
    const response = await fetch(`${server.url}${path}`, { method })
    return { status: response.status, text: await response.text() }
  }
  const shown = JSON.parse((await asked('/prometheus/api/v1/rules')).text) as { data: { groups: unknown[] } }
  expect(shown.data.groups).toMatchObject([
    {
      ...{ file: 'loki.yml', name: 'loki' },
      rules: [{ type: 'alerting', query: expect.stringMatching(/^sum by/) }, { type: 'recording' }],
    },
  ])
  expect(JSON.parse((await asked('/prometheus/api/v1/alerts')).text)).toMatchObject({ status: 'success' })
  const { text } = await asked('/api/prom/rules')
  expect(text).toMatch(/^loki\.yml:\n {2}- name: loki\n {4}interval: 1s\n {4}rules:\n {6}- alert: PaymentsFail\n/)
  expect((await asked('/loki/api/v1/rules/loki.yml/loki')).text).toMatch(/^name: loki\n/)
  expect(await asked('/api/prom/rules/own.yml')).toEqual({ status: 404, text: 'no rule groups found\n' })
  const refused = await asked('/api/prom/rules/own.yml', 'DELETE')
  expect([refused.status, refused.text]).toEqual([expect.any(Number), expect.stringContaining('they stand in files')])
  expect((await asked('/services')).text).toContain(' => Running')
})

test('Explore: labels, values, lines and their volume', async () => {
  const time = { start: hourAgoNs(), end: nowNs() }
  expect((await get('labels', time)).data).toEqual(['detected_level', 'level', 'service', 'service_name'])
  expect((await get('label/service_name/values', { ...time, query: '{level="error"}' })).data).toEqual(['payments'])
  expect((await get('series', { ...time, 'match[]': '{service="payments"}' })).data).toEqual([
    { service: 'payments', service_name: 'payments' },
  ])
  expect(await get('index/stats', { ...time, query: '{service="payments"}' })).toMatchObject({ streams: 1, entries: 3 })
  const found = await get(
    'query_range',
    {
      ...time,
      query: '{service="payments"} | json | status >= 500 | trace_id="00000000000000000000000000000a01"',
      direction: 'backward',
      limit: '1000',
      step: '2000ms',
    },
    { 'X-Loki-Response-Encoding-Flags': 'categorize-labels', 'X-Query-Tags': 'Source=grafana' },
  )
  expect(found.data).toMatchObject({
    resultType: 'streams',
    encodingFlags: ['categorize-labels'],
    result: [
      {
        stream: { service: 'payments' },
        values: [[expect.stringMatching(/^\d{19}$/), 'card 1 declined', { parsed: { status: '502' } }]],
      },
    ],
    stats: { summary: { totalEntriesReturned: 1 } },
  })
  const volume = await get(
    'query_range',
    {
      ...time,
      query: 'sum by (level, detected_level) (count_over_time({service="payments"} | json | drop __error__[1h]))',
      step: '3600000ms',
      direction: 'backward',
    },
    { 'X-Query-Tags': 'Source=logvolhist' },
  )
  expect(volume.data).toMatchObject({
    resultType: 'matrix',
    result: [{ metric: { detected_level: 'error', level: 'error' } }],
  })
})

test('the drilldown: volumes, detected labels and fields, patterns', async () => {
  const time = { start: hourAgoNs(), end: nowNs() }
  const query = '{service_name="payments"}'
  expect(
    (await get('index/volume', { ...time, query: '{service_name=~".+"}', targetLabels: 'service_name' })).data,
  ).toMatchObject({
    result: [{ metric: { service_name: 'payments' } }],
  })
  expect(await get('detected_labels', time)).toMatchObject({
    detectedLabels: expect.arrayContaining([{ label: 'service_name', cardinality: 1 }]),
  })
  expect(await get('detected_fields', { ...time, query })).toMatchObject({
    fields: expect.arrayContaining([{ label: 'status', type: 'int', cardinality: 1, parsers: null }]),
  })
  expect(await get('detected_field/status/values', { ...time, query })).toMatchObject({ values: ['502'] })
  expect((await get('patterns', { ...time, query })).data).toEqual([
    { pattern: expect.stringContaining('declined'), level: 'error', samples: expect.any(Array) },
  ])
})

test('a form, and what is wrong in words that clients show', async () => {
  const form = (query: string): Promise<Response> =>
    fetch(`${server.url}/loki/api/v1/query_range`, {
      method: 'POST',
      body: new URLSearchParams({ query, since: '1h' }),
    })
  expect((await form('{service="payments"}')).status).toBe(200)
  const wrong = await form('{service="payments"')
  expect(wrong.status).toBe(400)
  expect(wrong.headers.get('content-type')).toContain('text/plain')
  expect(await wrong.text()).toMatch(/^parse error at line 1, col 20: syntax error/)
})

test("rules of Loki's ruler, rules on searches, and log-based metrics", async () => {
  await eventually(
    async () => {
      const { alerts } = await getData<{
        alerts: { labels: Record<string, string>; annotations: Record<string, string>; state: string }[]
      }>(server, '/api/v1/alerts')
      const told = alerts
        .filter(({ state }) => state === 'firing')
        .map(({ labels, annotations }) => `${labels.alertname} ${annotations.summary}`)
      expect(told.sort()).toEqual([
        'BackupIsQuiet BackupIsQuiet: 0 lines in 5m',
        'ErrorsOfPayments payments: 3',
        'PaymentsFail 3 declined at payments',
      ])
      const { result } = await getData<{ result: { metric: object; value: [number, string] }[] }>(
        server,
        '/api/v1/query',
        { query: 'service:log_lines:count10m' },
      )
      expect(result).toMatchObject([{ metric: { service: 'payments' }, value: [expect.any(Number), '3'] }])
    },
    { timeoutMs: 180_000 },
  )
})

test('tail: what is there, then what comes', async () => {
  const query = new URLSearchParams({ query: '{service="shop"} |= "sold"', limit: '10' })
  await post('/api/tidewatch/v1/logs', [{ message: 'sold 1', service: 'shop' }])
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/loki/api/v1/tail?${query}`)
  const seen: string[] = []
  const came = Promise.withResolvers<void>()
  const began = Promise.withResolvers<void>()
  socket.addEventListener('error', () => came.reject(new Error('the tail failed')))
  socket.addEventListener('message', ({ data }) => {
    const { streams } = JSON.parse(String(data)) as {
      streams: { stream: Record<string, string>; values: [string, string][] }[]
    }
    for (const { values } of streams) seen.push(...values.map(([, line]) => line))
    began.resolve()
    if (seen.length >= 2) came.resolve()
  })
  await began.promise
  await post('/api/tidewatch/v1/logs', [
    { message: 'bought', service: 'shop' },
    { message: 'sold 2', service: 'shop' },
    { message: 'sold', service: 'other' },
  ])
  await came.promise
  expect(seen).toEqual(['sold 1', 'sold 2'])
  socket.close()
})

test('a tail is refused before it is one', async () => {
  const refused = (query: string, headers: Record<string, string> = {}): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const upgrade = {
        ...{ connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' },
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      }
      const asked = request(`${server.url}/loki/api/v1/tail?${new URLSearchParams({ query })}`, {
        headers: { ...upgrade, ...headers },
      })
      asked.on('response', (response) => {
        response.resume()
        resolve(response.statusCode)
      })
      asked.on('upgrade', (_response, socket) => {
        socket.destroy()
        reject(new Error('it opened'))
      })
      asked.on('error', reject)
    })
  expect(await refused('{a=')).toBe(400)
  expect(await refused('rate({a="b"}[1m])')).toBe(400)
  expect(await refused('{a="b"}', { origin: 'https://evil.example' })).toBe(403)
  expect(await refused('{a="b"}', { host: 'evil.example' })).toBeGreaterThanOrEqual(400)
  // what another protocol is offered for is answered as it is
  expect(await refused('{a="b"}', { upgrade: 'h2c' })).toBe(404)
})
