import { useParams } from '@tanstack/react-router'
import { searchText } from '../../data/search.ts'
import { usePageSearch, useSetSearch } from '../../data/use-range.ts'
import { TabRow } from '../../ui/tab-row.tsx'
import { AlertPage } from './alert-detail.tsx'
import { FiringTab } from './firing-tab.tsx'
import { HistoryTab } from './history-tab.tsx'
import { SilenceFromLink } from './silence-from-link.tsx'
import { SilencesTab } from './silences-tab.tsx'
import './alerts.css'

const tabs = [
  { id: 'firing', title: 'Firing' },
  { id: 'silences', title: 'Silences' },
  { id: 'history', title: 'History' },
] as const

/** What fires, what is silenced, what was; below its fingerprint one alert. */
export function Page() {
  const { fingerprint } = useParams({ strict: false }) as { readonly fingerprint?: string }
  return fingerprint === undefined ? <Tabs /> : <AlertPage key={fingerprint} fingerprint={fingerprint} />
}

/** What one tab filters by means nothing to another. */
const ofOneTab = {
  find: undefined,
  severity: undefined,
  receiver: undefined,
  state: undefined,
  filter: undefined,
  rule: undefined,
  days: undefined,
  edit: undefined,
}

function Tabs() {
  const search = usePageSearch()
  const setSearch = useSetSearch()
  const tab = tabs.find(({ id }) => id === searchText(search, 'tab'))?.id ?? 'firing'
  return (
    <>
      <div className="page-head">
        <h1>Alerts</h1>
      </div>
      <div className="tab-row alert-tabs">
        <TabRow
          name="Alerts"
          tabs={tabs}
          active={tab}
          onChoose={(id) => setSearch({ ...ofOneTab, tab: id === 'firing' ? undefined : id })}
        />
      </div>
      {tab === 'firing' && <FiringTab />}
      {tab === 'silences' && <SilencesTab />}
      {tab === 'history' && <HistoryTab />}
      <SilenceFromLink />
    </>
  )
}
