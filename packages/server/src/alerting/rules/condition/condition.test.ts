import { AppError } from '@tidewatch/core/error.ts'
import { parse } from '@tidewatch/promql/parse.ts'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { createValueNames } from '../values/named-values.ts'
import { compileCondition } from './compile.ts'

const values = createValueNames({ gas: 'gas_ton', ratio: 'a / b' })
const options = { values, windowMs: undefined, by: [] as string[] }
const compile = (text: string, by: readonly string[] = []): string => compileCondition(text, { ...options, by }).expr

describe('a condition as PromQL', () => {
  test.each([
    ['a > 1', 'a > 1'],
    ['1 < a', 'a > 1'],
    ['10 >= a', 'a <= 10'],
    ['a == true', 'a == 1'],
    ['paused', 'paused != 0'],
    ['!paused', 'paused == 0'],
    ['!(a > 1 && b < 2)', '(a <= 1) or on () (b >= 2)'],
    ['not a > 1 or b', '(a <= 1) or on () (b != 0)'],
    ['a > 1 && a < 5', '(a > 1) and (a < 5)'],
    ['a > 1 && b > 2 || c > 3', '((a > 1) and on () (b > 2)) or on () (c > 3)'],
    ['a > b', 'a > on () group_left () b'],
    ['a - b > 2 * c', '(a - on () group_left () b) > on () group_left () (2 * c)'],
    ['-a < -5', '(-1 * a) < -5'],
    ['a % 7 == 0', '(a % 7) == 0'],
    ['ratio > 0.5', '(a / b) > 0.5'],
    ['abs(a) > 1_000', 'abs(a) > 1000'],
    ['gas > avg(gas, "30d") * 2', 'gas_ton > (avg_over_time(gas_ton[30d]) * 2)'],
    ['ratio < ago(ratio, "1h")', '(a / b) < last_over_time((a / b)[5m:1m] offset 1h)'],
    ['a.b.c === 1', '{__name__=~"a_b_c|a[.]b[.]c"} == 1'],
    ['requests_total > 5 && time_window == "1h"', 'sum (increase(requests_total[1h])) > 5'],
    ['"10m" == window && load > 3', 'avg_over_time(load[10m]) > 3'],
  ])('%s', (text, expected) => {
    expect(compile(text)).toBe(expected)
    expect(() => parse(compile(text))).not.toThrow()
  })

  it('says by which labels two values belong together', () => {
    expect(compile('a > b && c > 1', ['contract'])).toBe(
      '(a > on (contract) group_left () b) and on (contract) (c > 1)',
    )
  })
})

test.each([
  ['', 'character 1: the condition ends where a value should stand.'],
  ['a >', 'character 4: the condition ends'],
  ['(a > 1', 'character 1: this parenthesis is not closed.'],
  ['a > 1)', 'character 6: ")" does not go on'],
  ['a b', 'character 3: "b" does not go on'],
  ['a > "x', 'character 5: the text does not end.'],
  ['(a > 1) + 2 > 3', 'a condition stands where a number should'],
  ['a + 1', 'says nothing that is true or not'],
  ['avg(a) > 1', 'avg takes the name of a value and a duration.'],
  ['avg(a, "soon") > 1', 'avg takes the name of a value and a duration.'],
  ['time_window > "5m" && a > 1', 'a window is said by == and a duration.'],
  ['time_window == "5m" && window == "6m" && a > 1', 'the window is said twice.'],
  ['('.repeat(60), 'nested too deeply'],
  ['a'.repeat(3000), 'the condition has 3000 characters'],
])('%s is told with its place', (text, message) => {
  expect(() => compile(text)).toThrow(message)
})

it('whatever is written is either told to be wrong, or a query', () => {
  const word = fc.constantFrom(
    ...[
      'a',
      'gas',
      'ratio',
      'historical_avg_gas',
      'error_rate',
      'x_total',
      '1',
      '0.5',
      '"5m"',
      'time_window',
      'avg',
      'ago',
    ],
    ...[
      '(',
      ')',
      ',',
      '+',
      '-',
      '*',
      '/',
      '%',
      '<',
      '>=',
      '==',
      '!=',
      '&&',
      '||',
      '!',
      'and',
      'not',
      'true',
      '{',
      '=',
      'é',
    ],
  )
  fc.assert(
    fc.property(fc.array(word, { maxLength: 14 }), (words) => {
      let expr: string
      try {
        expr = compile(words.join(' '))
      } catch (error) {
        expect(AppError.from(error).code).toBe('rules.invalid')
        return
      }
      parse(expr)
    }),
    { numRuns: 500 },
  )
})
