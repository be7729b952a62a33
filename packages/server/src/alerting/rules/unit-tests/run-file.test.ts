import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { readWrittenYaml } from '../../../config/yaml.ts'
import { type RunFileOptions, runTestFile } from './run-file.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tidewatch-rules-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

async function failuresOf(tests: string, rules: string, options: Partial<RunFileOptions> = {}): Promise<string> {
  writeFileSync(join(dir, 'rules.yml'), rules)
  writeFileSync(join(dir, 'tests.yml'), tests)
  const { failures } = await runTestFile(join(dir, 'tests.yml'), {
    readYaml: readWrittenYaml,
    judge: () => undefined,
    prometheus: false,
    ignoreUnknownFields: false,
    run: [],
    diff: false,
    signal: new AbortController().signal,
    ...options,
  })
  return failures.join('\n').replaceAll(dir, 'DIR')
}

const alerts = `groups:
  - name: g
    rules:
      - { alert: Down, expr: up == 0, for: 2m, labels: { severity: page }, annotations: { text: '{{ $value }} of {{ $labels.job }}' } }
`

const downTest = (expected: string): string => `rule_files: [rules.yml]
tests:
  - interval: 1m
    input_series: [{ series: 'up{job="a"}', values: '1 0x5 1 1' }]
    alert_rule_test:
      - { eval_time: 2m, alertname: Down }
      - { eval_time: 3m, alertname: Down, exp_alerts: [${expected}] }
      - { eval_time: 7m, alertname: Down }
`

it('an alert pends, fires and ends', async () => {
  const right = '{ exp_labels: { severity: page, job: a }, exp_annotations: { text: 0 of a } }'
  expect(await failuresOf(downTest(right), alerts)).toBe('')
})

it('shows both sides, or with diff what differs', async () => {
  const wrong = downTest('{ exp_labels: { severity: ticket, job: a }, exp_annotations: { text: 0 of a } }')
  expect(await failuresOf(wrong, alerts)).toMatchInlineSnapshot(`
    "    alertname: Down, time: 3m, 
            exp:[
                0:
                  Labels:{alertname="Down", job="a", severity="ticket"}
                  Annotations:{text="0 of a"}
                ], 
            got:[
                0:
                  Labels:{alertname="Down", job="a", severity="page"}
                  Annotations:{text="0 of a"}
                ]"
  `)
  expect(await failuresOf(wrong, alerts, { diff: true })).toMatchInlineSnapshot(`
    "    alertname: Down, time: 3m, 
              0:
            -   Labels:{alertname="Down", job="a", severity="ticket"}
            +   Labels:{alertname="Down", job="a", severity="page"}
                Annotations:{text="0 of a"}"
  `)
})

it('a rule sees no sample that is later than its step, and a series that it no longer gives is stale', async () => {
  const rules = `groups:
  - name: g
    rules:
      - { record: ahead, expr: m offset -1m }
      - { record: big, expr: m > 1 }
`
  const tests = `rule_files: [rules.yml]
tests:
  - interval: 1m
    input_series: [{ series: m, values: '1 2 1' }]
    promql_expr_test:
      - { expr: ahead, eval_time: 1m, exp_samples: [{ labels: ahead, value: 2 }] }
      - { expr: big, eval_time: 2m }
`
  expect(await failuresOf(tests, rules)).toBe('')
})

it('records native histograms with what is known of resets', async () => {
  const tests = `rule_files: [rules.yml]
tests:
  - interval: 1m
    input_series: [{ series: h, values: '{{count:4 sum:5 buckets:[4]}} {{count:5 sum:6 buckets:[5]}} {{count:1 sum:1 buckets:[1]}}' }]
    promql_expr_test:
      - { expr: copy, eval_time: 0, exp_samples: [{ labels: copy, histogram: '{{count:4 sum:5 buckets:[4]}}' }] }
      - { expr: copy, eval_time: 1m, exp_samples: [{ labels: copy, histogram: '{{count:5 sum:6 counter_reset_hint:not_reset buckets:[5]}}' }] }
      - { expr: copy, eval_time: 2m, exp_samples: [{ labels: copy, histogram: '{{count:1 sum:1 buckets:[1]}}' }] }
`
  expect(await failuresOf(tests, 'groups: [{ name: g, rules: [{ record: copy, expr: h }] }]')).toBe('')
})

it('begins at start_timestamp, which Prometheus 3.5 does not know', async () => {
  const tests = `tests:
  - start_timestamp: 2024-01-01T00:00:00Z
    input_series: [{ series: m, values: '1x5' }]
    promql_expr_test: [{ expr: timestamp(m), eval_time: 1m, exp_samples: [{ value: 1704067260 }] }]
`
  expect(await failuresOf(tests, '')).toBe('')
  expect(await failuresOf(tests, '', { prometheus: true })).toContain('start_timestamp: there is no such key.')
})

it('tells a rule that fails, and what is wrong with the files', async () => {
  const tests = 'rule_files: [rules.yml]\ntests: [{ promql_expr_test: [{ expr: a }] }]'
  expect(await failuresOf(tests, 'groups: [{ name: g, rules: [{ record: a, expr: "x[5m]" }] }]')).toBe(
    '    rule: a, time: 0s, err: rule result is not a vector or scalar',
  )
  expect(await failuresOf(tests, 'groups: [{ name: g, rules: [{ record: a }] }]')).toContain("'expr' must be set")
  expect(await failuresOf('group_eval_order: [a, a]', '')).toBe('group name repeated in evaluation order: a')
})

it('takes items that are empty, numbers in base sixty as text, and no series without a name', async () => {
  const group = (series: string, value: string): string => `tests:
  - input_series: [{ series: ${series}, values: '1x5' }]
    promql_expr_test: [{ expr: up, exp_samples: [{ labels: up, value: ${value} }] }]
  -
`
  expect(await failuresOf(group('up', '1'), alerts)).toBe('')
  expect(await failuresOf(group('up', '0o1'), alerts)).toBe('')
  expect(await failuresOf(group('up', '1:30'), alerts)).toContain('"1:30": not a number')
  expect(await failuresOf(group('""', '1'), alerts)).toContain('a series is written without its name')
})

it('tells what it does when asked, and what each group of tests came to', async () => {
  writeFileSync(join(dir, 'rules.yml'), 'groups: [{ name: g, rules: [{ record: "a:b", expr: "a * 2" }] }]')
  writeFileSync(
    join(dir, 'tests.yml'),
    `rule_files: [rules.yml]
evaluation_interval: 1m
tests:
  - input_series: [{ series: 'a{x="1"}', values: '1 2 stale' }]
    promql_expr_test: [{ expr: 'a:b', eval_time: 2m, exp_samples: [] }]
  - name: second
    promql_expr_test: [{ expr: 'vector(1)', eval_time: 0, exp_samples: [] }]
`,
  )
  const lines: string[] = []
  const { cases, failures } = await runTestFile(join(dir, 'tests.yml'), {
    ...{ readYaml: readWrittenYaml, judge: () => undefined, prometheus: false, ignoreUnknownFields: false },
    ...{ run: [], diff: false, signal: new AbortController().signal },
    debug: (line) => lines.push(line),
  })
  expect(failures).toHaveLength(1)
  expect(cases).toEqual([
    { name: 'unnamed#0', failures: [] },
    { name: 'second', failures },
  ])
  expect(lines).toEqual([
    'Starting test unnamed#0',
    'All series, from the input and from rules:',
    '  a:b{x="1"}  2@0 4@60 stale@120',
    '  a{x="1"}  1@0 2@60 stale@120',
    'Test unnamed#0 finished: fine',
    'Starting test second',
    'All series, from the input and from rules:',
    'Test second finished: failed',
  ])
})
