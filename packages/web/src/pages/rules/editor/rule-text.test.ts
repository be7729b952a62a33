import type { CheckedRule } from '@tidewatch/api/rules.ts'
import { expect, it } from 'vitest'
import { textOfKind, textOfRule } from './rule-text.ts'

const base: CheckedRule = { name: 'A', group: 'api', file: 'r.yml', kind: 'prometheus', query: 'up == 0', labels: {} }

it('writes a rule of PromQL as a file of Prometheus', () => {
  const rule: CheckedRule = {
    ...base,
    forMs: 120_000,
    keepFiringForMs: 60_000,
    labels: { severity: 'critical', code: '500' },
    annotations: { summary: "it's {{ $value }}", text: 'a\nb' },
  }
  expect(textOfRule(rule)).toBe(`groups:
  - name: api
    rules:
      - alert: A
        expr: up == 0
        for: 2m
        keep_firing_for: 1m
        labels:
          severity: critical
          code: '500'
        annotations:
          summary: "it's {{ $value }}"
          text: |-
            a
            b
`)
  expect(textOfRule({ ...base, kind: 'record', name: 'a:b', query: 'sum(up)' })).toBe(`groups:
  - name: api
    rules:
      - record: 'a:b'
        expr: sum(up)
`)
})

it('writes a rule of our own as it was written', () => {
  const written = {
    name: 'q',
    threshold: { above: { warning: 5, critical: 20.5 } },
    window: 120,
    actions: ['slack', 'on'],
    message: '  indented\n',
  }
  expect(textOfRule({ ...base, kind: 'threshold', written })).toBe(`rules:
  - name: q
    threshold:
      above:
        warning: 5
        critical: 20.5
    window: 120
    actions: [slack, 'on']
    message: "  indented\\n"
`)
})

it('makes a file of an example', () => {
  expect(textOfKind({ example: '- name: a\n  threshold: 1' })).toBe('rules:\n  - name: a\n    threshold: 1\n')
})
