// One series of few among the many of another label is looked for in two ways; whatever the order of the numbers, both must say the same.
import type { Matcher } from '@tidewatch/core/matcher.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { countAtMost, match, RegexMemory } from './matching.ts'
import { ProjectPostings } from './postings.ts'

const series = 600
const flatOf = (ref: number): string[] => [
  'all',
  'x',
  'few',
  String(ref % 150),
  'half',
  String(ref % 2),
  'own',
  `o${ref}`,
]
const matcher = fc.record({
  name: fc.constantFrom('all', 'few', 'half', 'own', 'none'),
  op: fc.constantFrom<Matcher['op']>('=', '!=', '=~', '!~'),
  value: fc.constantFrom('', 'x', '0', '1', '7', 'o7', 'o8', '1|7', 'o1.', '.+'),
})

test('the same series are found whatever order their numbers came in', () => {
  const everything = Uint32Array.from({ length: series }, (_, ref) => ref)
  const cases = fc.tuple(
    fc.array(matcher, { minLength: 1, maxLength: 4 }),
    fc.boolean(),
    fc.integer({ min: 0, max: 99 }),
  )
  fc.assert(
    fc.property(cases, ([matchers, isShuffled, turn]) => {
      const postings = new ProjectPostings()
      const order = isShuffled ? everything.map((ref) => (ref * 7 + turn) % series) : everything
      for (const ref of order) postings.add(ref, flatOf(ref))
      const bits = new Uint32Array(Math.ceil(series / 32))
      const memory = new RegexMemory()
      const found = match(postings, matchers, { memory, everything: () => everything.slice(), bits })
      const wanted = [...everything].filter((ref) => matchers.every((one) => holds(flatOf(ref), one)))
      expect([...found].sort((a, b) => a - b)).toEqual(wanted)
      expect(bits.every((word) => word === 0)).toBe(true)
      expect(countAtMost(postings, matchers)).toBeGreaterThanOrEqual(wanted.length)
    }),
    { numRuns: 300 },
  )
})

function holds(flat: readonly string[], { name, op, value }: Matcher): boolean {
  const at = flat.findIndex((text, i) => i % 2 === 0 && text === name)
  const held = at < 0 ? '' : (flat[at + 1] as string)
  const isMet = op === '=' || op === '!=' ? held === value : new RegExp(`^(?:${value})$`).test(held)
  return isMet === (op === '=' || op === '=~')
}
