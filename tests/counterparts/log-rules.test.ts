// Rules on logs, live over lines: the backtest says afterwards what fired, the preview draws the same, and an alert leads to its lines and to the deploy
// before it.
import { alertPast, alertWhy } from '@tidewatch/api/alert-why.ts'
import { backtest } from '@tidewatch/api/backtest.ts'
import { queryData } from '@tidewatch/api/prometheus.ts'
import { eventually, getData, type RunningServer, startServer } from '@tidewatch/testkit/server.ts'
import { expect, test } from 'vitest'
import { startStandIn, tempDir } from './programs.ts'

const stepMs = 2000
const rulesYml = `
interval: 2s
rules:
  - name: Always
    expr: vector(1)
    actions: [log]
  - name: PaymentsFail
    logs: { query: 'level:error AND service:pay', more_than: 2 }
    window: 6s
    by: [shop]
    severity: critical
  - name: Refused
    logs: { query: 'service:pay and message:refused', language: kql, more_than: 0 }
    window: 4s
    for: 2s
  - name: Slow
    logs: { query: 'avg_over_time({service="pay"} | json | unwrap took_ms [4s]) by (shop)', language: logql, more_than: 100 }
  - name: Quiet
    logs: { query: 'service:pay', less_than: 1 }
    window: 4s
`
const alertmanagerYml = (url: string): string => `
route: { receiver: hook, group_by: [alertname, shop], group_wait: 0s, group_interval: 1s }
receivers:
  - name: hook
    webhook_configs: [{ url: '${url}' }]
`

/** Long enough behind the last line for what fires without any. */
const roundMs = 30_000

interface Line {
  readonly atMs: number
  readonly level: 'info' | 'error'
  readonly shop: string
  readonly message: string
  readonly took_ms: number
}

/** What is said; from the eighteenth second on nothing is. */
function linesOf(startMs: number): Line[] {
  const lines: Line[] = []
  for (let second = 0; second < 18; second++) {
    const atMs = startMs + second * 1000
    const isBad = second >= 4 && second < 11
    lines.push({
      atMs,
      level: isBad ? 'error' : 'info',
      shop: 'a',
      message: 'card declined',
      took_ms: isBad ? 400 : 20,
    })
    lines.push({ atMs: atMs + 1, level: 'info', shop: 'b', message: second % 9 > 6 ? 'refused' : 'sold', took_ms: 10 })
  }
  return lines
}

interface Told {
  readonly alerts: readonly {
    readonly labels: Record<string, string>
    readonly generatorURL: string
    readonly fingerprint: string
  }[]
}

async function firingOf(server: RunningServer) {
  const { result } = await getData<{
    readonly result: readonly {
      readonly metric: Record<string, string>
      readonly values: readonly [number, string][]
    }[]
  }>(server, '/api/v1/query', { query: 'ALERTS{alertstate="firing"}[10m]' })
  return result.flatMap(({ metric, values }) =>
    values.map(([seconds]) => ({
      rule: metric.alertname ?? '',
      what: `${metric.alertname} ${metric.shop ?? ''}`,
      atMs: Math.round(seconds * 1000),
    })),
  )
}

test('rules on logs fire as their backtest says', { timeout: 240_000 }, async () => {
  await using stack = new AsyncDisposableStack()
  const dir = stack.use(tempDir())
  const hook = stack.use(await startStandIn(() => ({ status: 200 })))
  dir.write('config/rules/pay.yml', rulesYml)
  dir.write('config/tidewatch.yml', 'rules: [rules/*.yml]\n')
  dir.write('config/alertmanager.yml', alertmanagerYml(hook.url))
  const server = stack.use(await startServer({ args: ['--config', `${dir.path}/config`] }))
  const post = (path: string, body: string): Promise<Response> =>
    fetch(`${server.url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  const startMs = Math.ceil(Date.now() / stepMs) * stepMs + 4000
  const deployed = { service: 'pay', release: '7.1', at: startMs - 1000 }
  expect((await post('/api/tidewatch/v1/deploys', JSON.stringify(deployed))).status).toBe(201)
  // known before their time comes: nothing hangs on how fast lines arrive
  const lines = linesOf(startMs)
  const body = lines.map(({ atMs, ...line }) => ({ ...line, service: 'pay', timestamp: new Date(atMs).toISOString() }))
  expect((await post('/api/tidewatch/v1/logs', JSON.stringify(body))).status).toBe(200)
  const endMs = startMs + roundMs
  await eventually(() => Promise.resolve(expect(Date.now()).toBeGreaterThan(endMs + 3000)), { timeoutMs: 180_000 })

  const base = '/api/tidewatch/v1/alerts/backtests'
  const asked = await post(base, JSON.stringify({ startMs, endMs: endMs - 1 }))
  expect(asked.status).toBe(202)
  const { id } = backtest.parse(await asked.json())
  const report = await eventually(
    async () => {
      const run = backtest.parse(await (await fetch(`${server.url}${base}/${id}`)).json())
      expect(run.status, run.error).toBe('done')
      return run.report
    },
    { timeoutMs: 120_000 },
  )
  expect(report?.rules.map(({ failure }) => failure)).toEqual([undefined, undefined, undefined, undefined, undefined])
  const live = await firingOf(server)
  const tried = (report?.firstEpisodes ?? []).flatMap(({ rule, labels, firedAtMs, endedAtMs = endMs }) =>
    Array.from({ length: Math.round((endedAtMs - firedAtMs) / stepMs) }, (_, i) => ({
      what: `${rule} ${labels.shop ?? ''}`,
      atMs: firedAtMs + i * stepMs,
    })),
  )
  // nothing is known of what comes behind a backtest's end, so that its last steps are left out;
  // an evaluation that a busy machine missed says nothing, nor does the one behind it, which has nothing to count `for` from
  const evaluated = new Set(live.flatMap(({ rule, atMs }) => (rule === 'Always' ? [atMs] : [])))
  const isCompared = (atMs: number): boolean =>
    atMs >= startMs && atMs < endMs - 2 * stepMs && evaluated.has(atMs) && evaluated.has(atMs - stepMs)
  const compared = (cells: readonly { readonly what: string; readonly atMs: number }[]): string[] =>
    cells
      .filter(({ what, atMs }) => !what.startsWith('Always') && isCompared(atMs))
      .map(({ what, atMs }) => `${what} ${(atMs - startMs) / 1000}`)
      .sort()
  expect(compared(tried)).toEqual(compared(live))
  const rules = new Set(compared(live).map((cell) => cell.split(' ').slice(0, 2).join(' ')))
  expect([...rules].sort()).toEqual(['PaymentsFail a', 'Quiet ', 'Refused ', 'Slow a'])

  await previewed(server, { startMs, lines })
  await told(server, hook.received, { startMs, endMs })
})

/** What the page draws of a rule while it is written: counted here out of the lines themselves. */
async function previewed(
  server: RunningServer,
  { startMs, lines }: { readonly startMs: number; readonly lines: readonly Line[] },
): Promise<void> {
  const countAt = (atMs: number): number =>
    lines.filter((line) => line.level === 'error' && line.atMs > atMs - 6000 && line.atMs <= atMs).length
  const query = 'lucene("level:error AND service:pay"[6s]) by (shop)'
  const range = { query, start: String(startMs / 1000), end: String((startMs + roundMs) / 1000), step: '2' }
  const drawn = queryData.parse(await getData(server, '/api/v1/query_range', range))
  const expected = Array.from({ length: roundMs / stepMs + 1 }, (_, i) => startMs + i * stepMs)
    .map((atMs): [number, string] => [atMs / 1000, String(countAt(atMs))])
    .filter(([, count]) => count !== '0')
  expect(drawn).toMatchObject({ resultType: 'matrix', result: [{ metric: { shop: 'a' }, values: expected }] })
  const where = queryData.parse(await getData(server, '/api/v1/query_range', { ...range, query: `${query} > 2` }))
  expect(where).toMatchObject({ result: [{ values: expected.filter(([, count]) => Number(count) > 2) }] })
  const at = { query: 'logql(sum(count_over_time({service="pay"}[6s])))', time: String(startMs / 1000 + 10) }
  expect(queryData.parse(await getData(server, '/api/v1/query', at))).toMatchObject({
    ...{ resultType: 'vector', result: [{ metric: {}, value: [startMs / 1000 + 10, expect.any(String)] }] },
  })
  const wrong = await fetch(`${server.url}/api/v1/query?${new URLSearchParams({ query: 'lucene("a:(b"[5m])' })}`)
  expect(wrong.status).toBe(400)
}

/** From a message about an alert to its lines, to why it fired, and to what happened before. */
async function told(
  server: RunningServer,
  received: readonly { readonly body: string }[],
  { startMs, endMs }: { readonly startMs: number; readonly endMs: number },
): Promise<void> {
  const alerts = received.flatMap(({ body }) => (JSON.parse(body) as Told).alerts)
  const alert = alerts.find(({ labels }) => labels.alertname === 'PaymentsFail')
  const link = new URL(alert?.generatorURL ?? '')
  expect(`${link.origin}${link.pathname}`).toBe(`${server.url}/logs`)
  const { q = '', lang = '', from = '', to = '' } = Object.fromEntries(link.searchParams)
  expect([q, lang]).toEqual(['(level:error AND service:pay) AND shop:"a"', 'lucene'])
  const span = { fromMs: String(Date.parse(from)), toMs: String(Date.parse(to)) }
  const counted = await fetch(
    `${server.url}/api/tidewatch/v1/logs/histogram?${new URLSearchParams({ query: q, language: lang, ...span })}`,
  )
  expect(((await counted.json()) as { total: number }).total).toBeGreaterThan(2)
  const slow = new URL(alerts.find(({ labels }) => labels.alertname === 'Slow')?.generatorURL ?? '')
  expect(slow.searchParams.get('q')).toBe('{service="pay"} | json | shop="a"')
  const graph = await fetch(`${server.url}/graph?${new URLSearchParams({ 'g0.expr': 'kql("level:error"[5m]) > 2' })}`, {
    redirect: 'manual',
  })
  expect(graph.headers.get('location')).toBe('/logs?q=level%3Aerror&lang=kql')

  const ask = async (path: string): Promise<unknown> =>
    (await fetch(`${server.url}/api/tidewatch/v1/alerts/${path}`)).json()
  const why = alertWhy.parse(await ask(`why?rule=PaymentsFail&at=${startMs + 10_000}`))
  expect(why.condition).toMatchObject({
    query: 'lucene("level:error AND service:pay"[6s]) by (shop)',
    comparison: { operator: '>', threshold: '2' },
    series: [{ labels: { shop: 'a' }, threshold: '2', holds: true }],
  })
  expect(why.samples?.series.length).toBe(1)
  const past = alertPast.parse(await ask(`${alert?.fingerprint}/past`))
  // the last episode may be minutes behind the deploy; half an hour is looked back
  expect(endMs - startMs).toBeLessThan(1_800_000)
  expect(past.suspects.find(({ kind }) => kind === 'deploy')).toMatchObject({ title: 'deploy of pay', text: '7.1' })
}
