import { useQuery } from '@tanstack/react-query'
import type { DrillList } from '@tidewatch/api/drills.ts'
import { problemOf } from '../../../data/client.ts'
import { drillsQuery, useRunDrill } from '../../../data/drills.ts'
import { toLoadable } from '../../../data/loadable.ts'
import { searchText } from '../../../data/search.ts'
import { useMay } from '../../../data/session.ts'
import { usePageSearch, useSetSearch } from '../../../data/use-range.ts'
import { Age, Ahead } from '../../../ui/age.tsx'
import { CodeBlock } from '../../../ui/code-block.tsx'
import { type Column, DataTable } from '../../../ui/data-table.tsx'
import { StateWord } from '../../../ui/glyph.tsx'
import { Loaded } from '../../../ui/loaded.tsx'
import { useToast } from '../../../ui/toasts.tsx'
import { formatSeconds } from '../../../ui/units.ts'
import { momentName } from '../calendar/zoned.ts'
import { drillSnippets } from '../teach.ts'
import { HeartbeatSection } from './heartbeat-section.tsx'
import { RunHistory } from './run-history.tsx'
import { shareText } from './run-scale.ts'
import './drills.css'

type Drill = DrillList['drills'][number]

/** Whether a page really reaches somebody: fire drills with how they went, and the sign of life that goes out. */
export function DrillsTab() {
  const drills = toLoadable(useQuery({ ...drillsQuery, refetchInterval: 5000 }))
  const chosen = searchText(usePageSearch(), 'drill')
  const setSearch = useSetSearch()
  const run = useStart()
  const mayEdit = useMay('editor')
  return (
    <Loaded of={drills} what="fire drills" height={200}>
      {({ drills: list, heartbeat }) => {
        const one = list.find(({ name }) => name === chosen) ?? list[0]
        return (
          <>
            <section className="section" aria-label="Fire drills">
              <div className="section-head">
                <h2>Fire drills</h2>
                <span className="small third">A test alert goes the whole way to a person, who has to take it.</span>
              </div>
              {list.length === 0 ? (
                <NoDrill />
              ) : (
                <DataTable
                  name="Fire drills"
                  columns={columns(mayEdit ? run : undefined)}
                  rows={list}
                  rowKey={({ name }) => name}
                  onOpen={({ name }) => setSearch({ drill: name }, { replace: true })}
                />
              )}
            </section>
            {one !== undefined && <RunHistory key={one.name} drill={one} />}
            <HeartbeatSection heartbeat={heartbeat} />
          </>
        )
      }}
    </Loaded>
  )
}

function useStart(): (name: string) => void {
  const run = useRunDrill()
  const toast = useToast()
  return (name) =>
    run.mutate(name, {
      onSuccess: () => toast({ text: `The drill ${name} has begun: somebody is called in a moment.` }),
      onError: (error) => toast({ text: problemOf(error).what, tone: 'error' }),
    })
}

function NoDrill() {
  return (
    <>
      <p className="second" style={{ paddingBottom: 8 }}>
        No fire drill is planned. Whether a phone rings at night is best found out by day: write one into tidewatch.yml.
      </p>
      <CodeBlock name="A fire drill" snippets={drillSnippets} />
    </>
  )
}

const medianText = (ms: number | null): string => (ms === null ? '' : `, half within ${formatSeconds(ms / 1000)}`)

const columns = (run: ((name: string) => void) | undefined): readonly Column<Drill>[] => [
  {
    key: 'name',
    title: 'Drill',
    sortBy: ({ name }) => name,
    cell: ({ name }) => <span className="label break drill-name">{name}</span>,
  },
  {
    key: 'next',
    title: 'Next',
    sortBy: ({ nextAtMs }) => nextAtMs,
    cell: ({ nextAtMs, timeZone }) => (
      <div className="cell-lines">
        <Ahead atMs={nextAtMs} />
        <span className="small third">
          {momentName(nextAtMs, timeZone)} {timeZone}
        </span>
      </div>
    ),
  },
  {
    key: 'last',
    title: 'Last',
    cell: ({ last }) =>
      last === null ? (
        <span className="third">never yet</span>
      ) : (
        <div className="cell-lines">
          <StateWord state={last.status === 'missed' ? 'critical' : 'fine'}>{last.status}</StateWord>
          <span className="small third">
            <Age atMs={last.startedAtMs} />
          </span>
        </div>
      ),
  },
  {
    key: 'delivered',
    title: 'Delivered',
    numeric: true,
    wideOnly: true,
    sortBy: ({ delivered, runs }) => (runs === 0 ? Number.NaN : delivered / runs),
    cell: ({ delivered, runs, medianDeliveryMs }) => <Share part={delivered} all={runs} medianMs={medianDeliveryMs} />,
  },
  {
    key: 'acknowledged',
    title: 'Taken in time',
    numeric: true,
    wideOnly: true,
    sortBy: ({ acknowledged, runs }) => (runs === 0 ? Number.NaN : acknowledged / runs),
    cell: ({ acknowledged, runs, medianAcknowledgeMs }) => (
      <Share part={acknowledged} all={runs} medianMs={medianAcknowledgeMs} />
    ),
  },
  {
    key: 'run',
    title: 'Actions',
    titleHidden: true,
    numeric: true,
    cell: ({ name }) =>
      run === undefined ? null : (
        <button
          type="button"
          className="button little"
          aria-label={`Run ${name} now`}
          onClick={(event) => {
            event.stopPropagation()
            run(name)
          }}
        >
          Run now
        </button>
      ),
  },
]

function Share({
  part,
  all,
  medianMs,
}: {
  readonly part: number
  readonly all: number
  readonly medianMs: number | null
}) {
  const share = shareText(part, all)
  if (share === undefined) return <span className="third">no run yet</span>
  return (
    <span className="cell-lines">
      <span className={part < all ? 'crit label' : ''}>{share}</span>
      <span className="small third">
        {part} of {all}
        {medianText(medianMs)}
      </span>
    </span>
  )
}
