// Why a rule that fires is not heard of, or is heard of by nobody: asked of the product as it runs, by HTTP and by the command.

import { alertHistory, alertSummary } from '@tidewatch/api/alert-history.ts'
import { type AlertDetail, type AlertWhy, alertDetail, alertWhy } from '@tidewatch/api/alert-why.ts'
import { eventually, type RunningServer, startServer } from '@tidewatch/testkit/server.ts'
import { expect, test } from 'vitest'
import { runTidewatch, startStandIn, tempDir } from './programs.ts'

const rulesYml = `
groups:
  - name: shop
    interval: 1s
    rules:
      - { alert: Silenced, expr: vector(7) > 5, labels: { severity: critical } }
      - { alert: Undelivered, expr: vector(7) > 5, labels: { severity: warning, team: ops } }
      - { alert: Quiet, expr: vector(3) > 5 and vector(1), for: 1h }
      - { alert: Waiting, expr: vector(6) > 5, for: 1h }
      - { alert: Nothing, expr: there_is_no_such_metric > 5 }
`

const alertmanagerYml = (url: string): string => `
route: { receiver: hook, group_wait: 2s, group_interval: 1s, group_by: [alertname] }
receivers: [{ name: hook, webhook_configs: [{ url: '${url}' }] }]
`

const patience = { timeoutMs: 180_000 }

async function get(server: RunningServer, path: string): Promise<unknown> {
  const response = await fetch(`${server.url}/api/tidewatch/v1/alerts${path}`)
  const answer: unknown = await response.json()
  expect(response.status, JSON.stringify(answer)).toBe(200)
  return answer
}

const why = async (server: RunningServer, query: string): Promise<AlertWhy> =>
  alertWhy.parse(await get(server, `/why?${query}`))

async function untilVerdict(server: RunningServer, rule: string, verdict: string): Promise<AlertWhy> {
  return await eventually(async () => {
    const answer = await why(server, `rule=${rule}`)
    if (answer.verdict !== verdict) throw new Error(`${rule} is ${answer.verdict}: ${answer.text}`)
    return answer
  }, patience)
}

async function silence(server: RunningServer): Promise<void> {
  const body = {
    matchers: [{ name: 'alertname', value: 'Silenced', isRegex: false }],
    startsAt: new Date().toISOString(),
    endsAt: new Date(Date.now() + 3_600_000).toISOString(),
    createdBy: 'ann',
    comment: 'known, being mended',
  }
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(`${server.url}/api/v2/silences`, { method: 'POST', body: JSON.stringify(body), headers })
  expect(answer.status, await answer.text()).toBe(200)
}

test('tells why nobody heard: a silence, a receiver that answers 500, a condition that does not hold', {
  timeout: 240_000,
}, async () => {
  await using stack = new AsyncDisposableStack()
  const dir = stack.use(tempDir())
  const hook = stack.use(await startStandIn(() => ({ status: 500, body: 'the pager is on fire' })))
  dir.write('config/prometheus.yml', 'rule_files: [shop.yml]\n')
  dir.write('config/alertmanager.yml', alertmanagerYml(hook.url))
  // rules come once the silence is there
  dir.write('config/shop.yml', 'groups: []\n')
  const server = stack.use(await startServer({ args: ['--config', `${dir.path}/config`, '--retention', 'off'] }))
  await silence(server)
  dir.write('config/shop.yml', rulesYml)
  expect((await fetch(`${server.url}/-/reload`, { method: 'POST' })).status).toBe(200)

  const silenced = await untilVerdict(server, 'Silenced', 'silenced')
  expect(silenced.condition).toMatchObject({
    query: 'vector(7)',
    comparison: { operator: '>', threshold: '5' },
    series: [{ value: '7', threshold: '5', holds: true }],
  })
  const [alert] = silenced.alerts
  expect(alert?.timeline.map(({ stage }) => stage)).toEqual(['firing', 'received', 'routed', 'silenced'])
  const detail: AlertDetail = alertDetail.parse(await get(server, `/${alert?.fingerprint}`))
  expect(detail).toMatchObject({
    ...{ name: 'Silenced', state: 'firing', severity: 'critical', value: '7' },
    rule: { name: 'Silenced', group: 'shop' },
    holding: [{ stage: 'silenced', text: 'Silenced by ann: known, being mended' }],
    groups: [{ receiver: 'hook', integrations: ['hook/webhook[0]'] }],
  })
  expect(detail.samples?.series[0]?.values.at(-1)).toBe(7)

  const undelivered = await untilVerdict(server, 'Undelivered', 'undelivered')
  expect(undelivered.text).toContain('500')
  expect(undelivered.alerts[0]?.timeline.find(({ stage }) => stage === 'delivery')).toMatchObject({
    text: expect.stringContaining('the pager is on fire'),
    detail: { outcome: 'retry', integration: 'hook/webhook[0]' },
  })
  expect((await why(server, 'rule=Undelivered&label=team=dev')).alerts).toEqual([])

  expect(await why(server, 'rule=Quiet')).toMatchObject({
    verdict: 'not_true',
    text: 'The value was 3; the rule asks for > 5.',
  })
  expect(await untilVerdict(server, 'Waiting', 'pending')).toMatchObject({ alerts: [{ state: 'pending' }] })
  expect(await why(server, 'rule=Nothing')).toMatchObject({ verdict: 'no_data' })

  const said = await runTidewatch(['alerts', 'why', 'Silenced', '--url', server.url])
  expect(said, said.err).toMatchObject({ code: 0 })
  expect(said.out).toContain('being mended')
  const one = await runTidewatch(['alerts', 'why', detail.fingerprint, '--url', server.url])
  expect(one.out).toContain('goes to hook: hook/webhook[0]')
  const unknown = await fetch(`${server.url}/api/tidewatch/v1/alerts/why?rule=silenced`)
  expect(unknown.status).toBe(404)
  expect(await unknown.text()).toContain('Did you mean Silenced?')
  // the same is in the history, with who was told and how often that failed
  const { episodes } = alertHistory.parse(await get(server, '/history?rule=Undelivered&label=team=ops'))
  expect(episodes).toMatchObject([{ name: 'Undelivered', severity: 'medium', notifications: 1, receivers: ['hook'] }])
  expect(episodes[0]?.failures).toBeGreaterThan(0)
  const summary = alertSummary.parse(await get(server, '/history/summary'))
  expect(summary.rules.map(({ rule, notifications }) => [rule, notifications])).toContainEqual(['Silenced', 0])
  // an alert that was posted has no rule, and the same time line
  const posted = [{ labels: { alertname: 'Posted', severity: 'info' }, annotations: { summary: 'by hand' } }]
  const headers = { 'content-type': 'application/json' }
  await fetch(`${server.url}/api/v2/alerts`, { method: 'POST', headers, body: JSON.stringify(posted) })
  const [kept] = alertHistory.parse(await get(server, '/history?rule=Posted')).episodes
  const byHand = alertDetail.parse(await get(server, `/${kept?.fingerprint}`))
  expect(byHand).toMatchObject({ state: 'firing', severity: 'low', annotations: { summary: 'by hand' } })
  expect([byHand.rule, byHand.timeline[0]?.stage]).toEqual([undefined, 'received'])
  const never = await fetch(`${server.url}/api/tidewatch/v1/alerts/0123456789abcdef`)
  expect(never.status).toBe(404)
})

test('a pack is tried on the past, switched on without a restart, stays on over one, and is switched off', {
  timeout: 240_000,
}, async () => {
  await using stack = new AsyncDisposableStack()
  const dir = stack.use(tempDir())
  const dataDir = `${dir.path}/data`
  const args = ['--retention', 'off']
  const rulesOf = async (url: string): Promise<readonly string[]> => {
    const answer = (await (await fetch(`${url}/api/tidewatch/v1/rules`)).json()) as {
      readonly rules: readonly { readonly name: string }[]
    }
    return answer.rules.map(({ name }) => name)
  }
  {
    await using server = await startServer({ args, dataDir })
    const { url } = server
    const packs = (...words: string[]) => runTidewatch(['rules', 'packs', ...words, '--url', url])
    expect((await packs()).out).toMatch(/^oracle +off /m)
    const path = `${url}/api/tidewatch/v1/rule-packs/oracle`
    const headers = { 'content-type': 'application/json' }
    const tried = await fetch(`${path}/backtest`, { method: 'POST', headers, body: JSON.stringify({ days: 1 }) })
    expect(tried.status).toBe(202)
    const { id } = (await tried.json()) as { readonly id: string }
    await eventually(async () => {
      const job = await get(server, `/backtests/${id}`)
      expect(job).toMatchObject({ status: 'done', report: { rules: [{ rule: 'OraclePriceUpdateFailures' }] } })
    }, patience)
    const wrong = await fetch(path, {
      ...{ method: 'PUT', headers, body: JSON.stringify({ enabled: true, parameters: { errors: 'a b' } }) },
    })
    expect(wrong.status).toBe(400)
    expect(await rulesOf(url)).toEqual([])
    const on = await packs('enable', 'oracle', '--set', 'per_second=2')
    expect(on, on.err).toMatchObject({ code: 0 })
    expect(on.out).toContain('not here: oracle_errors_total')
    expect(await rulesOf(url)).toEqual(['OraclePriceUpdateFailures'])
  }
  await using server = await startServer({ args, dataDir })
  await eventually(async () => expect(await rulesOf(server.url)).toEqual(['OraclePriceUpdateFailures']), patience)
  expect((await why(server, 'rule=OraclePriceUpdateFailures')).rule.query).toContain('> 2')
  await runTidewatch(['rules', 'packs', 'disable', 'oracle', '--url', server.url])
  expect(await rulesOf(server.url)).toEqual([])
})
