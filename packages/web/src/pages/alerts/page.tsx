import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { toLoadable } from '../../data/loadable.ts'
import {
  alertName,
  alertSentence,
  countRules,
  type LiveAlert,
  liveAlerts,
  ownLabels,
  rulesQuery,
} from '../../data/rules.ts'
import { linkSearch, searchText } from '../../data/search.ts'
import { usePageSearch, useSetSearch } from '../../data/use-range.ts'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { Glyph } from '../../ui/glyph.tsx'
import { Loaded, useTicking } from '../../ui/loaded.tsx'
import { formatAge } from '../../ui/units.ts'
import { AlertDetail } from './alert-detail.tsx'
import { LabelChips } from './label-chips.tsx'
import './alerts.css'

/** What fires and what is about to; one of them in detail. */
export function Page() {
  const rules = toLoadable(useQuery({ ...rulesQuery, refetchInterval: 10_000 }))
  const chosen = searchText(usePageSearch(), 'alert')
  return (
    <Loaded of={rules} what="alerts" height={300}>
      {(groups) => {
        const alerts = liveAlerts(groups)
        const live = alerts.find((one) => one.key === chosen)
        return chosen === undefined ? (
          <AlertList alerts={alerts} rules={countRules(groups).rules} />
        ) : live === undefined ? (
          <Gone />
        ) : (
          <AlertDetail key={live.key} live={live} />
        )
      }}
    </Loaded>
  )
}

function AlertList({ alerts, rules }: { readonly alerts: readonly LiveAlert[]; readonly rules: number }) {
  const setSearch = useSetSearch()
  const nowMs = useTicking(1000)
  const firing = alerts.filter((live) => live.state === 'firing').length
  const open = (live: LiveAlert) => setSearch({ alert: live.key })
  return (
    <>
      <div className="page-head">
        <h1>Alerts</h1>
        <p className="note third small">
          {firing} firing, {alerts.length - firing} pending, {rules} {rules === 1 ? 'rule' : 'rules'}
        </p>
      </div>
      {alerts.length === 0 ? (
        <Quiet rules={rules} />
      ) : (
        <DataTable name="Alerts" columns={columns(nowMs)} rows={alerts} rowKey={(live) => live.key} onOpen={open} />
      )}
    </>
  )
}

const columns = (nowMs: number): readonly Column<LiveAlert>[] => [
  {
    key: 'name',
    title: 'Alert',
    sortBy: (live) => alertName(live.alert),
    cell: (live) => (
      <div className="alert-cell">
        <Glyph
          state={live.state === 'pending' ? 'pending' : live.severity}
          name={live.state === 'pending' ? 'pending' : live.severity}
        />
        <div className="grow">
          <span className="label">{alertName(live.alert)}</span>{' '}
          <span className="second break">{alertSentence(live)}</span>
          <LabelChips labels={ownLabels(live.alert)} />
        </div>
      </div>
    ),
  },
  {
    key: 'state',
    title: 'State',
    wideOnly: true,
    width: '110px',
    cell: (live) => (
      <span className={live.state === 'firing' ? 'label' : 'second'}>
        {live.state === 'firing' ? live.severity : 'pending'}
      </span>
    ),
  },
  {
    key: 'group',
    title: 'Group',
    wideOnly: true,
    width: '130px',
    sortBy: (live) => live.group.name,
    cell: (live) => <span className="second">{live.group.name}</span>,
  },
  {
    key: 'since',
    title: 'For',
    numeric: true,
    width: '90px',
    sortBy: (live) => nowMs - (live.sinceMs ?? nowMs),
    cell: (live) => (live.sinceMs === undefined ? '' : formatAge(nowMs - live.sinceMs)),
  },
]

function Quiet({ rules }: { readonly rules: number }) {
  if (rules > 0) {
    return (
      <p className="row quiet">
        <Glyph state="fine" /> <span className="label">Nothing is on fire.</span>{' '}
        <span className="second">No rule fires or is about to.</span>
      </p>
    )
  }
  return (
    <p className="second quiet">
      No rule is loaded, so nothing can fire.{' '}
      <Link to="/rules" search={linkSearch()} className="link">
        Bring your rules
      </Link>
    </p>
  )
}

function Gone() {
  return (
    <>
      <div className="page-head">
        <h1>Alerts</h1>
      </div>
      <p className="row">
        <Glyph state="fine" /> <span className="label">This alert does not fire any more.</span>
        <Link to="/alerts" search={linkSearch()} className="link">
          All alerts
        </Link>
      </p>
    </>
  )
}
