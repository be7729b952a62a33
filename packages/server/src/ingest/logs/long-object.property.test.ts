import fc from 'fast-check'
import { expect, it } from 'vitest'
import { readPartOf } from './long-object.ts'

const read = (text: string) => {
  const bytes = Buffer.from(`#${text}#`)
  return readPartOf(bytes, 1, bytes.length - 1)
}

/** How many values there are that are no objects, lists or nulls. */
function leavesOf(value: unknown): number {
  if (typeof value !== 'object') return 1
  return Object.values(value ?? {}).reduce<number>((sum, inner) => sum + leavesOf(inner), 0)
}

it('reads all of what is not long, as it is written', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.nat(2), (object, blanks) => {
      const text = JSON.stringify(object, undefined, blanks)
      expect(read(text)).toEqual({ text, leftOut: 0 })
    }),
  )
})

it.each([
  ['fields', (i: number) => `"f${i}":"a, \\"b\\": [${i}"`],
  ['objects in one another', (i: number) => `"o${i}": {"a": {"b": [true, {"c": null, "d": "}"}]}, "e": ${i}}`],
  ['lists', (i: number) => `"l${i}":[[${i}, -1.5e3], [null, [{}, []]]]`],
])('reads the beginning of very many %s, and counts the rest', (_what, one) => {
  const many = Array.from({ length: 50_000 }, (_, i) => one(i)).join()
  for (const text of [`{${many}}`, `{"first": 1, "in": {${many}}, "last": 2}`]) {
    const part = read(text)
    const kept: unknown = JSON.parse(part.text)
    expect(leavesOf(kept) + part.leftOut).toBe(leavesOf(JSON.parse(text)))
    expect(part.text.length).toBeLessThan(text.length / 2)
    expect(leavesOf(kept)).toBeGreaterThan(4096)
  }
})

it('passes over the rest of a long list, and reads what stands behind it', () => {
  const { text, leftOut } = read(`{"l":[${Array.from({ length: 10_000 }, () => '{"a":[1,"]"]}').join()}],"last":[2]}`)
  const { l, last } = JSON.parse(text) as { readonly l: readonly unknown[]; readonly last: unknown }
  expect([l.length, last, leftOut]).toEqual([4096, [2], 2 * (10_000 - 4096)])
})
