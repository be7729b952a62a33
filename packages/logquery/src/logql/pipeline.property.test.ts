// What parsers make of a line against plain definitions: JSON.parse, pairs as they were written, regular expressions of JavaScript.
import { Labels } from '@tidewatch/core/labels.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseLogQuery } from './parse.ts'
import { compilePatternParser, compilePatternTest } from './pattern.ts'
import { compilePipeline } from './pipeline.ts'

const stream = Labels.from({ app: 'a' })

/** Labels that the stages make of a line, without the stream's. */
function labelsOf(stages: string): (line: string) => Record<string, string> {
  const pipeline = compilePipeline(parseLogQuery(`{app="a"} ${stages}`), { nowMs: () => 0 })
  return (line) => {
    const found = pipeline.run({ timeNs: 0n, line, stream, metadata: Labels.empty })?.labels.toMap() ?? new Map()
    found.delete('app')
    return Object.fromEntries(found)
  }
}

const key = fc.constantFrom('a', 'b c', 'app', '1x', 'ä', 'd.e', '_', '"q"', 'constructor')
const leaf = fc.oneof(
  fc.string({ unit: fc.constantFrom('x', 'ä', '😀', '"', '\\', '\n', '{', '\u0000'), maxLength: 6 }),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
)
const { tree } = fc.letrec<{ value: unknown; tree: Record<string, unknown> }>((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, leaf, fc.array(tie('value'), { maxLength: 2 }), tie('tree')),
  tree: fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
}))

const labelOf = (name: string): string => (/^\d/.test(name) ? '_' : '') + name.replace(/\W/gu, '_')

function flattened(value: object, prefix: string, into: Record<string, string>): Record<string, string> {
  for (const [name, inner] of Object.entries(value)) {
    const label = prefix === '' ? labelOf(name) : `${prefix}_${name.replace(/\W/gu, '_')}`
    if (inner === null || Array.isArray(inner)) continue
    if (typeof inner === 'object') flattened(inner, label, into)
    else {
      const free = label === 'app' ? 'app_extracted' : label
      if (!Object.hasOwn(into, free)) into[free] = typeof inner === 'string' ? inner : JSON.stringify(inner)
    }
  }
  return into
}

/** Labels without a text are none. */
const withText = (labels: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ''))

test('json is what JSON.parse reads, laid flat', () => {
  const run = labelsOf('| json')
  fc.assert(
    fc.property(tree, fc.constantFrom(0, 1), (value, indent) => {
      expect(withText(run(JSON.stringify(value, undefined, indent)))).toEqual(withText(flattened(value, '', {})))
    }),
    { numRuns: 100 },
  )
})

test('json with paths finds what stands there', () => {
  const run = labelsOf('| json x="a.b", y="[\\"b c\\"][1]", z="a"')
  const shown = (value: unknown): string =>
    value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value)
  const inside = (value: unknown, step: string | number): unknown =>
    typeof value === 'object' && value !== null && Array.isArray(value) === (typeof step === 'number')
      ? Object.getOwnPropertyDescriptor(value, step)?.value
      : undefined
  const documents = fc.record(
    {
      a: fc.oneof(leaf, fc.record({ b: leaf, c: fc.array(leaf) })),
      'b c': fc.oneof(leaf, fc.array(leaf, { maxLength: 3 })),
    },
    { requiredKeys: [], noNullPrototype: true },
  )
  fc.assert(
    fc.property(documents, (value) => {
      expect(run(JSON.stringify(value))).toEqual({
        x: shown(inside(inside(value, 'a'), 'b')),
        y: shown(inside(inside(value, 'b c'), 1)),
        z: shown(inside(value, 'a')),
      })
    }),
    { numRuns: 100 },
  )
})

test('logfmt reads the pairs that were written, the first of a name', () => {
  const run = labelsOf('| logfmt --strict')
  const name = fc.stringMatching(/^[a-z.@ä]{1,3}$/)
  const value = fc.string({ unit: fc.constantFrom('x', 'ä', '😀', '"', '\\', '\n', '=', ' ', '/'), maxLength: 6 })
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value, fc.boolean())), fc.constantFrom(' ', '  ', '\t'), (pairs, gap) => {
      const text = pairs.map(([label, of, isQuoted]) =>
        isQuoted || /[\s="\\]/.test(of) ? `${label}=${JSON.stringify(of)}` : `${label}=${of}`,
      )
      const wanted: Record<string, string> = {}
      for (const [label, of] of pairs) if (of !== '') wanted[labelOf(label)] ??= of
      expect(run(text.join(gap)), text.join(gap)).toEqual(wanted)
    }),
    { numRuns: 100, examples: [[[['path', '\\/', true]], ' ']] },
  )
})

const literal = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '"', '.', '<', 'ä'), minLength: 1, maxLength: 3 })
const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')

test('pattern captures up to the next text, as lazy expressions do; |> is the whole line', () => {
  const shape = fc.record({
    texts: fc.array(literal, { minLength: 1, maxLength: 4 }),
    isOpenStart: fc.boolean(),
    isOpenEnd: fc.boolean(),
  })
  const line = fc.array(fc.oneof(literal, fc.constantFrom('a', 'b')), { maxLength: 6 }).map((parts) => parts.join(''))
  fc.assert(
    fc.property(shape, fc.oneof(line, fc.array(literal)), ({ texts, isOpenStart, isOpenEnd }, drawn) => {
      // a line of the pattern's own texts, often
      const text = typeof drawn === 'string' ? drawn : texts.map((one, i) => one + (drawn[i] ?? '')).join('')
      const captures = texts.length - 1 + Number(isOpenStart) + Number(isOpenEnd)
      const bare = texts.map((one, i) => (i > 0 || isOpenStart ? `<_>${one}` : one)).join('') + (isOpenEnd ? '<_>' : '')
      const test = compilePatternTest(bare)
      if ('fault' in test) throw new Error(test.fault)
      const whole = `^${isOpenStart ? '[^]*' : ''}${texts.map(escaped).join('[^]*')}${isOpenEnd ? '[^]*' : ''}$`
      expect(test(text), `${bare} on ${text}`).toBe(new RegExp(whole).test(text))
      if (captures === 0) return
      let at = 0
      const parser = compilePatternParser(bare.replaceAll('<_>', () => `<c${at++}>`))
      if ('fault' in parser) throw new Error(parser.fault)
      const found: string[] = []
      parser.parse(text, (_name, value) => found.push(value))
      expect(found, `${bare} on ${text}`).toEqual(lazily(text, { texts, isOpenStart, isOpenEnd }))
    }),
    { numRuns: 150 },
  )
})

/** Captures of the longest beginning of the pattern that fits, and the rest of the line for the next one. */
function lazily(
  line: string,
  { texts, isOpenStart, isOpenEnd }: { texts: readonly string[]; isOpenStart: boolean; isOpenEnd: boolean },
): string[] {
  if (line === '') return []
  const behind = isOpenStart ? texts : texts.slice(1)
  const head = `^${isOpenStart ? '' : escaped(texts[0] ?? '')}`
  for (let count = behind.length; count >= 0; count--) {
    const hasRest = count < behind.length || isOpenEnd
    const parts = behind.slice(0, count).map((text) => `([^]*?)${escaped(text)}`)
    const match = new RegExp(`${head}${parts.join('')}${hasRest ? '([^]*)$' : ''}`).exec(line)
    if (match !== null) return match.slice(1)
  }
  return []
}

test.each([
  '(?P<method>[A-Z]+) (?P<path>\\S*)( (?P<status>\\d{3}))?',
  '(?P<first>a|ab)(?P<second>c|bcd)(?P<third>d*)',
  '(?i)x(?P<rest>.*?)$',
])('regexp %s', (pattern) => {
  const run = labelsOf(`| regexp \`${pattern}\``)
  const [, flag, own = ''] = /^(\(\?i\))?(.*)$/.exec(pattern.replaceAll('?P<', '?<')) ?? []
  const plain = new RegExp(own, flag === undefined ? 'u' : 'iu')
  const line = fc.string({ unit: fc.constantFrom('GET', ' ', '/', 'a', 'b', 'c', 'd', '404', 'X', 'ä'), maxLength: 8 })
  fc.assert(
    fc.property(line, (text) => {
      const groups = Object.entries(plain.exec(text)?.groups ?? {}).map(([name, value]) => [name, value ?? ''])
      expect(withText(run(text)), text).toEqual(withText(Object.fromEntries(groups)))
    }),
    { numRuns: 50 },
  )
})
