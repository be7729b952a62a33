import { expect, test } from 'vitest'
import { matchesSomewhere, replaceMatches } from './regexp-search.ts'

test('matches anywhere, anchors where they are written', () => {
  expect([matchesSomewhere('a.c', 'xabcx'), matchesSomewhere('^b', 'abc'), matchesSomewhere('(?i)B', 'abc')]).toEqual([
    true,
    false,
    true,
  ])
  expect(() => matchesSomewhere('(', 'x')).toThrow('error parsing regexp: missing closing ): `(`')
})

test.each<[string, string, string, string]>([
  ['(a)b', 'x$1', 'abab', 'xaxa'],
  ['(.*):.*', '$1', 'host:80', 'host'],
  ['(?P<n>\\d+)', '<${n}>', 'a1b22', 'a<1>b<22>'],
  ['a*', 'x', 'baac', 'xbxcx'],
  ['', '-', 'ab', '-a-b-'],
  ['b', '$1$$', 'abc', 'a$c'],
  ['b', '$1x', 'abc', 'ac'],
])('%s by %s in %s', (pattern, replacement, text, expected) => {
  expect(replaceMatches(pattern, replacement, text)).toBe(expected)
})
