import { useQuery } from '@tanstack/react-query'
import type { LogFields } from '@tidewatch/api/logs.ts'
import { ChevronDown, ChevronRight, Columns3, Minus, Plus } from 'lucide-react'
import { useState } from 'react'
import { toLoadable } from '../../data/loadable.ts'
import { type LogQuestion, logFieldsQuery, logValuesQuery } from '../../data/logs.ts'
import { Loaded } from '../../ui/loaded.tsx'
import { formatNumber } from '../../ui/units.ts'
import { namedFields, orderedFields, valueOfType } from './field-order.ts'
import type { FieldFilter } from './filters.ts'

interface FieldListProps {
  readonly question: LogQuestion
  readonly columns: readonly string[]
  readonly onFilter: (filter: FieldFilter) => void
  readonly onColumn: (name: string) => void
}

const fieldsShown = 30

/** The fields of the lines that are found, with their most frequent values; a click makes a filter of one. */
export function FieldList({ question, columns, onFilter, onColumn }: FieldListProps) {
  const [wanted, setWanted] = useState('')
  const [open, setOpen] = useState(false)
  const result = useQuery(logFieldsQuery(question))
  return (
    <>
      <button
        type="button"
        className="button little phone-only log-fields-open"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        Fields
      </button>
      <aside className={`log-fields ${open ? 'open' : ''}`} aria-label="Fields">
        <input
          className="input"
          type="search"
          placeholder="Find a field"
          aria-label="Find a field"
          value={wanted}
          onChange={({ target }) => setWanted(target.value)}
        />
        <Loaded of={toLoadable(result)} what="fields" height={240}>
          {(answer) => (
            <Fields {...{ answer, question, columns, onFilter, onColumn, wanted: wanted.trim().toLowerCase() }} />
          )}
        </Loaded>
      </aside>
    </>
  )
}

interface FieldsProps extends FieldListProps {
  readonly answer: LogFields
  readonly wanted: string
}

function Fields({ answer, wanted, ...rest }: FieldsProps) {
  const [all, setAll] = useState(false)
  const found = orderedFields(namedFields(answer.fields)).filter(({ name }) => name.toLowerCase().includes(wanted))
  const shown = all ? found : found.slice(0, fieldsShown)
  return (
    <>
      <ul>
        {shown.map((field) => (
          <OneField key={`${field.place} ${field.name}`} field={field} {...rest} />
        ))}
      </ul>
      {shown.length < found.length && (
        <button type="button" className="link small" onClick={() => setAll(true)}>
          {formatNumber(found.length - shown.length)} more fields
        </button>
      )}
      {found.length === 0 && <p className="third small">{wanted === '' ? 'No fields' : 'No field of that name'}</p>}
      {answer.looked > 0 && (
        <p className="tiny third">of the newest {formatNumber(answer.looked)} lines, values of all of them</p>
      )}
    </>
  )
}

interface OneFieldProps extends FieldListProps {
  readonly field: LogFields['fields'][number]
}

function OneField({ field, question, columns, onFilter, onColumn }: OneFieldProps) {
  const [open, setOpen] = useState(openAtFirst.has(field.name))
  const Arrow = open ? ChevronDown : ChevronRight
  const isColumn = columns.includes(field.name)
  return (
    <li>
      <div className="row log-field">
        <button type="button" className="log-field-name" aria-expanded={open} onClick={() => setOpen(!open)}>
          <Arrow className="icon third" aria-hidden />
          <span className="cut" title={`${field.name}, ${field.types.join(', ')}`}>
            {field.name}
          </span>
          <span className="third end">{formatNumber(field.count)}</span>
        </button>
        <button
          type="button"
          className="button bare little log-tiny"
          aria-pressed={isColumn}
          aria-label={`Column ${field.name}`}
          title={isColumn ? 'Take the column away' : 'Show as a column'}
          onClick={() => onColumn(field.name)}
        >
          <Columns3 className="icon" aria-hidden />
        </button>
      </div>
      {open && <Values field={field} question={question} onFilter={onFilter} />}
    </li>
  )
}

const openAtFirst: ReadonlySet<string> = new Set(['level', 'service'])

interface ValuesProps {
  readonly field: LogFields['fields'][number]
  readonly question: LogQuestion
  readonly onFilter: (filter: FieldFilter) => void
}

function Values({ field: { name: field, types }, question, onFilter }: ValuesProps) {
  const result = useQuery(logValuesQuery(question, field))
  return (
    <Loaded of={toLoadable(result)} what={`values of ${field}`} height={60}>
      {({ values, distinct }) => {
        const most = values.reduce((max, { count }) => Math.max(max, count), 1)
        return (
          <ul className="log-values">
            {values.map(({ value, count }) => (
              <li key={value}>
                <i style={{ width: `${(count / most) * 100}%` }} aria-hidden />
                <button
                  type="button"
                  className="log-value"
                  title={`Only ${field}: ${value}. With Alt: without it`}
                  onClick={({ altKey }) => onFilter({ field, value: valueOfType(value, types), negate: altKey })}
                >
                  <span className="cut">{value === '' ? '(empty)' : value}</span>
                  <span className="third">{formatNumber(count)}</span>
                </button>
                <FilterButtons field={field} value={valueOfType(value, types)} onFilter={onFilter} />
              </li>
            ))}
            {distinct > values.length && (
              <li className="tiny third">{formatNumber(distinct - values.length)} more values</li>
            )}
          </ul>
        )
      }}
    </Loaded>
  )
}

interface FilterButtonsProps {
  readonly field: string
  readonly value: FieldFilter['value']
  readonly onFilter: (filter: FieldFilter) => void
}

/** Only with it, only without it. */
export function FilterButtons({ field, value, onFilter }: FilterButtonsProps) {
  const what = `${field}: ${String(value).slice(0, 60)}`
  return (
    <span className="log-filter-buttons">
      <button
        type="button"
        className="button bare little log-tiny"
        aria-label={`Only ${what}`}
        onClick={() => onFilter({ field, value, negate: false })}
      >
        <Plus className="icon" aria-hidden />
      </button>
      <button
        type="button"
        className="button bare little log-tiny"
        aria-label={`Without ${what}`}
        onClick={() => onFilter({ field, value, negate: true })}
      >
        <Minus className="icon" aria-hidden />
      </button>
    </span>
  )
}
