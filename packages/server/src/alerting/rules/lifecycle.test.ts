import { Labels } from '@tidewatch/core/labels.ts'
import { expect, it } from 'vitest'
import { type ActiveAlert, advance, excessOf, type FoundAlert, type LifecycleRule, needsSending } from './lifecycle.ts'

const minute = 60_000
const labels = Labels.from({ alertname: 'ApiDown', job: 'api' })
const found: FoundAlert[] = [{ labels, annotations: { summary: 'down' }, value: 0 }]
const rule: LifecycleRule = { name: 'ApiDown', forMs: 2 * minute, keepFiringForMs: 0 }

/** Runs a rule minute by minute; true: the condition holds. */
function run(conditions: readonly boolean[], over: LifecycleRule = rule): (ActiveAlert | undefined)[] {
  let alerts: ReadonlyMap<string, ActiveAlert> = new Map()
  return conditions.map((holds, i) => {
    alerts = advance(alerts, holds ? found : [], over, i * minute)
    return alerts.get(labels.key())
  })
}
const states = (conditions: readonly boolean[], over?: LifecycleRule): (string | undefined)[] =>
  run(conditions, over).map((alert) => alert?.state)

it('is pending until the condition has held for `for`, then fires', () => {
  expect(states([true, true, true, true])).toEqual(['pending', 'pending', 'firing', 'firing'])
})

it('fires at once without `for`', () => {
  expect(states([true], { ...rule, forMs: 0 })).toEqual(['firing'])
})

it('forgets a pending alert whose condition ends, and counts `for` anew', () => {
  expect(states([true, true, false, true, true, true])).toEqual([
    'pending',
    'pending',
    undefined,
    'pending',
    'pending',
    'firing',
  ])
})

it('keeps a resolved alert for 15 minutes so that its end is told', () => {
  const seen = run([true, true, true, ...Array.from({ length: 18 }, () => false)])
  expect(seen[3]).toMatchObject({ state: 'inactive', resolvedAtMs: 3 * minute })
  expect(seen[18]?.state).toBe('inactive')
  expect(seen[19]).toBeUndefined()
})

it('holds an alert for `keep_firing_for` after its condition has ended', () => {
  const over = { ...rule, forMs: 0, keepFiringForMs: 2 * minute }
  expect(states([true, false, false, false], over)).toEqual(['firing', 'firing', 'firing', 'inactive'])
  expect(states([true, false, true, false, false, false], over)).toEqual([
    'firing',
    'firing',
    'firing',
    'firing',
    'firing',
    'inactive',
  ])
})

it('begins anew when the condition comes back after the end', () => {
  expect(run([true, true, true, false, true])[4]).toMatchObject({ state: 'pending', activeAtMs: 4 * minute })
})

it('refuses two samples with the same labels, and more alerts than the limit', () => {
  expect(() => advance(new Map(), [...found, ...found], rule, 0)).toThrow(
    'vector contains metrics with the same labelset after applying alert labels',
  )
  const two = [...found, { ...(found[0] as FoundAlert), labels: labels.with('job', 'web') }]
  const alerts = advance(new Map(), two, rule, 0)
  expect(excessOf(alerts, 1)?.message).toBe('exceeded limit of 1 with 2 alerts')
  expect([excessOf(alerts, 2), excessOf(alerts, 0)]).toEqual([undefined, undefined])
})

it('is sent when it fires, again after the resend delay, and when it ends; never while pending', () => {
  const [pending, , firing, ended] = run([true, true, true, false]) as ActiveAlert[]
  const sent = (alert: ActiveAlert | undefined, atMs: number): ActiveAlert => ({
    ...(alert as ActiveAlert),
    lastSentAtMs: atMs,
  })
  expect(needsSending(pending as ActiveAlert, 0, minute)).toBe(false)
  expect(needsSending(firing as ActiveAlert, 2 * minute, minute)).toBe(true)
  expect(needsSending(sent(firing, 2 * minute), 2.5 * minute, minute)).toBe(false)
  expect(needsSending(sent(firing, 2 * minute), 3 * minute, minute)).toBe(true)
  expect(needsSending(sent(ended, 2.9 * minute), 3 * minute, minute)).toBe(true)
  expect(needsSending(sent(ended, 3 * minute), 3 * minute, minute)).toBe(false)
})
