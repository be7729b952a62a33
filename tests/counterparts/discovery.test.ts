// The same discoveries by a Prometheus and by us: the same targets, labels before and after, and the same dropped ones.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { eventually, getData, type RunningServer, startServer } from '@tidewatch/testkit/server.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Program, startPrometheus, type TempDir, tempDir } from './programs.ts'

const stack = new AsyncDisposableStack()
let dir: TempDir
let server: RunningServer
let counterpart: Program
let discovery: Server
/** What the HTTP discovery answers; undefined: 500. */
let answer: unknown
/** Wants a token of the other half of it. */
let tokens = 0

interface Targets {
  readonly activeTargets: readonly {
    readonly discoveredLabels: Readonly<Record<string, string>>
    readonly labels: Readonly<Record<string, string>>
    readonly scrapePool: string
    readonly scrapeUrl: string
  }[]
  readonly droppedTargets: readonly { readonly discoveredLabels: Readonly<Record<string, string>> }[]
}

const first = [
  { targets: ['127.0.0.1:1', '127.0.0.1:2'], labels: { __meta_zone: 'a', team: 'x' } },
  { targets: ['127.0.0.1:3'], labels: { __meta_zone: 'b', __scheme__: 'https', __metrics_path__: '/other' } },
]

const configOf = (sd: string): string => `
global: { scrape_interval: 1s, scrape_timeout: 500ms }
scrape_configs:
  - job_name: by-http
    http_sd_configs:
      - url: ${sd}/targets
        refresh_interval: 1s
        oauth2: { client_id: me, client_secret: hush, token_url: '${sd}/token', scopes: [read] }
    relabel_configs:
      - { source_labels: [__meta_zone], regex: b, action: drop }
      - { source_labels: [__meta_zone], target_label: zone }
      - { source_labels: [__meta_url], regex: '.*/(.*)', target_label: from }
  - job_name: by-file
    params: { module: [m] }
    file_sd_configs: [{ files: ['targets/*.yml', 'targets/more.json'], refresh_interval: 1s }]
    relabel_configs:
      - { regex: '__meta_(.*)', action: labelmap }
      - { source_labels: [filepath], regex: '.*/(.*)', target_label: filepath }
      - { source_labels: [__address__], regex: '.*:9', action: drop }
`

beforeAll(async () => {
  dir = stack.use(tempDir())
  answer = first
  discovery = createServer((request, response) => {
    if (request.url === '/token') {
      tokens++
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ access_token: 'let-me-in', token_type: 'Bearer', expires_in: 3600 }))
    } else if (request.headers.authorization !== 'Bearer let-me-in' || answer === undefined)
      response.writeHead(500).end()
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  })
  await new Promise<void>((resolve) => discovery.listen(0, '127.0.0.1', resolve))
  const sd = `http://127.0.0.1:${(discovery.address() as AddressInfo).port}`
  for (const place of ['', 'counterpart/']) {
    dir.write(
      `${place}targets/a.yml`,
      '- targets: ["127.0.0.1:5", "127.0.0.1:9"]\n  labels: { version: 1.10, __meta_rack: r1 }\n',
    )
    dir.write(`${place}targets/more.json`, '[{"targets": ["127.0.0.1:6"], "labels": {"job": "own"}}]')
  }
  counterpart = stack.use(await startPrometheus(configOf(sd), { dir }))
  server = stack.use(await startServer({ args: ['--config', dir.write('prometheus.yml', configOf(sd))] }))
})
afterAll(async () => {
  await stack.disposeAsync()
  discovery.closeAllConnections()
  await new Promise((resolve) => discovery.close(resolve))
})

/** Without what differs by the place of the files. */
async function targetsOf(at: Pick<Program, 'url'>) {
  const { activeTargets, droppedTargets } = await getData<Targets>(at, '/api/v1/targets', { state: 'any' })
  const plain = (labels: Readonly<Record<string, string>>): string =>
    JSON.stringify(Object.entries(labels).sort()).replaceAll(`${dir.path}/counterpart`, dir.path)
  return {
    active: activeTargets
      .map((one) => [one.scrapePool, one.scrapeUrl, plain(one.labels), plain(one.discoveredLabels)].join(' '))
      .sort(),
    dropped: droppedTargets.map((one) => plain(one.discoveredLabels)).sort(),
  }
}

async function agree(active: number, dropped: number): Promise<void> {
  await eventually(
    async () => {
      const ours = await targetsOf(server)
      expect([ours.active.length, ours.dropped.length]).toEqual([active, dropped])
      expect(ours).toEqual(await targetsOf(counterpart))
    },
    { timeoutMs: 180_000, everyMs: 300 },
  )
}

test('finds what Prometheus finds, and goes with its changes', async () => {
  await agree(4, 2)
  answer = [{ targets: ['127.0.0.1:4'], labels: { __meta_zone: 'c' } }]
  await agree(3, 1)
})

test('keeps what was found while the discovery fails', async () => {
  answer = undefined
  const text = async () => await (await fetch(`${server.url}/metrics`)).text()
  await eventually(async () =>
    expect(await text()).toMatch(/tidewatch_sd_refresh_failures_total\{mechanism="http",scrape_job="by-http"\} [1-9]/),
  )
  await agree(3, 1)
})

test('asks for a token once', () => {
  // one for each of the two
  expect(tokens).toBe(2)
})

test('shows what each rule made of a dropped target', async () => {
  const { droppedTargets } = await getData<Targets>(server, '/api/v1/targets', { state: 'dropped' })
  const [dropped] = droppedTargets
  const { steps } = await getData<{ readonly steps: readonly { readonly keep: boolean; readonly output: object }[] }>(
    server,
    '/api/v1/targets/relabel_steps',
    { scrapePool: 'by-file', labels: JSON.stringify(dropped?.discoveredLabels) },
  )
  expect(steps.map(({ keep }) => keep)).toEqual([true, true, false])
  expect(steps[2]?.output).toEqual({})
})
