import { useQueries, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { alertsSummaryQuery } from '../../data/alerts.ts'
import { newestSampleQuery } from '../../data/newest-sample.ts'
import { instantQuery } from '../../data/prometheus.ts'
import { linkSearch } from '../../data/search.ts'
import { targetsQuery } from '../../data/targets.ts'
import { usePageRange } from '../../data/use-range.ts'
import { formatAge, formatValue } from '../../ui/units.ts'
import { ownFacts } from './queries.ts'

/** Tidewatch's own figures, and the next step while only this machine is watched. */
export function OwnAside() {
  const { range } = usePageRange()
  const { data: newest } = useQuery({ ...newestSampleQuery, refetchInterval: 10_000 })
  const { data: summary } = useQuery(alertsSummaryQuery)
  const facts = useQueries({
    queries: ownFacts.map(({ query }) => ({ ...instantQuery(query, range), refetchInterval: 15_000 })),
  })
  const rules = summary?.rules
  return (
    <aside className="aside" aria-label="Tidewatch itself">
      <section className="section">
        <div className="section-head">
          <h2>Figures</h2>
        </div>
        <dl className="facts small">
          {newest !== undefined && (
            <Fact
              title="Newest sample"
              value={newest.ageMs === undefined ? 'none' : `${formatAge(newest.ageMs)} ago`}
            />
          )}
          {ownFacts.map(({ title, unit }, i) => {
            const data = facts[i]?.data?.data
            const text = data?.resultType === 'vector' ? data.result[0]?.value?.[1] : undefined
            return text === undefined ? null : (
              <Fact key={title} title={title} value={formatValue(Number(text), unit)} />
            )
          })}
          {rules !== undefined && (
            <Fact
              title="Rules"
              value={
                rules.total === 0
                  ? 'none'
                  : rules.failing === 0
                    ? `${rules.total}, all evaluated`
                    : `${rules.failing} of ${rules.total} fail`
              }
            />
          )}
        </dl>
      </section>
      <NextStep />
    </aside>
  )
}

function Fact({ title, value }: { readonly title: string; readonly value: string }) {
  return (
    <>
      <dt>{title}</dt>
      <dd>{value}</dd>
    </>
  )
}

/** Jobs that Tidewatch watches by itself: with no other there is a next step to teach. */
const ownJobs = new Set(['host', 'tidewatch'])

function NextStep() {
  const { data: targets } = useQuery(targetsQuery)
  const { data: summary } = useQuery(alertsSummaryQuery)
  if (targets === undefined || summary === undefined) return null
  const hasTargets = targets.some((target) => !ownJobs.has(target.labels.job ?? target.scrapePool))
  if (hasTargets && summary.rules.total > 0) return null
  return (
    <section className="section">
      <div className="section-head">
        <h2>Next</h2>
      </div>
      {!hasTargets && (
        <p className="next-step">
          <Link to="/sources" search={linkSearch()} className="link label">
            Send your first data
          </Link>
          <br />
          <span className="small second">
            Keep your Prometheus and add four lines, or bring its scrape configuration.
          </span>
        </p>
      )}
      {summary.rules.total === 0 && (
        <p className="next-step">
          <Link to="/rules" search={linkSearch()} className="link label">
            Bring your rules
          </Link>
          <br />
          <span className="small second">Prometheus's rule files work as they are.</span>
        </p>
      )}
    </section>
  )
}
