import { Star } from 'lucide-react'
import { useState } from 'react'
import { Dialog } from '../../ui/dialog.tsx'
import { historyRows, toggleStar } from './history.ts'
import './picker.css'

interface HistoryDialogProps {
  readonly onChoose: (query: string) => void
  readonly onClose: () => void
}

/** Before the dialog looks for something to focus: the close button would be first. */
const focus = (input: HTMLInputElement | null): void => input?.focus()

/** Queries asked before on this device: found by words, kept by a star. */
export function HistoryDialog({ onChoose, onClose }: HistoryDialogProps) {
  const [find, setFind] = useState('')
  const [, setStars] = useState<readonly string[]>([])
  const rows = historyRows(localStorage, find)
  return (
    <Dialog open onOpenChange={onClose} title="Queries asked before" wide>
      <input
        ref={focus}
        className="input pick-find"
        type="search"
        placeholder="Find by words"
        aria-label="Find a query"
        value={find}
        onChange={(event) => setFind(event.target.value)}
      />
      <ul className="pick-list" aria-label="Queries">
        {rows.map(({ query, starred }) => (
          <li key={query}>
            <button
              type="button"
              className="button bare little"
              aria-pressed={starred}
              aria-label={`Star ${query}`}
              onClick={() => setStars(toggleStar(localStorage, query))}
            >
              <Star className="icon" aria-hidden fill={starred ? 'currentColor' : 'none'} />
            </button>
            <button
              type="button"
              className="pick"
              onClick={() => {
                onChoose(query)
                onClose()
              }}
            >
              <code className="break">{query}</code>
            </button>
          </li>
        ))}
      </ul>
      {rows.length === 0 && (
        <p className="second small">
          {find === ''
            ? 'Nothing was asked on this device yet. What you run is kept here, on this device alone.'
            : `No query has “${find}”.`}
        </p>
      )}
    </Dialog>
  )
}
