import type { DeliveryItem } from '@tidewatch/api/notify.ts'
import { type State, StateWord } from '../../../ui/glyph.tsx'

type Outcome = DeliveryItem['outcome']

/** What became of an attempt, as a person says it. */
export const outcomeWords: Readonly<Record<Outcome, string>> = {
  delivered: 'delivered',
  retry: 'will be tried again',
  failed: 'failed',
  skipped: 'skipped',
  superseded: 'overtaken by a newer one',
  dropped: 'dropped',
}

const states: Readonly<Record<Outcome, State>> = {
  delivered: 'fine',
  retry: 'warning',
  failed: 'critical',
  skipped: 'info',
  superseded: 'info',
  dropped: 'info',
}

export function OutcomeWord({ outcome }: { readonly outcome: Outcome }) {
  return <StateWord state={states[outcome]}>{outcomeWords[outcome]}</StateWord>
}
