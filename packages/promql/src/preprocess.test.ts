import { describe, expect, test } from 'vitest'
import type { Expr } from './ast.ts'
import { parse } from './parse.ts'
import { preprocess } from './preprocess.ts'
import { print } from './print.ts'
import { resolveDurations } from './resolve-durations.ts'

const window = { startMs: 1_000_000, endMs: 4_600_000, stepMs: 15_000 }

/** The query with `«»` around what is evaluated once. */
function marks(expr: Expr): string {
  switch (expr.kind) {
    case 'step_invariant':
      return `«${marks(expr.expr)}»`
    case 'binary':
      return `${marks(expr.left)} ${expr.op} ${marks(expr.right)}`
    case 'paren':
      return `(${marks(expr.expr)})`
    case 'unary':
      return `${expr.op}${marks(expr.expr)}`
    case 'call':
      return `${expr.func}(${expr.args.map(marks).join(', ')})`
    case 'aggregate':
      return `${expr.op}(${expr.param === undefined ? '' : `${marks(expr.param)}, `}${marks(expr.expr)})`
    case 'subquery':
      return `${marks(expr.expr)}${print(expr).slice(print(expr.expr).length)}`
    default:
      return print(expr)
  }
}

describe('marks what is the same at every step, as far out as it goes', () => {
  test.each<[string, string]>([
    ['up', 'up'],
    ['up @ 10', '«up @ 10.000»'],
    ['1', '1'],
    ['"text"', '"text"'],
    ['1 + 2', '«1 + 2»'],
    ['up + 1', 'up + 1'],
    ['up @ 10 + up', '«up @ 10.000» + up'],
    ['up @ 10 + 1', '«up @ 10.000 + 1»'],
    ['-(up @ 10)', '«-(up @ 10.000)»'],
    ['rate(up[5m] @ 10)', '«rate(up[5m] @ 10.000)»'],
    ['rate(up[5m]) + pi()', 'rate(up[5m]) + «pi()»'],
    ['sum(up @ 10)', '«sum(up @ 10.000)»'],
    ['topk(2, up @ 10)', '«topk(2, up @ 10.000)»'],
    ['topk(scalar(up), up @ 10)', 'topk(scalar(up), «up @ 10.000»)'],
    ['topk(scalar(up @ 10), up)', 'topk(«scalar(up @ 10.000)», up)'],
    ['time() + 1', 'time() + 1'],
    ['vector(1)', '«vector(1)»'],
    ['hour(up @ 10)', 'hour(«up @ 10.000»)'],
    ['predict_linear(up[5m] @ 10, 60)', 'predict_linear(up[5m] @ 10.000, 60)'],
    ['timestamp(up @ 10)', '«timestamp(up @ 10.000)»'],
    ['timestamp(abs(up @ 10))', 'timestamp(«abs(up @ 10.000)»)'],
    ['max_over_time((up @ 10)[1h:5m])', 'max_over_time(«(up @ 10.000)»[1h:5m])'],
    ['max_over_time(up[1h:5m] @ 10)', '«max_over_time(up[1h:5m] @ 10.000)»'],
    ['clamp(up, 1, 2)', 'clamp(up, 1, 2)'],
    ['sum((up))', 'sum(up)'],
    ['rate((up[5m]))', 'rate(up[5m])'],
  ])('%s', (query, expected) => expect(marks(preprocess(parse(query), window))).toBe(expected))
})

describe('the window of the query', () => {
  test('is what @ start() and @ end() mean, in ranges and subqueries too', () => {
    const query = 'up @ start() + rate(up[5m] @ end()) + max_over_time(sum(up @ start())[1h:] @ end())'
    expect(print(preprocess(parse(query), window))).toBe(
      'up @ 1000.000 + rate(up[5m] @ 4600.000) + max_over_time(sum(up @ 1000.000)[1h:] @ 4600.000)',
    )
  })

  test('is what start(), end(), range() and step() give', () => {
    expect(marks(preprocess(parse('start() + end() + range() + step()'), window))).toBe('«1000 + 4600 + 3600 + 15»')
    const instant = { startMs: 1_000_000, endMs: 1_000_000, stepMs: 15_000 }
    expect(marks(preprocess(parse('range() + step()'), instant))).toBe('«0 + 0»')
  })

  test.each<[string, string]>([
    ['up[5m * 2]', 'up[10m]'],
    ['up[step() * 4] offset (range() / 2)', 'up[1m] offset 30m'],
    ['up[max_of(step(), 1m):min_of(5s, step())]', 'up[1m:5s]'],
    ['up offset -(1m + 30)', 'up offset -1m30s'],
    ['up[1h30m % 1h]', 'up[30m]'],
    ['up[2 ^ 3 ^ 2s]', 'up[8m32s]'],
    ['up[((((8 - 2) / 3) * 7s) % 4) + 8000ms]', 'up[10s]'],
    ['-sum by (a) (up offset (1m * 2)) + topk(2, up)', '-sum by (a) (up offset 2m) + topk(2, up)'],
  ])('%s becomes %s', (query, expected) => expect(print(resolveDurations(parse(query), window))).toBe(expected))

  test.each<[string, string]>([
    ['up[5m - 10m]', 'duration must be greater than 0'],
    ['up[1h:1m - 1m]', 'duration must be greater than 0'],
    ['up[5m / (1 - 1)]', 'division by zero'],
    ['up[5m % (1 - 1)]', 'modulo by zero'],
    ['up[10 ^ 300]', 'duration is out of range'],
    ['up offset (10 ^ 300)', 'duration is out of range'],
    ['up[(-8) ^ 0.5]', 'duration must be greater than 0'],
  ])('%s is refused', (query, message) => expect(() => resolveDurations(parse(query), window)).toThrow(message))
})
