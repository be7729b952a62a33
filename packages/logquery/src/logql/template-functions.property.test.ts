// What templates call against plain definitions: texts by their characters, whole numbers by int64, numbers with a point by decimal fractions.
import { Labels } from '@tidewatch/core/labels.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseLogQuery } from './parse.ts'
import { compilePipeline } from './pipeline.ts'

type Run = (values: Readonly<Record<string, string>>) => string | undefined

/** The line that a template makes of labels; undefined where it fails. */
function templateOf(template: string): Run {
  const pipeline = compilePipeline(parseLogQuery(`{app="a"} | line_format \`${template}\``), { nowMs: () => 0 })
  return (values) => {
    const state = pipeline.run({ timeNs: 0n, line: '', stream: Labels.from(values), metadata: Labels.empty })
    return state?.labels.error === '' ? state.line : undefined
  }
}

const text = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'b', 'ä', '😀', ' ', '\n', '-', '%'), maxLength: 12 }),
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  fc.constant('\ufeffa'),
)
const small = fc.integer({ min: -3, max: 15 })
const runes = (value: string): string[] => Array.from(value)
const escaped = (value: string): string => value.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')

interface Definition {
  readonly template: string
  readonly plain: (a: string, b: string, c: string, n: number, m: number) => string
}

const definitions: readonly Definition[] = [
  { template: '{{ b64dec (b64enc .a) }}', plain: (a) => a },
  { template: '{{ urldecode (urlencode .a) }}', plain: (a) => a },
  { template: '{{ b64enc .a }}', plain: (a) => Buffer.from(a).toString('base64') },
  { template: '{{ replace .b .c .a }}', plain: (a, b, c) => a.replace(new RegExp(escaped(b), 'gu'), () => c) },
  {
    template: '{{ Replace .a .b .c (int .n) }}',
    plain(a, b, c, n) {
      let left = n < 0 ? Number.POSITIVE_INFINITY : n
      return a.replace(new RegExp(escaped(b), 'gu'), (found) => (left-- > 0 ? c : found))
    },
  },
  {
    template: '{{ trunc (int .n) .a }}',
    plain: (a, _b, _c, n) =>
      (n >= 0 ? runes(a).slice(0, n) : runes(a).length + n > 0 ? runes(a).slice(n) : runes(a)).join(''),
  },
  {
    template: '{{ substr (int .n) (int .m) .a }}',
    plain(a, _b, _c, n, m) {
      if (n < 0) return m < 0 ? '' : runes(a).slice(0, m).join('')
      return runes(a)
        .slice(n, m < 0 ? undefined : m)
        .join('')
    },
  },
  {
    template: '{{ alignLeft (int .n) .a }}',
    plain: (a, _b, _c, n) => (n < 0 ? a : [...runes(a), ...' '.repeat(n)].slice(0, n).join('')),
  },
  {
    template: '{{ alignRight (int .n) .a }}',
    plain: (a, _b, _c, n) => (n < 0 ? a : n === 0 ? '' : [...' '.repeat(n), ...runes(a)].slice(-n).join('')),
  },
  { template: '{{ trimPrefix .b .a }}', plain: (a, b) => (a.startsWith(b) ? a.slice(b.length) : a) },
  { template: '{{ trimSuffix .b .a }}', plain: (a, b) => (a.endsWith(b) ? a.slice(0, a.length - b.length) : a) },
  { template: '{{ trimAll .b .a }}', plain: cut },
  { template: '{{ indent 2 .a }}', plain: (a) => a.replace(/^/, '  ').replaceAll('\n', '\n  ') },
  { template: '{{ repeat 3 .a }}', plain: (a) => a + a + a },
  { template: '{{ contains .b .a }}{{ hasPrefix .b .a }}', plain: (a, b) => `${a.includes(b)}${a.startsWith(b)}` },
  { template: '{{ len (fromJson .j) }}', plain: (a, b) => String(new Set([a, b]).size) },
]

/** Characters of the set gone from both ends. */
function cut(a: string, b: string): string {
  const left = runes(a)
  const set = new Set(runes(b))
  while (left.length > 0 && set.has(left[0] ?? '')) left.shift()
  while (left.length > 0 && set.has(left.at(-1) ?? '')) left.pop()
  return left.join('')
}

test.each(definitions)('$template', ({ template, plain }) => {
  const run = templateOf(template)
  fc.assert(
    fc.property(text, text, text, small, small, (a, b, c, n, m) => {
      const j = JSON.stringify(Object.fromEntries([a, b].map((name) => [name, 1])))
      // a line that became empty is one, too
      expect(run({ app: 'a', a, b, c, j, n: String(n), m: String(m) })).toBe(plain(a, b, c, n, m))
    }),
    { numRuns: 40 },
  )
})

const least = -(2n ** 63n)
const int64 = fc.oneof(
  fc.bigInt({ min: least, max: 2n ** 63n - 1n }),
  fc.bigInt({ min: -9n, max: 9n }),
  fc.constantFrom(least, 2n ** 63n - 1n),
)
const whole: Readonly<Record<string, (a: bigint, b: bigint) => bigint>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  mod: (a, b) => a % b,
  max: (a, b) => (a - b > 0n ? a : b),
  min: (a, b) => (a - b < 0n ? a : b),
}

test.each(Object.keys(whole))('%s counts in int64', (name) => {
  const run = templateOf(`{{ ${name} .a .b }}`)
  fc.assert(
    fc.property(int64, int64, (a, b) => {
      const isRefused = b === 0n && (name === 'div' || name === 'mod')
      const wanted = isRefused ? undefined : String(BigInt.asIntN(64, whole[name]?.(a, b) ?? 0n))
      expect(run({ app: 'a', a: String(a), b: String(b) })).toBe(wanted)
    }),
    { numRuns: 40 },
  )
})

const cents = fc.integer({ min: -99_999, max: 99_999 })
const written = (hundredths: number): string =>
  `${hundredths < 0 ? '-' : ''}${Math.trunc(Math.abs(hundredths) / 100)}.${String(Math.abs(hundredths) % 100).padStart(2, '0')}`

test('numbers with a point are decimal fractions', () => {
  const run = templateOf('{{ addf .a .b }} {{ subf .a .b }} {{ mulf .a .b }}')
  fc.assert(
    fc.property(cents, cents, (a, b) => {
      const wanted = [(a + b) / 100, (a - b) / 100, (a * b) / 10_000]
      expect(
        run({ app: 'a', a: written(a), b: written(b) })
          ?.split(' ')
          .map(Number),
      ).toEqual(wanted.map((x) => x + 0))
    }),
    { numRuns: 40 },
  )
  const quotient = templateOf('{{ divf .a .b }}')
  expect(quotient({ app: 'a', a: '-2', b: '3' })).toBe('-0.6666666666666667')
  expect(quotient({ app: 'a', a: '1', b: '8' })).toBe('0.125')
  expect(quotient({ app: 'a', a: '1', b: '0' })).toBeUndefined()
  const rounded = templateOf('{{ round .a 1 }}')
  expect(['1.25', '1.24', '-1.21'].map((a) => rounded({ app: 'a', a }))).toEqual(['1.3', '1.2', '-1.3'])
})

test('texts are whole numbers by the base that they begin with', () => {
  const run = templateOf('{{ int .a }}')
  const of = {
    '12.7': 12,
    '-3.': -3,
    '0x1f': 31,
    '0b101': 5,
    '0o17': 15,
    '017': 15,
    '1_000': 1000,
    '00': 0,
    '-0X1F': -31,
  }
  for (const [a, value] of Object.entries(of)) expect(run({ app: 'a', a }), a).toBe(String(value))
  for (const a of ['08', ' 5', '1__0', '9223372036854775808', 'x', '1.5e3', '.5'])
    expect(run({ app: 'a', a }), a).toBe('0')
})
