import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { FiringRow, PendingRow } from '@tidewatch/api/firing-alerts.ts'
import { alertHref, alertsSummaryQuery } from '../../data/alerts.ts'
import { toLoadable } from '../../data/loadable.ts'
import { linkSearch } from '../../data/search.ts'
import { Glyph, type State, severityState } from '../../ui/glyph.tsx'
import { Loaded, useTicking } from '../../ui/loaded.tsx'
import { usePreferences } from '../../ui/preferences.ts'
import { formatSecond } from '../../ui/times.ts'
import { formatAge, formatSeconds, formatValue } from '../../ui/units.ts'

const maxFires = 5
const everyMs = 10_000

/** What fires, the worst first, then what is about to, before anything else on the page. */
export function Fires() {
  const summary = toLoadable(useQuery({ ...alertsSummaryQuery, refetchInterval: everyMs }))
  return (
    <Loaded of={summary} what="alerts" height={40}>
      {({ counts, worst, pending }) => {
        const all = counts.open + counts.taken + pending.total
        if (all === 0) return null
        const shown = worst.slice(0, maxFires)
        const soon = pending.rows.slice(0, maxFires - shown.length)
        const left = all - shown.length - soon.length
        return (
          <section className="fires" aria-label="What is on fire">
            {shown.map((row) => (
              <Fire key={row.fingerprint} row={row} />
            ))}
            {soon.map((row) => (
              <Soon key={row.fingerprint} row={row} />
            ))}
            {left > 0 && (
              <p className="small fires-more">
                <Link to="/alerts" search={linkSearch()} className="link">
                  {left} more
                </Link>
              </p>
            )}
          </section>
        )
      }}
    </Loaded>
  )
}

function Fire({ row }: { readonly row: FiringRow }) {
  const nowMs = useTicking(1000)
  const { zone } = usePreferences()
  const { startsAtMs, value, taker } = row
  const words = [
    `firing since ${formatSecond(startsAtMs, zone)}, ${formatAge(nowMs - startsAtMs)}`,
    value === undefined ? '' : `value ${formatValue(value, 'number')}`,
    taker === undefined ? '' : `${taker.by} has it`,
  ]
  const severity = severityState(row.severity)
  return (
    <Row
      name={row.name}
      sentence={row.sentence}
      state={taker === undefined ? severity : 'acknowledged'}
      word={severity}
      second={words.filter((word) => word !== '').join(' · ')}
      fingerprint={row.fingerprint}
    />
  )
}

function Soon({ row }: { readonly row: PendingRow }) {
  const nowMs = useTicking(1000)
  const { zone } = usePreferences()
  const { sinceMs, forMs, value } = row
  const since = `pending since ${formatSecond(sinceMs, zone)}, ${formatAge(nowMs - sinceMs)}`
  const after = `fires after ${formatSeconds(forMs / 1000)}`
  return (
    <Row
      name={row.name}
      sentence={row.sentence}
      state="pending"
      word="pending"
      second={`${since}, ${after} · value ${formatValue(value, 'number')}`}
      fingerprint={row.fingerprint}
    />
  )
}

interface RowProps {
  readonly name: string
  readonly sentence: string
  readonly state: State
  readonly word: string
  readonly second: string
  readonly fingerprint: string
}

function Row({ name, sentence, state, word, second, fingerprint }: RowProps) {
  const to = alertHref(fingerprint)
  return (
    <div className="fire">
      <Glyph state={state} name={word} />
      <div className="grow">
        <div className="fire-title">
          <Link to={to} search={linkSearch()} className="title">
            {name}
          </Link>{' '}
          {sentence}
        </div>
        <div className="small second">{second}</div>
      </div>
      <Link to={to} search={linkSearch()} className="button" aria-label={`Open ${name}`}>
        Open
      </Link>
    </div>
  )
}
