import { expect, test } from 'vitest'
import { completeQuery } from './complete.ts'

/** `|` is the cursor. */
const at = (marked: string, language: 'lucene' | 'kql') => {
  const cursor = marked.indexOf('|')
  const { kinds, from, to, prefix, field, isQuoted } = completeQuery(marked.replace('|', ''), cursor, language)
  return { kinds: kinds.join(' '), from, to, prefix, field, isQuoted }
}

test.each([
  ['|', 'lucene', { kinds: 'field', from: 0, to: 0, prefix: '', field: undefined, isQuoted: false }],
  ['lev|', 'lucene', { kinds: 'field', from: 0, to: 3, prefix: 'lev', field: undefined, isQuoted: false }],
  ['le|vel', 'kql', { kinds: 'field', from: 0, to: 5, prefix: 'le', field: undefined, isQuoted: false }],
  ['level:|', 'lucene', { kinds: 'value', from: 6, to: 6, prefix: '', field: 'level', isQuoted: false }],
  ['level:er|', 'lucene', { kinds: 'value', from: 6, to: 8, prefix: 'er', field: 'level', isQuoted: false }],
  ['level: er|', 'kql', { kinds: 'value', from: 7, to: 9, prefix: 'er', field: 'level', isQuoted: false }],
  ['service:"leg|"', 'kql', { kinds: 'value', from: 9, to: 12, prefix: 'leg', field: 'service', isQuoted: true }],
  ['service:"leg|', 'kql', { kinds: 'value', from: 9, to: 12, prefix: 'leg', field: 'service', isQuoted: true }],
  [
    'level:error |',
    'lucene',
    { kinds: 'joint field', from: 12, to: 12, prefix: '', field: undefined, isQuoted: false },
  ],
  ['level:error AND |', 'lucene', { kinds: 'field', from: 16, to: 16, prefix: '', field: undefined, isQuoted: false }],
  [
    'level:error and ser|',
    'kql',
    { kinds: 'field', from: 16, to: 19, prefix: 'ser', field: undefined, isQuoted: false },
  ],
  ['status |', 'kql', { kinds: 'operator joint field', from: 7, to: 7, prefix: '', field: undefined, isQuoted: false }],
  ['status >= |', 'kql', { kinds: 'value', from: 10, to: 10, prefix: '', field: 'status', isQuoted: false }],
  ['status:>5|', 'lucene', { kinds: 'value', from: 8, to: 9, prefix: '5', field: 'status', isQuoted: false }],
  ['level:(error OR f|)', 'lucene', { kinds: 'value', from: 16, to: 17, prefix: 'f', field: 'level', isQuoted: false }],
  [
    'level:(error) AND x|',
    'lucene',
    { kinds: 'field', from: 18, to: 19, prefix: 'x', field: undefined, isQuoted: false },
  ],
  ['items:{ name:b|', 'kql', { kinds: 'value', from: 13, to: 14, prefix: 'b', field: 'items.name', isQuoted: false }],
  [
    '@timestamp:[now-1h TO n|',
    'lucene',
    { kinds: 'value', from: 22, to: 23, prefix: 'n', field: '@timestamp', isQuoted: false },
  ],
  [
    'NOT (host.na|',
    'lucene',
    { kinds: 'field', from: 5, to: 12, prefix: 'host.na', field: undefined, isQuoted: false },
  ],
] as const)('%s in %s', (marked, language, wanted) => {
  expect(at(marked, language)).toEqual(wanted)
})

test('the words are those of the language', () => {
  expect(completeQuery('a:b ', 4, 'kql').words).toEqual(['and', 'or', 'not'])
  expect(completeQuery('a:b ', 4, 'lucene').words).toEqual(['AND', 'OR', 'NOT'])
  expect(completeQuery('status ', 7, 'kql').words).toContain('>=')
  expect(completeQuery('a:[1 ', 5, 'lucene').words).toContain('TO')
})
