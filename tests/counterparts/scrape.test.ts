// Our scraper on real targets by a prometheus.yml as teams write it; reloads while it runs.

import { freePort } from '@tidewatch/testkit/free-port.ts'
import { eventually, getData, type RunningServer, startServer } from '@tidewatch/testkit/server.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type Program,
  type Received,
  type StandIn,
  startNodeExporter,
  startPrometheus,
  startStandIn,
  type TempDir,
  tempDir,
} from './programs.ts'

const password = 'correct horse'
const credentials = `Basic ${Buffer.from(`scraper:${password}`).toString('base64')}`

/** An exporter that wants a password and knows what it was asked by. */
function answerScrape({ headers, url }: Received): { readonly status: number; readonly body: string } {
  if (headers.authorization !== credentials) return { status: 401, body: 'who are you?' }
  const module = url.searchParams.getAll('module').join('+')
  const lines = [
    '# HELP probe_things_total Things seen.',
    '# TYPE probe_things_total counter',
    `probe_things_total{job="theirs",instance="far"${module === '' ? '' : `,module="${module}"`}} 3`,
    `probe_path{path="${url.pathname}"} 1`,
    'probe_secret_info{token="abc"} 1',
  ]
  return { status: 200, body: `${lines.join('\n')}\n` }
}

interface Places {
  readonly node: string
  readonly prometheus: string
  readonly standIn: string
  readonly gone: string
}

const configOf = ({ node, prometheus, standIn, gone }: Places): string => `
global: { scrape_interval: 500ms, scrape_timeout: 500ms }
scrape_configs:
  - job_name: node
    static_configs:
      - targets: ['${node}', 'never.example.org:9100']
        labels: { team: infra, __meta_shelf: '12' }
    relabel_configs:
      - { source_labels: [__address__], regex: 'never\\..*', action: drop }
      - { source_labels: [__address__, __meta_shelf], regex: '(.*):(\\d+);(.*)', target_label: place, replacement: 'port-$2-shelf-$3' }
    metric_relabel_configs:
      - { source_labels: [__name__], regex: 'node_scrape_.*', action: drop }
      - { source_labels: [__name__], regex: 'node_load(\\d+)', target_label: minutes, replacement: '$1' }
      - { regex: domainname, action: labeldrop }
  - job_name: prometheus
    static_configs: [{ targets: ['${prometheus}'] }]
  - job_name: honoring
    honor_labels: true
    metrics_path: /probe
    params: { module: [http, dns] }
    basic_auth: { username: scraper, password: ${password} }
    static_configs: [{ targets: ['${standIn}'] }]
    metric_relabel_configs: [{ source_labels: [__name__], regex: probe_secret_info, action: drop }]
  - job_name: renaming
    basic_auth: { username: scraper, password: ${password} }
    static_configs: [{ targets: ['${standIn}'] }]
  - job_name: refused
    basic_auth: { username: scraper, password: wrong }
    static_configs: [{ targets: ['${standIn}'] }]
  - job_name: gone
    static_configs: [{ targets: ['${gone}'] }]
`

const stack = new AsyncDisposableStack()
let dir: TempDir
let server: RunningServer
let counterpart: Program
let standIn: StandIn
let places: Places

interface Sample {
  readonly metric: Readonly<Record<string, string>>
  readonly value: readonly [number, string]
}

async function ask(query: string): Promise<readonly Sample[]> {
  return (await getData<{ readonly result: readonly Sample[] }>(server, '/api/v1/query', { query })).result
}

async function numberOf(query: string): Promise<number> {
  const [sample, ...others] = await ask(query)
  if (sample === undefined || others.length > 0)
    throw new Error(`${query} gave ${others.length + (sample ? 1 : 0)} series`)
  return Number(sample.value[1])
}

beforeAll(async () => {
  dir = stack.use(tempDir())
  standIn = stack.use(await startStandIn(answerScrape))
  const exporter = stack.use(await startNodeExporter())
  const gone = `127.0.0.1:${await freePort()}`
  places = { node: exporter.address, prometheus: 'PROMETHEUS', standIn: standIn.address, gone }
  counterpart = stack.use(await startPrometheus(configOf(places), { dir }))
  places = { ...places, prometheus: counterpart.address }
  server = stack.use(await startServer({ args: ['--config', dir.write('prometheus.yml', configOf(places))] }))
  await eventually(async () =>
    expect(await numberOf('min(count_over_time(up{job!~"host|tidewatch"}[1m]))')).toBeGreaterThan(3),
  )
  // it waits five seconds before its first scrape
  await eventually(
    async () => {
      const query = { query: 'count(count_over_time(up[1m]) > 3)' }
      const { result } = await getData<{ readonly result: readonly Sample[] }>(counterpart, '/api/v1/query', query)
      expect(result[0]?.value[1]).toBe('6')
    },
    { timeoutMs: 180_000 },
  )
})
afterAll(() => stack.disposeAsync())

describe('scraped series', () => {
  test('up tells who answers', async () => {
    const up = (await ask('up{job!~"host|tidewatch"}')).map(({ metric, value }) => `${metric.job} ${value[1]}`).sort()
    expect(up).toEqual(['gone 0', 'honoring 1', 'node 1', 'prometheus 1', 'refused 0', 'renaming 1'])
  })

  test('are relabelled before and after the scrape', async () => {
    const port = places.node.split(':')[1]
    const [uname] = await ask('node_uname_info{job="node"}')
    expect(uname?.metric).toMatchObject({
      team: 'infra',
      place: `port-${port}-shelf-12`,
      job: 'node',
      instance: places.node,
    })
    expect(uname?.metric).not.toHaveProperty('domainname')
    expect(await ask('{job="node", __name__=~"node_scrape_.*"}')).toEqual([])
    const loads = (await ask('{job="node", __name__=~"node_load.*"}')).map(({ metric }) => metric.minutes).sort()
    expect(loads).toEqual(['1', '15', '5'])
  })

  test("honour the target's labels or set them apart, with parameters and a password", async () => {
    const found = (await ask('probe_things_total')).map(({ metric }) => metric)
    expect(found).toHaveLength(2)
    expect(found).toContainEqual({ __name__: 'probe_things_total', job: 'theirs', instance: 'far', module: 'http+dns' })
    expect(found).toContainEqual({
      __name__: 'probe_things_total',
      job: 'renaming',
      instance: standIn.address,
      exported_job: 'theirs',
      exported_instance: 'far',
    })
    expect((await ask('probe_path{job="honoring"}'))[0]?.metric.path).toBe('/probe')
    expect(await ask('probe_secret_info{job="honoring"}')).toEqual([])
  })

  test('come with what the scrape itself was', async () => {
    const honoring = 'job="honoring"'
    expect(await numberOf(`scrape_samples_scraped{${honoring}}`)).toBe(3)
    expect(await numberOf(`scrape_samples_post_metric_relabeling{${honoring}}`)).toBe(2)
    expect(await numberOf(`max_over_time(scrape_series_added{${honoring}}[5m])`)).toBe(2)
    expect(await numberOf(`scrape_duration_seconds{${honoring}}`)).toBeGreaterThan(0)
    const kept = await numberOf('count({job="node", __name__!~"up|scrape_.*"})')
    expect(await numberOf('scrape_samples_post_metric_relabeling{job="node"}')).toBe(kept)
    expect(await numberOf('scrape_samples_scraped{job="gone"}')).toBe(0)
  })

  test('are those the counterpart has of the same targets', async () => {
    const series = async (from: Pick<RunningServer, 'url'>): Promise<string[]> => {
      const match = { 'match[]': '{job=~"node|renaming|refused|gone|theirs"}' }
      const all = await getData<readonly Record<string, string>[]>(from, '/api/v1/series', match)
      return all.map((labels) => JSON.stringify(Object.entries(labels).sort().map(withPlainBound))).sort()
    }
    const ours = await series(server)
    expect(ours.length).toBeGreaterThan(200)
    expect(ours).toEqual(await series(counterpart))
  })

  test('have their metadata', async () => {
    const metadata = await getData<Record<string, object[]>>(server, '/api/v1/metadata', {
      metric: 'probe_things_total',
    })
    expect(metadata).toEqual({ probe_things_total: [{ type: 'counter', help: 'Things seen.', unit: '' }] })
  })
})

/** Version 2 keeps the bound 1 as it is written, 3 and we as 1.0. */
function withPlainBound([name, value]: readonly [string, string]): readonly [string, string] {
  return [name, name === 'le' || name === 'quantile' ? String(Number(value)) : value]
}

interface Targets {
  readonly activeTargets: readonly Readonly<
    Record<string, unknown> & { readonly scrapePool: string; readonly health: string }
  >[]
  readonly droppedTargets: readonly { readonly discoveredLabels: Readonly<Record<string, string>> }[]
}

const pools = ({ activeTargets }: Targets): string[] => activeTargets.map(({ scrapePool }) => scrapePool).sort()
const targetsOf = (from: Pick<RunningServer, 'url'>): Promise<Targets> => getData(from, '/api/v1/targets')

test('targets are told as the counterpart tells its own', async () => {
  const lasting = ({ activeTargets }: Targets) =>
    activeTargets
      .map(({ lastScrape: _at, lastScrapeDuration: _took, globalUrl: _host, lastError: _text, ...rest }) => rest)
      .sort((a, b) => (a.scrapePool < b.scrapePool ? -1 : 1))
  const [ours, theirs] = [await targetsOf(server), await targetsOf(counterpart)]
  expect(lasting(ours)).toEqual(lasting(theirs))
  expect(Object.keys(ours.activeTargets[0] ?? {}).sort()).toEqual(Object.keys(theirs.activeTargets[0] ?? {}).sort())
  expect(ours.droppedTargets.map(({ discoveredLabels }) => discoveredLabels)).toEqual(
    theirs.droppedTargets.map(({ discoveredLabels }) => discoveredLabels),
  )
  const errors = Object.fromEntries(ours.activeTargets.map(({ scrapePool, lastError }) => [scrapePool, lastError]))
  expect(errors).toMatchObject({
    node: '',
    refused: expect.stringContaining('401'),
    gone: expect.stringContaining('ECONNREFUSED'),
  })
  expect(JSON.stringify(ours)).not.toContain(password)
})

describe('a reload', () => {
  const without = (job: string): string =>
    configOf(places).replace(new RegExp(`  - job_name: ${job}\\n(?:    .*\\n)+`), '')
  const write = (text: string): string => dir.write('prometheus.yml', text)

  test('by POST takes a target away, and its series end', async () => {
    write(without('renaming'))
    const answer = await fetch(`${server.url}/-/reload`, { method: 'POST' })
    expect([answer.status, await answer.text()]).toEqual([200, ''])
    expect(pools(await targetsOf(server))).toEqual(['gone', 'honoring', 'node', 'prometheus', 'refused'])
    await eventually(async () => expect(await ask('{job="renaming"}')).toEqual([]))
    expect(await ask('last_over_time(up{job="renaming"}[5m])')).toHaveLength(1)
    // what is scraped on keeps its series without a gap or an end
    expect(await ask('up{job="node"}')).toHaveLength(1)
  })

  test('by SIGHUP brings it back', async () => {
    write(configOf(places))
    process.kill(server.pid, 'SIGHUP')
    await eventually(async () => expect(await numberOf('up{job="renaming"}')).toBe(1))
  })

  test('of a broken file changes nothing and says what is wrong', async () => {
    write(`${configOf(places)}  - job_name: more\n    scrape_intervall: 5s\n`)
    const before = await targetsOf(server)
    const answer = await fetch(`${server.url}/-/reload`, { method: 'POST' })
    const text = await answer.text()
    expect(answer.status).toBe(400)
    expect(text).toMatch(/prometheus\.yml:\d+:\d+/)
    expect(text).toContain('scrape_interval')
    expect(pools(await targetsOf(server))).toEqual(pools(before))
    const metric = 'tidewatch_config_last_reload_successful'
    const own = async (): Promise<string> => (await fetch(`${server.url}/metrics`)).text()
    expect(await own()).toContain(`${metric} 0\n`)

    const printed = server.output().length
    process.kill(server.pid, 'SIGHUP')
    await eventually(async () => expect(server.output().slice(printed)).toContain('the old one stays in force'))
    expect(await numberOf('up{job="node"}')).toBe(1)

    write(configOf(places))
    expect((await fetch(`${server.url}/-/reload`, { method: 'POST' })).status).toBe(200)
    expect(await own()).toContain(`${metric} 1\n`)
  })
})
