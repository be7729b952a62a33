// A click on a value changes the query: the clause is written, quoted, in the language that stands in the bar. No React here.
import type { LogLanguage } from '@tidewatch/api/logs.ts'
import { logColumnOf } from '@tidewatch/core/log-fields.ts'
import { parseKql } from '@tidewatch/logquery/kql/parse.ts'
import { escapeKql, quoteKql } from '@tidewatch/logquery/kql/print.ts'
import { escapeLucene, escapeQuoted } from '@tidewatch/logquery/lucene/escape.ts'
import { parseLucene } from '@tidewatch/logquery/lucene/parse.ts'

export interface FieldFilter {
  readonly field: string
  readonly value: string | number | boolean
  readonly negate: boolean
}

interface Written {
  readonly query: string
  readonly language: LogLanguage
}

/** LogQL wants a selector; every line has this label. */
const everyStream = '{service_name=~".+"}'

/** The query with the filter. The same filter twice changes nothing; its opposite is replaced. */
export function withFilter({ query, language }: Written, filter: FieldFilter): string {
  const clause = clauseOf(language, filter)
  const opposite = clauseOf(language, { ...filter, negate: !filter.negate })
  const text = query.trim()
  if (language === 'logql') return withLogqlStage(text, clause, opposite)
  const joint = language === 'kql' ? ' and ' : ' AND '
  const parts = text === '' ? [] : text.split(joint)
  if (parts.includes(clause)) return text
  if (parts.includes(opposite)) return parts.map((part) => (part === opposite ? clause : part)).join(joint)
  if (text === '') return clause
  const isLoose = language === 'kql' ? isKqlLoose(text) : isLuceneLoose(text)
  return `${isLoose ? `(${text})` : text}${joint}${clause}`
}

/** One clause of a field and its value, as it stands alone. */
function clauseOf(language: LogLanguage, { field, value, negate }: FieldFilter): string {
  switch (language) {
    case 'kql': {
      const clause = `${escapeKql(exactName(field, value))}: ${plainOr(value, quoteKql)}`
      return negate ? `not ${clause}` : clause
    }
    case 'lucene': {
      const clause = `${escapeLucene(exactName(field, value))}:${plainOr(value, (text) => `"${escapeQuoted(text)}"`)}`
      return negate ? `NOT ${clause}` : clause
    }
    case 'logql': {
      const quoted = JSON.stringify(String(value))
      if (logColumnOf(field) === 'body') return `${negate ? '!=' : '|='} ${quoted}`
      return `| ${labelOf(field)}${negate ? '!=' : '='}${quoted}`
    }
    default:
      return language satisfies never
  }
}

/** A query of one field's value alone, such as all lines of a trace. */
export const queryOf = (language: LogLanguage, field: string, value: string): string =>
  withFilter({ query: '', language }, { field, value, negate: false })

const plainOr = (value: FieldFilter['value'], quote: (text: string) => string): string =>
  typeof value === 'string'
    ? quote(value)
    : typeof value === 'number' && value < 0
      ? quote(String(value))
      : String(value)

/** Whether an `and` behind it would bind to its last part alone. */
function isKqlLoose(text: string): boolean {
  try {
    return parseKql(text).function === 'or'
  } catch {
    // what cannot be read stays together
    return true
  }
}

/** Whether it is anything but clauses that are all required, or one. */
function isLuceneLoose(text: string): boolean {
  try {
    const clauses = parseLucene(text)?.clauses ?? []
    return clauses.length > 1 && clauses.slice(1).some(({ conjunction }) => conjunction !== 'and')
  } catch {
    return true
  }
}

/** Texts are found by their words: `web` would find `web-admin` too, so that a click asks for the exact value. */
function exactName(field: string, value: FieldFilter['value']): string {
  const column = logColumnOf(field)
  const isExactAlready =
    typeof value !== 'string' ||
    field.endsWith('.keyword') ||
    column === 'severity' ||
    column === 'time' ||
    column === 'body'
  return isExactAlready ? field : `${field}.keyword`
}

function withLogqlStage(text: string, clause: string, opposite: string): string {
  const base = text === '' ? everyStream : text
  if (base.endsWith(clause) || base.includes(`${clause} |`)) return base
  return base.includes(opposite) ? base.replace(opposite, clause) : `${base} ${clause}`
}

/** What Loki makes of a field's name. */
function labelOf(field: string): string {
  if (logColumnOf(field) === 'service') return 'service_name'
  if (logColumnOf(field) === 'severity') return 'detected_level'
  return field.replace(/[^a-zA-Z0-9_]/gu, '_').replace(/^(?=\d)/, '_')
}
