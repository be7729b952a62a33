import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { toLoadable } from '../../data/loadable.ts'
import { useRangeQuery } from '../../data/prometheus.ts'
import { describeRange } from '../../data/range.ts'
import { linkSearch } from '../../data/search.ts'
import { targetsQuery } from '../../data/targets.ts'
import { usePageRange } from '../../data/use-range.ts'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { StateWord } from '../../ui/glyph.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { usePreferences } from '../../ui/preferences.ts'
import { type TideBar, TideStrip } from '../../ui/tide-strip.tsx'
import { formatSeconds } from '../../ui/units.ts'
import { type JobRow, jobBars, jobRows } from './jobs.ts'
import { jobStrips } from './queries.ts'

/** Targets by job: how they are, and how they were over the range. */
export function JobTable() {
  const { range } = usePageRange()
  const { zone } = usePreferences()
  const targets = toLoadable(useQuery({ ...targetsQuery, refetchInterval: 10_000 }))
  const { data: strips } = useRangeQuery(jobStrips, { points: 60 })
  const barsOf = (job: string): TideBar[] => (strips === undefined ? [] : jobBars(strips.chart, job, zone))
  return (
    <section className="section">
      <div className="section-head">
        <h2>Targets</h2>
        <span className="third small">{describeRange(range, zone).toLowerCase()}, by job</span>
        <Link to="/sources" search={linkSearch()} className="link small end">
          All targets
        </Link>
      </div>
      <Loaded of={targets} what="targets" height={120} isEmpty={(list) => list.length === 0} empty={<NoTargets />}>
        {(list) => (
          <DataTable name="Targets by job" columns={columns(barsOf)} rows={jobRows(list)} rowKey={(row) => row.job} />
        )}
      </Loaded>
    </section>
  )
}

const columns = (barsOf: (job: string) => TideBar[]): readonly Column<JobRow>[] => [
  {
    key: 'job',
    title: 'Job',
    width: '22%',
    sortBy: (row) => row.job,
    cell: (row) => (
      <Link to="/sources" search={linkSearch({ find: `job=${row.job}` })} className="label break">
        {row.job}
      </Link>
    ),
  },
  { key: 'state', title: 'Now', width: '110px', cell: (row) => <StateWord state={row.state}>{row.word}</StateWord> },
  {
    key: 'strip',
    title: 'Answered',
    wideOnly: true,
    cell: (row) => <TideStrip bars={barsOf(row.job)} name={`${row.job}: targets that answered`} />,
  },
  {
    key: 'up',
    title: 'Up',
    numeric: true,
    width: '90px',
    sortBy: (row) => row.up / row.total,
    cell: (row) => `${row.up} of ${row.total}`,
  },
  {
    key: 'slowest',
    title: 'Slowest scrape',
    numeric: true,
    width: '120px',
    sortBy: (row) => row.slowestSeconds,
    cell: (row) =>
      Number.isNaN(row.slowestSeconds) ? <span className="third">none yet</span> : formatSeconds(row.slowestSeconds),
  },
]

function NoTargets() {
  return (
    <p className="second">
      Nothing is scraped yet; this machine and Tidewatch itself are watched without a configuration.{' '}
      <Link to="/sources" search={linkSearch()} className="link">
        Bring your own targets
      </Link>
    </p>
  )
}
