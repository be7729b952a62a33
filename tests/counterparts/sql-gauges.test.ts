// Gauges from a real Postgres on a schedule: values, labels, what is refused, and that nothing can be written.
import { startPostgres, type TestPostgres } from '@tidewatch/testkit/postgres.ts'
import { eventually, getData, type RunningServer, startServer } from '@tidewatch/testkit/server.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TempDir, tempDir } from './programs.ts'

const stack = new AsyncDisposableStack()
let postgres: TestPostgres
let url: string
let server: RunningServer
let dir: TempDir

interface Sample {
  readonly metric: Readonly<Record<string, string>>
  readonly value: readonly [number, string]
}

const gauge = (name: string, query: string, more: string): string =>
  `  - { name: ${name}, connection: "\${DB}", interval: 1s, timeout: 900ms, query: "${query}", ${more} }\n`

const configuration = (): string =>
  `sql:
  - name: wagob_jobs
    help: Jobs by category.
    connection: \${DB}
    query: |
      select category, count(*) as open, sum(price) as price  -- all of them
      from jobs group by category;
    labels: [category]
    values: [open, price]
    interval: 1s
    timeout: 900ms
${gauge('jobs_in_database', 'select count(*) as v from jobs', 'value: v')}${gauge('writes', 'insert into jobs values (9) returning 1 as v', 'value: v')}${gauge('two', 'select 1 as v; drop table jobs', 'value: v')}${gauge('sneaky', "select 1 as v from (select set_config('transaction_read_only', 'off', false)) s", 'value: v')}${gauge('slow', 'select pg_sleep(60)::text as s, 1 as v', 'value: v')}${gauge('many', 'select i as v, i as k from generate_series(1, 50) i', 'value: v, labels: [k], max_rows: 10')}${gauge('twice', 'select 1 as v from generate_series(1, 2)', 'value: v')}${gauge('words', "select 'x' as v", 'value: v')}${gauge('absent', 'select 1 as m', 'value: v')}`

beforeAll(async () => {
  postgres = stack.use(await startPostgres())
  url = postgres.freshDatabase()
  postgres.execute(url, 'create table jobs (id int primary key, category text, price numeric)')
  postgres.execute(url, "insert into jobs values (1, 'dev', 1.5), (2, 'dev', 2), (3, 'art', null)")
  dir = stack.use(tempDir())
  dir.write('config/prometheus.yml', 'global: {}\n')
  dir.write('config/tidewatch.yml', configuration())
  server = stack.use(await startServer({ args: ['--config', `${dir.path}/config`], env: { DB: url } }))
})
afterAll(() => stack.disposeAsync())

async function ask(query: string): Promise<Record<string, string>> {
  const { result } = await getData<{ readonly result: readonly Sample[] }>(server, '/api/v1/query', { query })
  return Object.fromEntries(
    result.map(({ metric: { __name__: name = '', ...labels }, value }) => [
      `${name}${JSON.stringify(labels)}`,
      value[1],
    ]),
  )
}

interface Target {
  readonly labels: Readonly<Record<string, string>>
  readonly scrapeUrl: string
  readonly health: string
  readonly lastError: string
}

async function errorOf(instance: string): Promise<string> {
  const { activeTargets } = await getData<{ readonly activeTargets: readonly Target[] }>(server, '/api/v1/targets')
  const target = activeTargets.find(({ labels }) => labels.instance === instance)
  expect(target?.scrapeUrl).toMatch(/^postgres:\/\/localhost\/test_\d+$/)
  expect(target?.health).toBe('down')
  return target?.lastError ?? ''
}

test('columns become labels and values; a null is none', async () => {
  await eventually(async () =>
    expect(await ask('{__name__=~"wagob_jobs.*"}')).toEqual({
      'wagob_jobs_open{"category":"art","instance":"wagob_jobs","job":"sql"}': '1',
      'wagob_jobs_open{"category":"dev","instance":"wagob_jobs","job":"sql"}': '2',
      'wagob_jobs_price{"category":"dev","instance":"wagob_jobs","job":"sql"}': '3.5',
    }),
  )
  expect(await ask('up{job="sql", instance="wagob_jobs"}')).toEqual({ 'up{"instance":"wagob_jobs","job":"sql"}': '1' })
  expect(Number(Object.values(await ask('scrape_duration_seconds{instance="wagob_jobs"}'))[0])).toBeGreaterThan(0)
  const metadata = await getData(server, '/api/v1/metadata', { metric: 'wagob_jobs_open' })
  expect(metadata).toEqual({ wagob_jobs_open: [{ type: 'gauge', help: 'Jobs by category.', unit: '' }] })
})

test('what changes is seen, what goes ends', async () => {
  postgres.execute(url, "delete from jobs where category = 'art'")
  postgres.execute(url, "insert into jobs values (4, 'dev', 1)")
  await eventually(async () =>
    expect(await ask('wagob_jobs_open')).toEqual({
      'wagob_jobs_open{"category":"dev","instance":"wagob_jobs","job":"sql"}': '3',
    }),
  )
})

test('a gauge is checked against the database by a query', async () => {
  const push = await fetch(`${server.url}/api/tidewatch/v1/push`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'jobs_in_cache', value: 2 }),
  })
  expect(push.status).toBe(200)
  await eventually(async () => expect(await ask('jobs_in_cache - on() jobs_in_database != 0')).toEqual({ '{}': '-1' }))
})

test.each([
  ['writes', /syntax error/],
  ['two', /cannot insert multiple commands|syntax error/],
  ['sneaky', /transaction read-write mode/],
  ['slow', /took longer than 900 ms/],
  ['many', /more than 10 rows/],
  ['twice', /two rows have the same labels/],
  ['words', /has "x", no number/],
  ['absent', /gives no column "v"/],
])('%s is refused, and says so among the targets', async (instance, reason) => {
  await eventually(async () => expect(await errorOf(instance)).toMatch(reason))
  expect(await ask(`up{job="sql", instance="${instance}"}`)).toEqual({
    [`up{"instance":"${instance}","job":"sql"}`]: '0',
  })
  expect(postgres.execute(url, 'select count(*) from jobs')).toBe('3')
})

test('the connection is told nowhere', async () => {
  const metrics = await (await fetch(`${server.url}/metrics`)).text()
  expect(metrics).toContain('tidewatch_sql_queries_total{query="wagob_jobs",outcome="ok"}')
  expect(server.output()).not.toContain(encodeURIComponent(new URL(url).searchParams.get('host') ?? '?'))
})
