import { expect, it } from 'vitest'
import { markOf, missingEnd, placeOf, queryFault } from './query-fault.ts'

it('finds nothing wrong with queries that can be read, and with none', async () => {
  expect(await queryFault('', 'logql')).toBeUndefined()
  expect(await queryFault('level: error and not (a or b)', 'kql')).toBeUndefined()
  expect(await queryFault('level:error AND NOT (a OR b)', 'lucene')).toBeUndefined()
  expect(await queryFault('{app="a"} |= "b" | json', 'logql')).toBeUndefined()
})

it('tells what is wrong and where, in each language', async () => {
  for (const [language, text, place] of [
    ['kql', 'level: error and (a or b', 'Column 25'],
    ['lucene', 'level:error AND (a OR b', 'Column 24'],
    ['logql', '{app="a"} |= ', 'Column 14'],
    ['kql', 'level: error and\n(a', 'Line 2, column 3'],
  ] as const) {
    const fault = await queryFault(text, language)
    expect(fault?.message).not.toMatch(/at character|parse error at/)
    expect(fault && placeOf(text, fault), `${language} ${fault?.message}`).toBe(place)
    expect(fault && markOf(text, fault).message).toBe(fault?.message)
  }
})

it('knows what is missing at the end', () => {
  expect(['(a', 'a: { b: (c', 'a: "b', '(a: "(b', 'a)', '(a]', 'a', 'a: \\(', '("a)"'].map(missingEnd)).toEqual([
    ...[')', ')}', '"', '")', '', '', '', '', ')'],
  ])
})
