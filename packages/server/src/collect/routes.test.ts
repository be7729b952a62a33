import { describe, expect, it } from 'vitest'
import type { Answer, RequestContext } from '../http/port.ts'
import { relabelRulesSchema } from './config.ts'
import type { ActiveTarget, ScrapeTargets } from './port.ts'
import { createTargetRoutes } from './routes.ts'

function target(job: string, more: Partial<ActiveTarget> = {}): ActiveTarget {
  return {
    discoveredLabels: { __address__: 't:1' },
    labels: { job, instance: 't:1' },
    scrapePool: job,
    scrapeUrl: 'http://t:1/metrics',
    lastError: '',
    lastScrapeMs: Date.UTC(2026, 0, 1),
    lastScrapeDurationMs: 12.5,
    health: 'up',
    intervalMs: 15_000,
    timeoutMs: 10_000,
    metadata: () => [
      { family: 'up', type: 'gauge', help: 'Up.', unit: '' },
      { family: 'x_total', type: 'counter', help: 'X.', unit: '' },
    ],
    ...more,
  }
}

const targets: ScrapeTargets = {
  active: () => [target('b'), target('a', { health: 'unknown', lastScrapeMs: undefined })],
  dropped: () => [{ discoveredLabels: { __address__: 'gone' }, scrapePool: 'b' }],
  droppedCounts: () => ({ a: 0, b: 1 }),
  pools: () => ['b', 'a'],
  relabelRules: (pool) =>
    pool === 'b'
      ? relabelRulesSchema.parse([
          { source_labels: ['__address__'], regex: '(.*):.*', target_label: 'host' },
          { source_labels: ['host'], regex: 'gone', action: 'drop' },
          { regex: 'host', action: 'labeldrop' },
        ])
      : undefined,
}

function get(path: string, query: Record<string, string | string[]> = {}): unknown {
  const route = createTargetRoutes(targets).find((found) => found.path === path)
  if (route === undefined) throw new Error(`no route ${path}`)
  const context = { query: route.query?.parse(query) ?? query } as RequestContext
  return ((route.handle(context) as Answer).body as { data: unknown }).data
}

describe('/api/v1/targets', () => {
  it('answers in the shape of Prometheus', () => {
    expect(get('/api/v1/targets', { scrapePool: 'b' })).toEqual({
      activeTargets: [
        {
          discoveredLabels: { __address__: 't:1' },
          labels: { job: 'b', instance: 't:1' },
          scrapePool: 'b',
          scrapeUrl: 'http://t:1/metrics',
          globalUrl: 'http://t:1/metrics',
          lastError: '',
          lastScrape: '2026-01-01T00:00:00.000Z',
          lastScrapeDuration: 0.0125,
          health: 'up',
          scrapeInterval: '15s',
          scrapeTimeout: '10s',
        },
      ],
      droppedTargets: [{ discoveredLabels: { __address__: 'gone' }, scrapePool: 'b' }],
      droppedTargetCounts: { a: 0, b: 1 },
    })
  })

  it('shows active ones, dropped ones or both', () => {
    expect(get('/api/v1/targets', { state: 'active' })).toMatchObject({ activeTargets: [{}, {}], droppedTargets: [] })
    expect(get('/api/v1/targets', { state: 'dropped' })).toMatchObject({ activeTargets: [], droppedTargets: [{}] })
    expect(get('/api/v1/targets', { state: ['active'], scrapePool: 'a' })).toMatchObject({
      activeTargets: [{ lastScrape: '0001-01-01T00:00:00Z' }],
    })
  })
})

it('lists metadata by target, metric and limit', () => {
  const path = '/api/v1/targets/metadata'
  expect(get(path)).toHaveLength(4)
  expect(get(path, { limit: '3' })).toHaveLength(3)
  expect(get(path, { metric: 'x_total', match_target: '{job=~"a|z"}' })).toEqual([
    { target: { job: 'a', instance: 't:1' }, type: 'counter', help: 'X.', unit: '' },
  ])
  expect(get(path, { match_target: '{job!="a",instance="t:1"}', limit: '1' })).toMatchObject([
    { metric: 'up', target: { job: 'b' } },
  ])
  expect(() => get(path, { match_target: 'sum(x)' })).toThrow(/invalid parameter "match_target": "sum\(x\)" is not/)
  expect(() => get(path, { limit: 'x' })).toThrow('invalid parameter "limit"')
})

it('lists pools', () => {
  expect(get('/api/v1/scrape_pools')).toEqual({ scrapePools: ['a', 'b'] })
})

describe('/api/v1/targets/relabel_steps', () => {
  const steps = (labels: Record<string, string>) =>
    get('/api/v1/targets/relabel_steps', { scrapePool: 'b', labels: JSON.stringify(labels) }) as {
      readonly steps: readonly { readonly rule: unknown; readonly output: unknown; readonly keep: boolean }[]
    }

  it('shows what each rule leaves', () => {
    const { steps: kept } = steps({ __address__: 't:1', job: 'b' })
    expect(kept[0]).toEqual({
      rule: {
        source_labels: ['__address__'],
        separator: ';',
        regex: '(.*):.*',
        target_label: 'host',
        replacement: '$1',
        action: 'replace',
      },
      output: { __address__: 't:1', host: 't', job: 'b' },
      keep: true,
    })
    expect(kept.map(({ output }) => output)[2]).toEqual({ __address__: 't:1', job: 'b' })
    expect(steps({ __address__: 'gone:1' }).steps.map(({ output, keep }) => ({ output, keep }))).toEqual([
      { output: { __address__: 'gone:1', host: 'gone' }, keep: true },
      { output: {}, keep: false },
      { output: {}, keep: false },
    ])
  })

  it.each<[Record<string, string>, RegExp]>([
    [{ labels: '{}' }, /no scrapePool parameter/],
    [{ scrapePool: 'b' }, /no labels parameter/],
    [{ scrapePool: 'z', labels: '{}' }, /"z" not found/],
    [{ scrapePool: 'b', labels: '{' }, /error parsing labels/],
    [{ scrapePool: 'b', labels: '[1]' }, /error parsing labels/],
  ])('refuses %j', (query, message) => {
    expect(() => get('/api/v1/targets/relabel_steps', query)).toThrow(message)
  })
})
