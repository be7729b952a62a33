import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'
import { countRules, rulesQuery } from '../../data/rules.ts'
import { searchText } from '../../data/search.ts'
import { usePageSearch, useSetSearch } from '../../data/use-range.ts'
import { TabRow } from '../../ui/tab-row.tsx'
import { RuleList } from './rule-list.tsx'
import './rules.css'

const TryTab = lazy(async () => ({ default: (await import('./editor/try-tab.tsx')).TryTab }))
const PastTab = lazy(async () => ({ default: (await import('./backtest/past-tab.tsx')).PastTab }))
const RoutesTab = lazy(async () => ({ default: (await import('./routes/routes-tab.tsx')).RoutesTab }))
const ChannelsTab = lazy(async () => ({ default: (await import('./channels/channels-tab.tsx')).ChannelsTab }))
const PacksTab = lazy(async () => ({ default: (await import('./packs/packs-tab.tsx')).PacksTab }))

const tabs = [
  { id: 'rules', title: 'Rules', Content: RuleList },
  { id: 'try', title: 'Try a rule', Content: TryTab },
  { id: 'past', title: 'Past', Content: PastTab },
  { id: 'routes', title: 'Routes', Content: RoutesTab },
  { id: 'channels', title: 'Channels', Content: ChannelsTab },
  { id: 'packs', title: 'Packs', Content: PacksTab },
] as const

/** What one tab shows means nothing to another. */
const ofOneTab = { run: undefined, rule: undefined, pack: undefined }

/** Rules: those in force, one that is being written, what they would have done, where their alerts go, ready ones. */
export function Page() {
  const search = usePageSearch()
  const setSearch = useSetSearch()
  const tab = tabs.find(({ id }) => id === searchText(search, 'tab')) ?? tabs[0]
  const { data } = useQuery({ ...rulesQuery, refetchInterval: 10_000 })
  const counts = data === undefined ? undefined : countRules(data)
  const { Content } = tab
  return (
    <>
      <div className="page-head">
        <h1>Rules</h1>
        {counts !== undefined && (
          <p className="note small third">
            {counts.rules} in {data?.length} {data?.length === 1 ? 'group' : 'groups'}
            {counts.failing > 0 && <span className="crit label">, {counts.failing} cannot be evaluated</span>}
          </p>
        )}
      </div>
      <div className="tab-row">
        <TabRow
          name="Rules"
          tabs={tabs}
          active={tab.id}
          onChoose={(id) => setSearch({ ...ofOneTab, tab: id === 'rules' ? undefined : id })}
        />
      </div>
      <Suspense fallback={<div className="rules-wait" />}>
        <Content />
      </Suspense>
    </>
  )
}
