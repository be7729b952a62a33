import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AppError } from '@tidewatch/core/error.ts'
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { afterEach, describe, expect, it } from 'vitest'
import { scrapeConfigSchema } from '../config.ts'
import { FakeAcceptor, FakeClient, fakeLogger } from '../fakes.ts'
import { resolveScrapeJobs, type ScrapeGlobals } from './job.ts'
import { createScraper } from './scraper.ts'

const cleanUps: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

const globals: ScrapeGlobals = { scrape_interval: 15_000 }

function jobs(...configs: Record<string, unknown>[]) {
  return resolveScrapeJobs(
    globals,
    configs.map((config) => scrapeConfigSchema.parse(config)),
    '/',
  )
}

/** A job `api` with one target `t:1`. */
function job(more: Record<string, unknown> = {}) {
  return { job_name: 'api', static_configs: [{ targets: ['t:1'] }], ...more }
}

async function scraping(...configs: Record<string, unknown>[]) {
  const acceptor = new FakeAcceptor()
  const client = new FakeClient()
  const clock = new FakeClock(Date.UTC(2026, 0, 1))
  const logger = fakeLogger()
  const scraper = createScraper({ acceptor, clock, logger, version: '1', offsetSeed: 's', openClient: () => client })
  cleanUps.push(async () => {
    await scraper[Symbol.asyncDispose]()
  })
  await scraper.apply(jobs(...configs))
  /** Lets the next scrape happen and answers what it wrote without reports, times left out. */
  const next = async (ms = 15_000) => {
    acceptor.batches.length = 0
    await clock.advance(ms)
    return acceptor.batches
      .flat()
      .filter((line) => !/^(?:up|scrape_)/.test(line))
      .map((line) => line.replace(/ @\d+/, ''))
  }
  const reports = () =>
    acceptor.batches
      .flat()
      .filter((line) => /^(?:up|scrape_)/.test(line))
      .map((line) => line.replace(/\{.*\} @\d+/, ''))
  return { acceptor, client, clock, logger, scraper, next, reports }
}

describe('a scrape', () => {
  it('writes samples with the target labels, and the report', async () => {
    const { acceptor, client, clock, scraper } = await scraping(job())
    client.answers['*'] = '# TYPE x counter\n# HELP x Some.\nx{a="1"} 5\nx{a="2"} 6 1000\n'
    await clock.advance(15_000)
    const atMs = scraper.active()[0].lastScrapeMs
    expect(acceptor.batches).toEqual([
      [
        `x{a="1", instance="t:1", job="api"} @${atMs} 5`,
        'x{a="2", instance="t:1", job="api"} @1000 6',
        `up{instance="t:1", job="api"} @${atMs} 1`,
        `scrape_duration_seconds{instance="t:1", job="api"} @${atMs} 0`,
        `scrape_samples_scraped{instance="t:1", job="api"} @${atMs} 2`,
        `scrape_samples_post_metric_relabeling{instance="t:1", job="api"} @${atMs} 2`,
        `scrape_series_added{instance="t:1", job="api"} @${atMs} 2`,
      ],
    ])
    expect(acceptor.metadata).toContainEqual({ project: 0, family: 'x', type: 'counter', help: 'Some.', unit: '' })
    expect(scraper.active()[0]).toMatchObject({
      health: 'up',
      lastError: '',
      scrapeUrl: 'http://t:1/metrics',
      scrapePool: 'api',
    })
    expect(scraper.active()[0].metadata()).toEqual([{ family: 'x', type: 'counter', help: 'Some.', unit: '' }])
  })

  it('comes once an interval, at the same place in it, spread over targets', async () => {
    const { client, clock, scraper } = await scraping(job({ static_configs: [{ targets: ['a', 'b', 'c', 'd'] }] }))
    await clock.advance(15_000)
    const first = scraper.active().map((target) => (target.lastScrapeMs ?? 0) % 15_000)
    await clock.advance(30_000)
    expect(client.asked).toHaveLength(12)
    expect(scraper.active().map((target) => (target.lastScrapeMs ?? 0) % 15_000)).toEqual(first)
    expect(new Set(first).size).toBe(4)
  })

  it('marks a series stale when it is gone, once', async () => {
    const { client, next, reports } = await scraping(
      job({ metric_relabel_configs: [{ regex: 'instance|job', action: 'labeldrop' }] }),
    )
    client.answers['*'] = 'a 1\nb 2\n'
    expect(await next()).toEqual(['a 1', 'b 2'])
    client.answers['*'] = 'b 3\n'
    expect(await next()).toEqual(['b 3', 'a stale'])
    expect(await next()).toEqual(['b 3'])
    client.answers['*'] = 'a 1\nb 3\n'
    expect(await next()).toEqual(['a 1', 'b 3'])
    expect(reports()).toContain('scrape_series_added 1')
  })

  it('marks all stale and reports up 0 when the target fails, is unreadable or over a limit', async () => {
    const { client, next, reports, scraper } = await scraping(
      job({ sample_limit: 3, metric_relabel_configs: [{ regex: 'instance|job', action: 'labeldrop' }] }),
    )
    const good = 'a 1\nb 2\n'
    const failures = [
      new AppError('collect.unreachable', 'no route'),
      'a 1\nb x\n',
      'a 1\nb 2\nc 3\nd 4\n',
      { body: '<p>', contentType: 'text/html' },
    ]
    const errors: string[] = []
    for (const failure of failures) {
      client.answers['*'] = good
      expect(await next()).toEqual(['a 1', 'b 2'])
      client.answers['*'] = failure
      expect(await next()).toEqual(['a stale', 'b stale'])
      expect(reports()).toContain('up 0')
      errors.push(scraper.active()[0].lastError)
      expect(await next()).toEqual([])
    }
    expect(errors.join('\n')).toMatchInlineSnapshot(`
      "no route
      line 2, column 3: expected a number as the value, found "x"
      4 samples after relabelling; sample_limit is 3
      the answer is "text/html", not metrics"
    `)
    expect(scraper.active()[0].health).toBe('down')
  })

  it('does not mark series with times of their own, unless told to', async () => {
    for (const track of [false, true]) {
      const { client, next } = await scraping(job({ track_timestamps_staleness: track }))
      client.answers['*'] = 'a 1 1000\n'
      await next()
      client.answers['*'] = ''
      expect(await next()).toEqual(track ? ['a{instance="t:1", job="api"} stale'] : [])
    }
  })

  it('takes its own time with honor_timestamps off', async () => {
    const { client, clock, acceptor, scraper } = await scraping(job({ honor_timestamps: false }))
    client.answers['*'] = 'a 1 1000\n'
    await clock.advance(15_000)
    expect(acceptor.batches[0][0]).toBe(`a{instance="t:1", job="api"} @${scraper.active()[0].lastScrapeMs} 1`)
  })

  it('renames labels that the target has too, or keeps them with honor_labels', async () => {
    const body = 'a{job="x",exported_job="y",instance=""} 1\n'
    for (const honor of [false, true]) {
      const { client, next } = await scraping(job({ honor_labels: honor }))
      client.answers['*'] = body
      expect(await next()).toEqual([
        honor
          ? 'a{exported_job="y", job="x"} 1'
          : 'a{exported_exported_job="x", exported_job="y", instance="t:1", job="api"} 1',
      ])
    }
  })

  it.each([
    ['label_limit', { label_limit: 1 }, 'a{b="1"} 1', '2 labels on "a"; label_limit is 1'],
    [
      'label_name_length_limit',
      { label_name_length_limit: 8 },
      'a{bcdefghij="1"} 1',
      'the label name "bcdefghij" on "a" has 9 bytes; label_name_length_limit is 8',
    ],
    [
      'label_value_length_limit',
      { label_value_length_limit: 3 },
      'a{b="1234"} 1',
      'the value of "b" on "a" has 4 bytes; label_value_length_limit is 3',
    ],
    [
      'target_limit',
      { target_limit: 1, static_configs: [{ targets: ['t:1', 't:2'] }] },
      'a 1',
      'the job has 2 targets; target_limit is 1',
    ],
  ])('keeps %s', async (_name, config, body, error) => {
    const { client, next, scraper } = await scraping(job(config))
    client.answers['*'] = `${body}\n`
    expect(await next()).toEqual([])
    expect(scraper.active()[0]).toMatchObject({ health: 'down', lastError: error })
  })

  it('ends after the timeout', async () => {
    const { client, clock, acceptor, scraper } = await scraping(job({ scrape_timeout: '5s' }))
    client.answers['*'] = 'hang'
    await clock.advance(20_000)
    expect(acceptor.batches[0][0]).toMatch(/^up\{.*\} @\d+ 0$/)
    expect(scraper.active()[0]).toMatchObject({
      lastError: 'no whole answer within the scrape timeout of 5s',
      lastScrapeDurationMs: 5000,
    })
  })

  it('asks for nothing while the spool is full, and marks what went in between', async () => {
    const { client, next, acceptor, scraper } = await scraping(job())
    client.answers['*'] = 'a 1\nb 1\n'
    await next()
    acceptor.full = true
    client.asked.length = 0
    await next()
    expect(client.asked).toEqual([])
    expect(scraper.active()[0]).toMatchObject({ health: 'up', lastError: 'not stored: the spool is full' })
    acceptor.full = false
    client.answers['*'] = 'b 1\n'
    expect(await next()).toEqual(['b{instance="t:1", job="api"} 1', 'a{instance="t:1", job="api"} stale'])
  })

  it('leaves out a series that is one too many, keeps the others and says so', async () => {
    const { client, next, acceptor, scraper } = await scraping(job())
    acceptor.refuseSeries = 'b{'
    client.answers['*'] = 'a 1\nb 1\n'
    expect(await next()).toEqual(['a{instance="t:1", job="api"} 1'])
    expect(scraper.active()[0]).toMatchObject({ health: 'up', lastError: 'series left out: there are too many series' })
  })

  it('keeps its memory bounded under churn and loses no marker', async () => {
    const { client, next } = await scraping(
      job({ metric_relabel_configs: [{ regex: 'instance|job', action: 'labeldrop' }] }),
    )
    for (let round = 0; round < 8; round++) {
      client.answers['*'] =
        `keep 1\n${Array.from({ length: 600 }, (_, i) => `# HELP h${i} ${round}\nx{r="${round}",i="${i}"} 1\n`).join('')}`
      const lines = await next()
      expect(lines).toHaveLength(601 + (round === 0 ? 0 : 600))
      expect(lines.filter((line) => line.endsWith('stale'))).toHaveLength(round === 0 ? 0 : 600)
    }
  })
})

describe('a new configuration', () => {
  it('keeps targets that stay, starts new ones and ends those that go', async () => {
    const { client, scraper, acceptor, clock, next } = await scraping(
      job({ static_configs: [{ targets: ['t:1', 't:2'] }] }),
    )
    client.answers['*'] = 'a 1\n'
    await next()
    acceptor.batches.length = 0
    await scraper.apply(jobs(job({ static_configs: [{ targets: ['t:2', 't:3'] }] })))
    expect(
      acceptor.batches
        .flat()
        .filter((line) => line.endsWith('stale'))
        .map((line) => line.replace(/\{.*/, ''))
        .sort(),
    ).toEqual([
      'a',
      'scrape_duration_seconds',
      'scrape_samples_post_metric_relabeling',
      'scrape_samples_scraped',
      'scrape_series_added',
      'up',
    ])
    expect(acceptor.batches.flat().every((line) => line.includes('instance="t:1"'))).toBe(true)
    expect(scraper.active().map(({ scrapeUrl, health }) => [scrapeUrl, health])).toEqual([
      ['http://t:2/metrics', 'up'],
      ['http://t:3/metrics', 'unknown'],
    ])
    await scraper.apply([])
    expect(client.closed).toBe(1)
    expect(clock.sleeping).toBe(0)
  })

  it('ends series under their old labels when relabelling changes', async () => {
    const { client, scraper, next } = await scraping(job())
    client.answers['*'] = 'a{x="1"} 1\nb 2\n'
    await next()
    await scraper.apply(jobs(job({ metric_relabel_configs: [{ regex: 'x', action: 'labeldrop' }] })))
    expect(await next()).toEqual([
      'a{instance="t:1", job="api"} 1',
      'b{instance="t:1", job="api"} 2',
      'a{instance="t:1", job="api", x="1"} stale',
    ])
  })

  it('takes a new interval at once', async () => {
    const { client, scraper, clock } = await scraping(job({ scrape_interval: '1h' }))
    await scraper.apply(jobs(job({ scrape_interval: '1s' })))
    await clock.advance(3000)
    expect(client.asked.length).toBeGreaterThanOrEqual(3)
  })

  it('goes on when the clock jumps', async () => {
    const { client, clock } = await scraping(job())
    await clock.advance(15_000)
    clock.jump(-3_600_000)
    await clock.advance(45_000)
    expect(client.asked.length).toBeGreaterThanOrEqual(3)
    clock.jump(86_400_000)
    await clock.advance(45_000)
    expect(client.asked.length).toBeGreaterThanOrEqual(6)
  })
})

describe('targets', () => {
  it('come from relabelling, with addresses, paths and parameters', async () => {
    const { client, clock, scraper } = await scraping(
      job({
        params: { module: ['http_2xx'], token: ['t'] },
        static_configs: [{ targets: ['https.example', 'drop.me'], labels: { team: 'a' } }],
        relabel_configs: [
          { source_labels: ['__address__'], regex: 'drop.*', action: 'drop' },
          { source_labels: ['__address__'], target_label: '__param_target' },
          { source_labels: ['__param_target'], target_label: 'instance' },
          { target_label: '__address__', replacement: 'prober:9115' },
          { target_label: '__metrics_path__', replacement: '/probe' },
          { source_labels: ['team'], target_label: '__scrape_interval__', replacement: '5s' },
          { source_labels: ['team'], target_label: '__scrape_timeout__', replacement: '5s' },
        ],
      }),
    )
    await clock.advance(5000)
    expect(client.asked).toEqual(['http://prober:9115/probe?module=http_2xx&token=t&target=https.example'])
    expect(scraper.active()).toMatchObject([
      {
        labels: { instance: 'https.example', job: 'api', team: 'a' },
        discoveredLabels: { __address__: 'https.example', __metrics_path__: '/metrics', team: 'a' },
        scrapeUrl: 'http://prober:9115/probe?module=http_2xx&token=%5Bsecret%5D&target=https.example',
        intervalMs: 5000,
      },
    ])
    expect(scraper.dropped()).toMatchObject([{ discoveredLabels: { __address__: 'drop.me' }, scrapePool: 'api' }])
    expect(scraper.droppedCounts()).toEqual({ api: 1 })
  })

  it('that cannot be are told and keep the others from nothing', async () => {
    const { logger, scraper } = await scraping(
      job({
        static_configs: [{ targets: ['a b', 't:1'] }],
        relabel_configs: [
          { source_labels: ['__address__'], regex: 'x', target_label: '__scheme__', replacement: 'ftp' },
        ],
      }),
    )
    expect(scraper.active()).toHaveLength(1)
    expect(logger.lines).toEqual(['a target cannot be scraped'])
  })

  it('come from files, and follow them', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'tidewatch-sd-'))
    cleanUps.push(() => rmSync(directory, { recursive: true }))
    writeFileSync(join(directory, 'a.json'), '[{"targets": ["a:1"], "labels": {"x": "1"}}]')
    const { clock, scraper, logger } = await scraping(
      job({ static_configs: [], file_sd_configs: [{ files: [join(directory, '*.json'), join(directory, 'b.yml')] }] }),
    )
    const addresses = () => scraper.active().map((target) => target.labels.instance)
    expect(addresses()).toEqual(['a:1'])
    expect(scraper.active()[0].discoveredLabels).toMatchObject({ __meta_filepath: join(directory, 'a.json'), x: '1' })
    writeFileSync(join(directory, 'b.yml'), '- targets: [b:1, b:2]\n')
    await settled(clock, () => addresses().length === 3)
    writeFileSync(join(directory, 'b.yml'), '- target: [b:1]\n')
    await settled(clock, () => logger.lines.length > 0)
    expect(addresses()).toEqual(['a:1', 'b:1', 'b:2'])
    rmSync(join(directory, 'b.yml'))
    await settled(clock, () => addresses().length === 1)
  })
})

/** Advances the clock until file reads, which are real, have had their effect. */
async function settled(clock: FakeClock, done: () => boolean): Promise<void> {
  const advanced = async () => {
    await clock.advance(5000)
    return done()
  }
  await expect.poll(advanced, { interval: 1 }).toBe(true)
}
