// What is wrong with a query while it is written. The languages of the search bar are read at once, LogQL's large parser comes when it is chosen.
import type { LogLanguage } from '@tidewatch/api/logs.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { parseKql } from '@tidewatch/logquery/kql/parse.ts'
import { parseLucene } from '@tidewatch/logquery/lucene/parse.ts'
import type { EditorMark } from '../../ui/query-editor.tsx'

export interface QueryFault {
  readonly message: string
  readonly fix: string | undefined
  /** Characters of the query, from 0, end exclusive. */
  readonly start: number
  readonly end: number
}

/** Undefined for a query that can be read, and for none. */
export async function queryFault(text: string, language: LogLanguage): Promise<QueryFault | undefined> {
  if (text.trim() === '') return undefined
  try {
    if (language === 'kql') parseKql(text)
    else if (language === 'lucene') parseLucene(text)
    else (await import('@tidewatch/logquery/logql/parse.ts')).parse(text)
    return undefined
  } catch (caught) {
    return faultOf(caught)
  }
}

function faultOf(caught: unknown): QueryFault | undefined {
  // a part that could not be loaded is no fault of the query: the server says what is wrong with that
  if (!(caught instanceof AppError)) return undefined
  const span = caught.where?.span ?? { start: 0, end: 0 }
  return { message: plainMessage(caught.message), fix: caught.fix, start: span.start, end: span.end }
}

/** The place is marked in the text; numbers of characters are noise beside it. */
const plainMessage = (message: string): string =>
  message.replace(/ \(at character \d+\)$/, '').replace(/^parse error at line \d+, col \d+: /, '')

/** Where the editor underlines it. */
export function markOf(text: string, { message, start }: QueryFault): EditorMark {
  const before = text.slice(0, start)
  return { line: before.split('\n').length, column: start - (before.lastIndexOf('\n') + 1) + 1, message }
}

/** `Column 28`, with the line where there are several. */
export function placeOf(text: string, fault: QueryFault): string {
  const { line, column } = markOf(text, fault)
  return text.includes('\n') ? `Line ${line}, column ${column}` : `Column ${column}`
}

const closing: Readonly<Record<string, string>> = { '(': ')', '{': '}', '[': ']' }

/** What has to stand behind the text so that all its brackets and quotes are closed; '' where they are, or cannot be. */
export function missingEnd(text: string): string {
  const open: string[] = []
  let isQuoted = false
  for (let i = 0; i < text.length; i++) {
    const sign = text[i] as string
    if (sign === '\\') i++
    else if (sign === '"') isQuoted = !isQuoted
    else if (isQuoted) continue
    else if (closing[sign] !== undefined) open.push(closing[sign])
    else if (sign === ')' || sign === '}' || sign === ']') {
      if (open.pop() !== sign) return ''
    }
  }
  return (isQuoted ? '"' : '') + open.toReversed().join('')
}
