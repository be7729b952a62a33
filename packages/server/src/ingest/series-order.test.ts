// That a series is found by the one before it changes nothing but the time it takes: whatever the order of requests, every sample gets the series that
// its labels name.
import { Labels } from '@tidewatch/core/labels.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import { SampleBatch } from '@tidewatch/core/sample-batch.ts'
import { label, sample, series } from '@tidewatch/testkit/write-request.ts'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { headForTest } from '../head/head-for-test.ts'
import type { SeriesRef } from '../head/port.ts'
import { RemoteWriteDecoder } from './remote-write-decode.ts'

// one's labels begin with all of another's, and some need more than a byte for their length
const labelSets: readonly Readonly<Record<string, string>>[] = [
  { __name__: 'a' },
  { __name__: 'a', z: '1' },
  { __name__: 'a', z: '1', zz: 'x'.repeat(200) },
  { __name__: 'b', long: 'y'.repeat(300) },
  { __name__: 'b' },
]

function decode(
  head: ReturnType<typeof headForTest>,
  project: ProjectId,
  order: readonly number[],
  guesses: { right: number },
) {
  const { index } = head
  const body = Buffer.concat(
    order.map((number, i) => series(labelSets[number] as Record<string, string>, [[i, number]])),
  )
  const batch = new SampleBatch(4)
  const counting = {
    guess: (...args: Parameters<typeof index.guess>) => {
      const ref = index.guess(...args)
      if (ref >= 0) guesses.right++
      return ref
    },
    encodedLength: (ref: number) => index.encodedLength(ref),
    note: (after: number, ref: number) => index.note(after, ref),
  }
  const decoder = new RemoteWriteDecoder(
    body,
    batch,
    (bytes, start, end) => index.resolveEncoded(project, bytes, start, end),
    { order: counting, project },
  )
  while (!decoder.step(2));
  return batch
}

it('gives every sample its own series, in whatever order they come', () => {
  const guesses = { right: 0 }
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          project: fc.constantFrom(1, 2),
          order: fc.array(fc.integer({ min: 0, max: labelSets.length - 1 }), { maxLength: 12 }),
        }),
        { maxLength: 8 },
      ),
      (requests) => {
        using head = headForTest()
        for (const { project, order } of requests) {
          const batch = decode(head, project as ProjectId, order, guesses)
          expect(batch.length).toBe(order.length)
          for (const [i, number] of order.entries()) {
            const ref = batch.refs[i] as SeriesRef
            expect(head.index.labels(ref).key()).toBe(Labels.from(labelSets[number] as Record<string, string>).key())
            expect(head.index.project(ref)).toBe(project)
            expect(batch.values[i]).toBe(number)
          }
        }
      },
    ),
  )
  // or nothing was tested
  expect(guesses.right).toBeGreaterThan(100)
})

it('does not take labels that stand apart from the first for the whole of them', () => {
  using head = headForTest()
  const { index } = head
  const project = 1 as ProjectId
  const apart = Buffer.concat([label('__name__', 'b'), sample(5, 7), label('z', '1')])
  const message = (bytes: Buffer): Buffer => Buffer.concat([Buffer.of(0x0a, bytes.length), bytes])
  const decodeAll = (...parts: Uint8Array[]): string[] => {
    const batch = new SampleBatch(4)
    const decoder = new RemoteWriteDecoder(
      Buffer.concat(parts),
      batch,
      (bytes, start, end) => index.resolveEncoded(project, bytes, start, end),
      { order: index, project },
    )
    while (!decoder.step(10));
    return Array.from({ length: batch.length }, (_, i) => index.labels(batch.refs[i] as SeriesRef).toString())
  }
  const a = series({ __name__: 'a' }, [[1, 1]])
  expect(decodeAll(a, series({ __name__: 'b' }, [[1, 1]]))).toEqual(['a', 'b'])
  expect(decodeAll(a, message(apart))).toEqual(['a', 'b{z="1"}'])
})
