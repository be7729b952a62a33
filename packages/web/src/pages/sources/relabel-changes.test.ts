import type { RelabelRule, RelabelStep } from '@tidewatch/api/prometheus.ts'
import { expect, it } from 'vitest'
import { ruleText, tellSteps } from './relabel-changes.ts'

const rule = (more: Partial<RelabelRule> = {}): RelabelRule => ({
  source_labels: [],
  separator: ';',
  regex: '(.*)',
  target_label: '',
  replacement: '$1',
  action: 'replace',
  ...more,
})
const step = (output: Record<string, string>, keep = true): RelabelStep => ({ rule: rule(), output, keep })

it('tells what each rule set, changed and removed, and which one dropped the target', () => {
  const told = tellSteps({ a: '1', b: '2' }, [
    step({ a: '1', b: '2' }),
    step({ a: '9', c: '3' }),
    step({}, false),
    step({}, false),
  ])
  expect(told.map(({ outcome }) => outcome)).toEqual(['unchanged', 'changed', 'dropped', 'skipped'])
  expect(told[1]?.changes).toEqual([
    { kind: 'changed', name: 'a', before: '1', after: '9' },
    { kind: 'removed', name: 'b', before: '2', after: '' },
    { kind: 'set', name: 'c', before: '', after: '3' },
  ])
})

it('writes a rule as it stands in the file', () => {
  expect(ruleText(rule({ source_labels: ['__address__'], regex: '(.*):.*', target_label: 'host' }))).toBe(
    'action: replace\nsource_labels: [__address__]\nregex: (.*):.*\ntarget_label: host',
  )
  expect(ruleText(rule({ action: 'labeldrop' }))).toBe('action: labeldrop\nregex: (.*)')
  expect(ruleText(rule({ action: 'hashmod', modulus: 8, separator: '@', replacement: '' }))).toBe(
    'action: hashmod\nseparator: "@"\nmodulus: 8\nreplacement: ""',
  )
})
