import { Labels } from '@tidewatch/core/labels.ts'
import { expect, test } from 'vitest'
import { comparisonOf, holds } from './comparison.ts'

test.each([
  ['rate(errors[5m]) > 0.05', 'rate(errors[5m])', '>', '0.05', []],
  ['(up == 0)', 'up', '==', '0', []],
  ['10 < balance', 'balance', '>', '10', []],
  ['gas > 2 * avg_over_time(gas[30d])', 'gas', '>', '2 * avg_over_time(gas[30d])', []],
  ['errors > 0.05 and on (job) calls > 10', 'errors', '>', '0.05', ['and calls > 10']],
] as const)('%s', (query, value, operator, threshold, beside) => {
  expect(comparisonOf(query)).toMatchObject({ value, operator, threshold, beside })
})

test.each(['absent(up)', 'up > bool 0', 'a > 1 or b > 1', 'up'])('%s is no comparison', (query) => {
  expect(comparisonOf(query)).toBeUndefined()
})

test('samples of both sides are joined as the operator joins them', () => {
  const a = Labels.from({ __name__: 'a', job: 'x', instance: '1' })
  const b = Labels.from({ __name__: 'b', job: 'x' })
  expect(comparisonOf('a > on (job) group_left () b')?.keyOf(a)).toBe(comparisonOf('a > on (job) b')?.keyOf(b))
  expect(comparisonOf('a > ignoring (instance) b')?.keyOf(a)).toBe(comparisonOf('a > b')?.keyOf(b))
})

test('compares as PromQL does', () => {
  expect([holds(1, '>', 0), holds(0, '==', 0), holds(Number.NaN, '!=', 0), holds(1, '<=', 0)]).toEqual([
    true,
    true,
    true,
    false,
  ])
})
