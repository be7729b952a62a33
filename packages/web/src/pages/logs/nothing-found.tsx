import { useQuery } from '@tanstack/react-query'
import { type LogSpan, logStorageQuery } from '../../data/logs.ts'
import { usePageRange } from '../../data/use-range.ts'
import { formatDay } from '../../ui/times.ts'

interface NothingFoundProps {
  readonly query: string
  readonly span: LogSpan
  readonly onAll: () => void
}

/** Why the list is empty, and the ways out: what is kept, a longer time, or no query. */
export function NothingFound({ query, span, onAll }: NothingFoundProps) {
  const { zoom, zoomOut } = usePageRange()
  const oldestMs = useQuery(logStorageQuery).data?.oldestMs
  const isGone = oldestMs !== undefined && span.toMs <= oldestMs
  return (
    <div className="log-nothing">
      <p>{isGone ? <Gone oldestMs={oldestMs} /> : <Nothing query={query} />}</p>
      <p className="row wrap">
        {isGone ? (
          <button type="button" className="button little" onClick={() => zoom(oldestMs, Date.now())}>
            All that is kept
          </button>
        ) : (
          <button type="button" className="button little" onClick={zoomOut}>
            Look twice as far
          </button>
        )}
        {query !== '' && (
          <button type="button" className="button little" onClick={onAll}>
            All lines of this time
          </button>
        )}
      </p>
    </div>
  )
}

function Nothing({ query }: Pick<NothingFoundProps, 'query'>) {
  return (
    <>
      {query === '' ? 'No lines in this time.' : 'No line of this time fits the query.'}{' '}
      <span className="second">Lines that come will appear here.</span>
    </>
  )
}

function Gone({ oldestMs }: { readonly oldestMs: number }) {
  return (
    <>
      Lines are kept since {formatDay(oldestMs, 'utc')}: this time is before it.{' '}
      <span className="second">For how long they are kept is told under Storage.</span>
    </>
  )
}
