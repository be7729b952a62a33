import { formatProblem } from '@tidewatch/core/error.ts'
import { toYaml } from '@tidewatch/yaml/print.ts'
import { formatBase2Bytes, parseBase2Bytes } from '@tidewatch/yaml/size.ts'
import { redactUrl, urlFault } from '@tidewatch/yaml/url.ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { effectiveYaml, JobNames, plainValues, readPrometheusFile } from './file.ts'

const read = (text: string, env = {}) =>
  readPrometheusFile({ name: 'prometheus.yml', path: '/etc/prometheus.yml', text }, { env }, new JobNames())
const problems = (text: string): string[] => read(text).problems.map(formatProblem)
const job = (...lines: string[]): string =>
  ['scrape_configs:', '  - job_name: j', ...lines.map((line) => `    ${line}`)].join('\n')

describe('a prometheus.yml', () => {
  it('is told what is wrong, where, and the way out', () => {
    const files = [
      job('scrape_interval: 30'),
      job('scrape_interval: 10s', 'scrape_timeout: 20s'),
      job('scrape_timeout: 2m'),
      job('static_configs: [{targets: ["http://a:1/metrics"]}]'),
      job('static_configs: ["a:1"]'),
      job("relabel_configs: [{regex: '(', action: keep}]"),
      job('relabel_configs: [{action: hashmod, source_labels: [a]}]'),
      job('relabel_configs: [{action: labeldrop, source_labels: [a]}]'),
      job('relabel_configs: [{action: remove}]'),
      job('kubernetes_sd_configs: [{role: pod}]'),
      job('file_sd_configs: [{files: [a.txt]}]'),
      job('basic_auth: {username: u, password: p, password_file: f}', 'bearer_token: t'),
      job('authorization: {type: basic, credentials: x}'),
      job('tls_config: {cert_file: a.pem}'),
      job('body_size_limit: much'),
      job('metric_path: /x'),
      `${job()}\n  - job_name: j`,
      'global: {scrape_protocols: []}',
      'a: &a {<<: *a}',
      'global: {scrape_interval: *a}',
      'remote_write: [{url: "http://r/", azuread: {}}]',
      'alerting: {alertmanagers: [{api_version: v1}]}',
    ]
    expect(files.flatMap(problems).join('\n')).toMatchInlineSnapshot(`
      "prometheus.yml:3:22 scrape_configs[0].scrape_interval: "30" is not a duration. Write a unit: 30s.
      prometheus.yml:4:5 scrape_configs[0].scrape_timeout: longer than the scrape interval of this job. Make it shorter, or the interval longer.
      prometheus.yml:3:5 scrape_configs[0].scrape_timeout: longer than the scrape interval of this job. Make it shorter, or the interval longer.
      prometheus.yml:3:5 scrape_configs[0].static_configs: "http://a:1/metrics" is not host:port. Put the path into metrics_path and https into scheme.
      prometheus.yml:3:22 scrape_configs[0].static_configs[0]: "a:1" is not a mapping.
      prometheus.yml:3:31 scrape_configs[0].relabel_configs[0].regex: not an RE2 expression: error parsing regexp: missing closing ): \`^(?s:()$\`.
      prometheus.yml:3:23 scrape_configs[0].relabel_configs[0].modulus: missing; hashmod divides by it.
      prometheus.yml:3:23 scrape_configs[0].relabel_configs[0].target_label: missing; the action hashmod writes or compares it.
      prometheus.yml:3:43 scrape_configs[0].relabel_configs[0].source_labels: the action labeldrop takes regex and nothing else.
      prometheus.yml:3:32 scrape_configs[0].relabel_configs[0].action: "remove" is no relabel action. Allowed: replace, keep, drop, keepequal, dropequal, hashmod, labelmap, labeldrop, labelkeep, lowercase, uppercase.
      prometheus.yml:3:5 scrape_configs[0].kubernetes_sd_configs: this is not supported here. List the targets in static_configs, or let them be written into a file for file_sd_configs.
      prometheus.yml:3:32 scrape_configs[0].file_sd_configs[0].files[0]: "a.txt" is not a file name for targets. It ends in .json, .yml or .yaml; one * may stand in its last part.
      prometheus.yml:4:5 scrape_configs[0].bearer_token: cannot stand beside basic_auth: a request has one Authorization header. Keep one of them.
      prometheus.yml:3:5 scrape_configs[0].basic_auth: password_file cannot stand beside password. Keep one of them.
      prometheus.yml:3:5 scrape_configs[0].authorization: its type cannot be basic. Use basic_auth.
      prometheus.yml:3:18 scrape_configs[0].tls_config.cert_file: a client certificate has no key beside it. Add key_file.
      prometheus.yml:3:22 scrape_configs[0].body_size_limit: "much" is not a size. Write a number and its unit, such as 15MB.
      prometheus.yml:3:5 scrape_configs[0].metric_path: there is no such key. Did you mean metrics_path?
      prometheus.yml:3:5 scrape_configs[1].job_name: "j" is the name of another job. Give each job a name of its own.
      prometheus.yml:1:10 global.scrape_protocols: this list is empty.
      prometheus.yml:1:1 a: there is no such key. Allowed: global, runtime, alerting, rule_files, scrape_config_files, scrape_configs, storage, tracing, remote_write, remote_read, otlp.
      prometheus.yml:1:27 global.scrape_interval: there is no anchor &a before this.
      prometheus.yml:1:44 remote_write[0].azuread: needs managed_identity, oauth or sdk.
      prometheus.yml:1:42 alerting.alertmanagers[0].api_version: "v1" is no version of the Alertmanager API. Allowed: v2."
    `)
  })

  it('is filled in, shows no secret, and hands them on', () => {
    const { value } = read(job('basic_auth: {username: u, password: topsecret}', 'proxy_url: http://u:topsecret@p:1/'))
    expect(effectiveYaml(value)).not.toContain('topsecret')
    expect(effectiveYaml(value)).toContain('proxy_url: http://u:xxxxx@p:1/')
    expect(JSON.stringify(plainValues(value))).toMatch(/topsecret.*topsecret/)
  })

  it('keeps what is empty and has a meaning, without showing it', () => {
    const { value } = read(job("relabel_configs: [{separator: '', replacement: '', regex: , target_label: a}]"))
    expect(plainValues(value).scrape_configs).toMatchObject([
      { relabel_configs: [{ separator: '', replacement: '', regex: '' }] },
    ])
    expect(effectiveYaml(value)).toContain('  - regex: null\n    target_label: a\n    action: replace\n')
  })

  it('reads merged mappings in their order, and ends where one merges itself', () => {
    const { value } = read('global: {external_labels: {a: x, <<: {a: y, b: y}, b: z}}')
    expect([...(value.global.external_labels ?? [])]).toEqual([
      ['a', 'y'],
      ['b', 'z'],
    ])
    expect(problems('global: {external_labels: &a {<<: *a}}').join()).toContain('merged too deeply')
  })

  it('takes the environment into external labels as Go does', () => {
    const { value } = read('global: {external_labels: {a: "$A-${B}$$$C ${", b: $}}', { A: '1', B: '2' })
    expect(Object.fromEntries(value.global.external_labels ?? [])).toEqual({ a: '1-2$ ${', b: '$' })
  })

  it('never throws, and names line and message for each fault', () => {
    const keys = fc.constantFrom(
      'global',
      'scrape_configs',
      'job_name',
      'relabel_configs',
      'regex',
      'params',
      'otlp',
      'x',
    )
    const document = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom(null, true, 0, -1, 1.5, '', '5s', 'a'),
        fc.array(tie('any'), { maxLength: 3 }),
        fc.dictionary(keys, tie('any'), { maxKeys: 3 }),
      ),
    })).any
    fc.assert(
      fc.property(document, (content) => {
        const { problems: found, value } = read(stringify(content))
        for (const { message, where } of found) expect(message !== '' && where.line !== undefined).toBe(true)
        if (found.length === 0) expect(problems(effectiveYaml(value))).toEqual([])
      }),
    )
  })
})

it.each([
  ['a b', 'a b'],
  ['', '""'],
  ['12', '"12"'],
  ['1_000', '"1_000"'],
  ['1e3', '1e3'],
  ['.', '.'],
  ['yes', '"yes"'],
  ['2001-01-01', '"2001-01-01"'],
  ['1:30', '"1:30"'],
  ['[$1]:9100', "'[$1]:9100'"],
  ["'", "''''"],
  ['a: b', "'a: b'"],
  ['a:b', 'a:b'],
  ['a #b', "'a #b'"],
  [' a', "' a'"],
  ['\u0007', '"\\u0007"'],
  ['å', 'å'],
])('the text %j is written %s', (text, written) => {
  expect(toYaml({ kind: 'text', text })).toBe(`${written}\n`)
})

it('sizes are read and written in powers of 1024', () => {
  expect(['0', '10MB', '10MiB', '1KB512B', '1.5KiB'].map(parseBase2Bytes)).toEqual([0, 10 << 20, 10 << 20, 1536, 1536])
  expect(['', '100', '10 cats', '1KiB5KB', 'MB', '-'].map(parseBase2Bytes)).toEqual(Array(6).fill(undefined))
  expect([0, 1536, 10 << 20].map(formatBase2Bytes)).toEqual(['0B', '1KiB512B', '10MiB'])
})

it('URLs are read as Go reads them', () => {
  const good = ['', 'localhost:9090', '/a', 'a/b:c', 'http://u:p@h:1/x%20y', 'http://[::1]:9/', 'http://h:/']
  expect(good.map(urlFault)).toEqual(good.map(() => undefined))
  for (const bad of ['http://[::1', ':a', '1a:b', 'http://h:x/', 'http://h/%zz', 'http://a b/'])
    expect(urlFault(bad)).toBeDefined()
  expect(redactUrl('http://u:p@h/')).toBe('http://u:xxxxx@h/')
})
