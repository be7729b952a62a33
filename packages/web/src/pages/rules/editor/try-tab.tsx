import { useQuery } from '@tanstack/react-query'
import type { RuleCheck } from '@tidewatch/api/rules.ts'
import { useEffect, useMemo, useState } from 'react'
import { useBeginBacktest } from '../../../data/backtests.ts'
import { problemOf } from '../../../data/client.ts'
import { toLoadable } from '../../../data/loadable.ts'
import { draftFromFragment, fragmentOfDraft, keepDraft, keptDraft, ruleCheckQuery } from '../../../data/rule-editing.ts'
import { searchText } from '../../../data/search.ts'
import { usePageSearch, useSetSearch } from '../../../data/use-range.ts'
import { CopyButton } from '../../../ui/copy-button.tsx'
import { Glyph } from '../../../ui/glyph.tsx'
import { Failed, type Loadable } from '../../../ui/loaded.tsx'
import { ProblemBox } from '../../../ui/problem-box.tsx'
import { QueryEditor } from '../../../ui/query-editor.tsx'
import { useToast } from '../../../ui/toasts.tsx'
import { BacktestForm } from '../backtest/backtest-form.tsx'
import { BacktestView } from '../backtest/backtest-view.tsx'
import { counted } from '../backtest/report-words.ts'
import { EditorAside } from './editor-aside.tsx'
import { Preview } from './preview.tsx'
import { ProblemList } from './problem-list.tsx'
import { marksOf } from './problems.ts'
import { starterText } from './rule-text.ts'
import { useSettled } from './use-settled.ts'
import './editor.css'

const yamlLanguage = async () => (await import('../../../data/yaml-editor.ts')).yamlLanguage()
const settleMs = 350

/** A rule of any kind: written, drawn over its past, tried on a longer one. */
export function TryTab() {
  const { text, setText } = useDraft()
  const toast = useToast()
  const settled = useSettled(text, settleMs)
  const check = useQuery(ruleCheckQuery(settled))
  const marks = useMemo(() => marksOf(check.data?.problems ?? []), [check.data])
  const rules = useMemo(() => check.data?.rules ?? [], [check.data])
  const replace = (next: string, what: string) => {
    setText(next)
    toast({ text: `${what} is in the editor.`, undo: () => setText(text) })
  }
  return (
    <>
      <div className="columns rule-try">
        <div>
          <div className="rule-editor">
            <QueryEditor
              name="Rule file"
              value={text}
              onChange={setText}
              onRun={() => {}}
              placeholder="groups: …"
              language={yamlLanguage}
              isFile
              marks={marks}
            />
          </div>
          <div className="rule-verdict">
            <Verdict of={toLoadable(check)} />
            <span className="row end">
              <CopyButton text={text}>Copy as YAML</CopyButton>
              <CopyButton text={linkTo(text)}>Copy a link</CopyButton>
            </span>
          </div>
          <Preview rules={rules} />
        </div>
        <EditorAside onText={replace} />
      </div>
      <Past text={settled} hasAlerts={rules.some(({ kind }) => kind !== 'record')} />
    </>
  )
}

/** The text of a link first, else what was written last in this tab; kept so that a reload loses nothing. */
function useDraft() {
  const [text, setText] = useState(() => draftFromFragment(location.hash) ?? keptDraft() ?? starterText)
  useEffect(() => keepDraft(text), [text])
  useEffect(() => {
    // from here on it is kept by the tab: a reload must not bring the link's text back over it
    if (draftFromFragment(location.hash) !== undefined)
      history.replaceState(history.state, '', `${location.pathname}${location.search}`)
  }, [])
  return { text, setText }
}

const linkTo = (text: string): string => `${location.origin}/rules?tab=try${fragmentOfDraft(text)}`

function Verdict({ of: { data, problem, asking, askAgain } }: { readonly of: Loadable<RuleCheck> }) {
  if (problem !== undefined) return <Failed problem={problem} asking={asking} askAgain={askAgain} />
  if (data === undefined)
    return (
      <span className="third small" role="status">
        Reading it
      </span>
    )
  if (data.problems.length > 0) return <ProblemList problems={data.problems} />
  return (
    <span className="second small" role="status">
      <Glyph state="fine" /> {counted(data.rules.length, 'rule')}, nothing wrong
    </span>
  )
}

function Past({ text, hasAlerts }: { readonly text: string; readonly hasAlerts: boolean }) {
  const run = searchText(usePageSearch(), 'run')
  const setSearch = useSetSearch()
  const begin = useBeginBacktest(({ id }) => setSearch({ run: id }, { replace: true }))
  return (
    <section className="section" aria-label="Try on the past">
      <div className="section-head">
        <h2>Try on the past</h2>
        <span className="third small">through the routes, silences and schedules that are in force</span>
      </div>
      <BacktestForm
        disabled={!hasAlerts}
        busy={begin.isPending}
        onBegin={(span) => begin.mutate({ body: { ...span, rules: text } })}
      />
      {begin.error !== null && <ProblemBox problem={problemOf(begin.error)} />}
      {run === undefined ? (
        <p className="second small">
          Tells how many pages these rules would have sent, to whom, how many at night, and which would have been one.
        </p>
      ) : (
        <BacktestView key={run} id={run} />
      )}
    </section>
  )
}
