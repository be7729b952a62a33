import { describe, expect, it } from 'vitest'
import { nextSort, sortRows, visibleRows } from './table-model.ts'

describe('sortRows', () => {
  it('puts what is not a number last in both directions', () => {
    expect(sortRows([2, Number.NaN, 1], (x) => x, true)).toEqual([2, 1, Number.NaN])
    expect(sortRows([2, Number.NaN, 1], (x) => x, false)).toEqual([1, 2, Number.NaN])
  })

  it('sorts words as a person does', () => {
    expect(sortRows(['api-10', 'api-9', 'Api-1'], (x) => x, false)).toEqual(['Api-1', 'api-9', 'api-10'])
  })
})

describe('nextSort', () => {
  it('turns round the same column and begins numbers with the greatest', () => {
    expect(nextSort(undefined, 'took', true)).toEqual({ column: 'took', descending: true })
    expect(nextSort({ column: 'took', descending: true }, 'took', true)).toEqual({ column: 'took', descending: false })
    expect(nextSort({ column: 'took', descending: true }, 'name', false)).toEqual({ column: 'name', descending: false })
  })
})

describe('visibleRows', () => {
  it('draws a short table whole', () => {
    expect(visibleRows(200, 0, 500, 36)).toEqual({ first: 0, last: 200, beforePx: 0, afterPx: 0 })
  })

  it('keeps the height of a long one', () => {
    const rows = visibleRows(10_000, 36_000, 540, 36)
    expect(rows).toEqual({ first: 980, last: 1035, beforePx: 980 * 36, afterPx: (10_000 - 1035) * 36 })
  })
})
