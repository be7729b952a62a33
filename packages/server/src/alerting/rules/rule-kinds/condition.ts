import { compileCondition } from '../condition/compile.ts'
import type { RuleDatum } from '../rule-file.ts'
import { compiled, defineRuleKind } from '../rule-kind.ts'
import { text } from '../written-scalars.ts'

export const condition = defineRuleKind({
  kind: 'condition',
  title: 'Condition',
  summary: 'Fires while an expression over named values is true.',
  example: `- name: contract_low_balance
  condition: contract.balance < 10
  severity: critical
  message: Contract balance is down to {{ $value }} TON
  actions: [telegram, email, pagerduty]`,
  schema: text,
  compile(written, { values, windowMs, by }) {
    const { expr, values: used, windowMs: ownMs } = compileCondition(written, { values, windowMs, by })
    const data: RuleDatum[] = [...used].map(([name, query]) => ({ name: name.replaceAll('.', '_'), expr: query }))
    const annotations = { condition: written.trim().replaceAll('{{', '{ {') }
    const window = ownMs === undefined ? {} : { window: String(ownMs / 1000) }
    return [
      compiled(expr, `${annotations.condition}: it is {{ $value }}`, {
        annotations: { ...annotations, ...window },
        // of one value the alert's value is that already
        data: data.length > 1 ? data : [],
      }),
    ]
  },
})
