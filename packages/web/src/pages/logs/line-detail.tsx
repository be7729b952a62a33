import { useQuery } from '@tanstack/react-query'
import type { LogLine } from '@tidewatch/api/logs.ts'
import { Columns3, X } from 'lucide-react'
import { useEffect } from 'react'
import { toLoadable } from '../../data/loadable.ts'
import { logContextQuery } from '../../data/logs.ts'
import { Age } from '../../ui/age.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { Glyph } from '../../ui/glyph.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { usePreferences } from '../../ui/preferences.ts'
import { TabRow } from '../../ui/tab-row.tsx'
import { FilterButtons } from './field-list.tsx'
import type { FieldFilter } from './filters.ts'
import { LineContext } from './line-context.tsx'
import { LineLinks } from './line-links.tsx'
import { exactTime, fieldsOf, jsonOf, type LineField, levelState, levelWord, timeMsOf } from './line-model.ts'
import type { LineView } from './model.ts'

interface DetailActions {
  readonly view: LineView
  readonly onView: (view: LineView) => void
  readonly columns: readonly string[]
  readonly onFilter: (filter: FieldFilter) => void
  readonly onColumn: (name: string) => void
  readonly onOpen: (line: LogLine) => void
  readonly onClose: () => void
}

interface LineDetailProps extends DetailActions {
  readonly id: string
  /** The line where the list has it; by a link it is asked for. */
  readonly known: LogLine | undefined
}

/** One line whole: what it says, where it leads, what stood around it. */
export function LineDetail({ id, known, ...actions }: LineDetailProps) {
  const asked = useQuery({ ...logContextQuery(id, 0), enabled: known === undefined })
  const { onClose } = actions
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isElsewhere = event.target instanceof Element && event.target.closest('.cm-editor, input, [role=dialog]')
      if (event.key === 'Escape' && !isElsewhere) onClose()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [onClose])
  return (
    <aside className="log-detail" aria-label="Line">
      {known !== undefined ? (
        <Detail line={known} {...actions} />
      ) : (
        <>
          <div className="row">
            <CloseButton onClose={onClose} />
          </div>
          <Loaded of={toLoadable(asked)} what="the line" height={300}>
            {({ line }) => <Detail line={line} {...actions} />}
          </Loaded>
        </>
      )}
    </aside>
  )
}

function CloseButton({ onClose }: { readonly onClose: () => void }) {
  return (
    <button type="button" className="button bare square end" aria-label="Close the line" onClick={onClose}>
      <X className="icon" aria-hidden />
    </button>
  )
}

const tabs: readonly { readonly id: LineView; readonly title: string }[] = [
  { id: 'fields', title: 'Fields' },
  { id: 'json', title: 'JSON' },
  { id: 'around', title: 'Around it' },
]

function Detail({ line, ...actions }: DetailActions & { readonly line: LogLine }) {
  const { view, onView } = actions
  const { zone } = usePreferences()
  const word = levelWord(line)
  const state = levelState(word)
  return (
    <>
      <div className="row log-detail-head small">
        {state !== undefined && <Glyph state={state} />}
        {word !== '' && <span className={`label ${state === undefined ? 'second' : ''}`}>{word}</span>}
        <span className="third break">
          {line.service === '' ? '' : `${line.service}, `}
          <time dateTime={new Date(timeMsOf(line)).toISOString()}>{exactTime(line.timeNs, zone)}</time>,{' '}
          <Age atMs={timeMsOf(line)} />
        </span>
        <CloseButton onClose={actions.onClose} />
      </div>
      <p className="log-body mono break">{line.body === '' ? <span className="third">no message</span> : line.body}</p>
      <div className="row wrap log-copy">
        <CopyButton text={line.body}>Copy message</CopyButton>
        <CopyButton text={jsonOf(line)}>Copy JSON</CopyButton>
        <CopyButton text={linkTo(line.id)}>Copy link</CopyButton>
      </div>
      <LineLinks line={line} />
      <TabRow name="Line" tabs={tabs} active={view} onChoose={onView} />
      <div className="log-detail-body">
        {view === 'fields' && <FieldTable line={line} {...actions} />}
        {view === 'json' && (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a text that scrolls sideways must be reachable by keyboard
          <pre className="log-json" tabIndex={0}>
            {jsonOf(line)}
          </pre>
        )}
        {view === 'around' && <LineContext line={line} onOpen={actions.onOpen} />}
      </div>
    </>
  )
}

/** The line by its name alone, so that the link stays good whatever was searched. */
const linkTo = (id: string): string => `${location.origin}/logs?${new URLSearchParams({ line: id }).toString()}`

function FieldTable({ line, columns, onFilter, onColumn }: DetailActions & { readonly line: LogLine }) {
  const fields = fieldsOf(line)
  const ofLine = fields.filter(({ place }) => place !== 'resource')
  const ofSource = fields.filter(({ place }) => place === 'resource')
  const rows = (some: readonly LineField[]) =>
    some.map((field) => (
      <FieldRow
        key={`${field.place} ${field.name}`}
        field={field}
        isColumn={columns.includes(field.name)}
        onFilter={onFilter}
        onColumn={onColumn}
      />
    ))
  return (
    <table className="log-field-table small" aria-label="Fields of the line">
      <tbody>
        {rows(ofLine)}
        {ofSource.length > 0 && (
          <tr>
            <th colSpan={3} scope="rowgroup" className="third">
              of its source
            </th>
          </tr>
        )}
        {rows(ofSource)}
      </tbody>
    </table>
  )
}

interface FieldRowProps {
  readonly field: LineField
  readonly isColumn: boolean
  readonly onFilter: (filter: FieldFilter) => void
  readonly onColumn: (name: string) => void
}

function FieldRow({ field: { name, values }, isColumn, onFilter, onColumn }: FieldRowProps) {
  const [first] = values
  return (
    <tr>
      <th scope="row" className="break second">
        {name}
      </th>
      <td className={`mono break ${typeof first === 'string' ? 'log-text' : 'log-number'}`}>{values.join(', ')}</td>
      <td className="nowrap">
        {first !== undefined && <FilterButtons field={name} value={first} onFilter={onFilter} />}
        <button
          type="button"
          className="button bare little log-tiny"
          aria-pressed={isColumn}
          aria-label={`Column ${name}`}
          onClick={() => onColumn(name)}
        >
          <Columns3 className="icon" aria-hidden />
        </button>
      </td>
    </tr>
  )
}
