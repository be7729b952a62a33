import type { EscalationItem } from '@tidewatch/api/oncall.ts'
import { Glyph, type State, StateWord } from '../../../ui/glyph.tsx'

const states: Record<EscalationItem['status'], State> = {
  open: 'critical',
  acknowledged: 'pending',
  resolved: 'fine',
  missed: 'critical',
}

/** `Ilya has it`, `missed`, in a word and a shape. */
export function EscalationState({ escalation }: { readonly escalation: EscalationItem }) {
  const { status, acknowledgedBy } = escalation
  if (status === 'acknowledged')
    return (
      <span className="state-word small label tide break">
        <Glyph state="fine" /> {acknowledgedBy ?? 'somebody'} has it
      </span>
    )
  const words = { open: 'calling', resolved: 'over', missed: 'missed' } as const
  return <StateWord state={states[status]}>{words[status]}</StateWord>
}

/** What the group has in common: its alert's name, or its labels. */
export function labelText({ groupLabels }: EscalationItem): string {
  const { alertname, ...rest } = groupLabels
  const others = Object.entries(rest).map(([name, value]) => `${name}=${value}`)
  return [...(alertname === undefined ? [] : [alertname]), ...others].join(', ') || 'All alerts'
}
