import { Labels } from '@tidewatch/core/labels.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fingerprintOf } from './fingerprint.ts'
import { Inhibitor } from './inhibitor.ts'
import { createMatcher, matchesLabels } from './matcher.ts'
import type { InhibitingAlert, InhibitRule } from './port.ts'

const nowMs = 1000
const label = fc.constantFrom('a', 'b', 'c')
const value = fc.constantFrom('', '1', '2')
const labels = fc.dictionary(label, value, { maxKeys: 3, noNullPrototype: false }).map((texts) => Labels.from(texts))
const matcher = fc.oneof(
  fc.tuple(label, fc.constantFrom('=' as const, '!=' as const), value).map(([n, op, v]) => createMatcher(n, op, v)),
  fc
    .tuple(label, fc.constantFrom('=~' as const, '!~' as const), fc.constantFrom('1|2', '.+', '1|', '[12]'))
    .map(([n, op, v]) => createMatcher(n, op, v)),
)
const matchers = fc.array(matcher, { maxLength: 3 })
const rule: fc.Arbitrary<InhibitRule> = fc.record({
  name: fc.constant(''),
  sourceMatchers: matchers,
  targetMatchers: matchers,
  equal: fc.uniqueArray(label, { maxLength: 2 }),
})
const step = fc.record({ labels, state: fc.constantFrom('firing', 'ended', 'gone') })

/** The rule as it is written in the manual, without an index. */
function mutes(one: InhibitRule, source: InhibitingAlert, target: Labels): boolean {
  const isFiring = source.endsAtMs === undefined || source.endsAtMs > nowMs
  const fitsBoth = (candidate: Labels): boolean =>
    matchesLabels(one.sourceMatchers, candidate) && matchesLabels(one.targetMatchers, candidate)
  return (
    isFiring &&
    matchesLabels(one.sourceMatchers, source.labels) &&
    matchesLabels(one.targetMatchers, target) &&
    one.equal.every((name) => source.labels.get(name) === target.get(name)) &&
    !(fitsBoth(source.labels) && fitsBoth(target))
  )
}

test('what was kept up to date answers as the rules read over all alerts', () => {
  fc.assert(
    fc.property(
      fc.array(rule, { maxLength: 4 }),
      fc.array(step, { maxLength: 20 }),
      fc.array(labels),
      (rules, steps, others) => {
        const inhibitor = new Inhibitor(rules)
        const alerts = new Map<string, InhibitingAlert>()
        for (const { labels: own, state } of steps) {
          const fingerprint = fingerprintOf(own)
          if (state === 'gone') {
            inhibitor.remove(fingerprint)
            alerts.delete(fingerprint)
            continue
          }
          const alert = { fingerprint, labels: own, endsAtMs: state === 'firing' ? undefined : nowMs }
          inhibitor.update(alert)
          alerts.set(fingerprint, alert)
        }
        expect(inhibitor.size).toBe(alerts.size)
        const fresh = new Inhibitor(rules)
        fresh.set(alerts.values())
        for (const target of [...steps.map((one) => one.labels), ...others]) {
          const expected = rules.filter((one) => [...alerts.values()].some((source) => mutes(one, source, target)))
          for (const tried of [inhibitor, fresh]) {
            const found = tried.isInhibited(target, nowMs)
            expect(found?.rules ?? []).toEqual(expected)
            for (const [i, by] of (found?.by ?? []).entries())
              expect(mutes(expected[i] as InhibitRule, alerts.get(by) as InhibitingAlert, target)).toBe(true)
          }
        }
      },
    ),
    { numRuns: 500 },
  )
})

test('setting all alerts forgets those that are not among them', () => {
  const one = createMatcher('a', '=', '1')
  const inhibitor = new Inhibitor([
    { name: '', sourceMatchers: [one], targetMatchers: [createMatcher('a', '=', '2')], equal: [] },
  ])
  const source = Labels.from({ a: '1' })
  inhibitor.set([{ fingerprint: fingerprintOf(source), labels: source, endsAtMs: undefined }])
  expect(inhibitor.isInhibited(Labels.from({ a: '2' }), nowMs)?.by).toEqual([fingerprintOf(source)])
  inhibitor.set([])
  expect(inhibitor.isInhibited(Labels.from({ a: '2' }), nowMs)).toBeUndefined()
  expect(inhibitor.size).toBe(0)
})
