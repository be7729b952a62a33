import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { scrapeConfigSchema } from './config.ts'
import { checkScrapeConfigs, resolveScrapeJobs } from './scrape/job.ts'

const globals = { scrape_interval: 60_000, scrape_timeout: 30_000, sample_limit: 7, body_size_limit: '2MB' }

function problems(config: Record<string, unknown>): string[] {
  const result = scrapeConfigSchema.safeParse({ job_name: 'j', ...config })
  return result.success ? [] : result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
}

describe('scrape_configs', () => {
  it('take what teams write', () => {
    const config = scrapeConfigSchema.parse({
      job_name: 'api',
      scrape_interval: '15s',
      metrics_path: '/api/metrics',
      scheme: 'HTTPS',
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

  it('name what is wrong and the way out', () => {
    const found = [
      { scrape_interval: 30 },
      { scrape_interval: '10s', scrape_timeout: '20s' },
      { scheme: 'ftp' },
      { static_configs: [{ targets: ['http://a:1/metrics'] }] },
      { static_configs: ['a:1'] },
      { relabel_configs: [{ regex: '(', action: 'keep' }] },
      { relabel_configs: [{ action: 'hashmod', source_labels: ['a'] }] },
      { relabel_configs: [{ action: 'labeldrop', source_labels: ['a'] }] },
      { relabel_configs: [{ action: 'remove' }] },
      { kubernetes_sd_configs: [{ role: 'pod' }] },
      { file_sd_configs: [{ files: ['a.txt'] }] },
      { basic_auth: { username: 'u', password: 'p', password_file: 'f' }, bearer_token: 't' },
      { authorization: { type: 'basic', credentials: 'x' } },
      { tls_config: { cert_file: 'a.pem' } },
      { body_size_limit: 'much' },
      { http_headers: { 'a b': { values: ['x'] } } },
      { metric_path: '/x' },
    ].flatMap(problems)
    expect(found.join('\n')).toMatchInlineSnapshot(`
      "scrape_interval: not a duration above zero. Write a unit: 30s
      scrape_timeout: longer than scrape_interval. Make it shorter
      scheme: Invalid option: expected one of "http"|"https"
      static_configs.0.targets.0: not host:port. Put the path into metrics_path and https into scheme
      static_configs.0: Invalid input: expected object, received string
      relabel_configs.0.regex: not an RE2 expression: error parsing regexp: missing closing ): \`^(?s:()$\`
      relabel_configs.0.target_label: missing; the action hashmod writes or compares it
      relabel_configs.0.modulus: missing; hashmod divides by it
      relabel_configs.0.action: labeldrop takes nothing but regex
      relabel_configs.0.action: Invalid option: expected one of "replace"|"keep"|"drop"|"keepequal"|"dropequal"|"hashmod"|"labelmap"|"labeldrop"|"labelkeep"|"lowercase"|"uppercase"
      kubernetes_sd_configs: Tidewatch does not have this. List the targets in static_configs, or let it be written into a file for file_sd_configs.
      file_sd_configs.0.files.0: not a file name. It ends in .json, .yml or .yaml; one * in the last part
      bearer_token: cannot stand beside basic_auth: a request has one Authorization header
      basic_auth: has password and password_file; one is right
      authorization.type: cannot be basic. Use basic_auth
      tls_config.cert_file: has no key beside it. Add key_file
      body_size_limit: not a size. Write one such as 15MB
      http_headers.a b: Invalid key in record
      : Unrecognized key: "metric_path""
    `)
  })

  it('are checked against one another and global', () => {
    const configs = [{ job_name: 'a' }, { job_name: 'a', scrape_timeout: '2m' }].map((config) =>
      scrapeConfigSchema.parse(config),
    )
    expect(checkScrapeConfigs(globals, configs).map(({ where, message }) => `${where.key}: ${message}`)).toEqual([
      'scrape_configs[1].job_name: "a" is the name of scrape_configs[0] too.',
      'scrape_configs[1].scrape_timeout: longer than the scrape interval, which is that of global.',
    ])
  })

  it('can be drawn as JSON schema', () => {
    expect(() => z.toJSONSchema(scrapeConfigSchema, { io: 'input', unrepresentable: 'any' })).not.toThrow()
  })
})
