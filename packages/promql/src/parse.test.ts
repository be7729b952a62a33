import { readFileSync } from 'node:fs'
import { AppError } from '@tidewatch/core/error.ts'
import { describe, expect, test } from 'vitest'
import type { DurationExpr, Expr } from './ast.ts'
import { parse } from './parse.ts'

interface ErrorCase {
  readonly line: number
  readonly query: string
  readonly message: string
}

/** Reads cases/parse-errors.cases: a query, below it its message, indented. */
function readCases(text: string): readonly ErrorCase[] {
  const cases: ErrorCase[] = []
  let query = ''
  for (const [index, line] of text.split('\n').entries()) {
    if (line.startsWith('  ')) cases.push({ line: index, query: query.replaceAll('\\n', '\n'), message: line.trim() })
    else if (!line.startsWith('#') || line.includes('\\n')) query = line
  }
  return cases
}

function messageOf(query: string): string {
  try {
    parse(query)
    return 'accepted'
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

describe('refuses with the message of Prometheus', () => {
  const cases = readCases(readFileSync(new URL('../cases/parse-errors.cases', import.meta.url), 'utf8'))

  test('the file of cases is read', () => expect(cases.length).toBeGreaterThan(130))
  test.each(cases)('line $line: $query', ({ query, message }) => expect(messageOf(query)).toBe(message))

  test('the error says where in the text, in UTF-16 units', () => {
    expect(() => parse('up{a="ö"} down')).toThrow(AppError)
    try {
      parse('up{a="ö"} down')
    } catch (error) {
      expect(error).toMatchObject({ code: 'query.parse', where: { span: { start: 10, end: 14 } } })
    }
  })

  test('what is nested too deep is refused before the stack ends', () => {
    for (const query of [
      '('.repeat(100_000),
      '-'.repeat(100_000),
      `1${'+1'.repeat(100_000)}`,
      `up[${'('.repeat(100_000)}`,
    ]) {
      expect(messageOf(query)).toBe('the query is nested more than 1500 levels deep')
    }
    expect(messageOf(`up${'[1m:]'.repeat(2000)}`)).toBe('the query is nested more than 1500 levels deep')
    expect(messageOf(`1${'+1'.repeat(1400)}`)).toBe('accepted')
    expect(messageOf(`${'('.repeat(1400)}1${')'.repeat(1400)}`)).toBe('accepted')
  })

  test('a text that is too long is refused unread', () => {
    expect(messageOf(`{a="${'x'.repeat(1_000_000)}"}`)).toBe('the query is 1000006 characters long, more than 1000000')
  })
})

/** A tree as nested lists, so that a test shows how it groups. */
function shape(expr: Expr): unknown {
  switch (expr.kind) {
    case 'number':
      return expr.value
    case 'string':
      return { text: expr.value }
    case 'paren':
      return ['()', shape(expr.expr)]
    case 'unary':
      return [expr.op, shape(expr.expr)]
    case 'binary':
      return [shape(expr.left), expr.op, shape(expr.right)]
    case 'call':
      return [expr.func, ...expr.args.map(shape)]
    case 'aggregate':
      return [expr.op, ...(expr.param === undefined ? [] : [shape(expr.param)]), shape(expr.expr)]
    case 'vector_selector':
      return expr.name
    case 'matrix_selector':
      return [expr.selector.name, '[]']
    case 'subquery':
      return [shape(expr.expr), '[:]']
    case 'step_invariant':
      return shape(expr.expr)
  }
}

describe('operators group as in Prometheus', () => {
  test.each<[string, unknown]>([
    ['a + b * c', ['a', '+', ['b', '*', 'c']]],
    ['a - b - c', [['a', '-', 'b'], '-', 'c']],
    ['a ^ b ^ c', ['a', '^', ['b', '^', 'c']]],
    ['a or b and c unless d', ['a', 'or', [['b', 'and', 'c'], 'unless', 'd']]],
    ['a > b + 1 == bool c', [['a', '>', ['b', '+', 1]], '==', 'c']],
    ['a atan2 b % c', [['a', 'atan2', 'b'], '%', 'c']],
    ['-a ^ b', ['-', ['a', '^', 'b']]],
    ['-a * b', [['-', 'a'], '*', 'b']],
    ['2 ^ -3', [2, '^', -3]],
    ['-1 ^ 2', ['-', [1, '^', 2]]],
    ['- - 1', 1],
    ['+a', ['+', 'a']],
    ['-a[5m:1m]', undefined],
    ['a >/ b + 1', ['a', '>/', ['b', '+', 1]]],
    ['a </ 5', ['a', '</', 5]],
    ['a offset 5m + b', ['a', '+', 'b']],
    ['a offset -2 ^ 2', ['a', '^', 2]],
    ['a @ 5 ^ 2', ['a', '^', 2]],
    ['SUM(a) BY (b) OR c', [['sum', 'a'], 'or', 'c']],
    ['sum + by', ['sum', '+', 'by']],
    ['sum(sum)', ['sum', 'sum']],
    ['topk by (a) (5, b)', ['topk', 5, 'b']],
    ['(a)', ['()', 'a']],
    ['rate(a[5m])[1h:5m]', [['rate', ['a', '[]']], '[:]']],
    ['start() + end', [['start'], '+', 'end']],
    ['fill + fill_left', ['fill', '+', 'fill_left']],
    ['offset{a="b"}', 'offset'],
    ['inf + nan', [Number.POSITIVE_INFINITY, '+', Number.NaN]],
    ['a # the rest is a comment ) \n + b # more', ['a', '+', 'b']],
  ])('%s', (query, expected) => {
    if (expected === undefined) expect(messageOf(query)).toMatch('unary expression only allowed')
    else expect(shape(parse(query))).toEqual(expected)
  })
})

describe('numbers', () => {
  test.each<[string, number]>([
    ['0x1F', 31],
    ['0X_ff', 255],
    ['0755', 493],
    ['089', 89],
    ['1_000.5', 1000.5],
    ['.5', 0.5],
    ['5.', 5],
    ['1e-3', 0.001],
    ['1E+3', 1000],
    ['9223372036854775807', 2 ** 63],
    ['99999999999999999999', 1e20],
    ['01000000000000000000000000', 1e24],
    ['5m', 300],
    ['1h30m', 5400],
    ['1w2d3h4m5s6ms', 788645.006],
    ['Inf', Number.POSITIVE_INFINITY],
    ['-iNf', Number.NEGATIVE_INFINITY],
  ])('%s is %d', (text, value) => {
    expect(parse(text)).toMatchObject({ kind: 'number', value })
  })

  test('a duration remembers that it was one', () => {
    expect(parse('5m')).toEqual({ kind: 'number', value: 300, isDuration: true, span: { start: 0, end: 2 } })
    expect(parse('-5m')).toEqual({ kind: 'number', value: -300, isDuration: true, span: { start: 0, end: 3 } })
    expect(parse('300')).toMatchObject({ isDuration: false })
  })
})

describe('strings', () => {
  test.each<[string, string]>([
    ['"a\\tb\\"c"', 'a\tb"c'],
    ["'it\\'s'", "it's"],
    ['`no \\escape` # `', 'no \\escape'],
    ['"\\x41\\101\\u0416\\U0001F600"', 'AAЖ😀'],
    ['"\\xc3\\xb6"', 'ö'],
    ['"\\a\\b\\f\\n\\r\\v\\\\"', '\x07\b\f\n\r\v\\'],
    ['"\\xff"', '\udcff'],
    ['"a\\xc5z"', 'a\udcc5z'],
  ])('%s', (text, value) => {
    expect(parse(text)).toMatchObject({ kind: 'string', value })
  })
})

describe('selectors', () => {
  test('hold their matchers as written, the name last', () => {
    expect(parse('http{code=~"5..", "a.b"!="c",}')).toEqual({
      kind: 'vector_selector',
      name: 'http',
      matchers: [
        { name: 'code', op: '=~', value: '5..' },
        { name: 'a.b', op: '!=', value: 'c' },
        { name: '__name__', op: '=', value: 'http' },
      ],
      offset: undefined,
      at: undefined,
      anchored: false,
      smoothed: false,
      span: { start: 0, end: 30 },
    })
  })

  test('a quoted name in braces is the matcher on the name', () => {
    expect(parse('{"my.metric", a="b"}')).toMatchObject({
      name: '',
      matchers: [
        { name: '__name__', op: '=', value: 'my.metric' },
        { name: 'a', op: '=', value: 'b' },
      ],
    })
  })

  test('keywords are names of labels and metrics', () => {
    expect(parse('sum by (and, on, offset, group_left, bool, start) (without{by="x", sum!="y"})')).toMatchObject({
      grouping: ['and', 'on', 'offset', 'group_left', 'bool', 'start'],
      expr: { name: 'without' },
    })
  })

  test('modifiers of a range stand on its selector, the span covers them', () => {
    expect(parse('up[5m] anchored @ -1.5 offset -1h')).toMatchObject({
      kind: 'matrix_selector',
      range: { kind: 'ms', ms: 300_000 },
      selector: {
        anchored: true,
        at: { kind: 'time', ms: -1500 },
        offset: { kind: 'ms', ms: -3_600_000 },
        span: { start: 0, end: 2 },
      },
      span: { start: 0, end: 33 },
    })
  })

  test('modifiers of a subquery stand on it', () => {
    expect(parse('up[1h:] @ start() offset 5m')).toMatchObject({
      kind: 'subquery',
      range: { kind: 'ms', ms: 3_600_000 },
      step: undefined,
      at: { kind: 'start' },
      offset: { kind: 'ms', ms: 300_000 },
    })
  })

  test('an offset of nothing is none', () => {
    expect(parse('up offset 0s offset 5m')).toMatchObject({ offset: { kind: 'ms', ms: 300_000 } })
  })

  test('info may select by nothing', () => {
    expect(parse('info(up, {})')).toMatchObject({ kind: 'call', func: 'info' })
  })
})

describe('duration expressions', () => {
  function durationShape(duration: DurationExpr): unknown {
    switch (duration.kind) {
      case 'ms':
        return `${duration.ms}ms`
      case 'literal':
        return duration.seconds
      case 'paren':
        return ['()', durationShape(duration.expr)]
      case 'unary':
        return [duration.op, durationShape(duration.expr)]
      case 'binary':
        return [durationShape(duration.left), duration.op, durationShape(duration.right)]
      case 'call':
        return [duration.func, ...duration.args.map(durationShape)]
    }
  }

  test.each<[string, unknown]>([
    ['5m', '300000ms'],
    ['1.5', '1500ms'],
    ['4.018', '4018ms'],
    ['5m + 2 * 30s', [300, '+', [2, '*', 30]]],
    ['-5m+35m', [-300, '+', 2100]],
    ['2 ^ 3 ^ 2s', [2, '^', [3, '^', 2]]],
    ['-2 ^ 2', ['-', [2, '^', 2]]],
    ['step()', ['step']],
    ['-step() + RANGE()', [['-', ['step']], '+', ['range']]],
    ['max_of(min_of(step(), 1h), 1ms)', ['max', ['min', ['step'], 3600], 0.001]],
    ['max(step(), 5s)', ['max', ['step'], 5]],
    ['(5m)', ['()', 300]],
  ])('[%s]', (text, expected) => {
    const expr = parse(`up[${text}]`)
    expect(expr.kind === 'matrix_selector' && durationShape(expr.range)).toEqual(expected)
  })

  test.each<[string, unknown]>([
    ['(5m * 2)', ['()', [300, '*', 2]]],
    ['-(5m + 1)', ['-', ['()', [300, '+', 1]]]],
    ['-min(step(), 1s)', ['-', ['min', ['step'], 1]]],
    ['+5m', '300000ms'],
    ['- - 5m', '300000ms'],
  ])('offset %s', (text, expected) => {
    const expr = parse(`up offset ${text}`)
    const offset = expr.kind === 'vector_selector' ? expr.offset : undefined
    expect(offset && durationShape(offset)).toEqual(expected)
  })
})

describe('vector matching', () => {
  test('is known only between vectors', () => {
    expect(parse('up * 2')).toMatchObject({ matching: undefined })
    expect(parse('up * on () 2')).toMatchObject({ matching: undefined })
    expect(parse('up * down')).toMatchObject({ matching: { card: 'one-to-one', labels: [], on: false, include: [] } })
  })

  test('of set operators is many to many', () => {
    expect(parse('up and on (job) down')).toMatchObject({
      matching: { card: 'many-to-many', labels: ['job'], on: true },
    })
  })

  test('has its modifiers in one order', () => {
    expect(parse('a == bool ignoring (x, "y z") group_right ("w") fill_right (-1) fill_left (2) b')).toMatchObject({
      returnBool: true,
      matching: { card: 'one-to-many', labels: ['x', 'y z'], on: false, include: ['w'], fillLeft: 2, fillRight: -1 },
      opSpan: { start: 2, end: 4 },
    })
    expect(parse('a + fill (0) b')).toMatchObject({ matching: { fillLeft: 0, fillRight: 0 } })
  })
})
