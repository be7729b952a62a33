// What the search bar knows of its languages: colours, and completion with fields and values of this server. Loaded with the editor.
import { autocompletion, type CompletionContext, type CompletionResult } from '@codemirror/autocomplete'
import { StreamLanguage, type StringStream } from '@codemirror/language'
import { tags } from '@lezer/highlight'
import type { LogLanguage } from '@tidewatch/api/logs.ts'
import { completeQuery } from '@tidewatch/logquery/complete.ts'
import { escapeKql, quoteKql } from '@tidewatch/logquery/kql/print.ts'
import { escapeLucene, escapeQuoted } from '@tidewatch/logquery/lucene/escape.ts'
import type { EditorLanguage } from '../ui/query-editor.tsx'

interface NamedCount {
  readonly name: string
  readonly count: number
}

/** What stands in the lines of the page's range; asked for while somebody writes. */
export interface LogNames {
  readonly fields: () => Promise<readonly NamedCount[]>
  readonly values: (field: string, prefix: string) => Promise<readonly NamedCount[]>
}

export async function logLanguage(language: LogLanguage, names: LogNames): Promise<EditorLanguage> {
  const source =
    language === 'logql'
      ? (context: CompletionContext) => completeLogql(context, names)
      : (context: CompletionContext) => completeBar(context, language, names)
  return {
    extension: [
      language === 'logql' ? logqlColours : barColours,
      autocompletion({ override: [orNothing(source)], icons: false, maxRenderedOptions: 100 }),
    ],
  }
}

type Source = (context: CompletionContext) => Promise<CompletionResult | null>

/** Completion that fails offers nothing; the search itself tells what is wrong with the server. */
const orNothing =
  (source: Source): Source =>
  async (context) => {
    try {
      return await source(context)
    } catch {
      return null
    }
  }

async function completeBar(
  context: CompletionContext,
  language: 'kql' | 'lucene',
  names: LogNames,
): Promise<CompletionResult | null> {
  const text = context.state.doc.toString()
  const { kinds, from, to, prefix, field, isQuoted, words } = completeQuery(text, context.pos, language)
  // a blank behind a whole clause asks for nothing
  if (!context.explicit && prefix === '' && !/[:<>"(\s]$/.test(text.slice(0, context.pos))) return null
  const written = language === 'kql' ? escapeKql : escapeLucene
  // names and values of this server come before signs, which are quicker written than chosen
  const signs = words.map((word, i) => ({ label: word, type: 'keyword', boost: -50 - i }))
  if (kinds.includes('value') && field !== undefined) {
    const values = await names.values(field, prefix)
    const quote = language === 'kql' ? quoteKql : (value: string) => `"${escapeQuoted(value)}"`
    const options = values.map(({ name, count }) => ({
      label: name,
      apply: isQuoted ? escapeQuoted(name) : /^[\w.-]+$/.test(name) ? name : quote(name),
      detail: counted(count),
    }))
    return { from, to, options: [...options, ...(isQuoted ? [] : signs)], filter: true }
  }
  const fields = kinds.includes('field') ? await names.fields() : []
  const options = fields.map(({ name, count }) => ({
    label: name,
    apply: `${written(name)}${language === 'kql' ? ': ' : ':'}`,
    detail: counted(count),
    boost: 10,
  }))
  return { from, to, options: [...(isQuoted ? [] : options), ...signs] }
}

const counted = (count: number): string => count.toLocaleString('en-US')

const logqlWords = [
  ...['|=', '!=', '|~', '!~', '| json', '| logfmt', '| pattern "<_>"', '| regexp ""', '| unpack', '| line_format ""'],
  ...['| label_format', '| unwrap', '| drop', '| keep', '| decolorize'],
].map((label, i) => ({ label, type: 'keyword', boost: 50 - i }))

/** Labels within braces, their values between quotes, stages behind them. */
async function completeLogql(context: CompletionContext, names: LogNames): Promise<CompletionResult | null> {
  const before = context.state.sliceDoc(0, context.pos)
  const value = /(\w+)\s*(?:=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)$/.exec(before)
  if (value !== null) {
    const [, label = '', prefix = ''] = value
    const values = await names.values(label, prefix)
    return {
      from: context.pos - prefix.length,
      options: values.map(({ name, count }) => ({
        label: name,
        apply: JSON.stringify(name).slice(1, -1),
        detail: counted(count),
      })),
    }
  }
  const word = /\w*$/.exec(before)?.[0] ?? ''
  const isLabel = /[{,]\s*\w*$/.test(before) || /\|\s*\w+$/.test(before)
  if (isLabel) {
    const fields = await names.fields()
    return {
      from: context.pos - word.length,
      options: fields.map(({ name, count }) => ({
        label: name.replace(/[^a-zA-Z0-9_]/gu, '_'),
        apply: `${name.replace(/[^a-zA-Z0-9_]/gu, '_')}="`,
        detail: counted(count),
      })),
    }
  }
  const isBehind = /[}"\s]\s*$/.test(before) && before.includes('}')
  return isBehind || context.explicit ? { from: context.pos, options: logqlWords } : null
}

interface NoState {
  readonly none?: never
}

const barColours = StreamLanguage.define<NoState>({ name: 'search bar', startState: () => ({}), token: barToken })
const logqlColours = StreamLanguage.define<NoState>({
  name: 'LogQL',
  startState: () => ({}),
  token: logqlToken,
  tokenTable: { labelName: tags.labelName },
})

/** The kind of what stands next in KQL or Lucene; always moves on. */
export function barToken(stream: StringStream): string | null {
  if (stream.eatSpace()) return null
  if (stream.match(/^(?:AND|OR|NOT|and|or|not|TO)(?=[\s()]|$)/) || stream.match(/^(?:&&|\|\|)/)) return 'keyword'
  if (stream.match(/^(?:[^\s():<>"{}[\]\\]|\\.)+(?=\s*(?::|<|>))/)) return 'propertyName'
  if (stream.match(/^"(?:\\.|[^"\\])*"?/)) return 'string'
  if (stream.match(/^-?\d+(?:\.\d+)?(?=[\s()\]}]|$)/)) return 'number'
  if (stream.match(/^[():<>=+{}[\]!*~^]/)) return 'punctuation'
  if (stream.match(/^(?:[^\s():<>"{}[\]\\]|\\.)+/) === null) stream.next()
  return null
}

/** The kind of what stands next in LogQL; always moves on. */
export function logqlToken(stream: StringStream): string | null {
  if (stream.eatSpace()) return null
  if (stream.match(/^#.*/)) return 'comment'
  if (stream.match(/^"(?:\\.|[^"\\])*"?/) || stream.match(/^`[^`]*`?/)) return 'string'
  if (stream.match(/^\w+(?=\s*(?:=~|!~|!=|==|=|>|<))/)) return 'labelName'
  if (
    stream.match(
      /^(?:json|logfmt|pattern|regexp|unpack|unwrap|line_format|label_format|decolorize|drop|keep|by|without|and|or|unless|offset|bool|on|ignoring)\b/,
    )
  )
    return 'keyword'
  if (stream.match(/^[a-z_]+(?=\s*\()/)) return 'keyword'
  if (stream.match(/^-?\d+(?:\.\d+)?(?:ns|us|ms|[smhdwy])?\b/)) return 'number'
  if (stream.match(/^[|!=~<>{}()[\],+*/%^-]/)) return 'punctuation'
  if (stream.match(/^\w+/) === null) stream.next()
  return null
}
