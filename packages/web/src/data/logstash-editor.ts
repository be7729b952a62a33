// What the pipeline editor knows of Logstash's language: enough to tell words, texts and comments apart. Loaded with the editor.
import { indentUnit, StreamLanguage, type StringStream } from '@codemirror/language'
import { tags } from '@lezer/highlight'
import type { EditorLanguage } from '../ui/query-editor.tsx'

/** The kind of what stands next; null for plain text. Always moves on. */
export function logstashToken(stream: StringStream): string | null {
  if (stream.eatSpace()) return null
  if (stream.match(/^#.*/)) return 'comment'
  if (stream.match(/^"(?:\\.|[^"\\])*"?/) || stream.match(/^'(?:\\.|[^'\\])*'?/)) return 'string'
  if (stream.match(/^(?:input|filter|output|if|else|and|or|nand|xor|not|in|true|false)\b/)) return 'keyword'
  if (stream.match(/^\[[^\]\s'",]+\]/)) return 'labelName'
  if (stream.match(/^[\w@-]+(?=\s*=>)/)) return 'propertyName'
  if (stream.match(/^-?\d+(?:\.\d+)?\b/)) return 'number'
  if (stream.match(/^(?:=>|==|!=|=~|!~|<=|>=|[{}[\](),<>!])/)) return 'punctuation'
  if (stream.match(/^[\w.@-]+/) === null) stream.next()
  return null
}

const logstash = StreamLanguage.define<Record<string, never>>({
  name: 'Logstash',
  startState: () => ({}),
  token: logstashToken,
  tokenTable: { labelName: tags.labelName, propertyName: tags.propertyName, punctuation: tags.punctuation },
  languageData: { commentTokens: { line: '#' } },
})

export async function logstashLanguage(): Promise<EditorLanguage> {
  return { extension: [logstash, indentUnit.of('  ')] }
}
