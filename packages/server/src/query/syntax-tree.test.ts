import { parse } from '@tidewatch/promql/parse.ts'
import { signatures } from '@tidewatch/promql/signatures.ts'
import { expect, test } from 'vitest'
import { syntaxTree } from './syntax-tree.ts'

const treeOf = (query: string): object => syntaxTree(parse(query))
const noModifiers = { offset: 0, timestamp: null, startOrEnd: null, anchored: false, smoothed: false }

test('aggregations, calls and ranges', () => {
  expect(treeOf('sum by (job) (rate(m{a!="b"}[5m] offset -1m))')).toEqual({
    ...{ type: 'aggregation', op: 'sum', param: null, grouping: ['job'], without: false },
    expr: {
      type: 'call',
      func: { name: 'rate', argTypes: ['matrix'], variadic: 0, returnType: 'vector' },
      args: [
        {
          ...{ type: 'matrixSelector', name: 'm', range: 300_000, ...noModifiers, offset: -60_000 },
          matchers: [
            { name: 'a', value: 'b', type: '!=' },
            { name: '__name__', value: 'm', type: '=' },
          ],
        },
      ],
    },
  })
  expect(treeOf('topk(3, m)')).toMatchObject({ op: 'topk', param: { type: 'numberLiteral', val: '3' } })
})

test('operators with how their sides are matched', () => {
  expect(treeOf('a * on (x) group_left (y) b')).toMatchObject({
    ...{ type: 'binaryExpr', op: '*', bool: false, lhs: { name: 'a' }, rhs: { name: 'b' } },
    matching: { card: 'many-to-one', labels: ['x'], on: true, include: ['y'] },
  })
  expect(treeOf('a > bool 1')).toMatchObject({ bool: true, matching: null, rhs: { type: 'numberLiteral' } })
  expect(treeOf('-(a)')).toMatchObject({ type: 'unaryExpr', op: '-', expr: { type: 'parenExpr' } })
})

test('subqueries, times and texts', () => {
  expect(treeOf('max_over_time(m[1h:5m] @ end())')).toMatchObject({
    args: [{ type: 'subquery', range: 3_600_000, step: 300_000, offset: 0, timestamp: null, startOrEnd: 'end' }],
  })
  expect(treeOf('m @ 12.5')).toMatchObject({ type: 'vectorSelector', timestamp: 12_500, startOrEnd: null })
  expect(treeOf('"text"')).toEqual({ type: 'stringLiteral', val: 'text' })
})

test.each([
  ['1e23', '100000000000000000000000'],
  ['1.5e-7', '0.00000015'],
  ['Inf', '+Inf'],
  ['NaN', 'NaN'],
  ['5m', '300'],
])('the number %s is %s', (query, text) => {
  expect(treeOf(query)).toEqual({ type: 'numberLiteral', val: text })
})

test('every function has its signature', () => {
  expect(Object.keys(signatures).length).toBeGreaterThan(80)
  expect(treeOf('round(m)')).toMatchObject({ func: { argTypes: ['vector', 'scalar'], variadic: 1 } })
})
