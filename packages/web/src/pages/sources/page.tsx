import { useQuery } from '@tanstack/react-query'
import type { Target } from '@tidewatch/api/prometheus.ts'
import { toLoadable } from '../../data/loadable.ts'
import { searchText } from '../../data/search.ts'
import { countTargets, discoveryQuery, filterTargets, targetsQuery } from '../../data/targets.ts'
import { usePageSearch, useSetSearch } from '../../data/use-range.ts'
import { Glyph } from '../../ui/glyph.tsx'
import { type Loadable, Loaded } from '../../ui/loaded.tsx'
import { TabRow } from '../../ui/tab-row.tsx'
import { discoveredTargets } from './discovered.ts'
import { Discovery } from './discovery.tsx'
import { JobSelect } from './job-select.tsx'
import { SendData } from './send-data.tsx'
import { Crumbs, TargetDetail } from './target-detail.tsx'
import { TargetTable } from './target-table.tsx'
import './sources.css'

const healths = ['all', 'up', 'down', 'unknown'] as const
const healthWords = { all: 'All', up: 'Up', down: 'Down', unknown: 'Not scraped yet' } as const

const tabs = [
  { id: 'targets', title: 'Targets' },
  { id: 'discovery', title: 'Service discovery' },
] as const

/** Where data comes from: targets that are scraped, how they were found, and ways to send. */
export function Page() {
  const search = usePageSearch()
  const setSearch = useSetSearch()
  const chosen = searchText(search, 'target')
  const tab = tabs.find(({ id }) => id === searchText(search, 'tab'))?.id ?? 'targets'
  const targets = toLoadable(useQuery({ ...targetsQuery, refetchInterval: 5000 }))
  if (chosen !== undefined) return <Chosen target={chosen} />
  const counts = targets.data === undefined ? undefined : countTargets(targets.data)
  return (
    <>
      <div className="page-head">
        <h1>Sources</h1>
        {counts !== undefined && <CountWords counts={counts} />}
      </div>
      <div className="tab-row">
        <TabRow
          name="Sources"
          tabs={tabs}
          active={tab}
          onChoose={(id) => setSearch({ tab: id === 'targets' ? undefined : id })}
        />
      </div>
      {tab === 'discovery' ? (
        <Discovery />
      ) : (
        <>
          <Targets of={targets} />
          <SendData />
        </>
      )}
    </>
  )
}

function Chosen({ target }: { readonly target: string }) {
  const found = toLoadable(useQuery({ ...discoveryQuery, refetchInterval: 5000 }))
  return (
    <Loaded of={found} what="the target" height={300}>
      {(data) => {
        const one = discoveredTargets(data).find(({ key }) => key === target)
        return one === undefined ? <Gone /> : <TargetDetail key={one.key} found={one} />
      }}
    </Loaded>
  )
}

function Gone() {
  return (
    <>
      <Crumbs>gone</Crumbs>
      <h1>This target is no more.</h1>
      <p className="second">It is not found any longer, or is found with other labels.</p>
    </>
  )
}

function Targets({ of: targets }: { readonly of: Loadable<readonly Target[]> }) {
  const search = usePageSearch()
  const setSearch = useSetSearch()
  const text = searchText(search, 'find') ?? ''
  const pool = searchText(search, 'pool')
  const health = healths.find((one) => one === searchText(search, 'health')) ?? 'all'
  return (
    <section className="section" aria-label="Targets">
      <div className="section-head target-filter">
        <h2>Targets</h2>
        <input
          className="input"
          type="search"
          placeholder="Find by address, job, label or error"
          aria-label="Find a target"
          value={text}
          onChange={(event) =>
            setSearch({ find: event.target.value === '' ? undefined : event.target.value }, { replace: true })
          }
        />
        <JobSelect pools={[...new Set((targets.data ?? []).map(({ scrapePool }) => scrapePool))]} />
        <fieldset className="segments" aria-label="Health">
          {healths.map((one) => (
            <button
              key={one}
              type="button"
              className={one === health ? 'on' : ''}
              aria-pressed={one === health}
              onClick={() => setSearch({ health: one === 'all' ? undefined : one }, { replace: true })}
            >
              {healthWords[one]}
            </button>
          ))}
        </fieldset>
      </div>
      <Loaded of={targets} what="targets" height={240} isEmpty={(list) => list.length === 0} empty={<NoTargets />}>
        {(list) => {
          const found = filterTargets(list, { text, health, pool })
          return found.length === 0 ? (
            <NothingFound
              total={list.length}
              onClear={() => setSearch({ find: undefined, health: undefined, pool: undefined }, { replace: true })}
            />
          ) : (
            <TargetTable targets={found} />
          )
        }}
      </Loaded>
    </section>
  )
}

function CountWords({ counts }: { readonly counts: Record<Target['health'], number> }) {
  return (
    <p className="note small row">
      {counts.down > 0 && (
        <span className="crit label row">
          <Glyph state="critical" /> {counts.down} down
        </span>
      )}
      <span className="third">
        {counts.up} of {counts.up + counts.down + counts.unknown} up
      </span>
    </p>
  )
}

function NoTargets() {
  return (
    <p className="second">
      Nothing is scraped. Start with a scrape configuration: <code>npm start -- --config prometheus.yml</code>, or send
      data as below.
    </p>
  )
}

function NothingFound({ total, onClear }: { readonly total: number; readonly onClear: () => void }) {
  return (
    <div>
      <p className="label">No target matches.</p>
      <p className="second">Without the filter there are {total}.</p>
      <p style={{ marginTop: 10 }}>
        <button type="button" className="button little" onClick={onClear}>
          Remove the filter
        </button>
      </p>
    </div>
  )
}
