// Random well-typed queries for property tests: texts, since a text is what everything begins with.
import fc from 'fast-check'
import { signatures } from '../signatures.ts'

/** `info` takes a selector alone as its second argument; the others the official grammar does not know yet. */
const unlike = new Set(['info', 'integral', 'max_of', 'min_of'])

type Type = 'scalar' | 'vector' | 'matrix' | 'string'

const name = fc.constantFrom('up', 'http_requests_total', 'job:rate:5m', 'sum', 'by', 'start', 'anchored', 'a')
const label = fc.constantFrom('job', 'instance', 'le', 'by', 'on', 'offset', '"quoted name"', '"a.b"')
const quoted = fc.oneof(
  fc.constantFrom('"x"', "'y\\'z'", '`raw \\n`', '""', '"\\x41\\u00e9\\n"', '"ä\\\\"'),
  fc
    .string({ maxLength: 6 })
    .map((text) => JSON.stringify(text.toWellFormed().replaceAll('\ufffd', '?')).replaceAll('\\u007f', '')),
)
const matcher = fc.tuple(label, fc.constantFrom('=', '!='), quoted).map((parts) => parts.join(''))
const regexMatcher = fc.tuple(label, fc.constantFrom('=~', '!~'), fc.constantFrom('"a|b"', '".*"', '"x.+"'))
const matchers = fc.array(
  fc.oneof(
    matcher,
    regexMatcher.map((parts) => parts.join('')),
  ),
  { maxLength: 3 },
)
// infinity is printed with its sign, which would no longer be its own before `^`
const number = fc.constantFrom(
  '1',
  '0.5',
  '0x1f',
  '1e3',
  '1_000',
  '(Inf)',
  'NaN',
  '5m',
  '1h30m',
  '0',
  '2.75e-7',
  '1e30',
)
const duration = fc.constantFrom('5m', '1h30m', '30', '1.5', '1d', '100ms')
const durationExpr = fc.oneof(
  { weight: 3, arbitrary: duration },
  fc.tuple(duration, fc.constantFrom('+', '-', '*', '/', '%', '^'), duration).map((parts) => parts.join(' ')),
  fc.tuple(duration, duration).map(([a, b]) => `max_of(${a}, min_of(step(), ${b}))`),
  duration.map((text) => `(${text} + range()) * 2`),
)
const offset = fc.oneof(
  fc.constant(''),
  duration.map((text) => ` offset ${text}`),
  duration.map((text) => ` offset -${text}`),
  durationExpr.map((text) => ` offset (${text})`),
)
const at = fc.constantFrom('', '', ' @ 1234.567', ' @ start()', ' @ end()', ' @ -5')
const modifiers = fc.tuple(at, offset, fc.boolean()).map(([a, o, swap]) => (swap ? o + a : a + o))
const labelList = fc.array(label, { maxLength: 3 }).map((labels) => `(${labels.join(', ')})`)
const grouping = fc.oneof(
  fc.constant(''),
  fc.tuple(fc.constantFrom('by', 'without'), labelList).map((parts) => parts.join(' ')),
)

const selector = fc
  .tuple(fc.option(name, { nil: '' }), matchers)
  .map(([metric, list]) =>
    metric === '' ? `{x="y"${list.map((item) => `, ${item}`).join('')}}` : `${metric}{${list.join(',')}}`,
  )

const matching = fc.oneof(
  fc.constant(''),
  fc.tuple(fc.constantFrom('on', 'ignoring'), labelList).map((parts) => parts.join(' ')),
)
const arithmetic = fc.constantFrom('+', '-', '*', '/', '%', '^', 'atan2')
const comparison = fc.constantFrom('==', '!=', '<', '>', '<=', '>=')
const setOperator = fc.constantFrom('and', 'or', 'unless')

/** A query of that type; the depth bounds how far expressions stand in one another. */
function queryOf(type: Type, depth: number): fc.Arbitrary<string> {
  if (type === 'string') return quoted
  if (type === 'matrix') return matrix(depth)
  if (depth <= 0) return type === 'scalar' ? number : fc.tuple(selector, modifiers).map((parts) => parts.join(''))
  const inner = queryOf(type, depth - 1)
  const common = [
    inner,
    inner.map((text) => `(${text})`),
    inner.map((text) => `-${text}`),
    inner.map((text) => `+ ${text}`),
    callOf(type, depth),
    fc.tuple(inner, arithmetic, inner).map((parts) => parts.join(' ')),
  ]
  if (type === 'scalar') {
    const compared = fc.tuple(inner, comparison, inner).map(([a, op, b]) => `${a} ${op} bool ${b}`)
    return fc.oneof(...common, compared)
  }
  const scalar = queryOf('scalar', depth - 1)
  // in parentheses where another grouping would put a scalar beside an operator that is for vectors alone
  const enclosed = inner.map((text) => `(${text})`)
  return fc.oneof(
    ...common,
    fc.tuple(enclosed, fc.oneof(arithmetic, comparison), matching, enclosed).map((parts) => parts.join(' ')),
    fc.tuple(enclosed, setOperator, matching, enclosed).map((parts) => parts.join(' ')),
    fc.tuple(inner, comparison, scalar).map((parts) => `(${parts.join(' ')})`),
    fc
      .tuple(fc.constantFrom('sum', 'avg', 'count', 'stddev'), grouping, inner)
      .map(([op, by, text]) => `${op} ${by} (${text})`),
    fc
      .tuple(fc.constantFrom('topk', 'quantile', 'limitk'), grouping, scalar, inner)
      .map(([op, by, k, text]) => `${op}(${k}, ${text}) ${by}`),
  )
}

function matrix(depth: number): fc.Arbitrary<string> {
  const range = fc.tuple(selector, durationExpr, modifiers).map(([text, window, rest]) => `${text}[${window}]${rest}`)
  if (depth <= 0) return range
  const step = fc.option(duration, { nil: '' })
  const subquery = fc
    .tuple(queryOf('vector', depth - 1), durationExpr, step, modifiers)
    .map(([text, window, every, rest]) => `(${text})[${window}:${every}]${rest}`)
  return fc.oneof(range, subquery)
}

/** A call of any function of the type, with all its arguments. */
function callOf(type: Type, depth: number): fc.Arbitrary<string> {
  const names = Object.keys(signatures).filter((func) => signatures[func]?.returns === type && !unlike.has(func))
  return fc.constantFrom(...names).chain((func) => {
    const args = (signatures[func]?.args ?? []).map((arg) => queryOf(arg, depth - 1))
    return fc.tuple(...args).map((texts) => `${func}(${texts.join(', ')})`)
  })
}

export const arbitraryQuery: fc.Arbitrary<string> = fc.oneof(
  queryOf('vector', 3),
  queryOf('scalar', 3),
  queryOf('matrix', 2),
)
