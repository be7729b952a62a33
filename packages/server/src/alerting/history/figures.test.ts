import { expect, test } from 'vitest'
import { readWrittenYaml } from '../../config/yaml.ts'
import { readRuleFile } from '../rules/rule-file.ts'
import { byRule, bySeverity, figuresOf } from './figures.ts'
import { proposalsFor } from './proposals.ts'
import type { Episode } from './read.ts'

const minute = 60_000
let number = 0
const episode = (firedAtMs: number, lengthMs: number | undefined, more: Partial<Episode> = {}): Episode => ({
  ...{
    id: String(number++),
    fingerprint: 'f',
    name: 'Slow',
    severity: 'high',
    labels: { alertname: 'Slow' },
    firedAtMs,
  },
  endedAtMs: lengthMs === undefined ? undefined : firedAtMs + lengthMs,
  ...{ acknowledgedAtMs: undefined, acknowledgedBy: undefined, acknowledgedVia: undefined, flapped: false },
  ...{ notifications: 2, failures: 0, receivers: ['ops'], ...more },
})

const ruleOf = (text: string) => {
  const read = readRuleFile(
    { name: 'a.yml', path: 'a.yml', text: `groups: [{ name: g, rules: [${text}] }]` },
    readWrittenYaml,
  )
  const rule = read.ok ? read.value[0]?.rules[0] : undefined
  if (rule?.kind !== 'alerting') throw new Error('no alerting rule')
  return rule
}
const slow = ruleOf('{ alert: Slow, expr: latency > 2, for: 1m }')
const facts = { rule: slow, file: 'a.yml', usualExtreme: undefined }
const kindsOf = (episodes: readonly Episode[], more: object = {}): string[] => {
  const [figures] = byRule(episodes)
  return figures === undefined ? [] : proposalsFor(figures, { ...facts, ...more }).map(({ kind }) => kind)
}
const hourly = (count: number, lengthMs: number, more: Partial<Episode> = {}): Episode[] =>
  Array.from({ length: count }, (_, i) => episode(i * 60 * minute, lengthMs, more))

test('means are over those that were answered and those that have ended', () => {
  const episodes = [
    episode(0, 10 * minute, { acknowledgedAtMs: 2 * minute }),
    episode(0, 20 * minute, { acknowledgedAtMs: 4 * minute }),
    episode(0, undefined),
  ]
  expect(figuresOf(episodes)).toEqual({
    ...{ fired: 3, notifications: 6, acknowledged: 2, mttaMs: 3 * minute, mttrMs: 15 * minute },
  })
  expect(figuresOf([])).toEqual({ fired: 0, notifications: 0, acknowledged: 0 })
})

test('within the target is what was answered or over in time', () => {
  const response = { withinMs: 5 * minute, onlyBusinessHours: false }
  const none = { withinMs: undefined, onlyBusinessHours: false }
  const targets = { critical: response, high: response, medium: none, low: none }
  const episodes = [
    episode(0, 60 * minute, { acknowledgedAtMs: minute }),
    episode(0, 2 * minute),
    episode(0, undefined),
    episode(0, minute, { severity: 'low' }),
  ]
  // 1970-01-01 was a Thursday
  const hours = { timeZone: 'UTC', days: [4], fromMinute: 30, toMinute: 60 }
  expect(bySeverity(episodes, targets, hours)).toMatchObject([
    { severity: 'high', fired: 3, targetMs: 5 * minute, withinTarget: 2 },
    { severity: 'low', fired: 1 },
  ])
  // nobody works in the first half hour: what was over by then was within any time
  const late = [episode(0, 34 * minute), episode(0, 36 * minute)]
  const byDay = { ...targets, high: { ...response, onlyBusinessHours: true } }
  expect(bySeverity(late, byDay, hours)).toMatchObject([{ fired: 2, withinTarget: 1 }])
})

test('the noisiest rule is that of which people heard most', () => {
  const rules = byRule([episode(0, minute), ...hourly(3, minute, { name: 'Loud', notifications: 9 })])
  expect(rules.map(({ rule, shortLived }) => [rule, shortLived])).toEqual([
    ['Loud', 3],
    ['Slow', 1],
  ])
})

test('what ends by itself is to wait as long as it usually lasts', () => {
  const [figures] = byRule(hourly(6, 90_000))
  const [proposal] = figures === undefined ? [] : proposalsFor(figures, facts)
  expect(proposal).toEqual({
    kind: 'for',
    text: '6 of 6 ended within 5m, usually after 1m30s: with "for: 3m" 6 would not have fired, and the others would be told 2m later.',
    saves: 12,
    patch: { file: 'a.yml', set: { for: '3m' }, diff: '  - alert: Slow\n-   for: 1m\n+   for: 3m\n' },
  })
})

test('what comes and goes is to be held over its pauses', () => {
  const flapping = Array.from({ length: 6 }, (_, i) => episode(i * 10 * minute, 7 * minute))
  const [figures] = byRule(flapping)
  expect(figures === undefined ? [] : proposalsFor(figures, facts)).toMatchObject([
    { kind: 'keep_firing_for', saves: 10, patch: { set: { keep_firing_for: '3m' } } },
  ])
})

test('what begins together is to be told together, unless it is already', () => {
  const wave = (i: number, notifications: number) =>
    ['a', 'b', 'c'].map((fingerprint) =>
      episode(i * 1000 * minute, 60 * minute, {
        fingerprint,
        notifications,
        labels: { alertname: 'Slow', job: 'x', fingerprint },
      }),
    )
  expect(kindsOf([...wave(0, 2), ...wave(1, 2)])).toEqual(['group_by'])
  const [figures] = byRule([...wave(0, 2), ...wave(1, 2)])
  expect(figures === undefined ? [] : proposalsFor(figures, facts)[0]?.patch?.set).toEqual({
    group_by: '[alertname, job]',
  })
  expect(kindsOf([...wave(0, 0), ...wave(1, 1)])).toEqual([])
})

test('a threshold within what is usual is to be raised, if nobody takes such alerts', () => {
  const long = hourly(6, 30 * minute)
  expect(kindsOf(long, { usualExtreme: 4.5678 })).toEqual(['threshold'])
  const [figures] = byRule(long)
  const [proposal] = figures === undefined ? [] : proposalsFor(figures, { ...facts, usualExtreme: 4.5678 })
  expect(proposal?.patch?.diff).toBe('  - alert: Slow\n-   expr: latency > 2\n+   expr: latency > 4.57\n')
  expect(kindsOf(long, { usualExtreme: 1 })).toEqual([])
  expect(kindsOf(hourly(6, 30 * minute, { acknowledgedAtMs: minute }), { usualExtreme: 4 })).toEqual([])
})

test('says nothing of rules that fired seldom, and has no patch where the rule is gone', () => {
  expect(kindsOf(hourly(4, minute))).toEqual([])
  const [figures] = byRule(hourly(6, minute))
  const found =
    figures === undefined ? [] : proposalsFor(figures, { rule: undefined, file: '', usualExtreme: undefined })
  expect(found.map(({ kind, patch }) => [kind, patch])).toEqual([['for', undefined]])
})
