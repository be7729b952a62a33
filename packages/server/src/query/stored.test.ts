import { isStaleAt, setStale } from '@tidewatch/core/stale.ts'
import { GrowingSampleBuffer } from '@tidewatch/promql/evaluate/sample-buffer.ts'
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
