import { X } from 'lucide-react'
import { type FormEvent, useMemo, useState } from 'react'
import { searchText, searchTexts } from '../../data/search.ts'
import { usePageSearch, useSetSearch } from '../../data/use-range.ts'
import type { ProblemText } from '../../ui/problem-box.tsx'
import { type FiringFilter, severityNames as severities, standings } from './firing-model.ts'

const standingWords = { open: 'Open', taken: 'Taken', suppressed: 'Quiet' } as const

/** The filter stands in the address, with matchers as Alertmanager's own links have them. */
export function useFiringFilter(): {
  readonly filter: FiringFilter
  readonly matchers: readonly string[]
  readonly clear: () => void
} {
  const search = usePageSearch()
  const setSearch = useSetSearch()
  const [text, severity, receiver, state] = [
    searchText(search, 'find') ?? '',
    searchText(search, 'severity'),
    searchText(search, 'receiver'),
    searchText(search, 'state'),
  ]
  const filter = useMemo<FiringFilter>(
    () => ({
      text,
      severity: severities.find((one) => one === severity),
      receiver,
      standing: standings.find((one) => one === state),
    }),
    [text, severity, receiver, state],
  )
  return {
    filter,
    matchers: searchTexts(search, 'filter'),
    clear: () =>
      setSearch(
        { find: undefined, severity: undefined, receiver: undefined, state: undefined, filter: undefined },
        { replace: true },
      ),
  }
}

interface FiringFiltersProps {
  readonly receivers: readonly string[]
  /** Why the last question failed: a matcher may be wrong. */
  readonly problem: ProblemText | undefined
}

export function FiringFilters({ receivers, problem }: FiringFiltersProps) {
  const { filter, matchers } = useFiringFilter()
  const setSearch = useSetSearch()
  const change = (part: Readonly<Record<string, string | readonly string[] | undefined>>) =>
    setSearch(part, { replace: true })
  const known = filter.receiver === undefined ? receivers : [...new Set([filter.receiver, ...receivers])]
  return (
    <search className="row wrap alert-filter" aria-label="Filter of alerts">
      <input
        className="input"
        type="search"
        placeholder="Find by name, text or label"
        aria-label="Find an alert"
        value={filter.text}
        onChange={(event) => change({ find: event.target.value === '' ? undefined : event.target.value })}
      />
      <Choice
        name="Severity"
        value={filter.severity}
        options={severities.map((value) => ({ value, title: value }))}
        onValue={(severity) => change({ severity })}
      />
      {known.length > 1 && (
        <Choice
          name="Receiver"
          value={filter.receiver}
          options={known.map((value) => ({ value, title: value }))}
          onValue={(receiver) => change({ receiver })}
        />
      )}
      <fieldset className="segments" aria-label="State">
        {standings.map((standing) => (
          <button
            key={standing}
            type="button"
            className={standing === filter.standing ? 'on' : ''}
            aria-pressed={standing === filter.standing}
            onClick={() => change({ state: standing === filter.standing ? undefined : standing })}
          >
            {standingWords[standing]}
          </button>
        ))}
      </fieldset>
      <MatcherChips matchers={matchers} isWrong={problem !== undefined} onChange={(filter) => change({ filter })} />
    </search>
  )
}

interface ChoiceProps {
  readonly name: string
  readonly value: string | undefined
  readonly options: readonly { readonly value: string; readonly title: string }[]
  readonly onValue: (value: string | undefined) => void
}

function Choice({ name, value, options, onValue }: ChoiceProps) {
  return (
    <label className="row small nowrap alert-choice">
      <span className="third">{name}</span>
      <select
        className="select"
        value={value ?? ''}
        onChange={(event) => onValue(event.target.value === '' ? undefined : event.target.value)}
      >
        <option value="">all</option>
        {options.map((one) => (
          <option key={one.value} value={one.value}>
            {one.title}
          </option>
        ))}
      </select>
    </label>
  )
}

interface MatcherChipsProps {
  readonly matchers: readonly string[]
  readonly isWrong: boolean
  readonly onChange: (matchers: readonly string[] | undefined) => void
}

/** One chip a matcher; Backspace in the empty field takes the last one back to edit it. */
function MatcherChips({ matchers, isWrong, onChange }: MatcherChipsProps) {
  const [typed, setTyped] = useState('')
  const add = (event: FormEvent) => {
    event.preventDefault()
    const text = typed.trim()
    if (text === '') return
    if (!matchers.includes(text)) onChange([...matchers, text])
    setTyped('')
  }
  const without = (text: string) => {
    const rest = matchers.filter((other) => other !== text)
    onChange(rest.length === 0 ? undefined : rest)
  }
  return (
    <form className="row wrap grow alert-matchers" onSubmit={add}>
      {matchers.map((text) => (
        <span key={text} className="chip">
          {text}
          <button type="button" className="chip-end" aria-label={`Remove ${text}`} onClick={() => without(text)}>
            <X className="icon" aria-hidden />
          </button>
        </span>
      ))}
      <input
        className="input"
        aria-label="Add a label matcher"
        aria-invalid={isWrong && matchers.length > 0}
        placeholder={'Label: team="db", pod=~"api-.+"'}
        autoCapitalize="none"
        spellCheck={false}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => {
          const last = matchers.at(-1)
          if (event.key !== 'Backspace' || typed !== '' || last === undefined) return
          event.preventDefault()
          without(last)
          setTyped(last)
        }}
      />
    </form>
  )
}
