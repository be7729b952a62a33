// The kit's queries: the grammar's trees, where they are wrong, and that every right one becomes a typed tree.
import { AppError } from '@tidewatch/core/error.ts'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { childrenOf, parseTree, type SyntaxNode } from './grammar.ts'
import { parse } from './parse.ts'
import { lacksLogqlKit, loadLogqlQueries } from './testing/kit.ts'

const cases = z.array(
  z.object({
    id: z.string(),
    query: z.string(),
    valid: z.boolean(),
    tree: z.string(),
    errorOffset: z.int().optional(),
  }),
)

function show(node: SyntaxNode): string {
  const inner = childrenOf(node).map(show)
  return inner.length === 0 ? node.name : `${node.name}(${inner.join(',')})`
}

function refusal(query: string): AppError | undefined {
  try {
    parse(query)
    return undefined
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
}

test.skipIf(lacksLogqlKit)('parses what the kit has as the grammar does', () => {
  const kit = cases.parse(loadLogqlQueries())
  expect(kit.length).toBeGreaterThanOrEqual(105)
  for (const { id, query, valid, tree, errorOffset } of kit) {
    expect(show(parseTree(query).root), `${id} ${query}`).toBe(tree)
    const error = refusal(query)
    expect(error === undefined, `${id} ${query}: ${error?.message}`).toBe(valid)
    if (!valid) {
      expect(error?.code, id).toBe('query.parse')
      expect(error?.where?.span?.start, `${id} ${query}`).toBe(errorOffset)
    }
  }
})

test('reads a pipeline into stages, with units read', () => {
  const expr = parse(
    '{a="b", c=~"d.*"} |= "x" or ip("10.0.0.0/8") !~ `y` | logfmt --strict x="y.z" | d > 1.5m and (s <= 2KiB or n == -5) | drop a, b="c" | label_format x=y, z=`{{.a}}`',
  )
  expect(expr).toMatchObject({
    kind: 'log',
    matchers: [
      { name: 'a', op: '=', value: 'b' },
      { name: 'c', op: '=~', value: 'd.*' },
    ],
    stages: [
      {
        kind: 'line_filter',
        op: '|=',
        operands: [
          { value: 'x', isIp: false },
          { value: '10.0.0.0/8', isIp: true },
        ],
      },
      { kind: 'line_filter', op: '!~', operands: [{ value: 'y', isIp: false }] },
      { kind: 'logfmt', isStrict: true, keepsEmpty: false, expressions: [{ name: 'x', expression: 'y.z' }] },
      {
        kind: 'label_filter',
        filter: {
          kind: 'and',
          left: { kind: 'duration', name: 'd', op: '>', value: 90e9 },
          right: {
            kind: 'or',
            left: { kind: 'bytes', name: 's', op: '<=', value: 2048 },
            right: { kind: 'number', name: 'n', op: '==', value: -5 },
          },
        },
      },
      { kind: 'drop', labels: [{ name: 'a' }, { name: 'b', matcher: { op: '=', value: 'c' } }] },
      {
        kind: 'label_format',
        formats: [
          { kind: 'rename', name: 'x', from: 'y' },
          { kind: 'template', name: 'z', template: '{{.a}}' },
        ],
      },
    ],
  })
})

test('operators bind as in Loki, whatever way the grammar leans', () => {
  const shape = (query: string): string => {
    const print = (expr: ReturnType<typeof parse>): string =>
      expr.kind === 'binary'
        ? `(${print(expr.left)} ${expr.op} ${print(expr.right)})`
        : expr.kind === 'literal' || expr.kind === 'vector'
          ? String(expr.value)
          : expr.kind
    return print(parse(query))
  }
  expect(shape('1 + 2 * 3')).toBe('(1 + (2 * 3))')
  expect(shape('(1 + 2) * 3')).toBe('((1 + 2) * 3)')
  expect(shape('2 ^ 3 ^ 2')).toBe('(2 ^ (3 ^ 2))')
  expect(shape('1 - 2 - 3')).toBe('((1 - 2) - 3)')
  expect(shape('1 - (2 - 3)')).toBe('(1 - (2 - 3))')
  expect(shape('vector(1) or vector(2) and vector(3) == 4 + 5')).toBe('(1 or (2 and (3 == (4 + 5))))')
})

test('metric queries keep range, offset, unwrap and grouping', () => {
  expect(
    parse('quantile_over_time(0.9, {a="b"} | json | unwrap duration(d) | __error__="" [1h30m] offset -5m) by (x, y)'),
  ).toMatchObject({
    kind: 'range_aggregation',
    op: 'quantile_over_time',
    param: 0.9,
    rangeMs: 5_400_000,
    offsetMs: -300_000,
    unwrap: { name: 'd', conversion: 'duration', filters: [{ kind: 'string', name: '__error__', op: '=', value: '' }] },
    grouping: { without: false, labels: ['x', 'y'] },
  })
  expect(parse('rate(({a="b"} [1m]))')).toMatchObject({ kind: 'range_aggregation', rangeMs: 60_000 })
  expect(parse('approx_topk(3, rate({a="approx_topk"}[1m]))')).toMatchObject({
    op: 'approx_topk',
    param: 3,
    expr: { log: { matchers: [{ value: 'approx_topk' }] } },
  })
})

test('a query that is wrong says where', () => {
  const error = refusal('sum(\n  rate({a="b"} | jsom [5m]))')
  expect(error?.where).toMatchObject({ line: 2, column: 23 })
  expect(error?.message).toMatch(/parse error at line 2, col 23: syntax error/)
  expect(refusal(`{a="${'x'.repeat(200_000)}"}`)?.code).toBe('query.limit')
  expect(refusal(`${'('.repeat(5000)}1${')'.repeat(5000)}`)?.code).toBe('query.limit')
  expect(refusal('{a="b"} or {c="d"}')?.code).toBe('query.parse')
})

test('long chains and hostile texts end', () => {
  expect(parse(Array.from({ length: 300 }, (_, i) => `vector(${i})`).join(' + '))).toMatchObject({ kind: 'binary' })
  const unwrapped = 'rate({a="b"} | json | unwrap x [1m] offset 5m)'
  expect(refusal(Array.from({ length: 15 }, () => unwrapped).join(' + '))).toBeUndefined()
  expect(refusal(Array.from({ length: 100 }, () => unwrapped).join(' + '))?.kind).toBeDefined()
  expect(refusal(`{a="b"} ${'|= "x" or '.repeat(5000)}`)?.code).toMatch(/query\.(?:parse|limit)/)
})
