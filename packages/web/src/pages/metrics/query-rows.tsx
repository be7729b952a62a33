import { Eye, EyeOff, History, Plus, X } from 'lucide-react'
import { DropdownMenu } from 'radix-ui'
import { type EditorLanguage, QueryEditor } from '../../ui/query-editor.tsx'
import { type ExplorerState, letterOf, maxQueries, readHistory } from './model.ts'

interface QueryRowsProps {
  readonly drafts: readonly string[]
  readonly state: ExplorerState
  readonly onDrafts: (drafts: readonly string[]) => void
  readonly onRun: (queries?: readonly string[]) => void
  readonly onHidden: (hidden: ReadonlySet<number>) => void
}

const loadLanguage = async (): Promise<EditorLanguage> => (await import('../../data/promql-editor.ts')).promqlLanguage()

/** One row a query, lettered; several share the chart. */
export function QueryRows({ drafts, state, onDrafts, onRun, onHidden }: QueryRowsProps) {
  const toggle = (index: number) => {
    const hidden = new Set(state.hidden)
    if (!hidden.delete(index)) hidden.add(index)
    onHidden(hidden)
  }
  return (
    <div className="query-rows">
      {drafts.map((draft, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a query is its letter
        <div key={index} className={`query-row ${state.hidden.has(index) ? 'off' : ''}`}>
          <span className="query-letter" aria-hidden>
            {letterOf(index)}
          </span>
          <QueryEditor
            name={`Query ${letterOf(index)}`}
            placeholder="Write PromQL, such as rate(http_requests_total[5m])"
            value={draft}
            language={loadLanguage}
            autoFocus={index === 0 && draft === ''}
            onChange={(text) => onDrafts(drafts.with(index, text))}
            onRun={() => onRun()}
          />
          <span className="row query-tools">
            {drafts.length > 1 && (
              <>
                <button
                  type="button"
                  className="button bare little"
                  aria-pressed={state.hidden.has(index)}
                  aria-label={`Hide query ${letterOf(index)}`}
                  onClick={() => toggle(index)}
                >
                  {state.hidden.has(index) ? (
                    <EyeOff className="icon" aria-hidden />
                  ) : (
                    <Eye className="icon" aria-hidden />
                  )}
                </button>
                <button
                  type="button"
                  className="button bare little"
                  aria-label={`Remove query ${letterOf(index)}`}
                  onClick={() => onRun(drafts.toSpliced(index, 1))}
                >
                  <X className="icon" aria-hidden />
                </button>
              </>
            )}
            {index === 0 && <HistoryMenu onChoose={(query) => onRun(drafts.with(0, query))} />}
            {index === drafts.length - 1 && drafts.length < maxQueries && draft !== '' && (
              <button type="button" className="button bare little" onClick={() => onDrafts([...drafts, ''])}>
                <Plus className="icon" aria-hidden />
                <span className="wide-only">Query</span>
                <span className="hidden-text">Add a query</span>
              </button>
            )}
          </span>
        </div>
      ))}
    </div>
  )
}

function HistoryMenu({ onChoose }: { readonly onChoose: (query: string) => void }) {
  const history = readHistory(localStorage)
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger
        className="button bare little"
        aria-label="Queries asked before"
        disabled={history.length === 0}
      >
        <History className="icon" aria-hidden />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu history-menu" align="end" sideOffset={6} collisionPadding={12}>
          <DropdownMenu.Label className="menu-label tiny third">Asked before, on this device</DropdownMenu.Label>
          {history.map((query) => (
            <DropdownMenu.Item key={query} className="menu-item" onSelect={() => onChoose(query)}>
              <code className="cut">{query}</code>
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}
