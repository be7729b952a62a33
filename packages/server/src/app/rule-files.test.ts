import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { formatProblem } from '@tidewatch/core/error.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Configuration, readConfiguration, restraintOf } from './configuration.ts'
import { sqlChecksOf } from './rule-files.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tidewatch-rule-files-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true })
    writeFileSync(join(dir, name), text)
  }
}

function configuration(path = dir, env: Readonly<Record<string, string>> = {}): Configuration {
  const read = readConfiguration(path, env)
  if (!read.ok) throw new Error(read.problems.map(formatProblem).join('\n'))
  return read.value
}

function problems(env: Readonly<Record<string, string>> = {}): string[] {
  const read = readConfiguration(dir, env)
  return read.ok ? [] : read.problems.map(formatProblem)
}

const namesOf = ({ rules }: Configuration): string[] =>
  rules.flatMap(({ file, rules: groups }) =>
    groups.flatMap((group) => group.rules.map((rule) => `${file.name} ${rule.name}`)),
  )

const low = 'rules: [{ name: low, condition: balance < 10, actions: [log] }]\n'
const down = 'groups: [{ name: g, rules: [{ alert: Down, expr: up == 0 }] }]\n'

describe('where rule files are', () => {
  it('rules of tidewatch.yml names files of both forms, each read once; alert-rules.yml is found by itself', () => {
    write({
      'tidewatch.yml': 'rules: [rules/*.yml, config/alert-rules.yml]\n',
      'rules/a.yml': down,
      'rules/b.yml': low.replace('low', 'other'),
      'config/alert-rules.yml': low,
    })
    const found = ['rules/a.yml Down', 'rules/b.yml other', 'config/alert-rules.yml low']
    expect(namesOf(configuration())).toEqual(found)
    expect(namesOf(configuration(join(dir, 'tidewatch.yml')))).toEqual(found)
    write({ 'tidewatch.yml': '' })
    expect(namesOf(configuration())).toEqual(['config/alert-rules.yml low'])
  })

  it("a file of that name with Prometheus's rules counts only where it is named", () => {
    write({ 'alert-rules.yml': down, 'prometheus.yml': '' })
    expect(namesOf(configuration())).toEqual([])
    write({ 'prometheus.yml': 'rule_files: [alert-rules.yml]\n' })
    expect(namesOf(configuration())).toEqual(['alert-rules.yml Down'])
  })
})

it('checks on databases take their connection from the environment, and become gauges of the collector', () => {
  write({
    'alert-rules.yml': `rules: [{ name: below, sql: { connection: '\${DB}', query: select count(*) from x } }]\n`,
  })
  const [check] = sqlChecksOf(configuration(dir, { DB: 'postgres://u:p@h/d' }))
  expect(check).toMatchObject({ name: 'below', metric: 'tidewatch_sql_check', value: 'count', interval: 60_000 })
  expect(check?.connection.reveal()).toBe('postgres://u:p@h/d')
  expect(problems()).toEqual([
    'alert-rules.yml below: sql.connection: the environment variable DB is not set. Set DB, or write the value here.',
  ])
  expect(problems({ DB: 'mysql://h' })[0]).toContain('not a URL of Postgres')
})

it('environment variables alone make thresholds', () => {
  const { rules } = configuration(dir, {
    ALERT_RESPONSE_TIME_WARNING: '500',
    ALERT_RESPONSE_TIME_CRITICAL: '2000',
    ALERT_ERROR_RATE_CRITICAL: '10',
  })
  const made = rules.flatMap((file) => file.rules).flatMap((group) => group.rules)
  expect(made.map(({ name, labels, expr }) => `${name} ${labels.severity} ${expr.replace(/^.* > /, '> ')}`)).toEqual([
    'response_time critical > 2',
    'response_time warning > 0.5',
    'error_rate critical > 0.1',
  ])
  expect(problems({ ALERT_ERROR_RATE_WARNING: '5%' })).toEqual([
    'ALERT_ERROR_RATE_WARNING: "5%" is not a number above 0. Write it without its unit, in %.',
  ])
})

it('says how often people hear of alerts, and what depends on what', () => {
  write({
    'tidewatch.yml': `alerts: { cooldown: 10m, throttle: 3 per 1h, flapping: off }
dependencies: { web: api, api: [postgres, 'job=redis'] }
`,
  })
  const { flapping, pacing, dependencies } = restraintOf(configuration())
  expect({ flapping, pacing }).toEqual({
    flapping: undefined,
    pacing: { cooldownMs: 600_000, throttle: { count: 3, windowMs: 3_600_000 } },
  })
  expect(dependencies.nodes.map(({ name }) => name)).toEqual(['web', 'api', 'postgres', 'job=redis'])
  write({
    'tidewatch.yml': 'alerts: { throttle: often, response: { high: soon } }\ndependencies: { a: [b], b: [a] }\n',
  })
  expect(problems()).toMatchInlineSnapshot(`
    [
      "tidewatch.yml:1:21 alerts.throttle: "often": not a throttle. Write how many in how long: 3 per 1h",
      "tidewatch.yml:1:46 alerts.response.high: "soon": neither none, nor a duration, nor { within, business_hours }.",
      "tidewatch.yml:2:20 dependencies.a: "[\\"b\\"]": a depends on itself: a → b → a.",
      "tidewatch.yml:2:28 dependencies.b: "[\\"a\\"]": b depends on itself: b → a → b.",
    ]
  `)
})

it('tells where actions name no channel', () => {
  write({ 'alert-rules.yml': low.replace('[log]', '[pigeon, log]') })
  expect(configuration().notices).toContain(
    'alert-rules.yml: actions name pigeon, and there is no such channel: those alerts go to the others.',
  )
})
