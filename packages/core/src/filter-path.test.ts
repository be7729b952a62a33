import { describe, expect, it } from 'vitest'
import { filterByPath, parseFilterPath } from './filter-path.ts'

const bulk = {
  took: 3,
  errors: true,
  items: [
    { create: { _index: 'a', status: 201 } },
    { index: { _index: 'a', status: 400, error: { type: 'x', reason: 'y', caused_by: { reason: 'z' } } } },
  ],
}

function filtered(text: string): unknown {
  const path = parseFilterPath(text)
  return path === undefined ? bulk : filterByPath(bulk, path)
}

describe('filter_path', () => {
  it('keeps what its paths name, through arrays', () => {
    expect(filtered('errors,items.*.status')).toEqual({
      errors: true,
      items: [{ create: { status: 201 } }, { index: { status: 400 } }],
    })
    expect(filtered('errors,items.*.error')).toEqual({
      errors: true,
      items: [{ index: { error: bulk.items[1].index?.error } }],
    })
    expect(filtered('ite*.in*x.err*.t*e')).toEqual({ items: [{ index: { error: { type: 'x' } } }] })
    expect(filtered('**.reason')).toEqual({
      items: [{ index: { error: { reason: 'y', caused_by: { reason: 'z' } } } }],
    })
  })

  it('leaves out what a minus stands before, first', () => {
    expect(filtered('-items')).toEqual({ took: 3, errors: true })
    expect(filtered('items.*.error,-**.caused_by')).toEqual({
      items: [{ index: { error: { type: 'x', reason: 'y' } } }],
    })
  })

  it('leaves nothing where nothing is named so, and all where no path is', () => {
    expect(filtered('nothing.here')).toBeUndefined()
    expect(parseFilterPath(' , ')).toBeUndefined()
  })
})
