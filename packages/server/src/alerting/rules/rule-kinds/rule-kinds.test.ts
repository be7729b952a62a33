// Every kind on samples: written as a team would, run by the runner of rule tests, so that what is told here is what `tidewatch test rules` says.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { readWrittenYaml } from '../../../config/yaml.ts'
import { runTestFile } from '../unit-tests/run-file.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tidewatch-kinds-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

async function failuresOf(rules: string, tests: string, values = {}): Promise<string> {
  writeFileSync(join(dir, 'rules.yml'), rules)
  writeFileSync(join(dir, 'tests.yml'), tests)
  const { failures } = await runTestFile(join(dir, 'tests.yml'), {
    readYaml: readWrittenYaml,
    ...{ judge: () => undefined, prometheus: false, ignoreUnknownFields: false, run: [], diff: false, values },
    signal: new AbortController().signal,
  })
  return failures.join('\n')
}

it('condition: two values of unlike labels, and a window', async () => {
  const rules = `rules:
  - name: high_error_rate
    condition: error_rate > 0.05 && transaction_count > 10
    severity: critical
    message: '{{ $data.error_rate }} of {{ $data.transaction_count }}'
    annotations: { value: '', condition: '' }
  - name: dispute_spike
    condition: dispute_count > 5 && time_window == "5m"
    severity: high
    message: '{{ $value }} disputes'
    annotations: { value: '', condition: '', window: '' }
`
  const tests = `rule_files: [rules.yml]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:
      - { series: 'error_rate{job="api"}', values: '0.01 0.1x9' }
      - { series: 'transaction_count{shop="a"}', values: '5x4 20x6' }
      - { series: 'dispute_count{shop="a"}', values: '0x4 2 4 6 8 10 12' }
    alert_rule_test:
      - { eval_time: 3m, alertname: high_error_rate }
      - eval_time: 6m
        alertname: high_error_rate
        exp_alerts:
          - exp_labels: { job: api, severity: critical }
            exp_annotations: { summary: 0.1 of 20, error_rate: '0.1', transaction_count: '20', value: '', condition: '' }
      - { eval_time: 4m, alertname: dispute_spike }
      - eval_time: 9m
        alertname: dispute_spike
        exp_alerts:
          - exp_labels: { severity: high }
            exp_annotations: { summary: 10 disputes, value: '', condition: '', window: '' }
`
  expect(await failuresOf(rules, tests)).toBe('')
})

it('threshold: check, value, threshold and window stand with the alert', async () => {
  const rules = `rules:
  - name: queue_length
    threshold: { above: { warning: 5, critical: 20 } }
    window: 120
    message: full
`
  const tests = `rule_files: [rules.yml]
tests:
  - interval: 1m
    input_series: [{ series: queue_length, values: '0 0 10 10 30 30 30' }]
    alert_rule_test:
      - { eval_time: 1m, alertname: queue_length }
      - eval_time: 3m
        alertname: queue_length
        exp_alerts:
          - exp_labels: { severity: warning }
            exp_annotations: { summary: full, check: queue_length, threshold: '5', window: '120', value: '10' }
      - eval_time: 6m
        alertname: queue_length
        exp_alerts:
          - exp_labels: { severity: warning }
            exp_annotations: { summary: full, check: queue_length, threshold: '5', window: '120', value: '30' }
          - exp_labels: { severity: critical }
            exp_annotations: { summary: full, check: queue_length, threshold: '20', window: '120', value: '30' }
`
  expect(await failuresOf(rules, tests)).toBe('')
})

it('errors: more than so many of a category in a window', async () => {
  const rules = `rules:
  - name: Authentication Failures
    errors: { category: authentication, more_than: 10 }
    window: 5m
    severity: error
`
  const tests = `rule_files: [rules.yml]
tests:
  - interval: 1m
    input_series:
      - { series: 'tidewatch_errors_total{category="authentication"}', values: '0x5 4 8 12 16 20' }
      - { series: 'tidewatch_errors_total{category="network"}', values: '0 100 200 300 400 500 600' }
    alert_rule_test:
      - { eval_time: 6m, alertname: Authentication Failures }
      - eval_time: 10m
        alertname: Authentication Failures
        exp_alerts:
          - exp_labels: { severity: error, category: authentication }
            exp_annotations: { rule: Authentication Failures, count: '20', threshold: '10', window: '300', value: '20', summary: 'Authentication Failures: 20 authentication errors in 5m' }
`
  expect(await failuresOf(rules, tests)).toBe('')
})

it('sql: the recorded count is compared, and stands in the message', async () => {
  const rules = `rules:
  - name: failed_whatsapp_messages
    sql: { connection: '\${DATABASE_URL}', query: select count(*) from messages, more_than: 5, type: messages }
    severity: warning
    message: '{{ $value }} messages failed'
`
  const tests = `rule_files: [rules.yml]
tests:
  - interval: 1m
    input_series: [{ series: 'tidewatch_sql_check{job="sql",instance="failed_whatsapp_messages"}', values: '5 7' }]
    alert_rule_test:
      - { eval_time: 0m, alertname: failed_whatsapp_messages }
      - eval_time: 1m
        alertname: failed_whatsapp_messages
        exp_alerts:
          - exp_labels: { severity: warning, check: failed_whatsapp_messages }
            exp_annotations: { type: messages, count: '7', threshold: '5', value: '7', summary: 7 messages failed }
`
  expect(await failuresOf(rules, tests)).toBe('')
})

it('baseline over days: the current value and the usual one stand with the alert', async () => {
  const rules = `rules:
  - name: gas_spike
    baseline: { value: current_gas, over: 30d, ratio: 1.5 }
    severity: high
    message: '{{ $data.current }} instead of {{ $data.baseline }}'
    annotations: { compared_with: '', ratio: '{{ $data.ratio | humanize }}' }
`
  const tests = `rule_files: [rules.yml]
evaluation_interval: 6h
tests:
  - interval: 6h
    input_series: [{ series: 'gas{net="ton"}', values: '10x119 14 40' }]
    alert_rule_test:
      - { eval_time: 720h, alertname: gas_spike }
      - eval_time: 726h
        alertname: gas_spike
        exp_alerts:
          - exp_labels: { severity: high, net: ton }
            exp_annotations: { current: '40', baseline: '10.283333333333333', ratio: 3.89, compared_with: '', value: '40', summary: 40 instead of 10.283333333333333 }
`
  expect(await failuresOf(rules, tests)).toBe('')
})

it('baseline at the same hour of the week, by deviations; nothing is said without enough weeks', async () => {
  const rules = `rules:
  - name: volume
    baseline: { same: hour_of_week, seasons: 3, deviations: 3 }
    severity: medium
    message: m
`
  // an hour a sample: 100 at the hour in question, 20 otherwise, a little different each week
  const week = (peak: number): string => `20x83 ${peak} 20x82`
  const tests = `rule_files: [rules.yml]
evaluation_interval: 1h
tests:
  - interval: 1h
    input_series: [{ series: volume, values: '${week(100)} ${week(110)} ${week(105)} ${week(200)}' }]
    alert_rule_test:
      - { eval_time: 252h, alertname: volume }
      - { eval_time: 300h, alertname: volume }
      - eval_time: 588h
        alertname: volume
        exp_alerts:
          - exp_labels: { severity: medium }
            exp_annotations: { current: '200', baseline: '105', ratio: '1.9047619047619047', compared_with: the same hour of the last 3 weeks, value: '200', summary: m }
`
  expect(await failuresOf(rules, tests)).toBe('')
})

it('band: inside is quiet however far from the mean of all, outside fires, below too', async () => {
  const rules = `rules:
  - name: traffic
    band: { season: day, seasons: 4 }
    message: m
    annotations: { current: '', usual: '', lower: '', upper: '', value: '' }
`
  const day = (noon: number): string => `10x11 ${noon} 10x10`
  const tests = `rule_files: [rules.yml]
evaluation_interval: 1h
tests:
  - interval: 1h
    input_series: [{ series: traffic, values: '${[1, 2, 3, 4, 5].map(() => day(500)).join(' ')} ${day(20)}' }]
    alert_rule_test:
      - { eval_time: 108h, alertname: traffic }
      - { eval_time: 110h, alertname: traffic }
      - eval_time: 132h
        alertname: traffic
        exp_alerts: [{ exp_annotations: { summary: m, current: '', usual: '', lower: '', upper: '', value: '' } }]
`
  expect(await failuresOf(rules, tests)).toBe('')
})

it('forecast: the disk is full in some hours', async () => {
  const rules = `rules:
  - name: DiskFullSoon
    forecast: { value: node_filesystem_avail_bytes, falls_to: 0, within: 6h }
    severity: high
    message: '{{ $labels.mountpoint }} is full in {{ $data.seconds_left | humanizeDuration }}'
    annotations: { value: '', current: '', forecast: '', seconds_left: '' }
`
  const tests = `rule_files: [rules.yml]
tests:
  - interval: 10m
    input_series:
      - { series: 'node_filesystem_avail_bytes{mountpoint="/"}', values: '1000-25x20' }
      - { series: 'node_filesystem_avail_bytes{mountpoint="/data"}', values: '1000-1x20' }
    alert_rule_test:
      - { eval_time: 10m, alertname: DiskFullSoon }
      - eval_time: 2h
        alertname: DiskFullSoon
        exp_alerts:
          - exp_labels: { severity: high, mountpoint: / }
            exp_annotations: { summary: / is full in 4h 40m 0s, value: '', current: '', forecast: '', seconds_left: '', threshold: '0', within: 6h }
`
  expect(await failuresOf(rules, tests)).toBe('')
})

it('heartbeat: a ping that stopped, one that never came, a series that stopped beside one that goes on', async () => {
  const rules = `rules:
  - name: BackupMissed
    heartbeat: { ping: nightly, every: 1h, grace: 10m }
    message: '{{ $value | humanizeDuration }}'
    annotations: { value: '', every: '', grace: '' }
  - name: Stopped
    heartbeat: { value: ticks_total, every: 5m, grace: 5m, remember: 3h }
    annotations: { value: '', every: '', grace: '' }
`
  const tests = `rule_files: [rules.yml]
tests:
  - interval: 1m
    input_series:
      - { series: 'tidewatch_heartbeat_timestamp_seconds{name="nightly"}', values: '_x9 600' }
      - { series: 'ticks_total{i="a"}', values: '1x200' }
      - { series: 'ticks_total{i="b"}', values: '1x20' }
    alert_rule_test:
      - eval_time: 5m
        alertname: BackupMissed
        exp_alerts: [{ exp_labels: { name: nightly }, exp_annotations: { summary: 1d 0h 0m 0s, value: '', every: '', grace: '' } }]
      - { eval_time: 70m, alertname: BackupMissed }
      - eval_time: 90m
        alertname: BackupMissed
        exp_alerts: [{ exp_labels: { name: nightly }, exp_annotations: { summary: 1h 20m 0s, value: '', every: '', grace: '' } }]
      - { eval_time: 25m, alertname: Stopped }
      - eval_time: 40m
        alertname: Stopped
        exp_alerts: [{ exp_labels: { i: b }, exp_annotations: { summary: 'Stopped: nothing for more than 10m', value: '', every: '', grace: '' } }]
      - { eval_time: 210m, alertname: Stopped, exp_alerts: [{ exp_labels: { i: a }, exp_annotations: { summary: 'Stopped: nothing for more than 10m', value: '', every: '', grace: '' } }] }
`
  expect(await failuresOf(rules, tests)).toBe('')
})
