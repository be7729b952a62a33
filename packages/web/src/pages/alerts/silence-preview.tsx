import { useQuery } from '@tanstack/react-query'
import { toLoadable } from '../../data/loadable.ts'
import { formatMatcher } from '../../data/matchers.ts'
import { silencePreviewQuery } from '../../data/silences.ts'
import { Glyph } from '../../ui/glyph.tsx'
import { Loaded } from '../../ui/loaded.tsx'

interface SilencePreviewProps {
  /** Matchers in braces. */
  readonly filter: string
  readonly isEmpty: boolean
  /** So many alerts were chosen to be hidden. */
  readonly meant: number | undefined
  readonly onNarrow: (() => void) | undefined
}

const maxShown = 8

/** What the matchers hide right now. */
export function SilencePreview({ filter, isEmpty, meant, onNarrow }: SilencePreviewProps) {
  const preview = toLoadable(useQuery({ ...silencePreviewQuery(filter), enabled: !isEmpty && filter !== '{}' }))
  if (isEmpty || filter === '{}') return <p className="small third">Without a label there is nothing to hide.</p>
  return (
    <section className="silence-preview" aria-label="What it hides now">
      <Loaded of={preview} what="what it hides" height={56}>
        {({ count, alerts }) => (
          <>
            <p className="row wrap small" role="status">
              <Glyph state={meant !== undefined && count > meant ? 'warning' : 'held'} />
              <span className="label">{hides(count)}</span>
              {meant !== undefined && count > meant && (
                <>
                  <span className="second">{count - meant} more than you chose.</span>
                  {onNarrow !== undefined && (
                    <button type="button" className="link" onClick={onNarrow}>
                      Only those
                    </button>
                  )}
                </>
              )}
            </p>
            <ul className="silence-hidden small">
              {alerts.slice(0, maxShown).map(({ fingerprint, labels: { alertname = '', ...labels } }) => (
                <li key={fingerprint} className="cut" title={wordsOf(labels)}>
                  <span className="label">{alertname}</span> <span className="third mono">{wordsOf(labels)}</span>
                </li>
              ))}
              {count > maxShown && <li className="third">and {count - maxShown} more</li>}
            </ul>
          </>
        )}
      </Loaded>
    </section>
  )
}

const hides = (count: number): string =>
  count === 0 ? 'Hides nothing that fires now.' : `Hides ${count} ${count === 1 ? 'alert' : 'alerts'} now.`

const wordsOf = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([name, value]) => formatMatcher({ name, op: '=', value }))
    .join(' ')
