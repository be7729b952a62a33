import { Labels } from '@tidewatch/core/labels.ts'
import { defaultProject, type Matcher, type ProjectId } from '@tidewatch/core/matcher.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { appendAll, bitsOf, headForTest, startMs } from './head-for-test.ts'
import type { SeriesRef } from './port.ts'

const name = fc.constantFrom('__name__', 'job', 'le', 'ünï')
const value = fc.constantFrom('', 'a', 'b', 'ab', 'abc', 'a.b', 'A', 'ß', 'x\ny')
const labels = fc.array(fc.tuple(name, value), { maxLength: 4 }).map((entries) => Labels.from(entries))
const matcher: fc.Arbitrary<Matcher> = fc.oneof(
  fc.record({ name, op: fc.constantFrom('=', '!='), value }),
  fc.record({
    name,
    op: fc.constantFrom('=~', '!~'),
    value: fc.constantFrom('', '.*', '.+', 'a|b', 'a.*', '(?i)a', '[^a]+', 'a|', 'ß?', '.*\n.*'),
  }),
)

/** The definition: the expressions here mean the same to JavaScript. */
function matches(series: Labels, { name: label, op, value: wanted }: Matcher): boolean {
  const held = series.get(label)
  if (op === '=') return held === wanted
  if (op === '!=') return held !== wanted
  const insensitive = wanted.startsWith('(?i)')
  const regex = new RegExp(`^(?:${wanted.replace('(?i)', '')})$`, insensitive ? 'isu' : 'su')
  return regex.test(held) === (op === '=~')
}

test('selects the series that the matchers mean, and their names and values', () => {
  const projects = fc.constantFrom(defaultProject, 7 as ProjectId)
  const known = fc.array(
    fc.tuple(
      projects,
      labels.filter(({ size }) => size > 0),
    ),
    { maxLength: 40 },
  )
  const asked = fc.array(fc.array(matcher, { maxLength: 3 }), { minLength: 1, maxLength: 5 })
  fc.assert(
    fc.property(known, asked, projects, name, (series, questions, project, label) => {
      using head = headForTest()
      const byRef = new Map<SeriesRef, Labels>()
      for (const [owner, set] of series) {
        const ref = head.index.resolve(owner, set)
        appendAll(head, [{ ref, timeMs: startMs, bits: bitsOf(1) }])
        expect(head.index.labels(ref).flat).toEqual(set.flat)
        if (owner === project) byRef.set(ref, set)
      }
      for (const matchers of questions) {
        const wanted = [...byRef].filter(([, set]) => matchers.every((one) => matches(set, one)))
        const refs = head.index.select(project, matchers, startMs, startMs)
        expect([...refs].sort()).toEqual(wanted.map(([ref]) => ref).sort())
        const names = new Set(wanted.flatMap(([, set]) => [...set.entries()].map(([key]) => key)))
        expect(new Set(head.index.labelNames(project, matchers, startMs, startMs))).toEqual(names)
        const values = new Set(wanted.map(([, set]) => set.get(label)).filter((text) => text !== ''))
        expect(new Set(head.index.labelValues(project, label, matchers, startMs, startMs))).toEqual(values)
        expect(head.index.select(project, matchers, startMs + 1, startMs + 9)).toHaveLength(0)
      }
    }),
    { numRuns: 100 },
  )
})
