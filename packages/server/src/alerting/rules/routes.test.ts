import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { expect, test } from 'vitest'
import type { Answer, RequestContext } from '../../http/port.ts'
import { GroupRunner, type RuleEnvironment } from './group-runner.ts'
import { createAlertingRoutes } from './routes.ts'
import type { Rule } from './rule-file.ts'
import { EvaluationSlots } from './rule-order.ts'

const record = (name: string, labels = {}): Rule => ({ kind: 'recording', name, expr: 'up', labels })
const alert = (name: string, labels = {}): Rule => ({
  ...{ kind: 'alerting', name, expr: 'up == 0', forMs: 60_000, keepFiringForMs: 0, labels, annotations: {} },
})

const environment = {
  clock: new FakeClock(),
  slots: new EvaluationSlots(1),
  externalLabels: {},
  externalUrl: 'http://x',
  defaultIntervalMs: 60_000,
  defaultQueryOffsetMs: 5000,
} as unknown as RuleEnvironment

const runner = (file: string, name: string, rules: readonly Rule[]): GroupRunner =>
  new GroupRunner({ name, file, intervalMs: undefined, queryOffsetMs: undefined, limit: 0, rules }, environment)

const groups = [
  runner('b.yml', 'web', [record('job:up', { team: 'web' }), alert('Down', { team: 'web', severity: 'page' })]),
  runner('a.yml', 'shop', [record('shop:up'), alert('Down', { team: 'shop' })]),
  runner('a.yml', 'api', [alert('Slow', { team: 'shop' })]),
]

interface Found {
  readonly groups: readonly {
    readonly file: string
    readonly name: string
    readonly rules: readonly { name: string }[]
  }[]
  readonly groupNextToken?: string
}

function ask(query: Record<string, string | string[]> = {}): Found {
  const route = createAlertingRoutes(
    () => groups,
    () => ({}),
  ).find(({ path }) => path === '/api/v1/rules')
  const answer = route?.handle({ query } as unknown as RequestContext) as Answer
  return (answer.body as { data: Found }).data
}
const names = (query: Record<string, string | string[]>): string[] =>
  ask(query).groups.map(({ name, rules }) => `${name}: ${rules.map((rule) => rule.name).join(' ')}`)

test('groups come by file and name', () => {
  expect(ask().groups.map(({ file, name }) => `${file} ${name}`)).toEqual(['a.yml api', 'a.yml shop', 'b.yml web'])
  expect(ask().groups[0]).toMatchObject({
    ...{ interval: 60, queryOffset: 5, limit: 0, evaluationTime: 0, lastEvaluation: '0001-01-01T00:00:00Z' },
    ...{ iterations: 0, missedIterations: 0 },
    rules: [{ name: 'Slow', state: 'inactive', health: 'unknown', evaluationTime: 0, duration: 60 }],
  })
})

test('rules are found by kind, name, group, file and their labels; groups without one are left out', () => {
  expect(names({ type: 'record' })).toEqual(['shop: shop:up', 'web: job:up'])
  expect(names({ 'rule_name[]': ['Slow', 'job:up'] })).toEqual(['api: Slow', 'web: job:up'])
  expect(names({ 'rule_group[]': 'shop', type: 'alert' })).toEqual(['shop: Down'])
  expect(names({ 'file[]': ['b.yml'] })).toEqual(['web: job:up Down'])
  expect(names({ 'match[]': '{team="shop"}' })).toEqual(['api: Slow', 'shop: Down'])
  expect(names({ 'match[]': ['{team=~"w.+",severity="page"}', '{team="shop",severity=""}'] })).toEqual([
    'api: Slow',
    'shop: Down',
    'web: Down',
  ])
})

test('they come in pages of groups', () => {
  const first = ask({ group_limit: '2' })
  expect(first.groups.map(({ name }) => name)).toEqual(['api', 'shop'])
  const next = ask({ group_limit: '2', group_next_token: first.groupNextToken as string })
  expect(next.groups.map(({ name }) => name)).toEqual(['web'])
  expect(next.groupNextToken).toBeUndefined()
  expect(names({ group_limit: '1', type: 'record' })).toEqual(['shop: shop:up'])
})

test.each([
  [{ type: 'x' }, 'invalid parameter "type": not supported value "x"'],
  [{ 'match[]': 'sum(up)' }, 'invalid parameter "match[]": "sum(up)" is no series selector'],
  [{ group_limit: '0' }, 'group_limit needs to be a valid number and greater than 0'],
  [{ group_next_token: 'abc' }, 'group_limit needs to be set before using group_next_token'],
  [{ group_limit: '1', group_next_token: 'abc' }, 'were rule groups changed?'],
  [{ exclude_alerts: 'maybe' }, 'error converting exclude_alerts'],
])('refuses %o', (query, message) => {
  expect(() => ask(query as Record<string, string>)).toThrow(message)
})
