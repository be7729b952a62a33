import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseGrouping } from './grouping.ts'

const plain = { isJobEncoded: false }

describe('the path of a push', () => {
  it.each([
    ['j', [['job', 'j']]],
    [
      'j/b/2/a/1',
      [
        ['a', '1'],
        ['b', '2'],
        ['job', 'j'],
      ],
    ],
    [
      'j/empty@base64/=',
      [
        ['empty', ''],
        ['job', 'j'],
      ],
    ],
    ['j/job/other', [['job', 'j']]],
  ])('%s', (path, grouping) => {
    expect(parseGrouping(path, plain)).toEqual(grouping)
  })

  it('gives back whatever was encoded, padded or not', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), fc.boolean(), (text, isPadded) => {
        const encoded = Buffer.from(text).toString('base64url') + (isPadded ? '==' : '')
        const grouping = parseGrouping(`${encoded}/path@base64/${encoded}`, { isJobEncoded: true })
        expect(Object.fromEntries(grouping)).toEqual({ job: text, path: text })
      }),
    )
  })

  it.each([
    ['', 'job name is required'],
    ['j/a', 'the path has a label without a value: "j/a"'],
    ['j/a/', 'label "a" of the path is empty'],
    ['j/0a/1', 'improper label name "0a" in the path'],
    ['j/__name__/1', 'improper label name "__name__" in the path'],
    ['j/a@base64/***', 'invalid base64 encoding for label a="***"'],
    ['j/a@base64/_w', 'invalid base64 encoding for label a="_w"'],
    [`j${'/a/1'.repeat(31)}`, 'the path has more than 30 labels'],
    [`j/a/${'x'.repeat(1025)}`, 'label "a" of the path is longer than 1024 characters'],
  ])('refuses %j', (path, message) => {
    expect(() => parseGrouping(path, plain)).toThrow(message)
  })
})
