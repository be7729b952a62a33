import { expect, it } from 'vitest'
import { afterText, courseOf, nextTargets, type Policy } from './policy-steps.ts'

const schedule = { kind: 'schedule', name: 'backend' } as const
const ben = { kind: 'person', name: 'ben' } as const
const policy: Policy = {
  name: 'backend',
  repeats: 2,
  steps: [
    { targets: [schedule], waitMs: 300_000 },
    { targets: [ben], waitMs: 600_000 },
  ],
}

it('tells when each step comes, when it begins anew, and when it is missed', () => {
  const course = courseOf(policy)
  expect(course.steps.map(({ number, afterMs }) => `${number} ${afterText(afterMs)}`)).toEqual([
    '1 at once',
    '2 after 5 min',
  ])
  expect([course.againAfterMs, course.missedAfterMs].map((ms) => afterText(ms ?? 0))).toEqual([
    'after 15 min',
    'after 45 min',
  ])
  expect(courseOf({ ...policy, repeats: 0 }).againAfterMs).toBeUndefined()
})

it('knows who is called next, over all rounds', () => {
  expect(nextTargets(policy, 0)).toEqual([schedule])
  expect(nextTargets(policy, 3)).toEqual([ben])
  expect(nextTargets(policy, 6)).toBeUndefined()
})
