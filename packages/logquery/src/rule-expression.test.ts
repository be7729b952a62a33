import { AppError } from '@tidewatch/core/error.ts'
import { expect, test } from 'vitest'
import { asLogqlRule, isLogRule, parseLogRule, printLogCount } from './rule-expression.ts'

test('a count is read as it is printed', () => {
  const count = {
    kind: 'count',
    language: 'kql',
    query: 'message: "a \\"b\\"" and level:error',
    windowMs: 300_000,
    by: ['service', 'http.route'],
    limit: { op: '>=', value: 10 },
  } as const
  const text = printLogCount(count)
  expect(text).toBe('kql("message: \\"a \\\\\\"b\\\\\\"\\" and level:error"[5m]) by (service, http.route) >= 10')
  expect(parseLogRule(text)).toEqual(count)
  expect(parseLogRule('lucene(`level:error`[1h])')).toEqual({
    ...{ kind: 'count', language: 'lucene', query: 'level:error', windowMs: 3_600_000, by: [], limit: undefined },
  })
})

test('LogQL stands between its brackets, and is known by itself', () => {
  const text = 'sum(rate({app="x"} |= "a" [5m])) > 1'
  expect(asLogqlRule(text)).toBe(`logql(${text})`)
  expect(parseLogRule(`logql(${text})`)).toMatchObject({ kind: 'logql', expr: { kind: 'binary' } })
  expect(isLogRule('up == 0')).toBe(false)
  expect(asLogqlRule('up == 0')).toBeUndefined()
  expect(asLogqlRule('1')).toBeUndefined()
  expect(asLogqlRule('{app="x"}')).toBeUndefined()
})

test.each([
  ['logql({app="x"})', 'gives lines'],
  ['logql(sum()', 'parse error'],
  ['lucene(level:error)', 'counts no lines'],
  ['lucene("level:("[5m])', 'character'],
  ['lucene("a"[0s])', 'no window'],
  ['lucene("a"[x])', 'no window'],
])('%s is refused', (text, words) => {
  let caught: unknown
  try {
    parseLogRule(text)
  } catch (error) {
    caught = error
  }
  expect(caught).toBeInstanceOf(AppError)
  expect(String(caught)).toContain(words)
})
