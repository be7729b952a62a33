import { useQuery } from '@tanstack/react-query'
import { toLoadable } from '../data/loadable.ts'
import { newestSampleQuery } from '../data/newest-sample.ts'
import { alertName, alertSentence, rulesQuery } from '../data/rules.ts'
import { Glyph } from '../ui/glyph.tsx'
import { useTicking } from '../ui/loaded.tsx'
import { formatAge } from '../ui/units.ts'
import { describeNow } from './now-words.ts'
import { PageLink } from './page-link.tsx'
import { rulesEveryMs } from './use-firing.ts'

/** One line on every page: what is on fire, or that nothing is; what Tidewatch itself misses outranks calm. */
export function NowBar() {
  const rules = toLoadable(useQuery({ ...rulesQuery, refetchInterval: rulesEveryMs }))
  const newest = useQuery({ ...newestSampleQuery, refetchInterval: rulesEveryMs })
  const nowMs = useTicking(1000)
  const now = describeNow({ groups: rules.data, problem: rules.problem?.what, newestAgeMs: newest.data?.ageMs })
  if (now === undefined) return <aside className="now-bar" aria-label="What is on fire" />
  return (
    <aside className={`now-bar ${now.tone}`} aria-label="What is on fire">
      <span aria-live="polite" className="row">
        <Glyph state={now.glyph} />
        <span className={`title nowrap ${now.tone === 'critical' ? 'crit' : ''}`}>{now.title}</span>
      </span>
      {now.worst === undefined ? (
        <span className="second cut">{now.detail}</span>
      ) : (
        <PageLink to="/alerts" className="cut">
          <span className="label">{alertName(now.worst.alert)}</span>{' '}
          <span className="second wide-only">{alertSentence(now.worst)}</span>
        </PageLink>
      )}
      {now.worst?.sinceMs !== undefined && (
        <span className="second nowrap end">for {formatAge(nowMs - now.worst.sinceMs)}</span>
      )}
    </aside>
  )
}
