// A silence and what becomes of it: states and changes as Alertmanager has them. Times in ms.

import { formatMatcher, fromApiMatcher } from '@tidewatch/alertmanager/matcher.ts'
import type { ApiMatcher, LabelMatcher } from '@tidewatch/alertmanager/port.ts'

/** As it is kept. */
export interface Silence {
  readonly id: string
  /** It hides what all matchers of any one set match. */
  readonly matcherSets: readonly (readonly Required<ApiMatcher>[])[]
  readonly startsAtMs: number
  readonly endsAtMs: number
  readonly updatedAtMs: number
  readonly createdBy: string
  readonly comment: string
  readonly annotations: Readonly<Record<string, string>>
}

export type SilenceState = 'active' | 'pending' | 'expired'

export function stateOf({ startsAtMs, endsAtMs }: Silence, nowMs: number): SilenceState {
  if (nowMs < startsAtMs) return 'pending'
  return nowMs > endsAtMs ? 'expired' : 'active'
}

/** With its matchers ready to match. */
export interface ReadySilence {
  readonly silence: Silence
  readonly sets: readonly (readonly LabelMatcher[])[]
}

/** Throws `alerts.bad_matcher`. */
export const readySilence = (silence: Silence): ReadySilence => ({
  silence,
  sets: silence.matcherSets.map((set) => set.map(fromApiMatcher)),
})

/** Whether a change keeps the id; else the former one ends, so that what it hid can be looked up, and a new one begins. */
export function canBeChanged(former: Silence, next: Silence, nowMs: number): boolean {
  if (matchersText(former) !== matchersText(next)) return false
  switch (stateOf(former, nowMs)) {
    case 'active':
      return second(next.startsAtMs) === second(former.startsAtMs) && next.endsAtMs >= nowMs
    case 'pending':
      return next.startsAtMs >= nowMs
    case 'expired':
      return false
    default:
      return false
  }
}

const second = (atMs: number): number => Math.floor(atMs / 1000)

const matchersText = ({ matcherSets }: Silence): string =>
  matcherSets.map((set) => set.map((matcher) => formatMatcher(fromApiMatcher(matcher))).join(',')).join('\n')

/** It ends now; one that has not begun never hides anything. */
export function ended(silence: Silence, nowMs: number): Silence {
  const startsAtMs = stateOf(silence, nowMs) === 'pending' ? nowMs : silence.startsAtMs
  // the end belongs to it: a millisecond ago it was the last time that it hid something
  return { ...silence, startsAtMs: Math.min(startsAtMs, nowMs - 1), endsAtMs: nowMs - 1, updatedAtMs: nowMs }
}

const order: Readonly<Record<SilenceState, number>> = { active: 0, pending: 1, expired: 2 }

/** What ends first, then what begins first, then what ended last. */
export function compareSilences(a: Silence, b: Silence, nowMs: number): number {
  const state = stateOf(a, nowMs)
  const byState = order[state] - order[stateOf(b, nowMs)]
  if (byState !== 0) return byState
  if (state === 'active') return a.endsAtMs - b.endsAtMs
  return state === 'pending' ? a.startsAtMs - b.startsAtMs : b.endsAtMs - a.endsAtMs
}
