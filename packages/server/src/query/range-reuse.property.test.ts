// However queries repeat, move on and overlap while samples come in, late ones too: an answer that was put together has byte for byte the data that
// evaluating it whole would have given, and all of its notes (one of a step that is not asked for any more may still be there).
import { Labels } from '@tidewatch/core/labels.ts'
import { evaluate } from '@tidewatch/promql/evaluate/evaluate.ts'
import { parse } from '@tidewatch/promql/parse.ts'
import { MemorySource } from '@tidewatch/promql/testing/memory-source.ts'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ChangedTimes } from '../head/changes.ts'
import { answerOf } from './json.ts'
import type { QueryJob } from './protocol.ts'
import { RangeReuse } from './range-reuse.ts'

const secondMs = 1000
const names = ['a', 'b', 'ü "x"', '__proto__', '1']
const labelsOf = (series: number): Labels =>
  Labels.from([
    ['__name__', 'm'],
    ['name', names[series] as string],
  ])

const expressions = [
  'm',
  'rate(m[30s])',
  'sum(m) > 20',
  'm > 25',
  'm offset 7s',
  'm offset -7s',
  'max_over_time(sum(rate(m[20s]))[1m:5s])',
  'm @ 100',
  'sum_over_time(m[1m] @ end())',
  'limitk(2, m)',
  'absent(m{name="a"})',
  'm or vector(time())',
  'delta(m[20s])',
  'm{',
]

const batch = fc.record({
  kind: fc.constant('batch' as const),
  // seconds before the newest time; mostly none
  lateBy: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 200 })),
  samples: fc.array(
    fc.record({
      series: fc.integer({ min: 0, max: 4 }),
      value: fc.oneof(fc.integer({ min: 0, max: 50 }), fc.constant('stale' as const)),
    }),
    { minLength: 1, maxLength: 4 },
  ),
})
const query = fc.record({
  kind: fc.constant('query' as const),
  expression: fc.integer({ min: 0, max: expressions.length - 1 }),
  back: fc.constantFrom(5, 60, 61, 120),
  until: fc.constantFrom(0, 0, 0, 10, -20),
  step: fc.constantFrom(5, 7),
})

const run = async (job: QueryJob, source: MemorySource) => {
  const { startMs, endMs, stepMs, lookbackMs } = job
  const times = { startMs, endMs, stepMs, lookbackMs, kind: 'range' as const }
  const signal = new AbortController().signal
  return answerOf(await evaluate(parse(job.query), source, { ...times, signal, query: job.query }), job)
}
/** The body, or what is wrong. */
const bodyOf = (answer: Promise<{ readonly json: Uint8Array }>): Promise<string> =>
  answer.then(
    ({ json }) => new TextDecoder().decode(json),
    (error: unknown) => String(error),
  )

/** The data as it is written, and the texts of warnings and infos. */
function split(body: string): { data: string; notes: string[] } {
  if (!body.startsWith('{')) return { data: body, notes: [] }
  const { warnings = [], infos = [] }: { warnings?: string[]; infos?: string[] } = JSON.parse(body)
  return { data: body.replace(/,"(warnings|infos)":.*/, '}'), notes: [...warnings, ...infos] }
}

const shares = { all: 0, part: 0, none: 0 }

it('answers as if nothing had been kept', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(batch, query, query), { minLength: 10, maxLength: 60 }),
      fc.constantFrom(4000, 2 ** 25),
      async (actions, maxBytes) => {
        const source = new MemorySource()
        const changes = new ChangedTimes()
        const reuse = new RangeReuse({ changes, monotonicMs: () => 0, maxBytes, onReuse: (share) => shares[share]++ })
        let newest = 500
        for (const action of actions) {
          if (action.kind === 'batch') {
            newest += 3
            const atMs = (newest - action.lateBy) * secondMs
            for (const { series, value } of action.samples) source.add(labelsOf(series), [{ atMs, value }])
            changes.noteFrom(atMs)
            continue
          }
          const stepMs = action.step * secondMs
          const endMs = (newest - action.until) * secondMs
          // on the steps' own grid, as dashboards ask, so that queries meet
          const startMs = Math.floor((endMs - action.back * secondMs) / stepMs) * stepMs
          const job: QueryJob = {
            kind: 'range',
            query: expressions[action.expression] as string,
            ...{ startMs, endMs, stepMs, lookbackMs: 30_000, projects: [1], maxSamples: 1e6, limit: 0 },
          }
          const whole = split(await bodyOf(run(job, source)))
          const answer = split(await bodyOf(reuse.run(job, (part) => run(part, source))))
          expect(answer.data).toBe(whole.data)
          expect(answer.notes).toEqual(expect.arrayContaining(whole.notes))
          expect(reuse.bytes).toBeLessThanOrEqual(maxBytes)
        }
      },
    ),
    { numRuns: 150 },
  )
  // or nothing was tested
  expect(Math.min(shares.all, shares.part, shares.none)).toBeGreaterThan(10)
})
