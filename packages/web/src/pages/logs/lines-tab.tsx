import { useQuery } from '@tanstack/react-query'
import { useCallback, useState } from 'react'
import { logHistogramQuery, logStorageQuery } from '../../data/logs.ts'
import { usePageRange } from '../../data/use-range.ts'
import { FieldList } from './field-list.tsx'
import { Histogram } from './histogram.tsx'
import { LineDetail } from './line-detail.tsx'
import { LineList } from './line-list.tsx'
import { toggledColumn } from './model.ts'
import { NothingFound } from './nothing-found.tsx'
import type { LogsPage } from './page.tsx'
import { ResultBar, SearchFailed, SearchFoot } from './result-bar.tsx'
import { TeachLogs } from './teach-logs.tsx'
import { useLogLines } from './use-log-lines.ts'

/** Histogram, fields, lines, and the line that is open. */
export function LinesTab({ state, question, setSearch, onFilter, onColumns, onAgain }: LogsPage) {
  const { live } = usePageRange()
  const [paused, setPaused] = useState(false)
  const [isTop, setTop] = useState(true)
  const tail = state.tail && live
  const found = useLogLines(question, { tail, held: paused || !isTop })
  const { lines, phase, waiting } = found.state
  const open = useCallback(({ id }: { readonly id: string }) => setSearch({ line: id }), [setSearch])
  const isEmpty = lines.length === 0 && phase === 'done' && waiting.length === 0
  const histogram = useQuery(logHistogramQuery(question))
  const storage = useQuery({ ...logStorageQuery, enabled: isEmpty })
  const onColumn = (name: string) => onColumns(toggledColumn(state.columns, name))
  const onWrap = () => setSearch({ wrap: state.wrap ? undefined : 'on' }, { replace: true })
  const follow = (isTail: boolean) => {
    setPaused(false)
    setSearch({ tail: isTail ? undefined : 'off', ...(isTail ? { live: undefined } : {}) }, { replace: true })
  }
  const chosen = state.lineId === undefined ? undefined : lines.find(({ id }) => id === state.lineId)
  if (isEmpty && storage.data?.lines === 0) return <TeachLogs />
  return (
    <>
      <SearchFailed problem={found.state.problem} isStale={found.state.isStale} />
      <Histogram question={question} live={tail && !paused} />
      <div className={`log-body-grid ${state.lineId === undefined ? '' : 'with-detail'}`}>
        <FieldList question={question} columns={state.columns} onFilter={onFilter} onColumn={onColumn} />
        <section className="log-lines" aria-label="Lines">
          <ResultBar
            found={found}
            total={histogram.isPlaceholderData ? undefined : histogram.data?.total}
            state={state}
            paused={paused}
            canTail={live}
            onPause={setPaused}
            onFollow={follow}
            onWrap={onWrap}
            onColumns={onColumns}
            onAgain={onAgain}
          />
          {isEmpty ? (
            <NothingFound query={state.query} span={found.span} onAll={() => setSearch({ q: undefined })} />
          ) : (
            <LineList
              name="Lines found, the newest first"
              lines={lines}
              columns={state.columns}
              wrap={state.wrap}
              chosenId={state.lineId}
              onOpen={open}
              onContext={({ id }) => setSearch({ line: id, view: 'around' })}
              onTop={setTop}
              onWrap={onWrap}
            />
          )}
          <SearchFoot found={found} />
        </section>
        {state.lineId !== undefined && (
          <LineDetail
            key={state.lineId}
            id={state.lineId}
            view={state.lineView}
            onView={(view) => setSearch({ view: view === 'fields' ? undefined : view }, { replace: true })}
            known={chosen}
            columns={state.columns}
            onFilter={onFilter}
            onColumn={onColumn}
            onOpen={open}
            onClose={() => setSearch({ line: undefined, view: undefined })}
          />
        )}
      </div>
    </>
  )
}
