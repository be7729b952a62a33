import { formatProblem } from '@tidewatch/core/error.ts'
import { expect, test } from 'vitest'
import { readYaml } from '../config/yaml.ts'
import { readRuleFile } from './rule-file.ts'

function read(text: string) {
  return readRuleFile({ name: 'rules.yml', path: '/etc/rules.yml', text }, readYaml)
}

function problemsOf(text: string): string[] {
  const answer = read(text)
  if (answer.ok) throw new Error('the file was taken')
  return answer.problems.map(formatProblem)
}

test('a file as teams have it', () => {
  const answer = read(`
groups:
  - name: shop
    interval: 30s
    labels: { team: web }
    rules:
      - record: job:errors:rate5m
        expr: sum by(job)( rate( errors_total [5m] ) )
      - alert: ShopDown
        expr: up == 0
        for: 5m
        keep_firing_for: 1h
        labels: { severity: critical, team: shop }
        annotations: { summary: '{{ $labels.job }} is down' }
  - name: empty
`)
  expect(answer.ok && answer.value).toEqual([
    {
      name: 'shop',
      file: 'rules.yml',
      intervalMs: 30_000,
      queryOffsetMs: undefined,
      limit: 0,
      rules: [
        {
          kind: 'recording',
          name: 'job:errors:rate5m',
          expr: 'sum by (job) (rate(errors_total[5m]))',
          labels: { team: 'web' },
        },
        {
          kind: 'alerting',
          name: 'ShopDown',
          expr: 'up == 0',
          forMs: 300_000,
          keepFiringForMs: 3_600_000,
          labels: { severity: 'critical', team: 'shop' },
          annotations: { summary: '{{ $labels.job }} is down' },
        },
      ],
    },
    { name: 'empty', file: 'rules.yml', intervalMs: undefined, queryOffsetMs: undefined, limit: 0, rules: [] },
  ])
})

test('everything that is wrong with it is said at once, with its place', () => {
  expect(
    problemsOf(`groups:
  - name: shop
    rules:
      - alert: A
        expr: rate(up)
      - alert: B
        expr: up
        fro: 5m
      - record: 1bad
        expr: sum(
        for: 5m
      - expr: up
      - alert: C
        expr: up
        for: soon
        annotations: { summary: '{{ .Nope' }
      - alert: D
        expr: up
        labels: { __name__: x }
        annotations: { summary: '{{ end }}' }
`),
  ).toMatchInlineSnapshot(`
    [
      "rules.yml:5:15 groups[0].rules[0].expr: "rate(up)": 1:6: parse error: expected type range vector in call to function "rate", got instant vector",
      "rules.yml:8:9 groups[0].rules[1].fro: there is no such key. Did you mean for?",
      "rules.yml:10:15 groups[0].rules[2].expr: "sum(": 1:5: parse error: unclosed left parenthesis",
      "rules.yml:9:17 groups[0].rules[2].record: "1bad": not a metric name. Letters, digits, _ and : are allowed, no digit first.",
      "rules.yml:11:14 groups[0].rules[2].for: "5m": 'for' is for alerting rules only.",
      "rules.yml:12:15 groups[0].rules[3].expr: "up": a rule has either 'record' or 'alert', and not both.",
      "rules.yml:15:14 groups[0].rules[4].for: "soon": not a duration. Write one such as 30s, 5m or 1h30m",
      "rules.yml:19:29 groups[0].rules[5].labels.__name__: "x": a rule cannot set __name__ by a label.",
      "rules.yml:20:33 groups[0].rules[5].annotations.summary: "{{ end }}": error parsing template __alert_template: template: __alert_template:1: unexpected {{end}}",
    ]
  `)
  expect(
    problemsOf(`groups:
  - name: shop
    rules:
      - { alert: A, expr: up }
      - { alert: A, expr: up }
  - name: shop
`),
  ).toMatchInlineSnapshot(`
    [
      "rules.yml:5:27 groups[0].rules[1].expr: "up": the same rule stands in this group already.",
      "rules.yml:6:11 groups[1].name: "shop": another group of this file has the same name.",
    ]
  `)
})
