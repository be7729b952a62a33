// An escalation policy as a course of events. No React here.
import type { OnCallPlanAnswer } from '@tidewatch/api/oncall.ts'
import { formatSeconds } from '../../../ui/units.ts'

export type Policy = OnCallPlanAnswer['policies'][number]
export type Target = Policy['steps'][number]['targets'][number]

interface CourseStep {
  readonly number: number
  /** After the escalation began, ms. */
  readonly afterMs: number
  readonly targets: readonly Target[]
}

export interface Course {
  readonly steps: readonly CourseStep[]
  readonly repeats: number
  /** When the first step comes again; undefined where it does not. */
  readonly againAfterMs: number | undefined
  /** When it is missed, if nobody takes it: after all rounds. */
  readonly missedAfterMs: number
}

/** The first round with its times, and what comes after it. */
export function courseOf({ steps, repeats }: Policy): Course {
  let afterMs = 0
  const course = steps.map(({ targets, waitMs }, i): CourseStep => {
    const step = { number: i + 1, afterMs, targets }
    afterMs += waitMs
    return step
  })
  return {
    steps: course,
    repeats,
    againAfterMs: repeats > 0 ? afterMs : undefined,
    missedAfterMs: afterMs * (repeats + 1),
  }
}

/** `at once`, `after 5 min` */
export const afterText = (ms: number): string => (ms === 0 ? 'at once' : `after ${formatSeconds(ms / 1000)}`)

/** What the step after the `taken`th would call; undefined: there is none. */
export function nextTargets({ steps, repeats }: Policy, taken: number): readonly Target[] | undefined {
  return taken >= steps.length * (repeats + 1) ? undefined : steps[taken % steps.length]?.targets
}
