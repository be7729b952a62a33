import { Link } from '@tanstack/react-router'
import type { Target } from '@tidewatch/api/prometheus.ts'
import { linkSearch } from '../../data/search.ts'
import { lastScrapeMs } from '../../data/targets.ts'
import { useSetSearch } from '../../data/use-range.ts'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { StateWord } from '../../ui/glyph.tsx'
import { useTicking } from '../../ui/loaded.tsx'
import { formatAge, formatSeconds } from '../../ui/units.ts'
import { keyOfTarget } from './discovered.ts'
import { targetStates } from './target-states.ts'

/** One line a target; what is down comes first, with its error. */
export function TargetTable({ targets }: { readonly targets: readonly Target[] }) {
  const nowMs = useTicking(1000)
  const setSearch = useSetSearch()
  return (
    <DataTable
      name="Targets"
      columns={columns(nowMs)}
      rows={targets}
      rowKey={(target) => `${target.scrapePool} ${target.scrapeUrl} ${JSON.stringify(target.labels)}`}
      initialSort={{ column: 'health', descending: false }}
      onOpen={(target) => setSearch({ target: keyOfTarget(target) })}
    />
  )
}

const hidden = new Set(['job', 'instance'])

const columns = (nowMs: number): readonly Column<Target>[] => [
  {
    key: 'health',
    title: 'Health',
    width: '100px',
    sortBy: (target) => targetStates[target.health].order,
    cell: ({ health }) => <StateWord state={targetStates[health].state}>{targetStates[health].word}</StateWord>,
  },
  {
    key: 'job',
    wideOnly: true,
    title: 'Job',
    width: '14%',
    sortBy: (target) => target.labels.job ?? target.scrapePool,
    cell: (target) => <span className="label break">{target.labels.job ?? target.scrapePool}</span>,
  },
  {
    key: 'target',
    title: 'Target',
    sortBy: (target) => target.labels.instance ?? target.scrapeUrl,
    cell: (target) => (
      <div className="target-cell">
        <span className="phone-only label break">{target.labels.job ?? target.scrapePool}</span>
        <Link
          to="/explore"
          search={linkSearch({ q: `up{instance=${JSON.stringify(target.labels.instance ?? '')}}` })}
          className="mono break"
          title={target.scrapeUrl}
          // to its samples, not to the row's details
          onClick={(event) => event.stopPropagation()}
        >
          {target.labels.instance ?? target.scrapeUrl}
        </Link>
        {Object.entries(target.labels)
          .filter(([name]) => !hidden.has(name))
          .map(([name, value]) => (
            <span key={name} className="chip">
              {name}=<b>{value}</b>
            </span>
          ))}
        {target.lastError !== '' && <div className="crit small break">{target.lastError}</div>}
      </div>
    ),
  },
  {
    key: 'last',
    title: 'Last scrape',
    numeric: true,
    width: '110px',
    wideOnly: true,
    sortBy: (target) => nowMs - (lastScrapeMs(target) ?? Number.NaN),
    cell: (target) => {
      const atMs = lastScrapeMs(target)
      return atMs === undefined ? <span className="third">never</span> : `${formatAge(nowMs - atMs)} ago`
    },
  },
  {
    key: 'took',
    title: 'Took',
    numeric: true,
    width: '90px',
    sortBy: (target) => target.lastScrapeDuration,
    cell: (target) => (target.health === 'unknown' ? '' : formatSeconds(target.lastScrapeDuration)),
  },
  {
    key: 'interval',
    title: 'Every',
    numeric: true,
    width: '80px',
    wideOnly: true,
    cell: (target) => <span className="third">{target.scrapeInterval}</span>,
  },
]
