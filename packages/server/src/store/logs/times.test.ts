import { defaultProject } from '@tidewatch/core/matcher.ts'
import { allOf, anyOf, everything, type Predicate, testOf } from '@tidewatch/logquery/predicate.ts'
import { expect, test } from 'vitest'
import { withinTimes } from './times.ts'

const time = (within: { readonly fromNs?: bigint; readonly toNs?: bigint }): Predicate =>
  testOf({ kind: 'column', column: 'time' }, { op: 'time', ...within })
const word = testOf({ kind: 'column', column: 'service' }, { op: 'exists' })
const filter = { projects: [defaultProject], predicate: everything, fromNs: 10n, toNs: 100n }

test('times that hold for all lines narrow the span, whose end is not in it', () => {
  const within = (predicate: Predicate) => withinTimes({ ...filter, predicate })
  expect(within(time({ fromNs: 20n, toNs: 30n }))).toEqual({ ...filter, fromNs: 20n, toNs: 31n })
  expect(within(allOf([word, time({ fromNs: 20n }), time({ toNs: 50n }), time({ fromNs: 5n, toNs: 200n })]))).toEqual({
    ...{ ...filter, fromNs: 20n, toNs: 51n },
    predicate: word,
  })
  expect(within(time({ fromNs: 300n }))).toEqual({ ...filter, fromNs: 300n, toNs: 300n })
})

test('times that hold for some lines stay in the predicate', () => {
  const some = { ...filter, predicate: anyOf([word, time({ fromNs: 20n })]) }
  expect(withinTimes(some)).toBe(some)
})
