// What our kinds of rules are compiled to means the same to Debian's promtool: it takes every query, and fires and stays quiet when we do.
import { AppError } from '@tidewatch/core/error.ts'
import { expect, test } from 'vitest'
import { ruleKinds } from '../../packages/server/src/alerting/rules/rule-kinds/registry.ts'
import { readRules } from '../../packages/server/src/alerting/rules/rule-source.ts'
import { readWrittenYaml } from '../../packages/server/src/config/yaml.ts'
import { run, runTidewatch, tempDir } from './programs.ts'

/** The rules of a file of ours as a file of Prometheus's, without what only we have. */
function compiled(text: string): string {
  const read = readRules({ name: 'rules.yml', path: 'rules.yml', text }, readWrittenYaml)
  if (!read.ok) throw new AppError('config.invalid', JSON.stringify(read.problems))
  const rules = read.value
    .flatMap((group) => group.rules)
    .map(({ name, expr, labels, ...rest }) => ({
      ...{ alert: name, expr, labels },
      ...('forMs' in rest ? { for: `${rest.forMs}ms` } : {}),
    }))
  return JSON.stringify({ groups: [{ name: 'compiled', rules }] })
}

/** What asks logs is no PromQL. */
const promqlKinds = ruleKinds.filter(({ kind }) => kind !== 'logs')
const examples = `rules:\n${promqlKinds.map(({ example }) => example.replaceAll(/^/gm, '  ')).join('\n')}\n`

test('promtool takes the query of every kind', async () => {
  using dir = tempDir()
  dir.write('rules.json', compiled(examples.replace('name: contract_low_balance', 'name: first')))
  const checked = await run('promtool', ['check', 'rules', `${dir.path}/rules.json`])
  expect(checked, checked.err).toMatchObject({ code: 0 })
  expect(checked.out).toContain(`${promqlKinds.length} rules found`)
})

const day = (noon: number): string => `10x11 ${noon} 10x10`
const week = (peak: number): string => `20x83 ${peak} 20x82`
const rules = `rules:
  - name: rate
    condition: errors_now > 0.05 && transactions > 10
  - name: disputes
    condition: dispute_count > 5 && time_window == "5h"
  - { name: over, baseline: { value: gas, over: 30d, ratio: 1.5 } }
  - { name: weekly, baseline: { value: volume, same: hour_of_week, seasons: 3, deviations: 3 } }
  - { name: odd, band: { value: traffic, season: day, seasons: 4 } }
  - { name: full, forecast: { value: free, falls_to: 0, within: 6h, from: 4h } }
  - { name: silent, heartbeat: { ping: nightly, every: 3h, grace: 1h } }
  - { name: stopped, heartbeat: { value: ticks, every: 3h, grace: 1h } }
`
const tests = `rule_files: [rules.json]
evaluation_interval: 1h
tests:
  - interval: 1h
    input_series:
      - { series: 'errors_now{job="a"}', values: '0.01x9 0.5x9' }
      - { series: 'transactions{shop="b"}', values: '0x14 20x9' }
      - { series: 'dispute_count{shop="b"}', values: '0x9 0+2x9' }
      - { series: 'gas{net="ton"}', values: '10x719 40' }
      - { series: volume, values: '${week(100)} ${week(110)} ${week(105)} ${week(200)}' }
      - { series: traffic, values: '${[1, 2, 3, 4, 5].map(() => day(500)).join(' ')} ${day(20)}' }
      - { series: 'free{disk="a"}', values: '100x9 100-10x9' }
      - { series: 'tidewatch_heartbeat_timestamp_seconds{name="nightly"}', values: '0+3600x9' }
      - { series: 'ticks{i="a"}', values: '1x900' }
      - { series: 'ticks{i="b"}', values: '1x9' }
    alert_rule_test:
      - { eval_time: 12h, alertname: rate }
      - { eval_time: 16h, alertname: rate, exp_alerts: [{ exp_labels: { job: a } }] }
      - { eval_time: 11h, alertname: disputes }
      - { eval_time: 18h, alertname: disputes, exp_alerts: [{}] }
      - { eval_time: 719h, alertname: over }
      - { eval_time: 720h, alertname: over, exp_alerts: [{ exp_labels: { net: ton } }] }
      - { eval_time: 252h, alertname: weekly }
      - { eval_time: 588h, alertname: weekly, exp_alerts: [{}] }
      - { eval_time: 108h, alertname: odd }
      - { eval_time: 132h, alertname: odd, exp_alerts: [{}] }
      - { eval_time: 9h, alertname: full }
      - { eval_time: 17h, alertname: full, exp_alerts: [{ exp_labels: { disk: a } }] }
      - { eval_time: 10h, alertname: silent }
      - { eval_time: 16h, alertname: silent, exp_alerts: [{ exp_labels: { name: nightly } }] }
      - { eval_time: 10h, alertname: stopped }
      - { eval_time: 16h, alertname: stopped, exp_alerts: [{ exp_labels: { i: b } }] }
`

test('fires and is quiet when promtool says so', async () => {
  using dir = tempDir()
  dir.write('rules.json', compiled(rules))
  dir.write('tests.yml', tests)
  const theirs = await run('promtool', ['test', 'rules', `${dir.path}/tests.yml`])
  expect(theirs.code, theirs.err + theirs.out).toBe(0)
  const ours = await runTidewatch(['test', 'rules', `${dir.path}/tests.yml`])
  expect(ours.code, ours.err).toBe(0)
  // the same from the file as it was written; its alerts have more annotations
  dir.write('rules.json', compiled(rules).replace('0.05', '0.6'))
  expect((await run('promtool', ['test', 'rules', `${dir.path}/tests.yml`])).code).toBe(1)
})
