import { useQueryClient } from '@tanstack/react-query'
import type { LogLanguage } from '@tidewatch/api/logs.ts'
import { useEffect, useMemo, useState } from 'react'
import { type LogQuestion, logFieldsQuery, logValuesQuery } from '../../data/logs.ts'
import { ProblemBox } from '../../ui/problem-box.tsx'
import { type EditorLanguage, QueryEditor } from '../../ui/query-editor.tsx'
import { namedFields } from './field-order.ts'
import { markOf, missingEnd, placeOf, type QueryFault, queryFault } from './query-fault.ts'

export interface Draft {
  readonly query: string
  readonly language: LogLanguage
}

interface SearchBarProps {
  readonly draft: Draft
  /** Everything in the range, for completion. */
  readonly whole: LogQuestion
  readonly onDraft: (draft: Draft) => void
  readonly onRun: (draft: Draft) => void
}

const languages: readonly { readonly id: LogLanguage; readonly title: string; readonly hint: string }[] = [
  { id: 'kql', title: 'KQL', hint: 'Search lines, such as level: error and service: api' },
  { id: 'lucene', title: 'Lucene', hint: 'Search lines, such as level:error AND service:api' },
  { id: 'logql', title: 'LogQL', hint: 'Search lines, such as {service_name="api"} |= "timeout"' },
]
const settleMs = 400

/** The query with its language; what is wrong is underlined while it is written, and said when it is asked. */
export function SearchBar({ draft, whole, onDraft, onRun }: SearchBarProps) {
  const fault = useFault(draft)
  const [refused, setRefused] = useState<string | undefined>(undefined)
  const marks = useMemo(() => (fault === undefined ? [] : [markOf(draft.query, fault)]), [fault, draft.query])
  const loadLanguage = useLanguage(draft.language, whole)
  const run = async (next: Draft = draft) => {
    const found = await queryFault(next.query, next.language)
    setRefused(found === undefined ? undefined : next.query)
    if (found === undefined) onRun(next)
  }
  const isRefused = refused === draft.query && fault !== undefined
  const language = languages.find(({ id }) => id === draft.language)
  return (
    <search className="log-search">
      <div className="row log-bar">
        <div className={`log-query ${isRefused ? 'wrong' : ''}`}>
          <select
            className="select log-language"
            aria-label="Language of the query"
            value={draft.language}
            onChange={({ target }) => {
              const chosen = languages[target.selectedIndex]
              if (chosen !== undefined) onDraft({ ...draft, language: chosen.id })
            }}
          >
            {languages.map(({ id, title }) => (
              <option key={id} value={id}>
                {title}
              </option>
            ))}
          </select>
          <QueryEditor
            key={draft.language}
            name="Query"
            placeholder={language?.hint ?? ''}
            value={draft.query}
            language={loadLanguage}
            marks={marks}
            onChange={(query) => onDraft({ ...draft, query })}
            onRun={() => void run()}
          />
        </div>
        <button type="button" className="button primary log-run" onClick={() => void run()}>
          Search
        </button>
      </div>
      {isRefused && <Refused draft={draft} fault={fault} onRun={(query) => void run({ ...draft, query })} />}
    </search>
  )
}

interface RefusedProps {
  readonly draft: Draft
  readonly fault: QueryFault
  readonly onRun: (query: string) => void
}

function Refused({ draft: { query }, fault, onRun }: RefusedProps) {
  const missing = missingEnd(query)
  return (
    <ProblemBox problem={{ what: `${placeOf(query, fault)}: ${fault.message}`, fix: fault.fix }}>
      {missing !== '' && (
        <button type="button" className="button little" onClick={() => onRun(query + missing)}>
          Add “{missing}” at the end
        </button>
      )}
    </ProblemBox>
  )
}

/** What is wrong with the text, once nobody has typed for a moment. */
function useFault({ query, language }: Draft): QueryFault | undefined {
  const [known, setKnown] = useState<{ readonly of: string; readonly fault: QueryFault | undefined }>()
  const of = `${language} ${query}`
  useEffect(() => {
    let isOpen = true
    const look = async () => {
      const fault = await queryFault(query, language)
      if (isOpen) setKnown({ of: `${language} ${query}`, fault })
    }
    const timer = setTimeout(() => void look(), settleMs)
    return () => {
      isOpen = false
      clearTimeout(timer)
    }
  }, [query, language])
  return known?.of === of ? known.fault : undefined
}

/** The editor's language with completion from the lines of the range. */
function useLanguage(language: LogLanguage, whole: LogQuestion): () => Promise<EditorLanguage> {
  const client = useQueryClient()
  return useMemo(
    () => async () => {
      const { logLanguage } = await import('../../data/log-editor.ts')
      return logLanguage(language, {
        fields: async () => namedFields((await client.fetchQuery(logFieldsQuery(whole))).fields),
        values: async (field, prefix) => {
          const { values } = await client.fetchQuery(logValuesQuery(whole, field, { prefix, limit: 50 }))
          return values.map(({ value, count }) => ({ name: value, count }))
        },
      })
    },
    [client, language, whole],
  )
}
