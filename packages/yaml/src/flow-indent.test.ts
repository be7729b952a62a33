import { describe, expect, test } from 'vitest'
import { firstDocument } from './documents.ts'

const read = (text: string): unknown => {
  const { document } = firstDocument(text)
  return document.errors.length > 0 ? document.errors[0]?.message.split(' at line')[0] : document.toJS()
}

describe('lines in brackets, braces and quotes', () => {
  test('stand where they like', () => {
    const jobs = [
      'jobs:',
      '    - targets: [',
      "  'a:1', # one",
      '  "b]',
      ' c",',
      '    ]',
      '      labels: {',
      'x: z',
      '}',
    ]
    expect(read(jobs.join('\n'))).toEqual({ jobs: [{ targets: ['a:1', 'b] c'], labels: { x: 'z' } }] })
  })

  test('are told from what only looks like them', () => {
    const text = ['a:', '  b: |', '    [ "', "    it's", '  c: x[y', "  d: it's {", '  e: [', '  1]']
    expect(read(text.join('\n'))).toEqual({ a: { b: '[ "\nit\'s\n', c: 'x[y', d: "it's {", e: [1] } })
  })

  test('that never end are an error', () => {
    expect(read('a:\n  b: [\n  1\n')).toMatch(/^Flow sequence/)
  })

  test('keep the lines of what stands in them', () => {
    const { document, lines } = firstDocument('a:\n  b: [\n  1,\n  x: y\n  ]\nc: d')
    const range = (document.getIn(['c'], true) as { range: [number] }).range
    expect(lines.linePos(range[0])).toEqual({ line: 6, col: 4 })
  })
})
