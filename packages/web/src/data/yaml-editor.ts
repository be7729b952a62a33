// What the rule editor knows of YAML: enough to tell keys, texts and comments apart. Loaded with the editor.
import { indentUnit, StreamLanguage, type StringStream } from '@codemirror/language'
import { tags } from '@lezer/highlight'
import type { EditorLanguage } from '../ui/query-editor.tsx'

interface YamlState {
  /** The block text that is being read: lines further in than this belong to it. */
  blockIndent: number | undefined
}

/** The kind of what stands next; undefined for plain text. Always moves on. */
export function yamlToken(stream: StringStream, state: YamlState): string | null {
  if (stream.sol() && state.blockIndent !== undefined) {
    if (stream.string.trim() === '' || stream.indentation() > state.blockIndent) {
      stream.skipToEnd()
      return 'string'
    }
    state.blockIndent = undefined
  }
  if (stream.eatSpace()) return null
  if (stream.peek() === '#') {
    stream.skipToEnd()
    return 'comment'
  }
  if (stream.match(/^-(?=\s|$)/) || stream.match(/^[[\]{},]/)) return 'punctuation'
  if (stream.match(/^[^\s#[\]{},"'&*!|>][^:#[\]{},]*(?=:(?:\s|$))/) || stream.match(/^"(?:\\.|[^"\\])*"(?=:(?:\s|$))/))
    return 'propertyName'
  if (stream.match(/^[|>][-+0-9]*\s*(?=#|$)/)) {
    state.blockIndent = stream.indentation()
    return 'keyword'
  }
  if (stream.match(/^"(?:\\.|[^"\\])*"?/) || stream.match(/^'(?:''|[^'])*'?/)) return 'string'
  if (stream.match(/^(?:true|false|null|~)(?=\s|,|\]|\}|$)/)) return 'keyword'
  if (stream.match(/^-?\d+(?:\.\d+)?(?:ms|[smhdwy])?(?=\s|,|\]|\}|$)/)) return 'number'
  if (stream.match(/^:(?=\s|$)/)) return 'punctuation'
  if (stream.match(/^[^\s,\]}#]+/) === null) stream.next()
  return null
}

const yaml = StreamLanguage.define<YamlState>({
  name: 'yaml',
  startState: () => ({ blockIndent: undefined }),
  copyState: (state) => ({ ...state }),
  token: yamlToken,
  tokenTable: { propertyName: tags.propertyName, punctuation: tags.punctuation },
  languageData: { commentTokens: { line: '#' } },
})

export async function yamlLanguage(): Promise<EditorLanguage> {
  return { extension: [yaml, indentUnit.of('  ')] }
}
