// What is pushed down and what is evaluated say the same.
import { Labels } from '@tidewatch/core/labels.ts'
import { logRecord } from '@tidewatch/core/log-record.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compilePredicate } from '../match.ts'
import type { FieldRef } from '../predicate.ts'
import { compileEntry } from './evaluate-logs.ts'
import { evaluateMetrics } from './evaluate-metrics.ts'
import { parse, parseLogQuery } from './parse.ts'
import { countPlanOf, pushDown } from './plan.ts'
import { compileSelector } from './selector.ts'
import type { CountedSeries, CountRequest, LineSource } from './source.ts'
import { memoryLines } from './testing/memory-lines.ts'
import { utf8Length } from './utf8-length.ts'

const nowMs = (): number => 0
const signal = new AbortController().signal
const resource = (name: string): FieldRef => ({ kind: 'resource', name })

const word = fc.constantFrom('', 'a', 'b', 'ab', 'ba', 'a b')
const text = fc.array(fc.constantFrom('a', 'b', ' ', '\n', 'ä'), { maxLength: 6 }).map((parts) => parts.join(''))
const matcher = fc.oneof(
  fc.tuple(fc.constantFrom('x', 'y'), fc.constantFrom('=', '!='), word),
  fc.tuple(fc.constantFrom('x', 'y'), fc.constantFrom('=~', '!~'), fc.constantFrom('a', 'a|b', 'a.*', '.*', '.+', '')),
)
const filter = fc.oneof(
  fc.tuple(fc.constantFrom('|=', '!='), fc.array(word, { minLength: 1, maxLength: 2 })),
  fc.tuple(
    fc.constantFrom('|~', '!~'),
    fc.array(fc.constantFrom('a', '^a', 'a$', 'a.b', '^$', 'b*', '(?i)A'), { minLength: 1, maxLength: 2 }),
  ),
  fc.tuple(
    fc.constantFrom('|>', '!>'),
    fc.array(fc.constantFrom('a', 'a<_>', '<_>a', 'a<_>b', '<_>a<_>', '<_>', ''), { minLength: 1, maxLength: 2 }),
  ),
)
const query = fc
  .tuple(fc.array(matcher, { minLength: 1, maxLength: 2 }), fc.array(filter, { maxLength: 3 }))
  .map(([matchers, filters]) => {
    const selector = matchers.map(([name, op, value]) => `${name}${op}${JSON.stringify(value)}`).join(',')
    const stages = filters.map(([op, values]) => `${op} ${values.map((value) => JSON.stringify(value)).join(' or ')}`)
    return `{${selector}} ${stages.join(' ')}`
  })

test('the predicate holds for exactly the lines that selector and line filters take', () => {
  fc.assert(
    fc.property(query, fc.dictionary(fc.constantFrom('x', 'y'), word), text, (source, labels, line) => {
      const log = parseLogQuery(source)
      const { predicate, isWhole } = pushDown(log, resource)
      expect(isWhole).toBe(true)
      const stream = Labels.from(labels)
      const byEvaluation =
        compileSelector(log.matchers)(stream) &&
        compileEntry(log, nowMs)({ timeNs: 0n, line, stream, metadata: Labels.empty }) !== undefined
      const record = logRecord({ body: line, resource: new Map(stream.entries()) })
      expect(compilePredicate(predicate)(record), source).toBe(byEvaluation)
    }),
    { numRuns: 800 },
  )
})

test('filters behind parsers are pushed down, those behind a changed line are not', () => {
  const shape = (source: string) => {
    const { predicate, isWhole } = pushDown(parseLogQuery(source), (name) =>
      name === 'z' ? undefined : resource(name),
    )
    return { kinds: JSON.stringify(predicate).match(/"contains"/g)?.length ?? 0, isWhole }
  }
  expect(shape('{x="a"} |= "p" | json |= "q"')).toEqual({ kinds: 2, isWhole: false })
  expect(shape('{x="a"} |= "p" | line_format "x" |= "q"')).toEqual({ kinds: 1, isWhole: false })
  expect(shape('{x="a"} |= "p" |= ip("10.0.0.1")')).toEqual({ kinds: 1, isWhole: false })
  expect(shape('{x="a", z="b"} |= "p"')).toEqual({ kinds: 1, isWhole: false })
})

test('only counts of lines and bytes can be left to the source', () => {
  const plan = (source: string) => {
    const expr = parse(source)
    return expr.kind === 'range_aggregation' ? countPlanOf(expr, expr.grouping) : undefined
  }
  expect(plan('count_over_time({x="a"} |= "b" [1m])')).toEqual({ what: 'lines', isRate: false, by: undefined })
  expect(plan('bytes_rate({x="a"}[1m])')).toEqual({ what: 'bytes', isRate: true, by: undefined })
  expect(plan('count_over_time({x="a"} | json [1m])')).toBeUndefined()
  expect(plan('rate({x="a"} | unwrap y [1m])')).toBeUndefined()
  expect(plan('count_over_time({x="a"} |= ip("10.0.0.1") [1m])')).toBeUndefined()
})

/** A source that counts as a store would. */
function countingSource(lines: LineSource, asked: CountRequest[]): LineSource {
  return {
    lines: (request, options) => lines.lines(request, options),
    async counts(request) {
      asked.push(request)
      const series = new Map<string, CountedSeries>()
      const matches = compileSelector(request.log.matchers)
      const run = compileEntry(request.log, nowMs)
      const { fromNs, toNs } = request
      for await (const batch of lines.lines({ ...request, fromNs, toNs, direction: 'forward' }, { signal })) {
        for (const line of batch) {
          if (!matches(line.stream) || run(line) === undefined) continue
          const labels = request.by === undefined ? line.stream : line.stream.only(new Set(request.by))
          const one = series.get(labels.key()) ?? {
            labels: labels.toObject(),
            values: new Float64Array(request.endsMs.length).fill(Number.NaN),
          }
          series.set(labels.key(), one)
          for (const [i, endMs] of request.endsMs.entries()) {
            const at = Number(line.timeNs / 1_000_000n)
            if (at > endMs || at <= endMs - request.rangeMs) continue
            const counts = request.what === 'lines' ? 1 : utf8Length(line.line)
            one.values[i] = (Number.isNaN(one.values[i]) ? 0 : one.values[i]) + counts
          }
        }
      }
      return [...series.values()]
    },
  }
}

test('a source that counts and the evaluation give the same series', async () => {
  const streams = [{ x: 'a' }, { x: 'a', y: 'b' }, { x: 'ab', y: 'b' }].map((labels, s) => ({
    labels,
    lines: Array.from({ length: 40 }, (_, i) => ({
      timeNs: BigInt(i * 700 + s * 130) * 1_000_000n,
      line: 'äb'.repeat(i % 4),
    })),
  }))
  const lines = memoryLines(streams)
  for (const source of [
    'count_over_time({x=~"a.*"} |= "b" [5s])',
    'sum by (y) (rate({x=~"a.*"}[3s] offset 2s))',
    'sum(bytes_over_time({x="a"} != "bäbä" [10s]))',
    'bytes_rate({x="a"}[1s])',
  ]) {
    const expr = parse(source)
    if (expr.kind === 'log') throw new Error('no metric query')
    const asked: CountRequest[] = []
    const options = { startMs: 4000, endMs: 30_000, stepMs: 1500, nowMs, signal }
    const rowsOf = async (from: LineSource): Promise<unknown> => {
      const result = await evaluateMetrics(expr, from, options)
      if (result.kind === 'scalar') throw new Error('a scalar')
      return result.rows
        .map(({ labels, values, present }) => ({
          labels: labels.toString(),
          values: [...values],
          present: [...present],
        }))
        .sort((a, b) => (a.labels < b.labels ? -1 : 1))
    }
    expect(await rowsOf(countingSource(lines, asked)), source).toEqual(await rowsOf(lines))
    expect(asked).toHaveLength(1)
  }
})
