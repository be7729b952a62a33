import { isStaleAt, setStale } from '@tidewatch/core/stale.ts'
import { GrowingSampleBuffer } from '@tidewatch/promql/evaluate/sample-buffer.ts'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { idKey, StoredColumns } from './stored.ts'

/** A block of samples as [series, time, value]; 'stale' is the marker. */
function block(rows: readonly (readonly [number, number, number | 'stale'])[]) {
  const ids = Uint32Array.from(rows.flatMap(([series]) => [series, 0]))
  const values = new Float64Array(rows.length)
  const words = new Uint32Array(values.buffer)
  for (const [i, [, , value]] of rows.entries()) {
    if (value === 'stale') setStale(words, i)
    else values[i] = value
  }
  return { length: rows.length, ids, timesMs: Float64Array.from(rows, ([, atMs]) => atMs), values }
}

function read(columns: StoredColumns, series: number): [number, number | 'stale'][] {
  const buffer = new GrowingSampleBuffer()
  columns.read(idKey(series, 0), buffer)
  const words = new Uint32Array(buffer.values.buffer)
  return Array.from({ length: buffer.length }, (_, i) => [
    buffer.timesMs[i] as number,
    isStaleAt(words, i) ? 'stale' : (buffer.values[i] as number),
  ])
}

it('puts a series together that goes over several blocks', () => {
  const columns = new StoredColumns()
  columns.add(
    block([
      [1, 10, 1],
      [2, 10, 5],
      [2, 20, 6],
    ]),
    100,
  )
  columns.add(
    block([
      [2, 30, 7],
      [3, 10, 9],
    ]),
    100,
  )
  expect(read(columns, 2)).toEqual([
    [10, 5],
    [20, 6],
    [30, 7],
  ])
  expect(read(columns, 3)).toEqual([[10, 9]])
  expect(columns.has(idKey(4, 0))).toBe(false)
})

it('keeps one of several samples at a time: a number before a NaN, then the greater; over blocks too', () => {
  const columns = new StoredColumns()
  columns.add(
    block([
      [1, 10, 1],
      [1, 10, 3],
      [1, 10, 2],
      [1, 20, 'stale'],
      [1, 20, 4],
      [1, 30, 5],
    ]),
    100,
  )
  columns.add(
    block([
      [1, 30, 8],
      [1, 40, 'stale'],
    ]),
    100,
  )
  expect(read(columns, 1)).toEqual([
    [10, 3],
    [20, 4],
    [30, 8],
    [40, 'stale'],
  ])
})

it('refuses more samples than a query may load', () => {
  const columns = new StoredColumns()
  expect(() =>
    columns.add(
      block([
        [1, 10, 1],
        [1, 20, 1],
      ]),
      1,
    ),
  ).toThrow('query processing would load too many samples into memory')
})

it('gives the memory of its blocks back when nothing is read any more', () => {
  const one = block([
    [1, 10, 1],
    [2, 10, 5],
  ])
  {
    using columns = new StoredColumns()
    columns.add(one, 100)
    expect(read(columns, 2)).toEqual([[10, 5]])
  }
  expect([one.ids, one.timesMs, one.values].map(({ byteLength }) => byteLength)).toEqual([0, 0, 0])
})

it('puts stretches into the order of time that come in another one, and that overlap as parts of one day do', () => {
  const columns = new StoredColumns()
  columns.add(
    block([
      [1, 50, 1],
      [1, 60, 'stale'],
      [2, 70, 4],
      [1, 10, 2],
      [1, 20, 'stale'],
      [1, 55, 3],
      [1, 60, 8],
    ]),
    100,
  )
  columns.add(
    block([
      [1, 15, 'stale'],
      [1, 20, 7],
      [1, 52, 6],
    ]),
    100,
  )
  const expected = [
    [10, 2],
    [15, 'stale'],
    [20, 7],
    [50, 1],
    [52, 6],
    [55, 3],
    [60, 8],
  ]
  expect(read(columns, 1)).toEqual(expected)
  expect(read(columns, 1)).toEqual(expected)
  expect(read(columns, 2)).toEqual([[70, 4]])
})

it('gives the same in any order and any blocks', () => {
  const row = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 5 }))
  fc.assert(
    fc.property(fc.array(row, { maxLength: 60 }), fc.array(fc.nat({ max: 10 }), { minLength: 1 }), (rows, sizes) => {
      const ordered = new StoredColumns()
      ordered.add(block(rows.toSorted((a, b) => a[0] - b[0] || a[1] - b[1])), 100)
      const any = new StoredColumns()
      for (let from = 0, i = 0; from < rows.length; i++) {
        const size = 1 + (sizes[i % sizes.length] as number)
        any.add(block(rows.slice(from, from + size)), 100)
        from += size
      }
      for (const series of [1, 2, 3]) expect(read(any, series)).toEqual(read(ordered, series))
    }),
  )
})
