import { StringStream } from '@codemirror/language'
import { expect, it } from 'vitest'
import { barToken, logqlToken } from './log-editor.ts'
import { logstashToken } from './logstash-editor.ts'

/** Each piece with its kind, blanks left out. */
function tokens(text: string, token: (stream: StringStream) => string | null): string[] {
  const stream = new StringStream(text, 2, 2)
  const found: string[] = []
  while (!stream.eol()) {
    const kind = token(stream)
    expect(stream.pos, 'it moves on').toBeGreaterThan(stream.start)
    const piece = text.slice(stream.start, stream.pos)
    if (piece.trim() !== '') found.push(`${piece}|${kind ?? ''}`)
    stream.start = stream.pos
  }
  return found
}

it('tells fields, words, texts and numbers of the search bar apart', () => {
  expect(tokens('level: "a \\" b" AND not status >= 500 or x\\:y*', barToken)).toEqual([
    ...['level|propertyName', ':|punctuation', '"a \\" b"|string', 'AND|keyword', 'not|keyword', 'status|propertyName'],
    ...['>|punctuation', '=|punctuation', '500|number', 'or|keyword', 'x\\:y*|'],
  ])
})

it('tells the parts of LogQL apart', () => {
  expect(tokens('{app="a"} |= `x` | json | took > 5s # why', logqlToken)).toEqual([
    ...[
      '{|punctuation',
      'app|labelName',
      '=|punctuation',
      '"a"|string',
      '}|punctuation',
      '||punctuation',
      '=|punctuation',
    ],
    ...['`x`|string', '||punctuation', 'json|keyword', '||punctuation', 'took|labelName', '>|punctuation', '5s|number'],
    '# why|comment',
  ])
})

it('tells the parts of a Logstash pipeline apart', () => {
  expect(tokens("filter { if [a][b] == 5 { mutate { add_tag => ['x'] } } } # end", logstashToken)).toEqual([
    ...[
      'filter|keyword',
      '{|punctuation',
      'if|keyword',
      '[a]|labelName',
      '[b]|labelName',
      '==|punctuation',
      '5|number',
    ],
    ...['{|punctuation', 'mutate|', '{|punctuation', 'add_tag|propertyName', '=>|punctuation', '[|punctuation'],
    ...["'x'|string", ']|punctuation', '}|punctuation', '}|punctuation', '}|punctuation', '# end|comment'],
  ])
})

it('moves on whatever stands there', () => {
  for (const text of ['\\', '"', '}{][', '\u0000ü🙂', '=~~', '`', "'", '  '])
    for (const token of [barToken, logqlToken, logstashToken]) tokens(text, token)
})
