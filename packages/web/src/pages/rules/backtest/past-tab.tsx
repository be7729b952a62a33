import { useQuery } from '@tanstack/react-query'
import type { Backtest } from '@tidewatch/api/backtest.ts'
import { backtestsQuery, isOver, useBeginBacktest } from '../../../data/backtests.ts'
import { problemOf } from '../../../data/client.ts'
import { rulesQuery } from '../../../data/rules.ts'
import { searchText, searchTexts } from '../../../data/search.ts'
import { usePageSearch, useSetSearch } from '../../../data/use-range.ts'
import { useTicking } from '../../../ui/loaded.tsx'
import { usePreferences } from '../../../ui/preferences.ts'
import { ProblemBox } from '../../../ui/problem-box.tsx'
import { formatMoment } from '../../../ui/times.ts'
import { formatAge } from '../../../ui/units.ts'
import { BacktestForm } from './backtest-form.tsx'
import { BacktestView } from './backtest-view.tsx'

/** The rules in force, all or those of the address, tried on the past; and what was tried lately. */
export function PastTab() {
  const search = usePageSearch()
  const setSearch = useSetSearch()
  const run = searchText(search, 'run')
  const only = searchTexts(search, 'rule')
  const { data: groups } = useQuery(rulesQuery)
  const hasAlerts = groups === undefined || groups.some(({ rules }) => rules.some(({ type }) => type === 'alerting'))
  const begin = useBeginBacktest(({ id }) => setSearch({ run: id }, { replace: true }))
  return (
    <section className="section" aria-label="Try on the past">
      <p className="second past-words">
        {only.length === 0 ? (
          'All rules in force, through the routes, silences and schedules that are in force.'
        ) : (
          <>
            Only <b>{only.join(', ')}</b>, through the routes, silences and schedules that are in force.{' '}
            <button type="button" className="link" onClick={() => setSearch({ rule: undefined, run: undefined })}>
              All rules
            </button>
          </>
        )}
      </p>
      <BacktestForm
        title={only.length === 0 ? 'Try all on the past' : 'Try on the past'}
        disabled={!hasAlerts}
        busy={begin.isPending}
        onBegin={(span) => begin.mutate({ body: only.length === 0 ? span : { ...span, only: [...only] } })}
      />
      {!hasAlerts && (
        <p className="second small">
          No alerting rule is in force.{' '}
          <button type="button" className="link" onClick={() => setSearch({ tab: 'try' })}>
            Write one and try it
          </button>
          , or begin with a{' '}
          <button type="button" className="link" onClick={() => setSearch({ tab: 'packs' })}>
            ready pack
          </button>
          .
        </p>
      )}
      {begin.error !== null && <ProblemBox problem={problemOf(begin.error)} />}
      {run !== undefined && <BacktestView key={run} id={run} />}
      <Earlier chosen={run} onChoose={(id) => setSearch({ run: id })} />
    </section>
  )
}

const words: Record<Backtest['status'], string> = {
  waiting: 'waits',
  running: 'runs',
  done: 'done',
  failed: 'failed',
  cancelled: 'cancelled',
}

/** Backtests since the start, of everybody. */
function Earlier({
  chosen,
  onChoose,
}: {
  readonly chosen: string | undefined
  readonly onChoose: (id: string) => void
}) {
  const { data = [] } = useQuery({
    ...backtestsQuery,
    refetchInterval: ({ state }) => (state.data?.some((one) => !isOver(one)) === true ? 2000 : 30_000),
  })
  const nowMs = useTicking(10_000)
  const { zone } = usePreferences()
  const others = data.filter(({ id }) => id !== chosen)
  if (others.length === 0) return null
  return (
    <section className="section" aria-label="Tried lately">
      <div className="section-head">
        <h2>Tried lately</h2>
      </div>
      <ul className="small past-list">
        {others.map(({ id, status, createdAtMs, createdBy }) => (
          <li key={id}>
            <button type="button" className="link" title={formatMoment(createdAtMs, zone)} onClick={() => onChoose(id)}>
              {formatAge(nowMs - createdAtMs)} ago
            </button>{' '}
            <span className="second">
              by {createdBy}, {words[status]}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
