import fc from 'fast-check'
import { expect, it } from 'vitest'
import { compareUtf8, Labels } from './labels.ts'

it('orders texts as their UTF-8 bytes are ordered', () => {
  const text = fc.string({
    unit: fc.oneof(
      fc.constantFrom('a', 'ü', '\uffee', '\u{10000}', '\u{10001}', '\u{10ffff}', '\u{1f600}'),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    ),
  })
  fc.assert(
    fc.property(
      text,
      text,
      (a, b) => Math.sign(compareUtf8(a, b)) === Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b))),
    ),
    { numRuns: 2000 },
  )
})

it('sorts labels, keeps the last of a name and drops empty values', () => {
  const labels = Labels.from([
    ['b', '1'],
    ['a', ''],
    ['__name__', 'up'],
    ['b', '2'],
  ])
  expect(labels.flat).toEqual(['__name__', 'up', 'b', '2'])
  expect(labels.toString()).toBe('up{b="2"}')
  expect(labels.get('a')).toBe('')
})
