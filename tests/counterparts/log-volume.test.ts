// The volume of logs has a past: the ready pack tells, tried on two weeks, of the hour in which a service was not as ever, and of nothing else.
import { backtest } from '@tidewatch/api/backtest.ts'
import { eventually, startServer } from '@tidewatch/testkit/server.ts'
import { series, snappyBlock } from '@tidewatch/testkit/write-request.ts'
import { expect, test } from 'vitest'

const minuteMs = 60_000
const stepMs = 5 * minuteMs
const days = 16
/** In the last day: when errors came, how long, and when one service was silent. */
const endMs = Math.floor(Date.now() / stepMs) * stepMs
const spike = { fromMs: endMs - 10 * 60 * minuteMs, toMs: endMs - 10 * 60 * minuteMs + 30 * minuteMs }
const silence = { fromMs: endMs - 5 * 60 * minuteMs, toMs: endMs - 3 * 60 * minuteMs }
const isIn = (atMs: number, { fromMs, toMs }: typeof spike): boolean => atMs > fromMs && atMs <= toMs

/** A day has its hours: twice as much at noon as at midnight. */
const linesAt = (atMs: number): number =>
  Math.round(200 * (1.5 - 0.5 * Math.cos((atMs / 86_400_000) * 2 * Math.PI)) + ((atMs / stepMs) % 7) * 3)

function counter(perStep: (atMs: number) => number): [number, number][] {
  let value = 0
  return Array.from({ length: (days * 86_400_000) / stepMs + 1 }, (_, i): [number, number] => {
    const atMs = endMs - days * 86_400_000 + i * stepMs
    value += perStep(atMs)
    return [atMs, value]
  })
}

test('the pack of unusual volumes, tried on two weeks', { timeout: 240_000 }, async () => {
  await using server = await startServer({ args: ['--retention', 'off'] })
  const of = (service: string, level: string) => ({ __name__: 'tidewatch_log_lines_total', service, level })
  const body = Buffer.concat([
    series(
      of('shop', 'error'),
      counter((atMs) => (isIn(atMs, spike) ? 400 : (atMs / stepMs) % 3)),
    ),
    series(of('shop', 'info'), counter(linesAt)),
    series(
      of('mail', 'info'),
      counter((atMs) => (isIn(atMs, silence) ? 0 : linesAt(atMs))),
    ),
    // hardly ever anything, and now and then a line
    series(
      of('cron', 'error'),
      counter((atMs) => ((atMs / stepMs) % 100 === 0 ? 1 : 0)),
    ),
  ])
  const pushed = await fetch(`${server.url}/api/v1/write`, {
    ...{ method: 'POST', body: snappyBlock(body) },
    headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' },
  })
  expect(pushed.status).toBe(204)
  const begun = await fetch(`${server.url}/api/tidewatch/v1/rule-packs/log-volume/backtest`, {
    ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ days: 1 }) },
  })
  expect(begun.status).toBe(202)
  const { id } = backtest.parse(await begun.json())
  const report = await eventually(
    async () => {
      const answer = await fetch(`${server.url}/api/tidewatch/v1/alerts/backtests/${id}`)
      const run = backtest.parse(await answer.json())
      expect(run.status, run.error).toBe('done')
      return run.report
    },
    { timeoutMs: 200_000, everyMs: 500 },
  )
  expect(report?.rules.map(({ failure }) => failure)).toEqual([undefined, undefined])
  const episodes = report?.firstEpisodes ?? []
  expect(new Set(episodes.map(({ rule, labels }) => `${rule} ${labels.service}`))).toEqual(
    new Set(['ErrorLogsSpike shop', 'LogVolumeUnusual shop', 'LogVolumeUnusual mail']),
  )
  for (const { rule, labels, firedAtMs } of episodes) {
    const { fromMs, toMs } = labels.service === 'mail' ? silence : spike
    expect(firedAtMs, `${rule} ${labels.service}`).toBeGreaterThan(fromMs)
    expect(firedAtMs, `${rule} ${labels.service}`).toBeLessThanOrEqual(toMs + 30 * minuteMs)
  }
})
