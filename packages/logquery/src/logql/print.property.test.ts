// Whatever is printed is read again as what it was, on one line and laid out.
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { z } from 'zod'
import { parse } from './parse.ts'
import { prettyLogql, printLogql } from './print.ts'
import { lacksLogqlKit, loadLogqlQueries } from './testing/kit.ts'

/** Without the places, and with all labels that a pipeline gives the same name. */
const bare = (tree: unknown): unknown =>
  JSON.parse(JSON.stringify(tree, (key, value: unknown) => (key === 'span' ? undefined : value)))

function holds(query: string): void {
  const expr = parse(query)
  const line = printLogql(expr)
  const laidOut = prettyLogql(expr)
  expect(bare(parse(line)), line).toEqual(bare(expr))
  expect(bare(parse(laidOut)), laidOut).toEqual(bare(expr))
  expect(prettyLogql(parse(laidOut))).toBe(laidOut)
  expect(line).not.toContain('\n')
}

const cases = z.array(z.object({ query: z.string(), valid: z.boolean() }))

test.skipIf(lacksLogqlKit)("the kit's queries", () => {
  const kit = cases.parse(loadLogqlQueries())
  const valid = kit.filter((one) => one.valid)
  expect(valid.length).toBeGreaterThan(50)
  for (const { query } of valid) holds(query)
})

const name = fc.constantFrom('a', 'b_1', 'status', 'detected_level')
const text = fc.oneof(fc.constantFrom('', 'x', 'a"b', '\\d+', '`', 'ä\n', '{{ .a }}', 'line "x" `y`'), fc.string())
const quoted = text.map((value) => JSON.stringify(value))
const duration = fc.constantFrom('5m', '1h30m', '250ms', '1d', '90s', '1.5h', '2w')
const literal = fc.oneof(fc.integer({ min: -50, max: 1000 }).map(String), fc.constantFrom('0.5', '1.25', '0.0000001'))
const address = fc.constantFrom('"10.0.0.0/8"', '"::1"', '"1.2.3.4-1.2.3.9"')

const { labelFilter } = fc.letrec<{ labelFilter: string }>((tie) => ({
  labelFilter: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.tuple(name, fc.constantFrom('=', '!='), quoted).map((parts) => parts.join('')),
    fc.tuple(name, fc.constantFrom('=~', '!~')).map(([label, op]) => `${label}${op}"x.*"`),
    fc.tuple(name, fc.constantFrom('==', '!=', '>', '>=', '<', '<='), literal).map((parts) => parts.join('')),
    fc.tuple(name, fc.constantFrom('>', '<='), duration).map((parts) => parts.join('')),
    fc.tuple(name, fc.constantFrom('>', '<='), fc.constantFrom('5KB', '1.5MiB', '20B')).map((parts) => parts.join('')),
    fc.tuple(name, fc.constantFrom('=', '!='), address).map(([label, op, value]) => `${label}${op}ip(${value})`),
    fc
      .tuple(tie('labelFilter'), fc.constantFrom('and', 'or', ','), tie('labelFilter'))
      .map(([left, op, right]) => `(${left} ${op} ${right})`),
  ),
}))
const stage = fc.oneof(
  fc.tuple(fc.constantFrom('|=', '!=', '|>', '!>'), quoted).map((parts) => parts.join(' ')),
  fc.tuple(fc.constantFrom('|=', '!='), quoted, quoted).map(([op, one, two]) => `${op} ${one} or ${two}`),
  fc.tuple(fc.constantFrom('|~', '!~')).map(([op]) => `${op} \`e\\d"\``),
  fc.tuple(fc.constantFrom('|=', '!='), address).map(([op, value]) => `${op} ip(${value})`),
  labelFilter.map((filter) => `| ${filter}`),
  fc.constantFrom(
    ...['| json', '| json a="b.c", d', '| logfmt', '| logfmt --strict --keep-empty x="y"', '| unpack', '| decolorize'],
    ...['| regexp "(?P<m>\\\\w+)"', '| pattern "<a> <_>"', '| drop a, b="x"', '| keep a, b=~"x.*"'],
    ...['| line_format "{{.a}} `x`"', '| label_format a=b, c="{{.d}}"'],
  ),
)
const pipeline = fc.array(stage, { maxLength: 5 }).map((stages) => stages.join(' '))
const selector = fc
  .array(fc.tuple(name, fc.constantFrom('=', '!='), quoted), { minLength: 1, maxLength: 3 })
  .map((matchers) => `{a=~".+", ${matchers.map((parts) => parts.join('')).join(', ')}}`)
const log = fc.tuple(selector, pipeline).map((parts) => parts.join(' '))
const grouping = fc.constantFrom('', ' by (a)', ' without (a, b_1)')
const offset = fc.constantFrom('', ' offset 5m', ' offset -1h')
const unwrap = fc.constantFrom('| unwrap a', '| unwrap duration(a)', '| unwrap bytes(b_1) | __error__=""')

const { metric } = fc.letrec<{ metric: string }>((tie) => ({
  metric: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc
      .tuple(fc.constantFrom('rate', 'count_over_time', 'bytes_rate'), log, duration, offset)
      .map(([op, lines, range, back]) => `${op}(${lines} [${range}]${back})`),
    fc
      .tuple(fc.constantFrom('avg_over_time(', 'quantile_over_time(0.99, '), log, unwrap, duration, offset, grouping)
      .map(([op, lines, what, range, back, by]) => `${op}${lines} ${what} [${range}]${back})${by}`),
    literal,
    fc.constant('vector(1)'),
    fc
      .tuple(fc.constantFrom('sum', 'avg', 'stddev', 'count'), grouping, tie('metric'))
      .map(([op, by, inner]) => `${op}${by} (${isNumber(inner) ? `vector(1) + ${inner}` : inner})`),
    fc
      .tuple(fc.constantFrom('topk', 'bottomk', 'approx_topk'), tie('metric'))
      .map(([op, inner]) => `${op}(3, vector(1) * ${inner})`),
    fc.constantFrom('sort', 'sort_desc').map((op) => `${op}(vector(2))`),
    fc
      .tuple(tie('metric'), quoted)
      .map(([inner, to]) => `label_replace(vector(1) * (${inner}), "dst", ${to}, "src", "(.*)")`),
    fc
      .tuple(tie('metric'), fc.constantFrom('+', '-', '*', '/', '%', '^', '>', '== bool', '> bool'), tie('metric'))
      .map(([left, op, right]) => `((${left}) ${op} (${right}))`),
    fc
      .tuple(
        fc.constantFrom(
          'and',
          'or',
          'unless',
          '* on (a)',
          '/ ignoring (a, b_1) group_left',
          '- on (a) group_right (b)',
        ),
      )
      .map(([op]) => `(count_over_time({a="b"}[1m]) ${op} rate({a="b"}[1m]))`),
  ),
}))
const isNumber = (query: string): boolean => /^-?[\d.]+$/.test(query)

function isValid(query: string): boolean {
  try {
    parse(query)
    return true
  } catch {
    return false
  }
}

describe('what is printed is read as what it was', () => {
  it.each([
    ['lines', log],
    ['numbers', metric],
  ])('%s', (_, queries) => {
    let seen = 0
    fc.assert(
      fc.property(queries, (query) => {
        // a text that is no template or pattern is refused: nothing is to be printed
        if (!isValid(query)) return
        seen++
        holds(query)
      }),
      { numRuns: 300 },
    )
    expect(seen).toBeGreaterThan(100)
  })
})

it('a long query is laid out by stages and arguments', () => {
  const query =
    'sum by (status) (quantile_over_time(0.99, {namespace="prod", app=~"orders|payments"} |= "took" != "healthz" | json | status >= 500 or level="error" | unwrap duration(took) | __error__="" [5m] offset 1h)) / on (status) group_left count_over_time({a="b"}[5m])'
  expect(prettyLogql(parse(query))).toBe(`  sum by (status) (
    quantile_over_time(
      0.99,
      {namespace="prod", app=~"orders|payments"}
        |= "took"
        != "healthz"
        | json
        | status>=500 or level="error"
        | unwrap duration(took)
        | __error__="" [5m] offset 1h
    )
  )
/ on (status) group_left
  count_over_time({a="b"} [5m])`)
})
