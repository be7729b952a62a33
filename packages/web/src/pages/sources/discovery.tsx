import { useQuery } from '@tanstack/react-query'
import type { DiscoveryData } from '@tidewatch/api/prometheus.ts'
import { toLoadable } from '../../data/loadable.ts'
import { searchText } from '../../data/search.ts'
import { discoveryQuery } from '../../data/targets.ts'
import { usePageSearch, useSetSearch } from '../../data/use-range.ts'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { StateWord } from '../../ui/glyph.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { countPools, type Discovered, discoveredTargets, filterDiscovered, type PoolCount } from './discovered.ts'
import { JobSelect } from './job-select.tsx'

const shownWords = { all: 'All', kept: 'Kept', dropped: 'Dropped' } as const
const shownKinds = ['all', 'kept', 'dropped'] as const

/** What every job found, what relabelling kept of it and what it dropped. */
export function Discovery() {
  const found = toLoadable(useQuery({ ...discoveryQuery, refetchInterval: 10_000 }))
  return (
    <Loaded
      of={found}
      what="what was found"
      height={300}
      isEmpty={(data) => data.activeTargets.length + data.droppedTargets.length === 0}
      empty={
        <p className="second">
          No target was found. Targets come from <code>static_configs</code>, <code>file_sd_configs</code>,{' '}
          <code>http_sd_configs</code> and <code>dns_sd_configs</code> of prometheus.yml.
        </p>
      }
    >
      {(data) => <Found data={data} />}
    </Loaded>
  )
}

function Found({ data }: { readonly data: DiscoveryData }) {
  const search = usePageSearch()
  const setSearch = useSetSearch()
  const text = searchText(search, 'find') ?? ''
  const pool = searchText(search, 'pool')
  const shown = shownKinds.find((one) => one === searchText(search, 'shown')) ?? 'all'
  const pools = countPools(data)
  const rows = filterDiscovered(discoveredTargets(data), { text, pool, shown })
  const unlisted = pools
    .filter((one) => pool === undefined || one.pool === pool)
    .reduce((sum, one) => sum + one.unlisted, 0)
  return (
    <>
      <section className="section" aria-label="Jobs">
        <div className="section-head">
          <h2>Jobs</h2>
        </div>
        <DataTable
          name="Jobs"
          columns={poolColumns}
          rows={pools}
          rowKey={(one) => one.pool}
          onOpen={(one) => setSearch({ pool: one.pool }, { replace: true })}
        />
      </section>
      <section className="section" aria-label="Found targets">
        <div className="section-head target-filter">
          <h2>Found targets</h2>
          <input
            className="input"
            type="search"
            placeholder="Find by any label, before or after"
            aria-label="Find a found target"
            value={text}
            onChange={(event) =>
              setSearch({ find: event.target.value === '' ? undefined : event.target.value }, { replace: true })
            }
          />
          <JobSelect pools={pools.map((one) => one.pool)} />
          <fieldset className="segments" aria-label="Relabelling">
            {shownKinds.map((one) => (
              <button
                key={one}
                type="button"
                className={one === shown ? 'on' : ''}
                aria-pressed={one === shown}
                onClick={() => setSearch({ shown: one === 'all' ? undefined : one }, { replace: true })}
              >
                {shownWords[one]}
              </button>
            ))}
          </fieldset>
        </div>
        {rows.length === 0 ? (
          <p className="second">No found target matches the filter.</p>
        ) : (
          <DataTable
            name="Found targets"
            columns={columns}
            rows={rows}
            rowKey={(one) => one.key}
            initialSort={{ column: 'state', descending: false }}
            onOpen={(one) => setSearch({ target: one.key })}
          />
        )}
        {unlisted > 0 && (
          <p className="third small">
            {unlisted} more {unlisted === 1 ? 'was' : 'were'} dropped and not kept, as keep_dropped_targets says.
          </p>
        )}
      </section>
    </>
  )
}

const poolColumns: readonly Column<PoolCount>[] = [
  {
    key: 'pool',
    title: 'Job',
    sortBy: (one) => one.pool,
    cell: (one) => <span className="label break">{one.pool}</span>,
  },
  {
    key: 'found',
    title: 'Found',
    numeric: true,
    width: '90px',
    sortBy: (one) => one.kept + one.dropped,
    cell: (one) => one.kept + one.dropped,
  },
  { key: 'kept', title: 'Kept', numeric: true, width: '90px', sortBy: (one) => one.kept, cell: (one) => one.kept },
  {
    key: 'dropped',
    title: 'Dropped',
    numeric: true,
    width: '90px',
    sortBy: (one) => one.dropped,
    cell: (one) => (one.dropped === 0 ? <span className="third">0</span> : one.dropped),
  },
]

const columns: readonly Column<Discovered>[] = [
  {
    key: 'state',
    title: 'Relabelling',
    width: '110px',
    sortBy: (one) => (one.target === undefined ? 0 : 1),
    cell: (one) => (
      <StateWord state={one.target === undefined ? 'no-data' : 'fine'}>
        {one.target === undefined ? 'Dropped' : 'Kept'}
      </StateWord>
    ),
  },
  {
    key: 'job',
    title: 'Job',
    width: '16%',
    wideOnly: true,
    sortBy: (one) => one.pool,
    cell: (one) => <span className="label break">{one.pool}</span>,
  },
  {
    key: 'address',
    title: 'Found as',
    width: '26%',
    sortBy: (one) => one.discovered.__address__ ?? '',
    cell: (one) => <span className="mono break">{one.discovered.__address__}</span>,
  },
  {
    key: 'labels',
    title: 'Becomes',
    wideOnly: true,
    cell: (one) =>
      one.target === undefined ? (
        <span className="third">nothing</span>
      ) : (
        <div className="target-cell">
          {Object.entries(one.target.labels).map(([name, value]) => (
            <span key={name} className="chip">
              {name}=<b>{value}</b>
            </span>
          ))}
        </div>
      ),
  },
]
