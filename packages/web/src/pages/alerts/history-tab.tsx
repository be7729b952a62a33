import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { AlertEpisode } from '@tidewatch/api/alert-history.ts'
import { alertHistoryQuery, alertSummaryQuery, type HistoryFilter } from '../../data/alert-history.ts'
import { alertHref } from '../../data/alerts.ts'
import { problemOf } from '../../data/client.ts'
import { toLoadable } from '../../data/loadable.ts'
import { linkSearch, searchText } from '../../data/search.ts'
import { usePageSearch, useSetSearch } from '../../data/use-range.ts'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { Glyph, severityState } from '../../ui/glyph.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { usePreferences } from '../../ui/preferences.ts'
import { formatMoment, type Zone } from '../../ui/times.ts'
import { formatSeconds } from '../../ui/units.ts'
import { HistorySummary } from './history-summary.tsx'
import { LabelChips } from './label-chips.tsx'
import './history.css'

const dayMs = 86_400_000
const spans = [
  { id: '1', title: '1 d' },
  { id: '7', title: '7 d' },
  { id: '30', title: '30 d' },
  { id: '90', title: '90 d' },
  { id: '400', title: '400 d' },
] as const
const severities = ['critical', 'high', 'medium', 'low'] as const

/** What fired in the past: how soon people answered, which rules make noise and what would help, then one by one. */
export function HistoryTab() {
  const { filter, days } = useHistoryFilter()
  const summary = toLoadable(useQuery(alertSummaryQuery(filter)))
  return (
    <>
      <HistoryFilters filter={filter} days={days} />
      <Loaded
        of={summary}
        what="the summary"
        height={240}
        isEmpty={({ fired }) => fired === 0}
        empty={<NothingFired days={days} />}
      >
        {(data) => (
          <>
            <HistorySummary summary={data} />
            <Episodes filter={filter} />
          </>
        )}
      </Loaded>
    </>
  )
}

function useHistoryFilter(): { readonly filter: HistoryFilter; readonly days: string } {
  const search = usePageSearch()
  const days = spans.find(({ id }) => id === searchText(search, 'days'))?.id ?? '30'
  const severity = severities.find((one) => one === searchText(search, 'severity'))
  const rule = searchText(search, 'rule')
  return { filter: { lastMs: Number(days) * dayMs, severity, rule }, days }
}

function HistoryFilters({ filter, days }: { readonly filter: HistoryFilter; readonly days: string }) {
  const setSearch = useSetSearch()
  return (
    <search className="row wrap alert-filter" aria-label="Filter of the history">
      <fieldset className="segments" aria-label="How far back">
        {spans.map(({ id, title }) => (
          <button
            key={id}
            type="button"
            className={id === days ? 'on' : ''}
            aria-pressed={id === days}
            onClick={() => setSearch({ days: id === '30' ? undefined : id }, { replace: true })}
          >
            {title}
          </button>
        ))}
      </fieldset>
      <label className="row small nowrap alert-choice">
        <span className="third">Severity</span>
        <select
          className="select"
          value={filter.severity ?? ''}
          onChange={(event) =>
            setSearch({ severity: event.target.value === '' ? undefined : event.target.value }, { replace: true })
          }
        >
          <option value="">all</option>
          {severities.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </label>
      {filter.rule !== undefined && (
        <button
          type="button"
          className="button little"
          onClick={() => setSearch({ rule: undefined }, { replace: true })}
        >
          Only {filter.rule}: remove
        </button>
      )}
    </search>
  )
}

function NothingFired({ days }: { readonly days: string }) {
  return (
    <p className="row quiet">
      <Glyph state="fine" /> <span className="label">Nothing fired</span>{' '}
      <span className="second">
        in the last {days} days that the filter lets through. What fires is kept for 400 days.
      </span>
    </p>
  )
}

function Episodes({ filter }: { readonly filter: HistoryFilter }) {
  const navigate = useNavigate()
  const { zone } = usePreferences()
  const history = useInfiniteQuery(alertHistoryQuery(filter))
  const episodes = {
    data: history.data?.pages.flatMap((page) => page.episodes),
    dataAtMs: history.dataUpdatedAt,
    problem: history.error === null ? undefined : problemOf(history.error),
    asking: history.isFetching,
    askAgain: () => void history.refetch(),
  }
  return (
    <section className="section" aria-label="One by one">
      <div className="section-head">
        <h2>One by one</h2>
        <span className="third small">the newest first</span>
      </div>
      <Loaded of={episodes} what="alerts of the past" height={300}>
        {(rows) => (
          <>
            <DataTable
              name="Alerts of the past"
              columns={columns(zone)}
              rows={rows}
              rowKey={({ id }) => id}
              onOpen={({ fingerprint }) => void navigate({ to: alertHref(fingerprint), search: linkSearch() })}
            />
            {history.hasNextPage && (
              <p className="history-more">
                <button
                  type="button"
                  className="button"
                  disabled={history.isFetchingNextPage}
                  onClick={() => void history.fetchNextPage()}
                >
                  {history.isFetchingNextPage ? 'Reading' : 'Older ones'}
                </button>
              </p>
            )}
          </>
        )}
      </Loaded>
    </section>
  )
}

const lasted = (fromMs: number, toMs: number | undefined): string =>
  toMs === undefined ? 'fires' : formatSeconds(Math.round((toMs - fromMs) / 1000))

function columns(zone: Zone): readonly Column<AlertEpisode>[] {
  return [
    {
      key: 'name',
      title: 'Alert',
      sortBy: ({ name }) => name,
      cell: ({ name, severity, labels }) => (
        <div className="alert-cell">
          <Glyph state={severityState(severity)} name={severity} />
          <div className="grow">
            <span className="label break">{name}</span>
            <LabelChips
              labels={Object.entries(labels).filter(([label]) => label !== 'alertname' && label !== 'severity')}
            />
          </div>
        </div>
      ),
    },
    {
      key: 'fired',
      title: 'Fired',
      wideOnly: true,
      width: '210px',
      sortBy: ({ firedAtMs }) => firedAtMs,
      cell: ({ firedAtMs }) => <span className="nowrap">{formatMoment(firedAtMs, zone)}</span>,
    },
    {
      key: 'lasted',
      title: 'Lasted',
      numeric: true,
      width: '110px',
      sortBy: ({ firedAtMs, endedAtMs }) => (endedAtMs ?? Number.MAX_SAFE_INTEGER) - firedAtMs,
      cell: ({ firedAtMs, endedAtMs, flapped }) => (
        <span title={formatMoment(firedAtMs, zone)}>
          {lasted(firedAtMs, endedAtMs)}
          {flapped && <span className="third"> flapping</span>}
        </span>
      ),
    },
    {
      key: 'taken',
      title: 'Taken',
      wideOnly: true,
      width: '190px',
      sortBy: ({ firedAtMs, acknowledgedAtMs }) => (acknowledgedAtMs ?? Number.MAX_SAFE_INTEGER) - firedAtMs,
      cell: ({ firedAtMs, acknowledgedAtMs, acknowledgedBy }) =>
        acknowledgedAtMs === undefined ? (
          <span className="third">by nobody</span>
        ) : (
          <span className="break">
            by {acknowledgedBy} after {formatSeconds(Math.round((acknowledgedAtMs - firedAtMs) / 1000))}
          </span>
        ),
    },
    {
      key: 'told',
      title: 'Messages',
      numeric: true,
      wideOnly: true,
      width: '110px',
      sortBy: ({ notifications }) => notifications,
      cell: ({ notifications, failures, receivers }) => (
        <span title={receivers.join(', ')}>
          {notifications}
          {failures > 0 && <span className="crit"> {failures} failed</span>}
        </span>
      ),
    },
  ]
}
