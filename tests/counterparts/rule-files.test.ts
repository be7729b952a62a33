// Rule files of our own form in the running product: found beside the configuration, compiled, evaluated, told to the channels that a rule names; SQL
// checks on a real Postgres; alerts of applications and pings of heartbeats by HTTP; a reload that is refused.
import { startPostgres, type TestPostgres } from '@tidewatch/testkit/postgres.ts'
import { eventually, getData, type RunningServer, startServer } from '@tidewatch/testkit/server.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runTidewatch, type StandIn, startStandIn, type TempDir, tempDir } from './programs.ts'

const stack = new AsyncDisposableStack()
let postgres: TestPostgres
let database: string
let server: RunningServer
let hook: StandIn
let dir: TempDir

const rules = `interval: 1s
rules:
  - name: contract_low_balance
    condition: contract.balance < 10
    severity: critical
    message: Contract balance is down to {{ $value }}
    actions: [hook]
  - name: slow_query
    condition: query_time > 5000
    severity: medium
    message: Slow query
    actions: [log]
  - name: negative_balance
    sql: { connection: '\${DB}', query: select count(*) from farmers where balance < 0, every: 1s, timeout: 900ms }
    severity: critical
    message: '{{ $value }} farmers below 0'
    actions: [hook]
  - name: BackupMissed
    heartbeat: { ping: backup, every: 1h }
    severity: low
    actions: [log]
`

beforeAll(async () => {
  postgres = stack.use(await startPostgres())
  database = postgres.freshDatabase()
  postgres.execute(database, 'create table farmers (id int, balance int)')
  postgres.execute(database, 'insert into farmers values (1, -5), (2, -1), (3, 7)')
  hook = stack.use(await startStandIn(() => ({ status: 200 })))
  dir = stack.use(tempDir())
  dir.write('prometheus.yml', 'global: { evaluation_interval: 1s }\n')
  dir.write('config/alert-rules.yml', rules)
  dir.write(
    'tidewatch.yml',
    `values: { contract.balance: min by (contract) (wagob_contract_balance_ton) }
alerts: { flapping: off }
channels: [{ name: hook, kind: webhook, url: '${hook.url}/hook' }]
`,
  )
  const env = { DB: database, ALERT_MEMORY_USAGE_WARNING: '80', ALERT_MEMORY_USAGE_CRITICAL: '90' }
  server = stack.use(await startServer({ args: ['--config', `${dir.path}/prometheus.yml`], env }))
})
afterAll(() => stack.disposeAsync())

const api = (path: string, body?: unknown): Promise<Response> =>
  fetch(`${server.url}/api/tidewatch/v1/${path}`, {
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    headers: { 'content-type': 'application/json' },
  })

interface Payload {
  readonly alerts: readonly {
    readonly status: string
    readonly labels: Readonly<Record<string, string>>
    readonly annotations: Readonly<Record<string, string>>
  }[]
}

/** What the channel was told of alerts of a name. */
const toldOf = (name: string): Payload['alerts'] =>
  hook.received
    .flatMap(({ body }) => (JSON.parse(body) as Payload).alerts)
    .filter(({ labels }) => labels.alertname === name)

test('a condition fires on pushed values and tells the channel that it names', async () => {
  const push = (value: number) =>
    api('push', { name: 'wagob_contract_balance_ton', value, labels: { contract: 'escrow' } })
  await eventually(async () => {
    expect((await push(7)).status).toBe(200)
    expect(toldOf('contract_low_balance')[0]).toMatchObject({
      labels: { contract: 'escrow', severity: 'critical' },
      annotations: { summary: 'Contract balance is down to 7', condition: 'contract.balance < 10' },
    })
  })
  await eventually(async () => {
    await push(70)
    expect(toldOf('contract_low_balance').at(-1)?.status).toBe('resolved')
  })
})

test('a check on Postgres is recorded, compared and told with its count', async () => {
  await eventually(async () => {
    expect(toldOf('negative_balance')[0]).toMatchObject({
      labels: { check: 'negative_balance' },
      annotations: { summary: '2 farmers below 0', count: '2', threshold: '0', type: 'negative_balance' },
    })
  })
})

test('alerts of a rule with the action log fire and are shown, and nobody is told', async () => {
  await api('push', { name: 'query_time', value: 9000 })
  await eventually(async () => {
    const { alerts } = await getData<{
      readonly alerts: readonly { readonly labels: object; readonly state: string }[]
    }>(server, '/api/v1/alerts')
    expect(alerts).toContainEqual(
      expect.objectContaining({ labels: { alertname: 'slow_query', severity: 'medium' }, state: 'firing' }),
    )
  })
  expect(toldOf('slow_query')).toEqual([])
})

test('rules show as Prometheus shows them, and with kind and written form', async () => {
  const { groups } = await getData<{
    readonly groups: readonly { readonly name: string; readonly rules: readonly object[] }[]
  }>(server, '/api/v1/rules')
  expect(groups.find(({ name }) => name === 'alert-rules')?.rules[0]).toMatchObject({
    type: 'alerting',
    query: 'min by (contract) (wagob_contract_balance_ton) < 10',
    health: 'ok',
  })
  const own = (await (await api('rules')).json()) as { rules: readonly { readonly name: string }[] }
  expect(own.rules.find(({ name }) => name === 'contract_low_balance')).toMatchObject({
    kind: 'condition',
    written: { condition: 'contract.balance < 10', actions: ['hook'] },
    channels: ['hook'],
  })
  expect(own.rules.filter(({ name }) => name === 'memory_usage')).toMatchObject([
    { labels: { severity: 'critical' }, file: 'environment' },
    { labels: { severity: 'warning' }, file: 'environment' },
  ])
})

test('an application raises an alert by one call and ends it by another', async () => {
  const alert = { name: 'payout_failed', key: 'batch-7', severity: 'critical', message: 'No funds', data: { batch: 7 } }
  const raised = (await (await api('alerts', { ...alert, actions: ['hook'] })).json()) as object
  expect(raised).toMatchObject({ status: 'firing', isNew: true })
  await eventually(async () =>
    expect(toldOf('payout_failed')).toMatchObject([
      { status: 'firing', annotations: { summary: 'No funds', data: '{"batch":7}' }, labels: { key: 'batch-7' } },
    ]),
  )
  expect(await (await api('alerts', { ...alert, actions: ['hook'] })).json()).toMatchObject({ isNew: false })
  expect(
    await (await api('alerts', { name: 'payout_failed', key: 'batch-7', status: 'resolved' })).json(),
  ).toMatchObject({
    status: 'resolved',
    isNew: true,
  })
  await eventually(async () => expect(toldOf('payout_failed').at(-1)?.status).toBe('resolved'))
  expect(toldOf('payout_failed')).toHaveLength(2)
  const refused = await api('alerts', { name: 'x', severity: 'terrible' })
  expect(refused.status).toBe(400)
  expect(await refused.text()).toContain('is no severity')
})

test('a heartbeat is missed until it is pinged', async () => {
  const state = async (): Promise<string | undefined> => {
    const { rules: all } = (await (await api('rules')).json()) as {
      rules: readonly { readonly name: string; readonly state: string }[]
    }
    return all.find(({ name }) => name === 'BackupMissed')?.state
  }
  await eventually(async () => expect(await state()).toBe('firing'))
  expect((await api('heartbeats/backup')).status).toBe(200)
  await eventually(async () => expect(await state()).toBe('inactive'))
})

test('a file that is wrong is refused with place and way out, by reload, by check rules and before it is saved', async () => {
  const wrong = rules.replace('contract.balance < 10', 'contract.balance =< 10')
  const said = 'character 18: a single = is no comparison. Write == for "is equal to".'
  dir.write('config/alert-rules.yml', wrong)
  const reload = await fetch(`${server.url}/-/reload`, { method: 'POST' })
  expect(reload.status).toBe(400)
  expect(await reload.text()).toContain(`alert-rules.yml:4:33 rules[0].condition: "contract.balance =< 10": ${said}`)
  const checked = await runTidewatch(['check', 'rules', `${dir.path}/config/alert-rules.yml`])
  expect(checked).toMatchObject({ code: 1 })
  expect(checked.err).toContain(said)
  const answer = (await (await api('rules/check', { text: wrong })).json()) as { problems: readonly object[] }
  expect(answer.problems).toMatchObject([{ line: 4, column: 33 }])
  dir.write('config/alert-rules.yml', rules)
  expect((await fetch(`${server.url}/-/reload`, { method: 'POST' })).status).toBe(200)
  const fine = await runTidewatch([
    ...['check', 'rules', '--values', `${dir.path}/tidewatch.yml`, `${dir.path}/config/alert-rules.yml`],
  ])
  expect(fine).toMatchObject({ code: 0 })
})
