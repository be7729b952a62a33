import { useQuery } from '@tanstack/react-query'
import { alertsSummaryQuery } from '../../data/alerts.ts'
import { countTargets, targetsQuery } from '../../data/targets.ts'
import { useTicking } from '../../ui/loaded.tsx'
import { usePreferences } from '../../ui/preferences.ts'
import { formatMoment } from '../../ui/times.ts'
import { ChartStat } from './chart-stat.tsx'
import { Fires } from './fires.tsx'
import { JobTable } from './job-table.tsx'
import { OwnAside } from './own-aside.tsx'
import { hostQuestions, ownQuestions } from './queries.ts'
import './now.css'

/** What is on fire, this machine, targets, Tidewatch itself. */
export function Page() {
  return (
    <>
      <Head />
      <Fires />
      <div className="columns now-body">
        <div>
          <section className="section">
            <div className="section-head">
              <h2>This machine</h2>
            </div>
            <div className="stats now-stats">
              {hostQuestions.map((question) => (
                <ChartStat key={question.title} question={question} />
              ))}
            </div>
          </section>
          <JobTable />
          <section className="section">
            <div className="section-head">
              <h2>Tidewatch itself</h2>
            </div>
            <div className="stats now-stats two">
              {ownQuestions.map((question) => (
                <ChartStat key={question.title} question={question} />
              ))}
            </div>
          </section>
        </div>
        <OwnAside />
      </div>
    </>
  )
}

function Head() {
  const { data: summary } = useQuery(alertsSummaryQuery)
  const { data: targets } = useQuery({ ...targetsQuery, refetchInterval: 10_000 })
  const { zone } = usePreferences()
  const nowMs = useTicking(10_000)
  const firing = summary && summary.counts.open + summary.counts.taken
  const words = [
    firing === undefined || (firing === 0 && summary?.rules.total === 0)
      ? undefined
      : firing === 0
        ? 'Nothing is on fire'
        : `${firing} firing`,
    targets === undefined || targets.length === 0
      ? undefined
      : `${countTargets(targets).up} of ${targets.length} targets answer`,
  ].filter((part) => part !== undefined)
  return (
    <div className="page-head">
      <h1>Now</h1>
      <p className="note third small">
        {words.join(', ')}
        {words.length > 0 && ' · '}
        {formatMoment(nowMs, zone).replace(/:\d\d (?=UTC)/, ' ')}
      </p>
    </div>
  )
}
