import type { LogLanguage } from '@tidewatch/api/logs.ts'
import { parseKql } from '@tidewatch/logquery/kql/parse.ts'
import { parse as parseLogql } from '@tidewatch/logquery/logql/parse.ts'
import { parseLucene } from '@tidewatch/logquery/lucene/parse.ts'
import { expect, it } from 'vitest'
import { queryOf, withFilter } from './filters.ts'

const filtered = (
  language: LogLanguage,
  query: string,
  field: string,
  value: string | number | boolean,
  negate = false,
): string => withFilter({ query, language }, { field, value, negate })

it('writes the clause of a value in each language', () => {
  expect(filtered('kql', '', 'level', 'error')).toBe('level: "error"')
  expect(filtered('kql', '', 'path', '/a "b"', true)).toBe('not path.keyword: "/a \\"b\\""')
  expect(filtered('kql', 'timeout', 'status', 502)).toBe('timeout and status: 502')
  expect(filtered('lucene', '', 'path', '/a "b"')).toBe('path.keyword:"/a \\"b\\""')
  expect(filtered('lucene', 'timeout', 'ok', false, true)).toBe('timeout AND NOT ok:false')
  expect(filtered('logql', '', 'service', 'api')).toBe('{service_name=~".+"} | service_name="api"')
  expect(filtered('logql', '{app="a"} | json', 'http.status', 502, true)).toBe('{app="a"} | json | http_status!="502"')
  expect(filtered('logql', '{app="a"}', 'message', 'no "x"', true)).toBe('{app="a"} != "no \\"x\\""')
})

it('keeps what was meant together in brackets', () => {
  expect(filtered('kql', 'a or b', 'level', 'error')).toBe('(a or b) and level: "error"')
  expect(filtered('kql', 'a and b', 'level', 'error')).toBe('a and b and level: "error"')
  expect(filtered('kql', 'a: (', 'level', 'error')).toBe('(a: () and level: "error"')
  expect(filtered('lucene', 'a b', 'level', 'error')).toBe('a b AND level:"error"')
  expect(filtered('lucene', 'x:a y:b', 'level', 'error')).toBe('(x:a y:b) AND level:"error"')
  expect(filtered('lucene', 'a AND b', 'level', 'error')).toBe('a AND b AND level:"error"')
})

it('does nothing twice, and turns a filter round', () => {
  for (const language of ['kql', 'lucene', 'logql'] as const) {
    const once = filtered(language, '', 'level', 'error')
    const twice = filtered(language, once, 'user_id', 'u1')
    expect(filtered(language, twice, 'level', 'error')).toBe(twice)
    const turned = filtered(language, twice, 'level', 'error', true)
    expect(turned).not.toBe(twice)
    expect(filtered(language, turned, 'level', 'error')).toBe(twice)
  }
})

it('writes what can be read, whatever names and values hold', () => {
  const odd = ['a b', 'say "hi"', '\\', 'a\\"b', 'x) or (y', '*', 'NOT', '#{}', 'ü🙂', 'line\nbreak', '']
  for (const field of ['a', 'a b', 'http.status', 'x:y', '1st', 'or', '@timestamp'])
    for (const value of odd)
      for (const negate of [false, true]) {
        expect(() => parseKql(filtered('kql', 'timeout', field, value, negate))).not.toThrow()
        expect(() => parseLucene(filtered('lucene', 'timeout', field, value, negate))).not.toThrow()
        expect(() => parseLogql(filtered('logql', '', field, value, negate))).not.toThrow()
      }
})

it('asks for one value alone', () => {
  expect(queryOf('kql', 'trace_id', '4bf9')).toBe('trace_id.keyword: "4bf9"')
})
