// An escalation as a machine without a clock: times go in, and what is to be done comes out. A backtest drives the same machine.
import type { Policy, Recipient, Target } from './port.ts'

/** `open`: somebody is being called. `missed`: all steps are gone and nobody took it. */
export type EscalationStatus = 'open' | 'acknowledged' | 'resolved' | 'missed'

export interface EscalationStep {
  readonly atMs: number
  /** From 0, over all rounds of the policy. */
  readonly number: number
  readonly targets: readonly Target[]
  /** Whom that came to: empty where nobody was on call. */
  readonly recipients: readonly Recipient[]
}

export interface Escalation {
  readonly status: EscalationStatus
  readonly openedAtMs: number
  readonly endedAtMs: number | undefined
  /** The next step, from 0 over all rounds. */
  readonly next: number
  /** When it is due; undefined where nothing is to come. */
  readonly nextAtMs: number | undefined
  readonly steps: readonly EscalationStep[]
}

/** Who is behind targets at a moment. */
export type Resolve = (targets: readonly Target[], atMs: number) => readonly Recipient[]

export const openEscalation = (nowMs: number): Escalation => ({
  status: 'open',
  openedAtMs: nowMs,
  endedAtMs: undefined,
  next: 0,
  nextAtMs: nowMs,
  steps: [],
})

export interface Advance {
  readonly escalation: Escalation
  /** Steps that were taken now: to be sent. */
  readonly taken: readonly EscalationStep[]
}

/**
 * What is due by now. A step that reaches nobody is noted and the next one follows at once: nobody's time to answer is not waited for. After a
 * stop of the server only the step that waited is taken; the next ones have their own time from then.
 * `isFinal`: told once and no more, whatever the policy says; for alerts about escalations themselves.
 */
export function advance(
  escalation: Escalation,
  policy: Policy,
  context: { readonly nowMs: number; readonly resolve: Resolve; readonly isFinal: boolean },
): Advance {
  const { nowMs, resolve, isFinal } = context
  const taken: EscalationStep[] = []
  let current = escalation
  const count = policy.steps.length * (isFinal ? 1 : policy.repeats + 1)
  while (current.status === 'open' && current.nextAtMs !== undefined && current.nextAtMs <= nowMs) {
    const step = policy.steps[current.next % policy.steps.length]
    if (current.next >= count || step === undefined) {
      // nobody may be called about the call for help again and again
      return { escalation: end(current, isFinal ? 'resolved' : 'missed', nowMs), taken }
    }
    const recipients = resolve(step.targets, nowMs)
    const one: EscalationStep = { atMs: nowMs, number: current.next, targets: step.targets, recipients }
    taken.push(one)
    const next = recipients.length > 0 && isFinal ? count : current.next + 1
    const nextAtMs = recipients.length > 0 ? nowMs + step.waitMs : nowMs
    current = { ...current, next, nextAtMs, steps: [...current.steps, one] }
    if (recipients.length > 0) break
  }
  return { escalation: current, taken }
}

/** The end of it: acknowledged, over, or missed. */
export const end = (escalation: Escalation, status: EscalationStatus, nowMs: number): Escalation => ({
  ...escalation,
  status,
  nextAtMs: undefined,
  endedAtMs: nowMs,
})

/** Whom it has reached so far, in order, each once. */
export function reached({ steps }: Escalation): readonly Recipient[] {
  const all = steps.flatMap(({ recipients }) => recipients)
  return [...new Map(all.map((one) => [`${one.kind}:${one.name}`, one])).values()]
}
