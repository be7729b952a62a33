import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { formatProblem } from '@tidewatch/core/error.ts'
import { Secret } from '@tidewatch/core/secret.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { channelsOf, readConfiguration } from './configuration.ts'
import { otlpSettings } from './otlp-settings.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tidewatch-config-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const write = (files: Readonly<Record<string, string>>): void => {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true })
    writeFileSync(join(directory, name), text)
  }
}
const problems = (path = directory, env = {}): string[] => {
  const read = readConfiguration(path, env)
  return read.ok ? [] : read.problems.map(formatProblem)
}

describe('readConfiguration', () => {
  it('has defaults for everything without a path', () => {
    const read = readConfiguration(undefined, {})
    expect(read.ok && read.value.prometheus.global.evaluation_interval).toBe(60_000)
  })

  it('finds the files of a team in sub-folders and reads the rules beside prometheus.yml for a path inside a container', () => {
    write({
      'monitoring/prometheus.yml':
        'global: {scrape_interval: 15s}\nrule_files: [/etc/prometheus/alerts.yml]\nscrape_configs:\n  - job_name: api\n    static_configs: [{targets: ["localhost:3001"]}]\n',
      'monitoring/alerts.yml': 'groups:\n  - name: a\n    rules:\n      - {alert: Down, expr: up == 0, for: 2m}\n',
      'tidewatch.yml': 'channels:\n  - {name: team, kind: webhook, url: "${HOOK}"}\n',
    })
    const read = readConfiguration(directory, { HOOK: 'https://example.org/hook' })
    expect(read).toMatchObject({
      ok: true,
      value: { rules: [{ rules: [{ name: 'a', rules: [{ name: 'Down', forMs: 120_000 }] }] }] },
    })
    if (!read.ok) return
    expect(channelsOf(read.value)).toMatchObject([
      { receiver: 'team', config: { url: expect.any(Secret) }, sendsResolved: true },
    ])
    expect(read.value.notices.join()).toContain('/etc/prometheus/alerts.yml is not here')
  })

  it('names file, line, key and the nearest right key for an unknown one', () => {
    write({ 'prometheus.yml': 'global:\n  scrape_intervall: 15s\n' })
    expect(problems()).toMatchInlineSnapshot(`
      [
        "prometheus.yml:2:3 global.scrape_intervall: there is no such key. Did you mean scrape_interval?",
      ]
    `)
  })

  it('tells everything that is wrong at once, with what is allowed', () => {
    write({
      'prometheus.yml':
        'global:\n  scrape_interval: 30\nscrape_configs:\n  - job_name: a\n    metric_path: /x\n  - job_name: a\n',
      'tidewatch.yml': 'channels:\n  - name: team\n    kind: pigeon\n',
    })
    expect(problems()).toMatchInlineSnapshot(`
      [
        "prometheus.yml:2:20 global.scrape_interval: "30" is not a duration. Write a unit: 30s.",
        "prometheus.yml:5:5 scrape_configs[0].metric_path: there is no such key. Did you mean metrics_path?",
        "tidewatch.yml:3:11 channels[0].kind: "pigeon": there is no such kind of channel. Allowed: console, discord, email, log, matrix, msteams, msteamsv2, ntfy, oncall, opsgenie, pagerduty, pushover, slack, telegram, twilio, webhook.",
      ]
    `)
  })

  it('reads the files of scrape_config_files, with file names relative to each, and refuses a job name of another file', () => {
    write({
      'prometheus.yml': 'scrape_config_files: ["jobs/*.yml"]\nscrape_configs: [{job_name: a}]\n',
      'jobs/b.yml':
        'scrape_configs:\n  - {job_name: b, basic_auth: {username: u, password_file: secret}}\n  - {job_name: c, gce_sd_configs: []}\n',
    })
    const read = readConfiguration(directory, {})
    expect(read).toMatchObject({
      ok: true,
      value: { prometheus: { scrape_configs: [{ job_name: 'a' }, { job_name: 'b' }, { job_name: 'c' }] } },
    })
    if (!read.ok) return
    const jobs = read.value.prometheus.scrape_configs
    expect(jobs[1]?.basic_auth?.password_file).toBe(join(directory, 'jobs/secret'))
    expect(read.value.files.map(({ name }) => name)).toEqual(['prometheus.yml', 'jobs/b.yml'])
    expect(read.value.notices).toEqual([
      'jobs/b.yml: scrape_configs[1].gce_sd_configs is not used: it is not supported here.',
    ])
    write({ 'jobs/b.yml': 'scrape_configs: [{job_name: a}]\n' })
    expect(problems()).toEqual([
      'jobs/b.yml:1:19 scrape_configs[0].job_name: "a" is the name of another job, in prometheus.yml. Give each job a name of its own.',
    ])
  })

  it('tells what is read and has no effect yet', () => {
    write({
      'prometheus.yml':
        'remote_read: [{url: "http://r/"}]\nscrape_configs: [{job_name: a, http_sd_configs: [{url: "http://sd/"}]}]\n',
    })
    const read = readConfiguration(directory, {})
    expect(read.ok && read.value.notices.map((notice) => notice.slice(0, 60))).toMatchInlineSnapshot(`
      [
        "prometheus.yml: remote_read is not used: samples are not rea",
      ]
    `)
  })

  it('takes all that the newest Prometheus has for OTLP, and shows only what is written of what is newer', () => {
    const settings = (otlp: string) => {
      write({ 'prometheus.yml': `otlp: ${otlp}\n` })
      const read = readConfiguration(join(directory, 'prometheus.yml'), {})
      if (!read.ok) throw new Error(read.problems.map(formatProblem).join('\n'))
      return { ...otlpSettings(read.value.prometheus.otlp), shown: read.value.effectivePrometheus }
    }
    expect(settings('{}')).toMatchObject({ escapes: true, guardsUnderscore: true, keepsUnderscores: true })
    expect(settings('{}').shown).not.toContain('label_name')
    const keys = ['label_name_underscore_sanitization', 'label_name_preserve_multiple_underscores']
    const both = settings(`{ ${keys.map((key) => `${key}: false`).join(', ')}, translation_strategy: NoTranslation }`)
    expect(both).toMatchObject({
      ...{ escapes: false, addsSuffixes: false },
      guardsUnderscore: false,
      keepsUnderscores: false,
    })
    for (const key of keys) expect(both.shown).toContain(`  ${key}: false\n`)
    write({ 'prometheus.yml': 'otlp: { label_name_underscore_sanitization: 3 }\n' })
    expect(problems(join(directory, 'prometheus.yml'))).toHaveLength(1)
  })

  it('judges a file for an agent as Prometheus does', () => {
    write({ 'prometheus.yml': 'rule_files: []\nremote_read: [{url: "http://r/"}]\n' })
    const read = readConfiguration(directory, {}, { agent: true })
    expect(read.ok ? [] : read.problems.map(formatProblem)).toEqual([
      'prometheus.yml:2:1 remote_read: an agent has no use for this. Take it out.',
    ])
  })

  it('refuses rules that Prometheus refuses, at their place', () => {
    write({
      'prometheus.yml': 'rule_files: ["rules/*.yml"]\n',
      'rules/a.yml':
        'groups:\n  - name: a\n    rules:\n      - alert: Down\n        expr: sum(up\n        for: 5\n      - record: not-a-name\n        expr: up\n        annotations: {a: b}\n',
    })
    expect(problems()).toMatchInlineSnapshot(`
      [
        "rules/a.yml:6:14 groups[0].rules[0].for: "5": not a duration. Write one such as 30s, 5m or 1h30m",
        "rules/a.yml:7:17 groups[0].rules[1].record: "not-a-name": invalid field 'annotations' in recording rule",
      ]
    `)
  })

  it('refuses broken YAML, a missing file and a reference that leads nowhere', () => {
    write({ 'prometheus.yml': 'global: [\n' })
    expect(problems()).toMatchInlineSnapshot(`
      [
        "prometheus.yml:2:1: this is not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]",
      ]
    `)
    expect(() => readConfiguration(join(directory, 'nothing.yml'), {})).toThrow('does not exist')
    write({ 'prometheus.yml': '', 'tidewatch.yml': 'channels:\n  - {name: team, kind: webhook, url: "${NOT_SET}"}\n' })
    expect(problems()).toMatchInlineSnapshot(`
      [
        "tidewatch.yml channels[0].url: the environment variable NOT_SET is not set. Set NOT_SET, or write the value here.",
      ]
    `)
  })
})
