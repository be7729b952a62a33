import { Eye, EyeOff, History, MoreHorizontal, Plus, Table2 } from 'lucide-react'
import { DropdownMenu } from 'radix-ui'
import { useState } from 'react'
import { colourToken } from '../../charts/colours.ts'
import { type EditorLanguage, QueryEditor } from '../../ui/query-editor.tsx'
import { HistoryDialog } from './history-dialog.tsx'
import { MetricPicker } from './metric-picker.tsx'
import { RowLooks } from './row-looks.tsx'
import { doubledRow, emptyRow, letterOf, maxQueries, movedRow, type QueryRow, withoutRow } from './rows.ts'

interface QueryRowsProps {
  readonly rows: readonly QueryRow[]
  readonly onDrafts: (rows: readonly QueryRow[]) => void
  readonly onRun: (rows?: readonly QueryRow[]) => void
}

const loadLanguage = async (): Promise<EditorLanguage> => (await import('../../data/promql-editor.ts')).promqlLanguage()

/** One row a query, lettered; several share the chart. */
export function QueryRows({ rows, onDrafts, onRun }: QueryRowsProps) {
  const [looks, setLooks] = useState<number | undefined>(undefined)
  const change = (index: number, part: Partial<QueryRow>): readonly QueryRow[] =>
    rows.map((row, i) => (i === index ? { ...row, ...part } : row))
  return (
    <div className="query-rows">
      {rows.map((row, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a query is its letter
        <div key={index} className={`query-row ${row.hidden ? 'off' : ''}`}>
          <span
            className="query-letter"
            style={row.colour === undefined ? undefined : { background: `var(${colourToken(row.colour - 1)})` }}
            aria-hidden
          >
            {letterOf(index)}
          </span>
          <QueryEditor
            name={`Query ${letterOf(index)}`}
            placeholder="Write PromQL, such as rate(http_requests_total[5m])"
            value={row.query}
            language={loadLanguage}
            autoFocus={index === 0 && row.query === ''}
            onChange={(query) => onDrafts(change(index, { query }))}
            onRun={() => onRun()}
          />
          <RowTools
            rows={rows}
            index={index}
            onChange={(next) => onRun(next)}
            onDrafts={onDrafts}
            onLooks={() => setLooks(looks === index ? undefined : index)}
          />
          {looks === index && (
            <RowLooks
              letter={letterOf(index)}
              row={row}
              onChange={(part) => onRun(change(index, part))}
              onClose={() => setLooks(undefined)}
            />
          )}
        </div>
      ))}
    </div>
  )
}

interface RowToolsProps {
  readonly rows: readonly QueryRow[]
  readonly index: number
  /** To the URL, where it is asked at once. */
  readonly onChange: (rows: readonly QueryRow[]) => void
  readonly onDrafts: (rows: readonly QueryRow[]) => void
  readonly onLooks: () => void
}

function RowTools({ rows, index, onChange, onDrafts, onLooks }: RowToolsProps) {
  const [open, setOpen] = useState<'history' | 'metrics' | undefined>(undefined)
  const row = rows[index] ?? emptyRow
  const letter = letterOf(index)
  const isLast = index === rows.length - 1
  const put = (query: string) => onChange(rows.with(index, { ...row, query }))
  const HideIcon = row.hidden ? EyeOff : Eye
  return (
    <span className="row query-tools">
      {rows.length > 1 && (
        <button
          type="button"
          className="button bare little"
          aria-pressed={row.hidden}
          aria-label={`Hide query ${letter}`}
          onClick={() => onChange(rows.with(index, { ...row, hidden: !row.hidden }))}
        >
          <HideIcon className="icon" aria-hidden />
        </button>
      )}
      <button
        type="button"
        className="button bare little"
        aria-label={`Browse metrics for query ${letter}`}
        onClick={() => setOpen('metrics')}
      >
        <Table2 className="icon" aria-hidden />
      </button>
      {index === 0 && (
        <button
          type="button"
          className="button bare little"
          aria-label="Queries asked before"
          onClick={() => setOpen('history')}
        >
          <History className="icon" aria-hidden />
        </button>
      )}
      <RowMenu rows={rows} index={index} onChange={onChange} onLooks={onLooks} />
      {isLast && rows.length < maxQueries && row.query !== '' && (
        <button type="button" className="button bare little" onClick={() => onDrafts([...rows, emptyRow])}>
          <Plus className="icon" aria-hidden />
          <span className="wide-only">Query</span>
          <span className="hidden-text">Add a query</span>
        </button>
      )}
      {open === 'history' && <HistoryDialog onClose={() => setOpen(undefined)} onChoose={put} />}
      {open === 'metrics' && <MetricPicker query={row.query} onClose={() => setOpen(undefined)} onChoose={put} />}
    </span>
  )
}

function RowMenu({ rows, index, onChange, onLooks }: Omit<RowToolsProps, 'onDrafts'>) {
  const letter = letterOf(index)
  const items: readonly { readonly title: string; readonly disabled?: boolean; readonly run: () => void }[] = [
    { title: 'Name and colour', run: onLooks },
    { title: 'Duplicate', disabled: rows.length >= maxQueries, run: () => onChange(doubledRow(rows, index)) },
    { title: 'Move up', disabled: index === 0, run: () => onChange(movedRow(rows, index, -1)) },
    { title: 'Move down', disabled: index === rows.length - 1, run: () => onChange(movedRow(rows, index, 1)) },
    { title: 'Remove', run: () => onChange(withoutRow(rows, index)) },
  ]
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger className="button bare little" aria-label={`More for query ${letter}`}>
        <MoreHorizontal className="icon" aria-hidden />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align="end" sideOffset={6} collisionPadding={12}>
          {items.map(({ title, disabled = false, run }) => (
            <DropdownMenu.Item key={title} className="menu-item" disabled={disabled} onSelect={run}>
              {title}
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}
