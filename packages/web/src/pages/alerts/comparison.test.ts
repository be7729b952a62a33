import { expect, it } from 'vitest'
import { splitComparison } from './comparison.ts'

it.each([
  ['up == 0', 'up', '==', 0],
  ['max by (chain) (lag_seconds{a="x > 1"}) > 300', 'max by (chain) (lag_seconds{a="x > 1"})', '>', 300],
  ['rate(errors_total[5m]) / rate(all_total[5m]) >= 1e-2', 'rate(errors_total[5m]) / rate(all_total[5m])', '>=', 0.01],
  ['a - b < -5', 'a - b', '<', -5],
  [
    'lucene("a:(b AND \\"c\\" or d) and x > 2"[5m]) by (service) >= 10',
    'lucene("a:(b AND \\"c\\" or d) and x > 2"[5m]) by (service)',
    '>=',
    10,
  ],
  ['kql(`a or b`[5m]) > 1', 'kql(`a or b`[5m])', '>', 1],
  ['logql(sum(rate({a="b"} |= "x or y" [5m])) > 0.5)', 'logql(sum(rate({a="b"} |= "x or y" [5m])))', '>', 0.5],
])('takes %s apart', (query, measured, operator, limit) => {
  expect(splitComparison(query)).toEqual({ measured, operator, limit })
})

it.each(['a > 1 and b > 2', 'absent(up)', 'sum(a > 1)', 'a > b', ''])('leaves %s alone', (query) => {
  expect(splitComparison(query)).toBeUndefined()
})
