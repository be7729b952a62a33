import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { CardinalityReport } from '@tidewatch/api/cardinality.ts'
import { cardinalityQuery } from '../../data/cardinality.ts'
import { toLoadable } from '../../data/loadable.ts'
import { linkSearch, searchText } from '../../data/search.ts'
import { usePageSearch, useSetSearch } from '../../data/use-range.ts'
import { Loaded } from '../../ui/loaded.tsx'
import { formatNumber } from '../../ui/units.ts'
import { ChurnSection } from './churn.tsx'
import { JobsSection } from './jobs.tsx'
import { LabelValues } from './label-values.tsx'
import { Proposals } from './proposals.tsx'
import { LabelTable, MetricTable } from './tables.tsx'
import './cardinality.css'

/** How many series there are and of what, how fast new ones appear, and which labels could go. */
export function Page() {
  const report = toLoadable(useQuery({ ...cardinalityQuery, refetchInterval: 60_000 }))
  return (
    <>
      <div className="page-head">
        <h1>Cardinality</h1>
        {report.data !== undefined && report.data.series > 0 && <CountWords report={report.data} />}
      </div>
      <Loaded of={report} what="series" height={400} isEmpty={({ series }) => series === 0} empty={<NoSeries />}>
        {(data) => <Report report={data} />}
      </Loaded>
    </>
  )
}

function CountWords({ report: { series, active, labelPairs, churn } }: { readonly report: CardinalityReport }) {
  const hour = churn.hours.at(-1)?.created ?? 0
  return (
    <p className="note small third">
      {formatNumber(series)} series in memory, {formatNumber(active)} with a sample in the last 5 min;{' '}
      {formatNumber(labelPairs)} different labels; {hour === 0 ? 'none' : formatNumber(hour)} new this hour
    </p>
  )
}

function Report({ report }: { readonly report: CardinalityReport }) {
  const label = searchText(usePageSearch(), 'label')
  const setSearch = useSetSearch()
  return (
    <>
      <Proposals proposals={report.proposals} />
      <div className="cardinality-two">
        <section className="section" aria-label="Metrics">
          <div className="section-head">
            <h2>Metrics</h2>
            <span className="third small">with the most series</span>
          </div>
          <MetricTable metrics={report.metrics} total={report.series} />
        </section>
        <section className="section" aria-label="Labels">
          <div className="section-head">
            <h2>Labels</h2>
            <span className="third small">with the most values; open one to see them</span>
          </div>
          <LabelTable labels={report.labels} onOpen={(name) => setSearch({ label: name })} />
        </section>
      </div>
      {label !== undefined && <LabelValues key={label} name={label} onClose={() => setSearch({ label: undefined })} />}
      <ChurnSection churn={report.churn} />
      <JobsSection jobs={report.jobs} />
    </>
  )
}

function NoSeries() {
  return (
    <>
      <p className="lead">There is no series yet.</p>
      <p className="second cardinality-teach">
        A series is one metric with one set of labels. Every further value of a label makes new ones, and they are what
        memory goes into: here stands which metrics, labels and jobs have the most, and which labels could go.{' '}
        <Link to="/sources" search={linkSearch()} className="link">
          Bring the first data
        </Link>
      </p>
    </>
  )
}
