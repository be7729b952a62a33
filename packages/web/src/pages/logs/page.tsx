import { lazy, Suspense, useMemo, useState } from 'react'
import type { LogQuestion } from '../../data/logs.ts'
import { searchText } from '../../data/search.ts'
import { usePageRange, usePageSearch, useSetSearch } from '../../data/use-range.ts'
import { CopyButton } from '../../ui/copy-button.tsx'
import { TabRow } from '../../ui/tab-row.tsx'
import { ExportMenu } from './export-menu.tsx'
import { type FieldFilter, withFilter } from './filters.ts'
import { LinesTab } from './lines-tab.tsx'
import { type LogsState, logsState, rememberColumns, rememberedColumns, searchOfQuery } from './model.ts'
import { SavedSearches } from './saved-searches.tsx'
import { type Draft, SearchBar } from './search-bar.tsx'
import './logs.css'

const PatternsTab = lazy(async () => ({ default: (await import('./patterns-tab.tsx')).PatternsTab }))
const PipelinesTab = lazy(async () => ({ default: (await import('./pipelines-tab.tsx')).PipelinesTab }))
const StorageTab = lazy(async () => ({ default: (await import('./storage-tab.tsx')).StorageTab }))

const tabs = [
  { id: 'lines', title: 'Lines' },
  { id: 'patterns', title: 'Patterns' },
  { id: 'pipelines', title: 'Pipelines' },
  { id: 'storage', title: 'Storage' },
] as const

/** Logs: a query over all lines, what they are like, what is done with them on their way in, what they take. */
export function Page() {
  const page = useLogsPage()
  const { state } = page
  const isSearch = state.tab === 'lines' || state.tab === 'patterns'
  return (
    <>
      <div className="page-head log-head">
        <h1>Logs</h1>
        {isSearch && (
          <div className="actions">
            <SavedSearches state={state} onChoose={page.choose} />
            <span className="wide-only row">
              <CopyButton text={location.href}>Copy link</CopyButton>
            </span>
            <ExportMenu question={page.question} columns={state.columns} />
          </div>
        )}
      </div>
      <div className="tab-row">
        <TabRow
          name="Logs"
          tabs={tabs}
          active={state.tab}
          onChoose={(id) => page.setSearch({ tab: id === 'lines' ? undefined : id, line: undefined })}
        />
      </div>
      {isSearch && <SearchBar draft={page.draft} whole={page.whole} onDraft={page.setDraft} onRun={page.run} />}
      <Suspense fallback={<div className="log-wait" />}>
        {state.tab === 'lines' && <LinesTab {...page} />}
        {state.tab === 'patterns' && <PatternsTab question={page.question} onQuery={page.runQuery} />}
        {state.tab === 'pipelines' && <PipelinesTab />}
        {state.tab === 'storage' && <StorageTab />}
      </Suspense>
    </>
  )
}

export interface LogsPage {
  readonly state: LogsState
  readonly question: LogQuestion
  /** All lines of the range. */
  readonly whole: LogQuestion
  readonly setSearch: ReturnType<typeof useSetSearch>
  readonly onFilter: (filter: FieldFilter) => void
  readonly onColumns: (columns: readonly string[]) => void
  /** The same search once more. */
  readonly onAgain: () => void
}

/** The address as a question, and all that changes it. */
function useLogsPage() {
  const search = usePageSearch()
  const setSearch = useSetSearch()
  const { range } = usePageRange()
  const [remembered] = useState(() => rememberedColumns(localStorage))
  const state = logsState(search, remembered)
  const { query, language } = state
  const [run, setRun] = useState(0)
  const question = useMemo((): LogQuestion => ({ query, language, range, run }), [query, language, range, run])
  const whole = useMemo((): LogQuestion => ({ query: '', language: 'kql', range, run: 0 }), [range])
  const { draft, setDraft } = useDraft(query, language)
  const onAgain = () => setRun((before) => before + 1)
  const runDraft = (next: Draft) => {
    if (next.query.trim() === query && next.language === language) onAgain()
    else setSearch(searchOfQuery(next.query.trim(), next.language))
  }
  const runQuery = (text: string) => setSearch({ ...searchOfQuery(text, language), tab: undefined })
  return {
    state,
    question,
    whole,
    draft,
    setDraft,
    setSearch,
    run: runDraft,
    runQuery,
    onAgain,
    onFilter: (filter: FieldFilter) => setSearch(searchOfQuery(withFilter({ query, language }, filter), language)),
    onColumns: (columns: readonly string[]) => {
      rememberColumns(localStorage, columns)
      setSearch({ cols: columns.join(',') }, { replace: true })
    },
    choose: (saved: Readonly<Record<string, string | undefined>>) => {
      setSearch({ ...saved, line: undefined, tab: searchText(search, 'tab') })
      onAgain()
    },
  }
}

/** What is being typed, begun anew when the address brings another query. */
function useDraft(query: string, language: Draft['language']) {
  const base = JSON.stringify([query, language])
  const [kept, setKept] = useState<{ readonly base: string; readonly draft: Draft }>({
    base,
    draft: { query, language },
  })
  const draft = kept.base === base ? kept.draft : { query, language }
  return { draft, setDraft: (next: Draft) => setKept({ base, draft: next }) }
}
