// A backtest says what really happened: rules run live on samples, a webhook hears of them, and the same stretch is tried afterwards.
import { eventually, getData, type RunningServer, startServer } from '@tidewatch/testkit/server.ts'
import { series, snappyBlock } from '@tidewatch/testkit/write-request.ts'
import { expect, test } from 'vitest'
import { runTidewatch, startStandIn, tempDir } from './programs.ts'

const rulesYml = `
groups:
  - name: shop
    interval: 1s
    rules:
      - record: shop:evaluated
        expr: vector(1)
      - alert: QueueLong
        expr: queue_length > 10
        for: 2s
        labels: { severity: critical }
      - alert: QueueLongKept
        expr: queue_length > 10
        keep_firing_for: 3s
        labels: { severity: warning }
`

const alertmanagerYml = (url: string): string => `
route:
  receiver: hook
  group_by: [alertname, shop]
  group_wait: 0s
  group_interval: 1s
receivers:
  - name: hook
    webhook_configs: [{ url: '${url}' }]
`

/** Seconds of one round in which the queue of each shop is long. The end of a round is quiet, so that rounds do not touch. */
const long: Readonly<Record<string, readonly (readonly [from: number, to: number])[]>> = {
  a: [
    [1, 5],
    [7, 8],
  ],
  b: [[2, 7]],
}
const roundSeconds = 13
/** A busy machine misses evaluations, which no backtest can know of: the first round that had all of its own ends the wait. */
const mostRounds = 12

interface Report {
  readonly firstEpisodes: readonly {
    readonly rule: string
    readonly labels: Readonly<Record<string, string>>
    readonly firedAtMs: number
    readonly endedAtMs?: number
  }[]
  readonly firstPages: readonly { readonly atMs: number }[]
}

interface Payload {
  readonly status: string
  readonly alerts: readonly [{ readonly startsAt: string }]
}

interface Cell {
  readonly metric: Readonly<Record<string, string>>
  readonly atMs: number
}

async function timesOf(server: Pick<RunningServer, 'url'>, selector: string): Promise<Cell[]> {
  const { result } = await getData<{
    readonly result: readonly { readonly metric: Cell['metric']; readonly values: readonly [number, string][] }[]
  }>(server, '/api/v1/query', { query: `${selector}[5m]` })
  return result.flatMap(({ metric, values }) =>
    values.map(([seconds]) => ({ metric, atMs: Math.round(seconds * 1000) })),
  )
}

test('what a backtest finds is what fired and what was told', async () => {
  await using stack = new AsyncDisposableStack()
  const dir = stack.use(tempDir())
  const hook = stack.use(await startStandIn(() => ({ status: 200 })))
  dir.write('config/rules/shop.yml', rulesYml)
  dir.write('config/prometheus.yml', 'rule_files: [rules/*.yml]\n')
  dir.write('config/alertmanager.yml', alertmanagerYml(hook.url))
  const server = stack.use(await startServer({ args: ['--config', `${dir.path}/config`] }))
  // known before the rules come to it: nothing hangs on how fast samples arrive
  const startMs = Math.ceil(Date.now() / 1000) * 1000 + 2000
  const body = Buffer.concat(
    Object.entries(long).map(([shop, spans]) =>
      series(
        { __name__: 'queue_length', shop },
        Array.from({ length: mostRounds * roundSeconds }, (_, i) => {
          const second = i % roundSeconds
          return [startMs + i * 1000, spans.some(([from, to]) => second >= from && second < to) ? 50 : 1]
        }),
      ),
    ),
  )
  const pushed = await fetch(`${server.url}/api/v1/write`, {
    ...{ method: 'POST', body: snappyBlock(body) },
    headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' },
  })
  expect(pushed.status).toBe(204)
  const roundOf = (atMs: number): number => Math.floor((atMs - startMs) / 1000 / roundSeconds)
  const wholeRounds = async (ended: number): Promise<number[]> => {
    const evaluated = await timesOf(server, 'shop:evaluated')
    return Array.from({ length: ended }, (_, round) => round).filter(
      (round) => evaluated.filter(({ atMs }) => roundOf(atMs) === round).length === roundSeconds,
    )
  }
  let whole: number[] = []
  for (let ended = 1; ended <= mostRounds && whole.length === 0; ended++) {
    const endMs = startMs + ended * roundSeconds * 1000
    await eventually(() => Promise.resolve(expect(Date.now()).toBeGreaterThan(endMs + 3000)))
    whole = await wholeRounds(ended)
  }
  expect(whole, 'rounds without a missed evaluation').not.toEqual([])

  const days = (Date.now() - startMs + 60_000) / 86_400_000
  const ran = await runTidewatch(['alerts', 'backtest', '--url', server.url, '--days', String(days), '--json'])
  expect(ran).toMatchObject({ code: 0 })
  const report = JSON.parse(ran.out) as Report
  const live = (await timesOf(server, 'ALERTS{alertstate="firing"}')).map(({ metric, atMs }) => ({
    what: `${metric.alertname} ${metric.shop}`,
    atMs,
  }))
  const tried = report.firstEpisodes.flatMap(({ rule, labels, firedAtMs, endedAtMs = Date.now() }) =>
    Array.from({ length: Math.round((endedAtMs - firedAtMs) / 1000) }, (_, i) => ({
      what: `${rule} ${labels.shop}`,
      atMs: firedAtMs + i * 1000,
    })),
  )
  const told = hook.received.map(({ body: text }) => JSON.parse(text) as Payload)
  const pagesTold = told.flatMap(({ status, alerts }) => (status === 'firing' ? [Date.parse(alerts[0].startsAt)] : []))
  for (const round of whole) {
    const inRound = (cells: typeof live): string[] =>
      cells.filter(({ atMs }) => roundOf(atMs) === round).map(({ what, atMs }) => `${what} ${atMs}`)
    expect(inRound(tried).sort()).toEqual(inRound(live).sort())
    expect(inRound(tried).length).toBeGreaterThan(10)
    const pages = report.firstPages.filter(({ atMs }) => roundOf(atMs) === round)
    expect(pages.length).toBe(pagesTold.filter((atMs) => roundOf(atMs) === round).length)
  }

  const over = await runTidewatch(['alerts', 'backtest', '--url', server.url, '--days', '1', '--max-pages', '1'])
  expect(over.code).toBe(1)
  expect(over.err).toContain('the budget is 1')
})
