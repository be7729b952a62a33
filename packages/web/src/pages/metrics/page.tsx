import { useQueries, useQueryClient } from '@tanstack/react-query'
import { Link } from 'lucide-react'
import { useState } from 'react'
import { unitOfQuery } from '../../charts/unit-of-query.ts'
import { exemplarsQuery, instantQuery, lastAnswer, rangeQuery } from '../../data/prometheus.ts'
import { chooseStepMs } from '../../data/range.ts'
import { usePageRange, usePageSearch, useSetSearch } from '../../data/use-range.ts'
import { useToast } from '../../ui/toasts.tsx'
import { AboutAside } from './about-aside.tsx'
import { ExampleQueries } from './example-queries.tsx'
import { GraphView } from './graph-view.tsx'
import { remember } from './history.ts'
import { type ExplorerState, explorerState } from './model.ts'
import { Options } from './options.tsx'
import { QueryRows } from './query-rows.tsx'
import { type AskedQuery, emptyRow, type QueryRow, searchFromRows } from './rows.ts'
import { TableView } from './table-view.tsx'
import { ViewTabs } from './view-tabs.tsx'
import './metrics.css'

/** The metrics explorer: queries, a chart or a table, what the answer cost. The URL holds all of it. */
export function Page() {
  const search = usePageSearch()
  const setSearch = useSetSearch()
  const state = explorerState(search)
  const { drafts, setDrafts } = useDrafts(state.rows)
  const run = (rows: readonly QueryRow[] = drafts) => {
    remember(
      localStorage,
      rows.map(({ query }) => query),
    )
    setSearch(searchFromRows(rows))
  }
  return (
    <>
      <div className="page-head">
        <h1>Metrics</h1>
        <div className="actions">
          <CopyLink />
        </div>
      </div>
      <QueryRows rows={drafts} onDrafts={setDrafts} onRun={run} />
      <Results
        key={state.rows.map(({ query }) => query).join('\n')}
        state={state}
        onChoose={(query) => run([{ ...emptyRow, query }])}
        onRun={() => run()}
      />
    </>
  )
}

/** What is being typed, begun anew when the URL brings other queries. */
function useDrafts(rows: readonly QueryRow[]) {
  const base = JSON.stringify(rows)
  const [kept, setKept] = useState({ base, drafts: rows })
  const drafts = kept.base === base ? kept.drafts : rows
  return { drafts, setDrafts: (next: readonly QueryRow[]) => setKept({ base, drafts: next }) }
}

interface ResultsProps {
  readonly state: ExplorerState
  readonly onChoose: (query: string) => void
  readonly onRun: () => void
}

function Results({ state, onChoose, onRun }: ResultsProps) {
  const { range } = usePageRange()
  const stepMs = chooseStepMs(range, { chosenMs: state.stepMs })
  const asked = state.rows
    .map((row, index): AskedQuery => ({ ...row, index }))
    .filter(({ query, hidden }) => query.trim() !== '' && !hidden)
  const isTable = state.view === 'table'
  const { ranges, instants, exemplars } = useAnswers(state, asked, stepMs)
  const [first] = asked
  if (state.rows.every(({ query }) => query.trim() === '')) return <ExampleQueries onChoose={onChoose} />
  const unit = state.unit ?? unitOfQuery(first?.query ?? '')
  return (
    <>
      <Options state={state} stepMs={stepMs} unit={unit} onRun={onRun} />
      <div className="columns explorer-body">
        <div>
          <ViewTabs view={state.view} />
          {isTable ? (
            <TableView asked={asked} results={instants} unit={unit} />
          ) : (
            <GraphView
              asked={asked}
              results={ranges}
              exemplars={exemplars}
              unit={unit}
              chosenUnit={state.unit}
              view={state.view}
            />
          )}
        </div>
        <AboutAside
          asked={asked}
          answers={isTable ? [] : ranges.map((result) => result.data)}
          instants={isTable ? instants.map((result) => result.data) : undefined}
          question={{ range, stepMs }}
        />
      </div>
    </>
  )
}

/** Everything that is asked of the server for the queries that are shown. */
function useAnswers(state: ExplorerState, asked: readonly AskedQuery[], stepMs: number) {
  const { range, refetchInterval } = usePageRange()
  const client = useQueryClient()
  const isTable = state.view === 'table'
  const ranges = useQueries({
    queries: asked.map(({ query }) => ({
      ...rangeQuery({ query, range, stepMs }),
      // several questions at once do not remember their former answers by themselves
      placeholderData: () => lastAnswer(client, query),
      refetchInterval,
      enabled: !isTable,
    })),
  })
  const instants = useQueries({
    queries: asked.map(({ query }) => ({ ...instantQuery(query, range), refetchInterval, enabled: isTable })),
  })
  const exemplars = useQueries({
    queries: asked.map(({ query }) => ({
      ...exemplarsQuery(query, range),
      refetchInterval,
      enabled: state.exemplars && !isTable,
    })),
  })
  return { ranges, instants, exemplars: state.exemplars ? exemplars : [] }
}

function CopyLink() {
  const toast = useToast()
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(location.href)
      toast({ text: 'Link copied. It holds the queries, the range and the view.' })
    } catch {
      // only allowed on https and localhost
      toast({ text: 'The browser does not let this page copy. Copy the address bar instead.', tone: 'error' })
    }
  }
  return (
    <button type="button" className="button" onClick={() => void copy()}>
      <Link className="icon" aria-hidden />
      Copy link
    </button>
  )
}
