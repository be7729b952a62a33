import { expect, test } from 'vitest'
import type { ConfigFile, Parsed } from '../../config/port.ts'
import { exitCodeOf, type Finding, judgeDirectory, type ReadDirectory } from './directory.ts'
import { adviseFlag, launchFlags } from './launch-flags.ts'

const file = (name: string, text: string): ConfigFile => ({ name, path: `/x/${name}`, text })
const nothingElse: Parsed<ReadDirectory> = { ok: true, value: { files: [], notices: [], rules: [] } }

const lines = (findings: readonly Finding[]): string[] =>
  findings.map(({ verdict, file: name, line, what, text }) => `${verdict} ${name}:${line ?? ''} ${what}: ${text}`)

const prometheus = file(
  'prometheus.yml',
  `alerting:
  alertmanagers: [{ static_configs: [{ targets: ['am:9093'] }] }]
remote_read: [{ url: http://x }]
scrape_configs:
  - job_name: api
    static_configs: [{ targets: [a, b] }]
    metric_relabel_configs: []
  - job_name: pods
    kubernetes_sd_configs: [{ role: pod }]
`,
)

test('tells line by line what works, what is not used and what is missing', () => {
  const findings = judgeDirectory({ prometheus, read: nothingElse, launchFiles: [] })
  expect(lines(findings)).toMatchInlineSnapshot(`
    [
      "missing prometheus.yml:1 alerting am:9093: alerts are grouped and sent from here: write the receivers as channels into tidewatch.yml",
      "unused prometheus.yml:3 remote_read: nothing is asked of another system; bring its past along with: tidewatch import prometheus --from URL",
      "works prometheus.yml:5 job api: 2 targets, relabelled",
      "works prometheus.yml:8 job pods: targets from kubernetes",
    ]
  `)
  expect(exitCodeOf(findings)).toBe(3)
})

test('of a job that is wrong only that is said, and it ends with 1', () => {
  const problem = {
    message: 'this is not supported here.',
    where: { file: 'prometheus.yml', line: 9, key: 'scrape_configs[1].kubernetes_sd_configs' },
    fix: 'List the targets.',
  }
  const findings = judgeDirectory({ prometheus, read: { ok: false, problems: [problem] }, launchFiles: [] })
  expect(lines(findings)[0]).toBe(
    'wrong prometheus.yml:9 scrape_configs[1].kubernetes_sd_configs: this is not supported here. List the targets. Until then nothing of this file starts.',
  )
  expect(lines(findings).filter((line) => line.includes('job pods'))).toEqual([])
  expect(exitCodeOf(findings)).toBe(1)
})

test('rules are counted, notices are passed on once', () => {
  const read: Parsed<ReadDirectory> = {
    ok: true,
    value: {
      files: [],
      rules: [{ file: file('rules.yml', ''), rules: [{ rules: [{}, {}] }, { rules: [{}] }] }],
      notices: [
        'prometheus.yml: alerting is not used: alerts go to the channels.',
        'prometheus.yml: storage.exemplars is not used: in its own way.',
        'prometheus.yml: rule_files: no file matches rules/*.yml.',
      ],
    },
  }
  const findings = judgeDirectory({ prometheus: file('prometheus.yml', 'global: {}\n'), read, launchFiles: [] })
  expect(lines(findings)).toEqual([
    'works prometheus.yml:1 global: as it is',
    'works rules.yml: rules: 3 rules in 2 groups',
    'unused prometheus.yml: alerting: alerts go to the channels.',
    'unused prometheus.yml: storage.exemplars: in its own way.',
    'missing prometheus.yml: : rule_files: no file matches rules/*.yml.',
  ])
})

test('flags are found where Prometheus is started, and not those of others', () => {
  const compose = `services:
  prometheus:
    image: quay.io/prometheus/prometheus:v3.5.0
    command: [--storage.tsdb.retention.time=90d, --web.route-prefix=/p]
  node:
    image: quay.io/prometheus/node-exporter
    command: [--web.listen-address=:9100]
`
  expect(launchFlags('compose.yml', compose)).toEqual([
    { line: 4, name: 'storage.tsdb.retention.time', value: '90d' },
    { line: 4, name: 'web.route-prefix', value: '/p' },
  ])
  const unit = '[Service]\nExecStart=/usr/bin/prometheus \\\n  --config.file=/etc/p.yml \\\n  --web.enable-lifecycle\n'
  expect(launchFlags('prometheus.service', unit).map(({ line, name }) => [line, name])).toEqual([
    [3, 'config.file'],
    [4, 'web.enable-lifecycle'],
  ])
  expect(
    launchFlags('exporter.service', 'ExecStart=/usr/bin/prometheus-node-exporter --web.listen-address=:1'),
  ).toEqual([])
  expect(launchFlags('broken.yml', 'a: [')).toEqual([])
})

test.each([
  ['storage.tsdb.retention.time', '90d', 'works', '--retention 90d'],
  ['storage.tsdb.wal-compression', undefined, 'unused', 'storage is our own'],
  ['no-web.enable-lifecycle', undefined, 'works', 'POST /-/reload'],
  ['web.route-prefix', '/p', 'missing', 'served from /'],
])('--%s is %s', (name, value, verdict, text) => {
  expect(adviseFlag({ line: 1, name, value })).toMatchObject({ verdict, text: expect.stringContaining(text) })
})
