import { formatProblem } from '@tidewatch/core/error.ts'
import { expect, test } from 'vitest'
import { readWrittenYaml } from '../../config/yaml.ts'
import { readRuleFile } from './rule-file.ts'

function read(text: string) {
  return readRuleFile({ name: 'rules.yml', path: '/etc/rules.yml', text }, readWrittenYaml)
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
      "rules.yml:5:15 groups[0].rules[0].expr: "rate(up)": could not parse expression: 1:6: parse error: expected type range vector in call to function "rate", got instant vector",
      "rules.yml:8:9 groups[0].rules[1].fro: there is no such key. Did you mean for?",
      "rules.yml:9:17 groups[0].rules[2].record: "1bad": invalid field 'for' in recording rule",
      "rules.yml:10:15 groups[0].rules[2].expr: "sum(": could not parse expression: 1:5: parse error: unclosed left parenthesis",
      "rules.yml:12:9 groups[0].rules[3]: "{\\"expr\\":\\"up\\"}": one of 'record' or 'alert' must be set",
      "rules.yml:15:14 groups[0].rules[4].for: "soon": not a duration. Write one such as 30s, 5m or 1h30m",
      "rules.yml:19:29 groups[0].rules[5].labels.__name__: "x": invalid label name: __name__",
      "rules.yml:20:33 groups[0].rules[5].annotations.summary: "{{ end }}": error parsing template __alert_D: template: __alert_D:1: unexpected {{end}}",
    ]
  `)
  expect(problemsOf('groups: [{ name: shop }, { name: shop }]')).toMatchInlineSnapshot(`
    [
      "rules.yml:1:34 groups[1].name: "shop": another group of this file has the same name.",
    ]
  `)
})

test('what Prometheus lets pass: rules twice, any UTF-8 name, a second document, for: 0s of a recording rule', () => {
  const answer = read(`
groups:
  - name: shop
    limit: -1
    rules:
      - { alert: A, expr: up }
      - { alert: A, expr: up }
      - { record: größe.total, expr: 1, for: 0s, annotations: {}, labels: { 'a.b': c } }
---
not: read
`)
  expect(answer.ok && answer.value[0]?.rules.map(({ name }) => name)).toEqual(['A', 'A', 'größe.total'])
})

test('text stays as it is written, where YAML sees a number or a time', () => {
  const answer = read(`
groups:
  - name: 1.10
    rules:
      - { record: a, expr: 0x10, labels: { version: 1.10, since: 2024-01-31, on: yes } }
`)
  expect(answer.ok && answer.value).toMatchObject([
    { name: '1.10', rules: [{ expr: '16', labels: { version: '1.10', since: '2024-01-31', on: 'yes' } }] },
  ])
})
