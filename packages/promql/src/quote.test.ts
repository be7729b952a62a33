import fc from 'fast-check'
import { expect, test } from 'vitest'
import { goQuote, goQuoteRune, goUnicode, goUnquote } from './quote.ts'

test.each<[string, string]>([
  ['plain', '"plain"'],
  ['a"b\\c', '"a\\"b\\\\c"'],
  ['\x07\b\f\n\r\t\v', '"\\a\\b\\f\\n\\r\\t\\v"'],
  ['\x00\x7f', '"\\x00\\x7f"'],
  ['ö 世 😀', '"ö 世 😀"'],
  ['\u00a0\u200b\u{e0001}', '"\\u00a0\\u200b\\U000e0001"'],
  ['\udcff', '"\\xff"'],
])('%j is quoted as %s', (text, quoted) => expect(goQuote(text)).toBe(quoted))

test('a character is quoted and named as Go does', () => {
  expect([goQuoteRune('a'), goQuoteRune("'"), goQuoteRune('\n'), goQuoteRune('')]).toEqual([
    "'a'",
    "'\\''",
    "'\\n'",
    "'\ufffd'",
  ])
  expect([goUnicode('c'), goUnicode('\n'), goUnicode('😀')]).toEqual(["U+0063 'c'", 'U+000A', "U+1F600 '😀'"])
})

test('bytes that are not UTF-8 stay apart from one another and come back', () => {
  expect(goUnquote('"\\xff"')).not.toBe(goUnquote('"\\xfe"'))
  for (const quoted of ['"\\xff\\xfe"', '"a\\xc3"', '"\\xed\\xa0\\x80"', '"\\xf0\\x9f\\x98"']) {
    expect(goQuote(goUnquote(quoted))).toBe(quoted)
  }
})

test('bytes that together are a character are that character', () => {
  expect(goUnquote('"\\xf0\\x9f\\x98\\x80 \\303\\266"')).toBe('😀 ö')
})

test('what is quoted comes back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(goUnquote(goQuote(text.toWellFormed()))).toBe(text.toWellFormed())
    }),
  )
})
