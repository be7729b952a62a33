import { expect, it } from 'vitest'
import { parseSearch, searchText, searchTexts, stringifySearch } from './search.ts'

it('keeps a search there and back', () => {
  const search = { q: ['rate(a[5m])', 'b{c="d&e"} + 1'], range: '3h', from: '2026-11-21T03:00:00Z' }
  expect(parseSearch(stringifySearch(search))).toEqual(search)
})

it('leaves out what is not there', () => {
  expect(stringifySearch({ a: undefined })).toBe('')
  expect(searchText({}, 'a')).toBeUndefined()
  expect(searchTexts({ a: 'x' }, 'a')).toEqual(['x'])
})
