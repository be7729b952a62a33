import { expect, it } from 'vitest'
import { advance, type Escalation, end, openEscalation, reached } from './escalation.ts'
import type { Policy, Recipient, Target } from './port.ts'

const minuteMs = 60_000
const person = (name: string): Target => ({ kind: 'person', name })
const schedule = (name: string): Target => ({ kind: 'schedule', name })
const policy = (repeats: number, ...steps: (readonly [Target, number])[]): Policy => ({
  name: 'main',
  repeats,
  steps: steps.map(([target, minutes]) => ({ targets: [target], waitMs: minutes * minuteMs })),
})

/** Runs it as a clock would; what was told, by minute. */
function run(
  rules: Policy,
  untilMinute: number,
  options: { ackMinute?: number; isFinal?: boolean; empty?: string } = {},
) {
  const resolve = (targets: readonly Target[]): Recipient[] =>
    targets.flatMap(({ name }) => (name === options.empty ? [] : [{ kind: 'person' as const, name }]))
  let escalation: Escalation = openEscalation(0)
  const told: string[] = []
  for (let minute = 0; minute <= untilMinute; minute++) {
    const nowMs = minute * minuteMs
    if (minute === options.ackMinute && escalation.status === 'open')
      escalation = end(escalation, 'acknowledged', nowMs)
    const next = advance(escalation, rules, { nowMs, resolve, isFinal: options.isFinal ?? false })
    escalation = next.escalation
    told.push(...next.taken.flatMap(({ recipients }) => recipients.map(({ name }) => `${minute} ${name}`)))
  }
  return { told, escalation }
}

it('calls step by step, repeats, and is missed after the last wait', () => {
  const { told, escalation } = run(policy(1, [person('ada'), 5], [person('ben'), 10]), 60)
  expect(told).toEqual(['0 ada', '5 ben', '15 ada', '20 ben'])
  expect(escalation).toMatchObject({ status: 'missed', endedAtMs: 30 * minuteMs, nextAtMs: undefined })
  expect(reached(escalation).map(({ name }) => name)).toEqual(['ada', 'ben'])
})

it('stops when somebody takes it', () => {
  const { told, escalation } = run(policy(3, [person('ada'), 5], [person('ben'), 5]), 60, { ackMinute: 6 })
  expect(told).toEqual(['0 ada', '5 ben'])
  expect(escalation.status).toBe('acknowledged')
})

it('goes past a step that reaches nobody at once, and notes it', () => {
  const { told, escalation } = run(policy(0, [schedule('nights'), 5], [person('ben'), 5]), 20, { empty: 'nights' })
  expect(told).toEqual(['0 ben'])
  expect(escalation.steps.map(({ recipients }) => recipients.length)).toEqual([0, 1])
  expect(escalation.status).toBe('missed')
})

it('is missed at once where no step reaches anybody', () => {
  const { told, escalation } = run(policy(2, [schedule('nights'), 5]), 0, { empty: 'nights' })
  expect(told).toEqual([])
  expect(escalation).toMatchObject({ status: 'missed', endedAtMs: 0 })
})

it('takes one step after a stop, not all that were due in it', () => {
  const rules = policy(0, [person('ada'), 5], [person('ben'), 5], [person('cleo'), 5])
  const context = { resolve: () => [{ kind: 'person', name: 'x' } as const], isFinal: false }
  const first = advance(openEscalation(0), rules, { ...context, nowMs: 0 })
  const later = advance(first.escalation, rules, { ...context, nowMs: 60 * minuteMs })
  expect(later.taken).toHaveLength(1)
  expect(later.escalation).toMatchObject({ status: 'open', next: 2, nextAtMs: 65 * minuteMs })
})

it('tells of an alert about escalations once, and never misses it', () => {
  const { told, escalation } = run(policy(5, [person('ada'), 5], [person('ben'), 5]), 120, { isFinal: true })
  expect(told).toEqual(['0 ada'])
  expect(escalation.status).toBe('resolved')
})
