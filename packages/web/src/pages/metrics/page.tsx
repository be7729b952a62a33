import { useQueries, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from 'lucide-react'
import { useState } from 'react'
import { unitOfQuery } from '../../charts/unit-of-query.ts'
import { instantQuery, lastAnswer, rangeQuery } from '../../data/prometheus.ts'
import { chooseStepMs } from '../../data/range.ts'
import { usePageRange, usePageSearch, useSetSearch } from '../../data/use-range.ts'
import { useToast } from '../../ui/toasts.tsx'
import { AboutAside } from './about-aside.tsx'
import { ExampleQueries } from './example-queries.tsx'
import { GraphView } from './graph-view.tsx'
import { type ExplorerState, explorerState, hiddenText, remember } from './model.ts'
import { Options } from './options.tsx'
import { QueryRows } from './query-rows.tsx'
import { TableView } from './table-view.tsx'
import { ViewTabs } from './view-tabs.tsx'
import './metrics.css'

/** The metrics explorer: queries, a chart or a table, what the answer cost. The URL holds all of it. */
export function Page() {
  const search = usePageSearch()
  const setSearch = useSetSearch()
  const state = explorerState(search)
  const { drafts, setDrafts } = useDrafts(state.queries)
  const run = (queries: readonly string[] = drafts) => {
    remember(localStorage, queries)
    setSearch({ q: queries.length === 1 && queries[0] === '' ? undefined : queries })
  }
  return (
    <>
      <div className="page-head">
        <h1>Metrics</h1>
        <div className="actions">
          <CopyLink />
        </div>
      </div>
      <QueryRows
        drafts={drafts}
        state={state}
        onDrafts={setDrafts}
        onRun={run}
        onHidden={(hidden) => setSearch({ hide: hiddenText(hidden) }, { replace: true })}
      />
      <Results key={state.queries.join('\n')} state={state} onChoose={(query) => run([query])} onRun={() => run()} />
    </>
  )
}

/** What is being typed, begun anew when the URL brings other queries. */
function useDrafts(queries: readonly string[]) {
  const base = queries.join('\u0000')
  const [kept, setKept] = useState({ base, drafts: queries })
  const drafts = kept.base === base ? kept.drafts : queries
  return { drafts, setDrafts: (next: readonly string[]) => setKept({ base, drafts: next }) }
}

interface ResultsProps {
  readonly state: ExplorerState
  readonly onChoose: (query: string) => void
  readonly onRun: () => void
}

function Results({ state, onChoose, onRun }: ResultsProps) {
  const { range, refetchInterval } = usePageRange()
  const stepMs = chooseStepMs(range, { chosenMs: state.stepMs })
  const asked = state.queries
    .map((query, index) => ({ query, index }))
    .filter(({ query, index }) => query.trim() !== '' && !state.hidden.has(index))
  const isTable = state.view === 'table'
  const client = useQueryClient()
  const ranges = useQueries({
    queries: asked.map(({ query }) => ({
      ...rangeQuery({ query, range, stepMs }),
      // several questions at once do not remember their former answers by themselves
      placeholderData: () => lastAnswer(client, query),
      refetchInterval,
      enabled: !isTable,
    })),
  })
  const [first] = asked
  const instant = useQuery({
    ...instantQuery(first?.query ?? '', range),
    refetchInterval,
    enabled: isTable && first !== undefined,
  })
  if (state.queries.every((query) => query.trim() === '')) return <ExampleQueries onChoose={onChoose} />
  const unit = state.unit ?? unitOfQuery(first?.query ?? '')
  return (
    <>
      <Options state={state} stepMs={stepMs} unit={unit} onRun={onRun} />
      <div className="columns explorer-body">
        <div>
          <ViewTabs view={state.view} />
          {isTable ? (
            <TableView result={instant} query={first?.query ?? ''} unit={unit} />
          ) : (
            <GraphView asked={asked} results={ranges} unit={unit} stacked={state.view === 'stacked'} />
          )}
        </div>
        <AboutAside
          queries={asked.map(({ query }) => query)}
          answers={isTable ? [] : ranges.map((result) => result.data)}
          instant={isTable ? instant.data : undefined}
        />
      </div>
    </>
  )
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
