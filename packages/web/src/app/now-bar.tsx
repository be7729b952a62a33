import { useQuery } from '@tanstack/react-query'
import { useTaking } from '../data/acknowledgements.ts'
import { alertHref, alertsSummaryQuery } from '../data/alerts.ts'
import { toLoadable } from '../data/loadable.ts'
import { newestSampleQuery } from '../data/newest-sample.ts'
import { Glyph } from '../ui/glyph.tsx'
import { useTicking } from '../ui/loaded.tsx'
import { formatAge } from '../ui/units.ts'
import { describeNow, type NowWords } from './now-words.ts'
import { PageLink } from './page-link.tsx'
import { alertsEveryMs } from './use-firing.ts'

/** One line on every page: what is on fire, whose it is, or that nothing is; what Tidewatch itself misses outranks calm. */
export function NowBar() {
  const summary = toLoadable(useQuery({ ...alertsSummaryQuery, refetchInterval: alertsEveryMs }))
  const newest = useQuery({ ...newestSampleQuery, refetchInterval: alertsEveryMs })
  const now = describeNow({
    summary: summary.data,
    problem: summary.problem?.what,
    newestAgeMs: newest.data?.ageMs,
  })
  if (now === undefined) return <aside className="now-bar" aria-label="What is on fire" />
  return (
    <aside className={`now-bar ${now.tone}`} aria-label="What is on fire">
      <span aria-live="polite" className="row">
        <Glyph state={now.glyph} />
        <span className={`title nowrap ${now.tone === 'critical' ? 'crit' : ''}`}>{now.title}</span>
      </span>
      {now.worst === undefined ? <span className="second cut">{now.detail}</span> : <Worst worst={now.worst} />}
    </aside>
  )
}

/** The worst alert: since when, whose turn, and one touch to take it. */
function Worst({ worst }: { readonly worst: NonNullable<NowWords['worst']> }) {
  const { taker } = worst
  const nowMs = useTicking(1000)
  const taking = useTaking()
  return (
    <>
      <PageLink to={alertHref(worst.fingerprint)} className="cut">
        <span className="label">{worst.name}</span> <span className="second wide-only">{worst.sentence}</span>
      </PageLink>
      <span className="second nowrap end wide-only">for {formatAge(nowMs - worst.startsAtMs)}</span>
      {taker !== undefined && <span className="tide nowrap now-turn">{taker.by} has it</span>}
      {taker === undefined && taking.may && (
        <button
          type="button"
          className="button little now-turn"
          disabled={taking.pending}
          onClick={() => taking.take([worst.fingerprint])}
        >
          {taking.willBeSent ? 'Will be sent' : 'Acknowledge'}
        </button>
      )}
    </>
  )
}
