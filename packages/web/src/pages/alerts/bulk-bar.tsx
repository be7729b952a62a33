import { BellOff, Check, X } from 'lucide-react'
import { useState } from 'react'
import { useTaking } from '../../data/acknowledgements.ts'
import { commonMatchers, narrowMatchers } from '../../data/matchers.ts'
import type { ChosenAlert } from './firing-model.ts'
import { SilenceDialog } from './silence-dialog.tsx'

interface BulkBarProps {
  readonly selected: readonly ChosenAlert[]
  readonly total: number
  readonly onAll: () => void
  readonly onClear: () => void
}

/** What can be done with the chosen alerts; stands at the foot of the window while there are some. */
export function BulkBar({ selected, total, onAll, onClear }: BulkBarProps) {
  const [isSilencing, setSilencing] = useState(false)
  const taking = useTaking()
  if (selected.length === 0) return null
  const open = selected.filter(({ taken }) => !taken).map(({ fingerprint }) => fingerprint)
  const labels = selected.map((one) => one.labels)
  const take = () => {
    taking.take(open)
    onClear()
  }
  return (
    <section className="action-bar" aria-label="Chosen alerts">
      <span className="label nowrap" role="status">
        {selected.length} chosen
      </span>
      {selected.length < total && (
        <button type="button" className="link small nowrap" onClick={onAll}>
          All {total}
        </button>
      )}
      <span className="grow" />
      <button
        type="button"
        className="button primary"
        disabled={!taking.may || open.length === 0 || open.length > maxTaken}
        title={taking.may ? undefined : 'Editors may: ask an administrator'}
        onClick={take}
      >
        <Check className="icon" aria-hidden /> Acknowledge
      </button>
      <button
        type="button"
        className="button"
        disabled={!taking.may}
        title={taking.may ? undefined : 'Editors may: ask an administrator'}
        onClick={() => setSilencing(true)}
      >
        <BellOff className="icon" aria-hidden /> Silence
      </button>
      <button type="button" className="button bare square" aria-label="Choose none" onClick={onClear}>
        <X className="icon" aria-hidden />
      </button>
      {isSilencing && (
        <SilenceDialog
          start={{ matchers: commonMatchers(labels), narrower: narrowMatchers(labels), meant: selected.length }}
          onClose={() => setSilencing(false)}
          onDone={onClear}
        />
      )}
    </section>
  )
}

/** The server takes no more at once. */
const maxTaken = 10_000
