import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { scrapeConfigSchema } from './config.ts'
import { resolveScrapeJobs } from './scrape/job.ts'

const globals = { scrape_interval: 60_000, scrape_timeout: 30_000, sample_limit: 7, body_size_limit: '2MB' }

describe('scrape_configs', () => {
  it('take what teams write', () => {
    const config = scrapeConfigSchema.parse({
      job_name: 'api',
      scrape_interval: '15s',
      metrics_path: '/api/metrics',
      scheme: 'https',
      params: { module: ['a', 1] },
      authorization: { type: 'Bearer', credentials: 'topsecret' },
      tls_config: { insecure_skip_verify: true },
      static_configs: [{ targets: ['api:4000'], labels: { replica: 1 } }, { targets: null }],
      metric_relabel_configs: [{ source_labels: ['__name__'], regex: 'go_.*', action: 'Drop' }],
      relabel_configs: null,
    })
    const [job] = resolveScrapeJobs(globals, [config], '/etc')
    expect(job).toMatchObject({
      name: 'api',
      intervalMs: 15_000,
      timeoutMs: 15_000,
      scheme: 'https',
      params: { module: ['a', '1'] },
      limits: { samples: 7, bodyBytes: 2 << 20 },
      groups: [
        { targets: ['api:4000'], labels: { replica: '1' } },
        { targets: [], labels: {} },
      ],
    })
    expect(JSON.stringify(job)).not.toContain('topsecret')
  })

  it('can be drawn as JSON schema', () => {
    expect(() => z.toJSONSchema(scrapeConfigSchema, { io: 'input', unrepresentable: 'any' })).not.toThrow()
  })
})
