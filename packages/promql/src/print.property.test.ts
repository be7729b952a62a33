import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Expr } from './ast.ts'
import { parse } from './parse.ts'
import { format, print } from './print.ts'
import { arbitraryQuery } from './testing/arbitrary-query.ts'

/** The tree without places: those are of the text, not of the query. */
const withoutPlaces = (expr: Expr): unknown =>
  JSON.parse(
    JSON.stringify(expr, (key, value: unknown) => {
      if (key === 'span' || key === 'opSpan') return undefined
      if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
      // printed in the order of their texts
      return key === 'matchers' && Array.isArray(value) ? value.map((item) => JSON.stringify(item)).sort() : value
    }),
  )

test('a printed query is the same query', () => {
  fc.assert(
    fc.property(arbitraryQuery, (text) => {
      const expr = parse(text)
      const printed = parse(print(expr))
      expect(withoutPlaces(printed)).toEqual(withoutPlaces(expr))
      expect(print(printed)).toBe(print(expr))
    }),
    { numRuns: 500 },
  )
})

test('a formatted query is the same query', () => {
  fc.assert(
    fc.property(arbitraryQuery, (text) => {
      const expr = parse(text)
      expect(print(parse(format(expr)))).toBe(print(expr))
    }),
    { numRuns: 300 },
  )
})
