// A backtest over the demo's own marketplace says what fired while it ran: its shop, its customers, its bad minutes and its rules, twelve times as fast.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventually, getData, type RunningServer, repositoryRoot, startServer } from '@tidewatch/testkit/server.ts'
import { expect, test } from 'vitest'
import { createIncidents } from '../../demo/src/incidents.ts'
import { startLoad } from '../../demo/src/load.ts'
import { startMarketplace } from '../../demo/src/marketplace.ts'
import { runTidewatch, tempDir } from './programs.ts'

const speed = 12
/** In which payments fail for 15 s and answers are slow for 10 s, each from and to quiet. */
const cycleMs = 60_000
/**
 * A busy machine misses evaluations, or evaluates before the newest samples have come in, which no backtest can know of: the two have to agree in
 * one whole cycle. What is wrong in itself never does.
 */
const mostCycles = 8

const demoFile = (name: string): string => readFileSync(join(repositoryRoot, 'demo', 'config', name), 'utf8')

/** Rates, waits and intervals shorter, as the incidents are. */
const faster = (text: string): string =>
  text.replaceAll('[1m]', '[10s]').replaceAll('for: 30s', 'for: 3s').replaceAll('interval: 5s', 'interval: 1s')

interface Cell {
  readonly what: string
  readonly atMs: number
}

async function cellsOf(server: Pick<RunningServer, 'url'>, selector: string): Promise<Cell[]> {
  const { result } = await getData<{
    readonly result: readonly {
      readonly metric: Record<string, string>
      readonly values: readonly [number, string][]
    }[]
  }>(server, '/api/v1/query', { query: `${selector}[10m]` })
  return result.flatMap(({ metric, values }) =>
    values.map(([seconds]) => ({ what: metric.alertname ?? '', atMs: Math.round(seconds * 1000) })),
  )
}

test('what a backtest finds in the demo is what fired in it', { timeout: 900_000 }, async () => {
  await using stack = new AsyncDisposableStack()
  const dir = stack.use(tempDir())
  let firstMs = Number.POSITIVE_INFINITY
  const incidents = createIncidents(0, () => Math.max(0, Date.now() - firstMs) * speed)
  const marketplace = stack.use(await startMarketplace(0, incidents))
  stack.use(startLoad(marketplace.url, 60))
  const place = new URL(marketplace.url).host
  for (const name of ['prometheus.yml', 'rules.yml', 'tidewatch.yml'])
    dir.write(`config/${name}`, faster(demoFile(name)).replaceAll('127.0.0.1:4910', place))
  const server = stack.use(await startServer({ args: ['--config', `${dir.path}/config`] }))
  const inCycle = (cells: readonly Cell[], fromMs: number): string[] =>
    cells
      .filter(({ atMs }) => atMs >= fromMs && atMs < fromMs + cycleMs)
      .map(({ what, atMs }) => `${what} ${atMs}`)
      .toSorted()
  // the first scrapes are behind it
  firstMs = Math.ceil(Date.now() / 1000) * 1000 + 2000
  for (let cycle = 0; ; cycle++) {
    const fromMs = firstMs + cycle * cycleMs
    const isOver = (): Promise<void> => Promise.resolve(expect(Date.now()).toBeGreaterThan(fromMs + cycleMs + 2000))
    await eventually(isOver, { timeoutMs: 3 * cycleMs })
    const isLast = cycle === mostCycles - 1
    const evaluated = inCycle(await cellsOf(server, 'job:market_http_requests:rate1m'), fromMs)
    if (isLast) expect(evaluated.length, 'evaluations of the last cycle').toBeGreaterThanOrEqual(cycleMs / 1000)
    if (evaluated.length < cycleMs / 1000) continue
    const days = (Date.now() - firstMs + 60_000) / 86_400_000
    const tried = inCycle(await backtested(server, days), fromMs)
    const live = inCycle(await cellsOf(server, 'ALERTS{alertstate="firing"}'), fromMs)
    for (const name of ['OrdersFailing', 'SlowAnswers']) expect(live.join()).toContain(name)
    if (!isLast && tried.join() !== live.join()) continue
    expect(tried).toEqual(live)
    return
  }
})

/** Each evaluation at which one fires by the backtest of so many days. */
async function backtested(server: RunningServer, days: number): Promise<Cell[]> {
  const ran = await runTidewatch(['alerts', 'backtest', '--url', server.url, '--days', String(days), '--json'])
  expect(ran).toMatchObject({ code: 0 })
  const { firstEpisodes } = JSON.parse(ran.out) as {
    readonly firstEpisodes: readonly {
      readonly rule: string
      readonly firedAtMs: number
      readonly endedAtMs?: number
    }[]
  }
  return firstEpisodes.flatMap(({ rule, firedAtMs, endedAtMs = Date.now() }) =>
    Array.from({ length: Math.round((endedAtMs - firedAtMs) / 1000) }, (_, i) => ({
      what: rule,
      atMs: firedAtMs + i * 1000,
    })),
  )
}
