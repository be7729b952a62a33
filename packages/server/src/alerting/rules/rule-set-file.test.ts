import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { formatProblem } from '@tidewatch/core/error.ts'
import { expect, it } from 'vitest'
import { readWrittenYaml } from '../../config/yaml.ts'
import type { AlertingRule } from './rule-file.ts'
import { ruleKinds } from './rule-kinds/registry.ts'
import { readRules } from './rule-source.ts'

function read(text: string, values: Readonly<Record<string, string>> = {}) {
  return readRules({ name: 'alert-rules.yml', path: '/etc/alert-rules.yml', text }, readWrittenYaml, { values })
}

function rulesOf(text: string, values: Readonly<Record<string, string>> = {}): readonly AlertingRule[] {
  const parsed = read(text, values)
  if (!parsed.ok) throw new Error(parsed.problems.map(formatProblem).join('\n'))
  return parsed.value.flatMap(({ rules }) => rules).filter((rule) => rule.kind === 'alerting')
}

function problemsOf(text: string, values: Readonly<Record<string, string>> = {}): string {
  const parsed = read(text, values)
  return parsed.ok ? '' : parsed.problems.map(formatProblem).join('\n')
}

const escrow = `rules:
  - name: contract_low_balance
    condition: contract.balance < 10
    severity: critical
    message: Contract balance is below 10 TON
    actions: [telegram, email, pagerduty]
  - name: high_error_rate
    condition: error_rate > 0.05 && transaction_count > 10
    severity: critical
    message: High transaction error rate
    actions: [telegram, email]
  - name: gas_spike
    condition: current_gas > historical_avg_gas * 2
    severity: high
    message: Gas fees spiked
    actions:
      - telegram
  - name: slow_query
    condition: query_time > 5000
    severity: medium
    message: Slow database query
    actions: [log]
  - name: dispute_spike
    condition: dispute_count > 5 && time_window == "5m"
    severity: high
    message: Many disputes
    actions: [telegram, email]
`

it('takes a file of conditions and actions as it is', () => {
  const rules = rulesOf(escrow)
  expect(Object.fromEntries(rules.map(({ name, expr }) => [name, expr]))).toMatchInlineSnapshot(`
    {
      "contract_low_balance": "{__name__=~"contract_balance|contract[.]balance"} < 10",
      "dispute_spike": "sum(increase({__name__=~"dispute_count|dispute_count_total"}[5m])) > 5",
      "gas_spike": "{__name__=~"current_gas|gas"} > (avg_over_time({__name__=~"current_gas|gas"}[30d]) * 2)",
      "high_error_rate": "((error_rate or on () ((sum(rate(http_requests_total{status=~"5.."}[5m])) or sum(rate(http_requests_total{status_code=~"5.."}[5m])) or sum(rate(http_requests_total{code=~"5.."}[5m])) or sum(rate(api_requests_total{status=~"5.."}[5m])) or sum(rate(api_requests_total{status_code=~"5.."}[5m])) or sum(rate(api_requests_total{code=~"5.."}[5m])) or sum(rate(requests_total{status=~"5.."}[5m])) or sum(rate(requests_total{status_code=~"5.."}[5m])) or sum(rate(requests_total{code=~"5.."}[5m]))) / (sum(rate(http_requests_total[5m])) or sum(rate(api_requests_total[5m])) or sum(rate(requests_total[5m]))))) > 0.05) and on () (transaction_count > 10)",
      "slow_query": "query_time > 5000",
    }
  `)
  expect(rules.map(({ channels }) => channels)).toEqual([
    ['telegram', 'email', 'pagerduty'],
    ['telegram', 'email'],
    ['telegram'],
    ['log'],
    ['telegram', 'email'],
  ])
  expect(rules[0]).toMatchObject({
    labels: { severity: 'critical' },
    annotations: { summary: 'Contract balance is below 10 TON' },
    origin: { kind: 'condition', written: { condition: 'contract.balance < 10' } },
  })
})

it('maps names to the queries of values:, whose $window is that of the condition', () => {
  const rules = rulesOf(escrow, {
    'contract.balance': 'wagob_contract_balance_ton',
    error_rate:
      'sum(rate(wagob_transactions_total{status="failure"}[$window])) / sum(rate(wagob_transactions_total[$window]))',
    dispute_count: 'sum(increase(wagob_disputes_total[$window]))',
    gas: 'wagob_gas_usage_ton',
    current_gas: 'wagob_gas_usage_ton',
  })
  expect(Object.fromEntries(rules.map(({ name, expr }) => [name, expr]))).toMatchInlineSnapshot(`
    {
      "contract_low_balance": "wagob_contract_balance_ton < 10",
      "dispute_spike": "sum(increase(wagob_disputes_total[5m])) > 5",
      "gas_spike": "wagob_gas_usage_ton > (avg_over_time(wagob_gas_usage_ton[30d]) * 2)",
      "high_error_rate": "((sum(rate(wagob_transactions_total{status="failure"}[5m])) / sum(rate(wagob_transactions_total[5m]))) > 0.05) and on () (transaction_count > 10)",
      "slow_query": "query_time > 5000",
    }
  `)
})

it.each(ruleKinds)('$kind: its example is taken, by the name of the kind', ({ kind, example }) => {
  const text = `rules:\n${example.replaceAll(/^/gm, '  ')}\n`
  const rules = rulesOf(text)
  expect(rules.length).toBeGreaterThan(0)
  for (const { origin } of rules) expect(origin?.kind).toBe(kind)
  expect(rules.map(({ expr }) => expr)).toMatchSnapshot()
})

it.each(ruleKinds)('$kind: docs/rules.md shows the same example', ({ example }) => {
  const docs = readFileSync(new URL('../../../../../docs/rules.md', import.meta.url), 'utf8')
  expect(docs).toContain(example)
})

it('every rule that was found in the wild loads, beside one of our own', () => {
  const conformance =
    process.env.CONFORMANCE_DIR ?? fileURLToPath(new URL('../../../../../../shared/conformance', import.meta.url))
  const wild = JSON.parse(readFileSync(join(conformance, 'dashboards/rules-in-the-wild.json'), 'utf8')) as {
    readonly rules: readonly {
      readonly alert: string
      readonly expr: string
      readonly for?: string
      readonly severity?: string
    }[]
  }
  const written = wild.rules.map(({ alert, expr, for: forText, severity }) => ({
    ...{ alert, expr, ...(forText === undefined ? {} : { for: forText }) },
    labels: { severity: severity ?? '' },
  }))
  const rules = rulesOf(JSON.stringify({ groups: [{ name: 'wild', rules: written }] }))
  expect(rules).toHaveLength(wild.rules.length)
  expect(rules.length).toBeGreaterThan(500)
})

it('tells everything that is wrong with file, line, column and the way out', () => {
  expect(
    problemsOf(`rules:
  - name: a
    condition: error_rate >> 0.05
  - name: b
    condition: "error_rate > 0.05 & count > 3"
  - name: c
    condition: up{job="x"} > 0
    severity: terrible
  - name: d
    conditon: a > 1
  - name: e
    condition: status == "failed"
  - name: f
    condition: 5 > 3
  - name: g
    condition: a < b < c
  - name: h
    condition: avrg(a, "5m") > 1
  - name: i
    condition: time_window == "5m"
  - name: j
    condition: a > 1 || time_window == "5m"
  - name: k
    condition: a > 1
    threshold: 3
  - name: l
  - name: a
    threshold: { value: x, above: { critical: 80, warning: 90 } }
  - name: m
    errors: { category: databse }
  - name: n
    condition: a > 1
    message: '{{ $labels.x'
  - name: o
    forecast: { value: x, within: soon }
  - name: p
    condition: a > 1
    throttle: often
`),
  ).toMatchInlineSnapshot(`
    "alert-rules.yml:3:28 rules[0].condition: "error_rate >> 0.05": character 13: ">" stands where a value should.
    alert-rules.yml:5:35 rules[1].condition: "error_rate > 0.05 & count > 3": character 19: a single & is no operator. Write && for "and".
    alert-rules.yml:8:15 rules[2].severity: "terrible": there is no such severity. Allowed: critical, high, medium, low, and what other systems call them (warning, error, info).
    alert-rules.yml:10:5 rules[3].conditon: there is no such key. Did you mean condition?
    alert-rules.yml:9:11 rules[3].name: "d": a rule says what it watches: one of condition, threshold, errors, logs, sql, baseline, band, forecast, heartbeat, expr.
    alert-rules.yml:12:26 rules[4].condition: "status == \\"failed\\"": character 11: "failed" is text; values are numbers. Text stands in time_window == "5m" alone. To choose by a label, give the query a name under values:.
    alert-rules.yml:14:18 rules[5].condition: "5 > 3": character 3: no value is named here: this is always so, or never. Name a value: error_rate > 0.05.
    alert-rules.yml:16:22 rules[6].condition: "a < b < c": character 7: a comparison cannot be compared again. Write a < b && b < c.
    alert-rules.yml:18:16 rules[7].condition: "avrg(a, \\"5m\\") > 1": character 1: there is no function "avrg". Did you mean avg?
    alert-rules.yml:20:16 rules[8].condition: "time_window == \\"5m\\"": character 1: nothing but a window is said. Add what is compared: count > 5 && time_window == "5m".
    alert-rules.yml:22:25 rules[9].condition: "a > 1 || time_window == \\"5m\\"": character 10: time_window is no value. Write time_window == "5m", joined by && to the rest.
    alert-rules.yml:25:16 rules[10].threshold: "3": a rule is of one kind; this has condition and threshold.
    alert-rules.yml:26:11 rules[11].name: "l": a rule says what it watches: one of condition, threshold, errors, logs, sql, baseline, band, forecast, heartbeat, expr.
    alert-rules.yml:28:16 rules[12].threshold: warning (90) is not reached before critical (80). Limits rise with the severity.
    alert-rules.yml:30:25 rules[13].errors.category: "databse": there is no such category. Allowed: validation, authentication, authorization, database, external_service, business_logic, network, unknown.
    alert-rules.yml:33:14 rules[14].message: error parsing template __alert_n: template: __alert_n:1: unclosed action
    alert-rules.yml:35:35 rules[15].forecast.within: "soon": not a duration. Write one such as 30s, 5m or 1h30m; a plain number is seconds
    alert-rules.yml:38:15 rules[16].throttle: "often": not a throttle. Write how many in how long: 3 per 1h"
  `)
})

it('a window that a named query does not follow is an error, not a rule that means something else', () => {
  const text = `rules: [{ name: a, condition: 'disputes > 5 && time_window == "5m"' }]`
  expect(problemsOf(text, { disputes: 'sum(increase(disputes_total[1h]))' })).toMatchInlineSnapshot(
    `"alert-rules.yml:1:31 rules[0].condition: "disputes > 5 && time_window == \\"5m\\"": the value disputes does not follow the window of 5m: "sum(increase(disputes_total[1h]))". Write $window in its query: sum(increase(metric[$window]))."`,
  )
  expect(problemsOf(text, { disputes: 'sum(increase(disputes_total[5m]))' })).toBe('')
})

it('one threshold of several severities is a rule for each, the worst first', () => {
  const rules = rulesOf(`rules:
  - name: memory
    threshold: { value: memory_usage, above: { warning: 80, critical: 90 } }
    window: 300
    cooldown: 30m
    throttle: 3 per 1h
`)
  expect(rules.map(({ labels, pacing }) => ({ labels, pacing }))).toEqual([
    {
      labels: { severity: 'critical' },
      pacing: { cooldownMs: 1_800_000, throttle: { count: 3, windowMs: 3_600_000 } },
    },
    { labels: { severity: 'warning' }, pacing: { cooldownMs: 1_800_000, throttle: { count: 3, windowMs: 3_600_000 } } },
  ])
})
