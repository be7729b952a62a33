import { expect, it } from 'vitest'
import { csvOf } from './csv.ts'

it('has a column a label, quotes what needs it, and no formulas', () => {
  const row = (labels: Record<string, string>, text: string) => ({ key: '', labels, text, value: Number(text) })
  const rows = [row({ __name__: 'up', job: 'a "b", c' }, '-1.5'), row({ __name__: 'up', zone: '=1+1' }, '+Inf')]
  expect(csvOf(rows, 0)).toBe(
    'time,__name__,job,zone,value\r\n' +
      '1970-01-01T00:00:00.000Z,up,"a ""b"", c",,-1.5\r\n' +
      "1970-01-01T00:00:00.000Z,up,,'=1+1,+Inf\r\n",
  )
})
