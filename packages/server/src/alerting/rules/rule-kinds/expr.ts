import { isLogRule } from '@tidewatch/logquery/rule-expression.ts'
import { compiled, defineRuleKind } from '../rule-kind.ts'
import { checkPromql } from '../values/over-time.ts'
import { text } from '../written-scalars.ts'

export const expr = defineRuleKind({
  kind: 'expr',
  title: 'Query',
  summary: 'Fires for every series that a PromQL expression gives.',
  example: `- name: ServiceDown
  expr: up == 0
  for: 1m
  severity: critical
  message: '{{ $labels.instance }} of {{ $labels.job }} does not answer'`,
  schema: text,
  compile(written, { name, values, windowMs, by }) {
    if (isLogRule(written)) return [compiled(written.trim(), `${name}: {{ $value }}`)]
    const query = values.read(written, { windowMs, by })
    checkPromql(query)
    return [compiled(query, `${name}: {{ $value }}`)]
  },
})
