import { Link } from '@tanstack/react-router'
import type { CountedJob } from '@tidewatch/api/cardinality.ts'
import { linkSearch } from '../../data/search.ts'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { StateWord } from '../../ui/glyph.tsx'
import { formatNumber } from '../../ui/units.ts'
import { limitState, limitsOf } from './limits.ts'

/** Series by job, and how near each comes to the limits of its configuration. */
export function JobsSection({ jobs }: { readonly jobs: readonly CountedJob[] }) {
  return (
    <section className="section" aria-label="Jobs">
      <div className="section-head">
        <h2>Jobs</h2>
        <span className="third small">against the limits of their scrape configuration</span>
      </div>
      <DataTable
        name="Series by job"
        columns={columns}
        rows={jobs}
        rowKey={({ job }) => job}
        initialSort={{ column: 'series', descending: true }}
      />
    </section>
  )
}

const columns: readonly Column<CountedJob>[] = [
  {
    key: 'job',
    title: 'Job',
    sortBy: ({ job }) => job,
    cell: ({ job }) =>
      job === '' ? (
        <span className="third">(none)</span>
      ) : (
        <Link to="/sources" search={linkSearch({ find: `job=${job}` })} className="label break">
          {job}
        </Link>
      ),
  },
  {
    key: 'series',
    title: 'Series',
    numeric: true,
    width: '90px',
    sortBy: ({ series }) => series,
    cell: ({ series }) => formatNumber(series),
  },
  {
    key: 'active',
    title: 'Active',
    numeric: true,
    wideOnly: true,
    width: '90px',
    sortBy: ({ active }) => active,
    cell: ({ active }) => formatNumber(active),
  },
  {
    key: 'largest',
    title: 'Largest target',
    wideOnly: true,
    cell: ({ largestTarget: { instance, active }, targets }) => (
      <span className="break">
        {formatNumber(active)}{' '}
        <span className="third small">
          {instance === '' ? '' : `${instance}, `}of {targets}
        </span>
      </span>
    ),
  },
  { key: 'limits', title: 'Limits', cell: (job) => <Limits job={job} /> },
]

function Limits({ job }: { readonly job: CountedJob }) {
  if (job.limits === undefined) return <span className="third small">pushed</span>
  const uses = limitsOf(job)
  if (uses.length === 0) return <span className="third small">none set</span>
  return (
    <div className="limit-list">
      {uses.map((use) => (
        <span key={use.name} className="small" title={use.name}>
          {limitState(use) === 'fine' ? '' : <StateWord state={limitState(use)}>Near</StateWord>}{' '}
          {formatNumber(use.used)}{' '}
          <span className="third">
            of {formatNumber(use.limit)} {use.name}
          </span>
        </span>
      ))}
    </div>
  )
}
