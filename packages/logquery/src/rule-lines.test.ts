import { expect, test } from 'vitest'
import { parse } from './logql/parse.ts'
import { conditionOfRule, linesOfRule } from './rule-lines.ts'

test('a count leads to its lines, those of one group where it is one', () => {
  expect(linesOfRule('lucene("level:error OR level:fatal"[5m]) by (service, http.route) > 10')).toEqual({
    ...{ language: 'lucene', query: 'level:error OR level:fatal', windowMs: 300_000 },
  })
  const labels = { service: 'a "b"', http_route: '/x', severity: 'high' }
  expect(linesOfRule('lucene("level:error OR level:fatal"[5m]) by (service, http.route) > 10', labels).query).toBe(
    '(level:error OR level:fatal) AND service:"a \\"b\\"" AND http.route:"/x"',
  )
  expect(linesOfRule('kql(""[1h]) by (service)', { service: 'api' }).query).toBe('service:"api"')
})

test.each([
  [
    'sum by (service) (count_over_time({a="b", c=~"x|y"} |= "x[1m]" or "z" | json | d > 3 | line_format "{{.x}}" [5m])) > 2',
    '{a="b", c=~"x|y"} |= "x[1m]" or "z" | json | d > 3 | line_format "{{.x}}" | service="api"',
  ],
  [
    'quantile_over_time(0.99, {service="payments"} | json | unwrap duration_ms [5m]) by (service) > 2000',
    '{service="payments"} | json | service="api"',
  ],
  ['10 < rate(({a="b"} != "x")[5m])', '{a="b"} != "x"'],
  ['rate({a="b"}[5m] |= "x" | logfmt) / rate({a="c"}[5m])', '{a="b"} |= "x" | logfmt'],
])('%s leads to its lines', (text, lines) => {
  const found = linesOfRule(`logql(${text})`, { service: 'api' })
  expect(found).toMatchObject({ language: 'logql', query: lines, windowMs: 300_000 })
  expect(parse(found.query).kind).toBe('log')
})

test('a condition is taken apart', () => {
  expect(conditionOfRule('lucene("level:error"[5m]) by (service) >= 10')).toEqual({
    ...{ value: 'lucene("level:error"[5m]) by (service)', operator: '>=', threshold: 10 },
  })
  expect(conditionOfRule('logql(sum(rate({a="b"}[5m])) > 0.5)')).toEqual({
    ...{ value: 'logql(sum(rate({a="b"}[5m])))', operator: '>', threshold: 0.5 },
  })
  expect(conditionOfRule('kql("level:error"[5m])')).toBeUndefined()
  expect(conditionOfRule('logql(rate({a="b"}[5m]) > rate({a="c"}[5m]))')).toBeUndefined()
})
