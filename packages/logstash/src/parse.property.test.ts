import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parsePipeline } from './parse.ts'
import { treeOf } from './testing/tree.ts'

const word = fc.stringMatching(/^[a-z_][a-z0-9_]{1,8}$/)
const text = fc.string().map((value) => value.replace(/["\\]/g, ''))
const blank = fc.constantFrom(' ', '\n', '\t', ' # note\n', '\r\n')

interface Tree {
  readonly type: string
  readonly value: unknown
}

interface Written {
  readonly tree: Tree
  readonly source: string
}

const scalar: fc.Arbitrary<Written> = fc.oneof(
  text.map((value) => ({ tree: { type: 'string', value }, source: `"${value}"` })),
  word.map((value) => ({ tree: { type: 'bareword', value }, source: value })),
  fc.integer().map((value) => ({ tree: { type: 'number', value }, source: String(value) })),
)

const { value: anyValue } = fc.letrec<{ value: Written }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    scalar,
    fc.array(fc.tuple(tie('value'), blank), { maxLength: 4 }).map((items) => ({
      tree: { type: 'array', value: items.map(([{ tree }]) => tree) },
      source: `[${items.map(([{ source }, space]) => `${space}${source}${space}`).join(',')}]`,
    })),
    fc.array(fc.tuple(word, tie('value'), blank), { maxLength: 4 }).map((entries) => ({
      tree: { type: 'hash', value: entries.map(([key, { tree }]) => ({ key, value: tree })) },
      source: `{${entries.map(([key, { source }, space]) => `${space}${key} =>${space}${source}${space}`).join(' ')}}`,
    })),
  ),
}))

it('reads back every value that is written, whatever the white space and comments', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(word, anyValue), { maxLength: 4 }), blank, (settings, space) => {
      const source = `filter {${space}mutate {${settings.map(([name, { source: value }]) => `${space}${name} => ${value}\n`).join('')}}}`
      const result = parsePipeline(source, 'a.conf')
      const expected = settings.map(([name, { tree }]) => ({ name, value: tree }))
      expect(result.ok ? result.sections.map(treeOf) : result.problem).toMatchObject([
        { body: [{ settings: expected }] },
      ])
    }),
  )
})

it('answers every text with a tree or a place within it', () => {
  const piece = fc.constantFrom(
    'input',
    'filter',
    '{',
    '}',
    'if',
    'else',
    '[a]',
    '==',
    '"x"',
    '=>',
    'mutate',
    '(',
    ')',
    '!',
    '1',
    ',',
    '[',
    ']',
    '/a/',
    'and',
    '#',
    '\n',
    ' ',
    "'",
  )
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 3 })), { maxLength: 60 }), (pieces) => {
      const source = pieces.join('')
      const result = parsePipeline(source, 'a.conf')
      if (result.ok) return
      const { line = 0, column = 0 } = result.problem.where
      const lines = source.split('\n')
      expect(line >= 1 && line <= lines.length && column >= 1 && column <= (lines[line - 1]?.length ?? 0) + 1).toBe(
        true,
      )
    }),
  )
})
