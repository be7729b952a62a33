import { StringStream } from '@codemirror/language'
import { expect, it } from 'vitest'
import { yamlToken } from './yaml-editor.ts'

/** Tokens of a text, as `kind text`; plain text is left out. */
function tokens(text: string): string[] {
  const state = { blockIndent: undefined }
  return text.split('\n').flatMap((line) => {
    const stream = new StringStream(line, 2, 2)
    const found: string[] = []
    while (!stream.eol()) {
      stream.start = stream.pos
      const kind = yamlToken(stream, state)
      if (kind !== null) found.push(`${kind} ${stream.current()}`)
    }
    return found
  })
}

it('tells keys, texts, numbers and comments apart', () => {
  expect(tokens(`- alert: 'A'  # why\n  for: 5m\n  on: [true, "x"]`)).toEqual([
    'punctuation -',
    'propertyName alert',
    'punctuation :',
    "string 'A'",
    'comment # why',
    'propertyName for',
    'punctuation :',
    'number 5m',
    'propertyName on',
    'punctuation :',
    'punctuation [',
    'keyword true',
    'punctuation ,',
    'string "x"',
    'punctuation ]',
  ])
})

it('reads a block as text until the indentation ends', () => {
  expect(tokens('expr: |\n  a: 1\n\n  b\nfor: 1m')).toEqual([
    'propertyName expr',
    'punctuation :',
    'keyword |',
    'string   a: 1',
    'string   b',
    'propertyName for',
    'punctuation :',
    'number 1m',
  ])
})
