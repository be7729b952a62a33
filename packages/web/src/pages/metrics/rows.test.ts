import { expect, it } from 'vitest'
import { doubledRow, emptyRow, legendName, movedRow, rowsFromSearch, searchFromRows, withoutRow } from './rows.ts'

const row = (query: string, more = {}) => ({ ...emptyRow, query, ...more })

it('stands in the URL, what is automatic left out', () => {
  const rows = [row('up', { hidden: true }), row('rate(a[5m])', { legend: '{{job}}', colour: 3 }), row('b')]
  const search = searchFromRows(rows)
  expect(search).toEqual({ q: ['up', 'rate(a[5m])', 'b'], as: ['', '{{job}}'], colour: ['', '3'], hide: 'A' })
  expect(rowsFromSearch(search)).toEqual(rows)
  expect(searchFromRows([emptyRow])).toEqual({ q: undefined, as: undefined, colour: undefined, hide: undefined })
  expect(searchFromRows([row('up')])).toEqual({ q: ['up'], as: undefined, colour: undefined, hide: undefined })
})

it('makes sense of nonsense', () => {
  expect(rowsFromSearch({ as: 'x', colour: 'red', hide: '12' })).toEqual([emptyRow])
  expect(rowsFromSearch({ q: 'up', colour: '11' })[0]?.colour).toBeUndefined()
  expect(rowsFromSearch({ q: Array.from({ length: 40 }, String) })).toHaveLength(6)
})

it('moves, doubles and removes with all that belongs to a row', () => {
  const [a, b] = [row('a', { hidden: true, colour: 2 }), row('b', { legend: 'x' })]
  expect(movedRow([a, b], 0, 1)).toEqual([b, a])
  expect(movedRow([a, b], 0, -1)).toEqual([a, b])
  expect(doubledRow([a, b], 0)).toEqual([a, { ...a, colour: undefined }, b])
  expect(
    doubledRow(
      Array.from({ length: 6 }, () => a),
      0,
    ),
  ).toHaveLength(6)
  expect(withoutRow([a, b], 0)).toEqual([b])
  expect(withoutRow([a], 0)).toEqual([emptyRow])
})

it('names series by a template', () => {
  expect(legendName('{{job}} on {{ instance }}', { job: 'api', instance: 'a:1' })).toBe('api on a:1')
  expect(legendName('{{none}} rate', {})).toBe('rate')
  expect(legendName('plain', {})).toBe('plain')
})
