import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { scrapeConfigSchema, type TargetGroup } from '../config.ts'
import { fakeLogger } from '../fakes.ts'
import { resolveScrapeJobs } from '../scrape/job.ts'
import type { Discovery, RefreshOutcome } from './discovery.ts'
import { wantedDiscoveries } from './open.ts'
import { namesToAsk, readSearchPath } from './search-path.ts'
import { readGroups } from './target-groups.ts'

const cleanUps: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

let clock: FakeClock
let directory: string
let outcomes: RefreshOutcome[]
let changes: number
beforeEach(() => {
  clock = new FakeClock()
  directory = mkdtempSync(join(tmpdir(), 'tidewatch-discovery-'))
  cleanUps.push(() => rmSync(directory, { recursive: true }))
  outcomes = []
  changes = 0
})

/** Resolves once so many looks have ended. */
async function looks(count: number): Promise<void> {
  while (outcomes.length < count) await new Promise((resolve) => setImmediate(resolve))
}

async function open(
  config: Record<string, unknown>,
): Promise<Discovery & { readonly logger: ReturnType<typeof fakeLogger> }> {
  const [job] = resolveScrapeJobs(
    { scrape_interval: 1000 },
    [scrapeConfigSchema.parse({ job_name: 'j', ...config })],
    directory,
  )
  if (job === undefined) throw new Error('no job')
  const [wanted] = wantedDiscoveries(job, { clock, env: {}, userAgent: 'Tidewatch/9' })
  if (wanted === undefined) throw new Error('no discovery')
  const logger = fakeLogger()
  const discovery = wanted.open({
    job: 'j',
    baseDir: directory,
    clock,
    logger,
    onChange: async () => void changes++,
    onRefresh: (outcome) => void outcomes.push(outcome),
  })
  cleanUps.push(() => discovery[Symbol.asyncDispose]())
  await discovery.start()
  return Object.assign(discovery, { logger })
}

const targets = (groups: readonly TargetGroup[]): string[] => groups.flatMap((group) => group.targets)

describe('file_sd_configs', () => {
  const write = (name: string, text: string): void => writeFileSync(join(directory, name), text)

  it('reads JSON and YAML by pattern, and again when they change or go', async () => {
    write('a.json', '[{"targets": ["a:1"], "labels": {"x": "1"}}]')
    write('b.yml', '- targets: [b:1, "b:2"]\n  labels: { version: 1.10, on: yes, none: }\n- targets:\n')
    write('c.txt', 'no')
    const found = await open({ file_sd_configs: [{ files: ['*.json', '*.yml'] }] })
    expect(found.groups).toEqual([
      { targets: ['a:1'], labels: { x: '1', __meta_filepath: join(directory, 'a.json') } },
      {
        targets: ['b:1', 'b:2'],
        // as it is written, as in Prometheus
        labels: { version: '1.10', on: 'yes', none: '', __meta_filepath: join(directory, 'b.yml') },
      },
      { targets: [], labels: { __meta_filepath: join(directory, 'b.yml') } },
    ])
    write('a.json', '[{"targets": ["a:1", "a:2", "a:3"]}]')
    rmSync(join(directory, 'b.yml'))
    await clock.advance(5000)
    await looks(2)
    expect(targets(found.groups)).toEqual(['a:1', 'a:2', 'a:3'])
    expect(changes).toBe(1)
  })

  it('keeps what a file said when it is broken, and says so once', async () => {
    write('a.json', '[{"targets": ["a:1"]}]')
    const found = await open({ file_sd_configs: [{ files: ['a.json'] }] })
    write('a.json', '[{"targets": ["a:1"], "lables": {}}]')
    await clock.advance(5000)
    await looks(3)
    await clock.advance(5000)
    await looks(5)
    expect(targets(found.groups)).toEqual(['a:1'])
    expect(found.logger.lines).toEqual(['a file with targets cannot be read; what it said before stays'])
    expect(outcomes.filter(({ ok }) => !ok).length).toBeGreaterThanOrEqual(2)
  })
})

describe('http_sd_configs', () => {
  let answer: { status: number; type: string; body: string }
  let asked: IncomingMessage['headers'][]
  let url: string
  beforeEach(async () => {
    asked = []
    answer = {
      status: 200,
      type: 'application/json; charset=utf-8',
      body: '[{"targets": ["h:1"], "labels": {"__meta_dc": "x"}}]',
    }
    const server = createServer((request, response) => {
      asked.push(request.headers)
      response.writeHead(answer.status, { 'content-type': answer.type }).end(answer.body)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    cleanUps.push(() => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    })
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/targets`
  })

  it('asks as Prometheus does, with the credentials of its own, and takes what changed', async () => {
    const sd = { url, refresh_interval: '30s', basic_auth: { username: 'u', password: 'p' } }
    const found = await open({ http_sd_configs: [sd] })
    await looks(1)
    expect(found.groups).toEqual([{ targets: ['h:1'], labels: { __meta_dc: 'x', __meta_url: url } }])
    expect(asked[0]).toMatchObject({
      accept: 'application/json',
      'user-agent': 'Tidewatch/9',
      'x-prometheus-refresh-interval-seconds': '30',
      authorization: `Basic ${btoa('u:p')}`,
    })
    await clock.advance(30_000)
    await looks(2)
    expect(changes).toBe(1)
    answer.body = '[]'
    await clock.advance(30_000)
    await looks(3)
    expect(found.groups).toEqual([])
    expect(changes).toBe(2)
  })

  it.each<[what: string, bad: Partial<typeof answer>]>([
    ['a status', { status: 500 }],
    ['a type', { type: 'text/plain' }],
    ['no JSON', { body: '[' }],
    ['no groups', { body: '{"targets": []}' }],
    ['a null', { body: '[null]' }],
    ['another key', { body: '[{"targets": [], "label": {}}]' }],
    ['a number', { body: '[{"targets": [{}]}]' }],
  ])('keeps its targets where the answer has %s', async (_what, bad) => {
    const found = await open({ http_sd_configs: [{ url }] })
    await looks(1)
    Object.assign(answer, bad)
    await clock.advance(60_000)
    await looks(2)
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, false])
    expect(targets(found.groups)).toEqual(['h:1'])
    expect(found.logger.lines).toEqual(['targets could not be looked for; the last ones stay'])
  })
})

describe('target groups', () => {
  it('may be empty, and name their first fault', () => {
    expect(readGroups(null, {})).toEqual([])
    expect(() => readGroups([{ targets: 'a:1' }], {})).toThrow(/target group 0: targets: /)
    expect(() => readGroups('x', {})).toThrow(/no list of target groups/)
  })
})

describe('the search path', () => {
  const path = readSearchPath('# a\nnameserver 10.0.0.1\nsearch a.test b.test.\noptions timeout:1 ndots:2\n')

  it('is tried as the resolver of the system does', () => {
    expect(namesToAsk('x', path)).toEqual(['x.a.test', 'x.b.test', 'x'])
    expect(namesToAsk('x.y.z', path)).toEqual(['x.y.z', 'x.y.z.a.test', 'x.y.z.b.test'])
    expect(namesToAsk('x.', path)).toEqual(['x'])
    expect(namesToAsk('x', readSearchPath(''))).toEqual(['x'])
  })
})
