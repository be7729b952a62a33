// Our parser against the official grammar: both accept the same texts, but for the differences that are listed here.
import { parser } from '@prometheus-io/lezer-promql'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parse } from './parse.ts'
import { signatures } from './signatures.ts'
import { arbitraryQuery } from './testing/arbitrary-query.ts'

function isInOfficialGrammar(text: string): boolean {
  let ok = true
  parser.parse(text).iterate({
    enter: (node) => {
      if (node.type.isError) ok = false
    },
  })
  return ok
}

function refusal(text: string): string | undefined {
  try {
    parse(text)
    return undefined
  } catch (error) {
    return String(error)
  }
}

/** What only Prometheus itself refuses: bad escapes, open strings, numbers run into words, `atan2` as a name, and all that is not syntax. */
const beyondGrammar = (message: string): boolean =>
  !/parse error: (?:unexpected|unclosed|trailing)/.test(message) || message.includes('<op:atan2>')

/** What the grammar for editors does not know although Prometheus does: `2.`, `offset` as the name of a metric, `max_of` outside of durations, `integral`, a colon in a label's name. */
const unknownToEditors = (text: string): boolean =>
  /\d\.(?![\d_])/.test(text) ||
  /\w:\w/.test(text) ||
  /\boffset\b/i.test(text) ||
  /\b(?:(?:min|max)_of|integral)\b/i.test(text)

function disagreement(text: string): string | undefined {
  const message = refusal(text)
  const official = isInOfficialGrammar(text)
  if (message === undefined) return official || unknownToEditors(text) ? undefined : `only we accept ${text}`
  return !official || beyondGrammar(message) ? undefined : `only the grammar accepts ${text}: ${message}`
}

test('well-typed queries are accepted by both', () => {
  fc.assert(
    fc.property(arbitraryQuery, (text) => {
      expect(refusal(text)).toBeUndefined()
      expect(isInOfficialGrammar(text)).toBe(true)
    }),
    { numRuns: 400, seed: 1 },
  )
})

const fragments = [
  ...['(', ')', '{', '}', '[', ']', ',', '+', '-', '*', '^', '==', '=~', '=', '<', '@', ':', '"', "'", '#\n', 'ä'],
  ...[
    'foo',
    'a:b',
    '5m',
    '1',
    'sum',
    'by',
    'without',
    'on',
    'ignoring',
    'group_left',
    'bool',
    'offset',
    'and',
    'unless',
  ],
  ...[
    'start()',
    'end',
    'rate',
    'by (a)',
    '[5m]',
    '[5m:]',
    '{a="b"}',
    '5m1',
    '0x',
    '1_0',
    '(foo)',
    'inf',
    'on (a)',
    '()',
  ],
  ...[
    'fill (1)',
    'fill_left (2)',
    'anchored',
    'smoothed',
    'step()',
    'max_of(1, 2)',
    '</',
    '>/',
    '{"a b"}',
    'limitk(1, x)',
  ],
]

test('damaged queries are accepted by both or by neither', () => {
  const damage = fc.record({
    at: fc.nat(400),
    cut: fc.nat(4),
    insert: fc.constantFrom('', ...fragments),
    spaced: fc.boolean(),
  })
  fc.assert(
    fc.property(arbitraryQuery, damage, (text, { at, cut, insert, spaced }) => {
      const place = at % (text.length + 1)
      const added = spaced ? ` ${insert} ` : insert
      expect(disagreement(text.slice(0, place) + added + text.slice(place + cut))).toBeUndefined()
    }),
    { numRuns: 2000, seed: 2 },
  )
})

test('the functions are those of the official grammar', () => {
  const rules = parser.nodeSet.types.map((type) => type.name)
  const named = rules.slice(rules.indexOf('FunctionIdentifier') + 1, rules.indexOf('MatrixSelector'))
  // rules are named after functions in camel case, but for start() and end(), which share their words with `@`
  const official = [...named.filter((name) => name !== 'Identifier'), 'Start', 'End'].map((name) => name.toLowerCase())
  const ours = Object.keys(signatures)
    .filter((name) => !unknownToEditors(name))
    .map((name) => name.replaceAll('_', ''))
  expect(ours.sort()).toEqual(official.sort())
})
