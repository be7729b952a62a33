import type { WhyAlert } from '@tidewatch/api/alert-why.ts'
import { Labels } from '@tidewatch/core/labels.ts'
import { expect, test } from 'vitest'
import type { QueryService } from '../../query/port.ts'
import type { AlertingRule } from '../rules/rule-file.ts'
import { conditionAt } from './condition.ts'
import { evaluationsNear, gapsBetween } from './missed.ts'
import { nextOf } from './next.ts'
import type { Asker, KnownRule } from './parts.ts'
import { canBeBehind, samplesAround } from './samples.ts'
import { judge } from './why.ts'

const asker: Asker = { projects: 'all', user: 'ann', signal: new AbortController().signal }

function ruleOf(expr: string): KnownRule {
  const rule: AlertingRule = {
    ...{ kind: 'alerting', name: 'R', expr, forMs: 60_000, keepFiringForMs: 0, labels: {}, annotations: {} },
  }
  const group = { name: 'g', file: 'f', intervalMs: undefined, queryOffsetMs: undefined, limit: 0, rules: [rule] }
  return { rule, group, intervalMs: 15_000, queryOffsetMs: 0, status: undefined }
}

/** Answers by the query's text. */
function queriesOf(answers: Readonly<Record<string, readonly (readonly [labels: object, value: number])[]>>) {
  const of = (query: string) =>
    (answers[query] ?? []).map(([labels, value]) => ({ labels: Labels.from({ ...labels }), value }))
  const queries: Pick<QueryService, 'vector' | 'matrix'> = {
    vector: async ({ query, atMs }) => of(query).map((one) => ({ ...one, atMs })),
    matrix: async ({ query }) => ({
      samples: 0,
      series: of(query).map(({ labels, value }) => {
        return { labels, runs: Uint32Array.of(0, 2), values: Float64Array.of(1, value) }
      }),
    }),
  }
  return queries
}

const anything = (): boolean => true
const none = { lastMs: undefined, missed: [] }
const conditionOf = (expr: string, answers: Parameters<typeof queriesOf>[0]) =>
  conditionAt(ruleOf(expr), { atMs: 0, fits: anything }, queriesOf(answers), asker)

test('the value stands beside the threshold of its own series, the nearest first', async () => {
  const { shown } = await conditionOf('used > on (job) limit', {
    used: [
      [{ job: 'a', i: '1' }, 3],
      [{ job: 'b', i: '1' }, 8],
    ],
    limit: [
      [{ job: 'a' }, 10],
      [{ job: 'b' }, 9],
    ],
  })
  expect(shown.series).toEqual([
    { labels: { job: 'b', i: '1' }, value: '8', threshold: '9', holds: false },
    { labels: { job: 'a', i: '1' }, value: '3', threshold: '10', holds: false },
  ])
  expect(
    judge({
      known: ruleOf('x > 1'),
      condition: { shown, isTrue: false, beside: [] },
      evaluations: none,
      alerts: [],
      atMs: 0,
      error: '',
    }),
  ).toMatchObject({
    verdict: 'not_true',
    text: 'The value of 2 series, the nearest was 8; the rule asks for > limit (9).',
  })
})

test('what else a condition asks for is said where the comparison alone would hold', async () => {
  const condition = await conditionOf('errors > 5 and calls > 10', { errors: [[{}, 7]], 5: [[{}, 5]] })
  const known = ruleOf('errors > 5 and calls > 10')
  const found = { known, condition, evaluations: none, alerts: [], atMs: 0, error: '' }
  expect(judge(found).text).toBe(
    'The value was 7; the rule asks for > 5 and beside that: and calls > 10, which did not hold.',
  )
})

test('says failed, no data, not evaluated, and what is newer than the evaluation', async () => {
  const known = ruleOf('x > 1')
  const empty = await conditionOf('x > 1', {})
  const base = { known, condition: empty, evaluations: none, alerts: [], atMs: 60_000, error: '' }
  expect(judge(base).verdict).toBe('no_data')
  expect(judge({ ...base, error: 'too many series' })).toMatchObject({
    verdict: 'failed',
    text: expect.stringContaining('too many'),
  })
  const missed = [{ fromMs: 0, toMs: 120_000, count: 7 }]
  expect(judge({ ...base, evaluations: { lastMs: 0, missed } })).toMatchObject({
    verdict: 'not_evaluated',
    text: 'The rule was not evaluated from 00:00:00 UTC to 00:02:00 UTC: 7 evaluations are missing.',
  })
  const holds = await conditionOf('x > 1', { 'x > 1': [[{}, 2]], x: [[{}, 2]], 1: [[{}, 1]] })
  expect(judge({ ...base, condition: holds }).text).toContain('no evaluation has seen that')
})

test('of several alerts the one that got furthest is the answer', async () => {
  const alert = (verdict: WhyAlert['verdict'], state: WhyAlert['state']): WhyAlert => ({
    ...{ fingerprint: 'f', labels: {}, state, verdict, text: `${verdict}.`, timeline: [] },
  })
  const condition = await conditionOf('x > 1', {})
  const alerts = [alert('ended', 'ended'), alert('pending', 'pending'), alert('silenced', 'firing')]
  expect(judge({ known: ruleOf('x > 1'), condition, evaluations: none, alerts, atMs: 0, error: '' })).toEqual({
    verdict: 'silenced',
    text: 'silenced. This is the one of 2 alerts that got furthest.',
    fix: 'Expire the silence, or wait for its end.',
  })
})

test('gaps between evaluations are told, one that may have been lost between two stored samples is not', async () => {
  expect(gapsBetween([0, 15_000, 30_000, 75_000], 15_000)).toEqual([])
  expect(gapsBetween([0, 15_000, 315_000], 15_000)).toEqual([{ fromMs: 15_000, toMs: 315_000, count: 19 }])
  const failing: Pick<QueryService, 'matrix'> = { matrix: () => Promise.reject(new Error('gone')) }
  expect(await evaluationsNear(ruleOf('x'), { atMs: 0, nowMs: 0 }, failing, asker)).toEqual(none)
})

test('numbers around the decision are by step, with null where there is none', async () => {
  const span = { fromMs: 0, toMs: 30_000, fits: anything }
  const found = await samplesAround(
    ruleOf('x > 1'),
    span,
    { queries: queriesOf({ x: [[{}, 2]], 1: [[{}, 1]] }) },
    asker,
  )
  expect(found.failure).toBeUndefined()
  expect(found).toMatchObject({
    ...{ query: 'x', startMs: 0, endMs: 30_000, stepMs: 15_000 },
    series: [{ values: [1, 2, null], thresholds: [1, 1, null] }],
  })
  const failing = { ...queriesOf({}), matrix: () => Promise.reject(new Error('gone')) }
  expect(await samplesAround(ruleOf('x'), span, { queries: failing }, asker)).toMatchObject({
    series: [],
    failure: expect.any(String),
  })
})

test('labels that the rule gives itself say nothing of the series behind an alert', () => {
  const fits = canBeBehind({ job: 'a', severity: 'critical' }, { severity: 'critical' })
  expect(fits(Labels.from({ job: 'a', severity: 'x', other: 'y' }))).toBe(true)
  expect(fits(Labels.from({ job: 'b' }))).toBe(false)
})

test('says what comes next', () => {
  const group = { key: 'k', receiver: 'ops', integrations: ['a'], hasFlushed: true, repeatIntervalMs: 100, dueAtMs: 7 }
  const base = { activeAtMs: 5, forMs: 60_000, groups: [{ ...group, told: [] }], holding: [], isTaken: false }
  expect(nextOf({ ...base, state: 'pending' })).toMatchObject({ atMs: 60_005 })
  expect(nextOf({ ...base, state: 'firing' })).toEqual({ text: 'ops is told.', atMs: 7 })
  const told = [{ ...group, told: [{ integration: 'a', atMs: 50, firing: true }] }]
  expect(nextOf({ ...base, state: 'firing', groups: told })).toMatchObject({ atMs: 150 })
  expect(nextOf({ ...base, state: 'firing', isTaken: true }).text).toContain('taken')
  expect(nextOf({ ...base, state: 'ended' }).text).toContain('ended')
})
