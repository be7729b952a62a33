import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createMatcher, formatMatcher, formatMatchers, fromApiMatcher, toApiMatcher } from './matcher.ts'
import { parseMatcher, parseMatchers } from './parse-matchers.ts'
import type { LabelMatcher } from './port.ts'

const text = fc.string({ unit: 'binary', maxLength: 12 }).filter((value) => value.isWellFormed())
const name = text.filter((value) => value !== '')
const signs = fc.string({
  unit: fc.constantFrom('a', ' ', '"', '\\', '{', '}', ',', '=', '!', '~', '\n', "'"),
  maxLength: 8,
})
const value = fc.oneof(text, signs)
const exact = fc
  .tuple(
    fc.oneof(
      name,
      signs.filter((word) => word !== ''),
    ),
    fc.constantFrom('=' as const, '!=' as const),
    value,
  )
  .map(([label, op, wanted]) => createMatcher(label, op, wanted))
const escaped = (literal: string): string =>
  literal.replace(/[^\p{L}\p{N}]/gu, (sign) => `\\x{${sign.codePointAt(0)?.toString(16)}}`)
const expression = fc
  .tuple(name, fc.constantFrom('=~' as const, '!~' as const), value)
  .map(([label, op, wanted]) => createMatcher(label, op, escaped(wanted)))
const matcher = fc.oneof(exact, expression)

const plain = ({ name: label, op, value: wanted }: LabelMatcher) => [label, op, wanted]

test('a matcher that is printed is read back', () => {
  fc.assert(
    fc.property(matcher, (one) => {
      // a brace at the very end is not allowed for one matcher: it is always behind a quote here
      expect(plain(parseMatcher(formatMatcher(one), 'utf8'))).toEqual(plain(one))
    }),
  )
})

test('a list of matchers that is printed is read back', () => {
  fc.assert(
    fc.property(fc.array(matcher, { maxLength: 4 }), (all) => {
      expect(parseMatchers(formatMatchers(all), 'utf8').map(plain)).toEqual(all.map(plain))
    }),
  )
})

test('a matcher survives the JSON of API v2', () => {
  fc.assert(
    fc.property(matcher, (one) => {
      expect(plain(fromApiMatcher(JSON.parse(JSON.stringify(toApiMatcher(one)))))).toEqual(plain(one))
    }),
  )
})

test('an operator and its opposite never agree', () => {
  const opposite = { '=': '!=', '!=': '=', '=~': '!~', '!~': '=~' } as const
  fc.assert(
    fc.property(matcher, value, (one, found) => {
      expect(createMatcher(one.name, opposite[one.op], one.value).matches(found)).toBe(!one.matches(found))
    }),
  )
})

test('no text makes the readers fall over', () => {
  fc.assert(
    fc.property(fc.oneof(text, signs), (written) => {
      for (const mode of ['classic', 'utf8', 'fallback'] as const) {
        try {
          parseMatchers(written, mode)
        } catch (error) {
          expect((error as { code?: string }).code).toBe('alerts.bad_matcher')
        }
      }
    }),
    { numRuns: 500 },
  )
})
