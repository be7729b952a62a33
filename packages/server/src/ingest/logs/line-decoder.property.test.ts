import fc from 'fast-check'
import { expect, it } from 'vitest'
import { FieldTable } from './field-table.ts'
import { fieldKind, maxFields } from './json-scanner.ts'
import { LineDecoder } from './line-decoder.ts'

const key = fc.constantFrom('a', 'b', 'ab', 'a.b', 'time', '', 'é', 'x'.repeat(60), 'q"uoted')
const value = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.constantFrom(1, 'text', true, null),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4 }),
  ),
})).value
const line = fc.dictionary(key, value, { maxKeys: 5 }).map((object) => JSON.stringify(object))
/** What a fault leaves behind must not be taken for what a line says. */
const broken = fc.oneof(
  fc.tuple(line, fc.nat()).map(([text, at]) => text.slice(0, at % (text.length + 1))),
  line.map((text) => text.slice(0, text.lastIndexOf(':'))),
)

/** The numbers of names of a line's values; undefined where it is no object. */
function namesOf(decoder: LineDecoder, text: string, fields: FieldTable): readonly number[] | undefined {
  const bytes = Buffer.from(text)
  const { scanner } = decoder
  if (!scanner.scan(bytes, 0, bytes.length) || scanner.isOdd) return undefined
  expect(scanner.count).toBeLessThan(maxFields)
  expect(decoder.name(bytes, fields)).toBe(true)
  return Array.from({ length: scanner.count }, (_, i) => i)
    .filter((i) => scanner.kind[i] !== fieldKind.container && scanner.kind[i] !== fieldKind.null)
    .map((i) => decoder.ids[i] as number)
}

it('the names of a line are not those of the line before', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(line, line, broken, fc.constant('{}')), { maxLength: 12 }),
      fc.nat(12),
      (lines, clearAt) => {
        const decoder = new LineDecoder()
        const fields = new FieldTable()
        for (const [i, text] of lines.entries()) {
          if (i === clearAt) fields.clear()
          expect(namesOf(decoder, text, fields)).toEqual(namesOf(new LineDecoder(), text, fields))
        }
      },
    ),
    // rarely made up: what ended behind its name, then another of that name
    { numRuns: 300, examples: [[['{"a":1}', '{"b"', '{"b":1}'], 12]] },
  )
})
