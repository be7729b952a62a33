import { expect, test } from 'vitest'
import { readDependencies } from '../dependencies.ts'
import type { DispatchPolicy } from './policy.ts'
import type { Restraint } from './restraint.ts'
import { alertOf, policyOf, seconds, testMachine, told } from './testing-machine.ts'

const yaml = `
route: { receiver: team, group_by: [alertname], group_wait: 0s, group_interval: 10s, repeat_interval: 1h }
receivers: [{ name: team }]
`
const none: Restraint = { flapping: undefined, pacing: undefined, dependencies: readDependencies({}).dependencies }
const restrained = (restraint: Partial<Restraint>): DispatchPolicy => ({
  ...policyOf(yaml),
  restraint: { ...none, ...restraint },
})
const a = (times = {}) => alertOf({ alertname: 'A' }, times)

test('an alert that comes and goes is held firing and told once as flapping, and ends after a quiet window', () => {
  const { machine, until, steps } = testMachine(restrained({ flapping: { changes: 4, windowMs: 600_000 } }))
  const news = []
  for (let i = 0; i < 6; i++) {
    machine.receive([a({ startsAtMs: seconds(i * 60) })], seconds(i * 60))
    news.push(...until(seconds(i * 60 + 29)))
    machine.receive([a({ startsAtMs: seconds(i * 60), endsAtMs: seconds(i * 60 + 30) })], seconds(i * 60 + 30))
    news.push(...until(seconds(i * 60 + 59)))
  }
  news.push(...until(seconds(2000)))
  // 4 changes: begun, ended, begun, ended; from then on it fires for people until 10 minutes after the last change at 330 s
  expect(told(news)).toEqual([
    '0s team firing A',
    '30s team resolved A!',
    '60s team firing A',
    '90s team changed A',
    '930s team resolved A!',
  ])
  expect(news[3]?.notification.alerts[0]?.annotations.flapping).toBe('changed 4 times in 10m')
  expect(steps.filter(({ stage }) => stage === 'flapping')).toHaveLength(1)
})

test('without limits every change is told', () => {
  const { machine, until } = testMachine(restrained({}))
  const news = []
  for (let i = 0; i < 5; i++) {
    machine.receive([a({ startsAtMs: seconds(i * 60) })], seconds(i * 60))
    news.push(...until(seconds(i * 60 + 29)))
    machine.receive([a({ startsAtMs: seconds(i * 60), endsAtMs: seconds(i * 60 + 30) })], seconds(i * 60 + 30))
    news.push(...until(seconds(i * 60 + 59)))
  }
  expect(news).toHaveLength(10)
})

test('cooldown: what begins anew too soon is told when the time is over, if it fires still; ends are never late', () => {
  const { machine, until, steps } = testMachine(restrained({}))
  const paced = (times = {}) => a({ pacing: { cooldownMs: 300_000 }, ...times })
  machine.receive([paced()], seconds(0))
  const news = until(seconds(59))
  machine.receive([paced({ endsAtMs: seconds(60) })], seconds(60))
  news.push(...until(seconds(99)))
  machine.receive([paced({ startsAtMs: seconds(100) })], seconds(100))
  news.push(...until(seconds(1000)))
  expect(told(news)).toEqual(['0s team firing A', '60s team resolved A!', '300s team firing A'])
  expect(steps.filter(({ stage }) => stage === 'throttled').map(({ text }) => text)).toEqual([
    'is told later: told less than 5m ago',
  ])
})

test('cooldown: what ends before its time came is never told', () => {
  const { machine, until } = testMachine(restrained({ pacing: { cooldownMs: 300_000 } }))
  machine.receive([a()], seconds(0))
  const news = until(seconds(59))
  machine.receive([a({ endsAtMs: seconds(60) })], seconds(60))
  news.push(...until(seconds(99)))
  machine.receive([a({ startsAtMs: seconds(100) })], seconds(100))
  news.push(...until(seconds(150)))
  machine.receive([a({ startsAtMs: seconds(100), endsAtMs: seconds(200) })], seconds(200))
  news.push(...until(seconds(1000)))
  expect(told(news)).toEqual(['0s team firing A', '60s team resolved A!'])
  expect(machine.alerts.size).toBe(0)
})

test('throttle: so many in a window, repeats included', () => {
  const policy = restrained({ pacing: { throttle: { count: 2, windowMs: 4 * 3_600_000 } } })
  const { machine, until } = testMachine(policy)
  machine.receive([a({ validForMs: 1e9 })], seconds(0))
  // repeats come every hour; two messages in four hours are allowed
  expect(told(until(seconds(6 * 3600)))).toEqual([
    '0s team firing A',
    '3610s team repeat A',
    '14400s team repeat A',
    '18010s team repeat A',
  ])
})

const dependencies = readDependencies({ web: ['api'], api: ['postgres'] }).dependencies
const of = (alertname: string, service: string, severity: string, times = {}) =>
  alertOf({ alertname, service, severity }, times)

test('thirty alerts of what depends on a broken thing are one page with the rest attached', () => {
  const { machine, until, steps } = testMachine(restrained({ dependencies }))
  const consequences = Array.from({ length: 30 }, (_, i) =>
    alertOf({ alertname: `Slow${i % 3}`, service: i % 2 === 0 ? 'api' : 'web', severity: 'high', i: String(i) }),
  )
  machine.receive([...consequences, of('DatabaseDown', 'postgres', 'critical')], seconds(0))
  const news = until(seconds(500))
  expect(told(news)).toEqual(['0s team firing DatabaseDown'])
  expect(news[0]?.notification.alerts[0]?.annotations.attached).toBe(
    '30 alerts of what depends on it: Slow0 (api) ×5, Slow1 (web) ×5, Slow2 (api) ×5, Slow0 (web) ×5, Slow1 (api) ×5, Slow2 (web) ×5',
  )
  const folded = steps.filter(({ stage }) => stage === 'folded')
  expect(folded).toHaveLength(30)
  expect(folded[0]?.text).toBe('is told with what it depends on: DatabaseDown (postgres)')
})

test('what fires still when its cause is over is told then; what ended meanwhile is not', () => {
  const { machine, until } = testMachine(restrained({ dependencies }))
  const cause = (times = {}) => of('DatabaseDown', 'postgres', 'critical', times)
  machine.receive([cause(), of('Slow', 'api', 'high'), of('Errors', 'web', 'high')], seconds(0))
  const news = until(seconds(59))
  machine.receive([of('Errors', 'web', 'high', { endsAtMs: seconds(60) })], seconds(60))
  news.push(...until(seconds(99)))
  machine.receive([cause({ endsAtMs: seconds(100) })], seconds(100))
  news.push(...until(seconds(500)))
  expect(told(news)).toEqual([
    '0s team firing DatabaseDown',
    '100s team resolved DatabaseDown!',
    '100s team firing Slow',
  ])
})

test('a milder alert explains no worse one, and an alert about both explains itself', () => {
  const { machine, until } = testMachine(restrained({ dependencies }))
  machine.receive([of('DiskFilling', 'postgres', 'warning'), of('ApiDown', 'api', 'critical')], seconds(0))
  expect(told(until(seconds(5))).toSorted()).toEqual(['0s team firing ApiDown', '0s team firing DiskFilling'])
})

test('a circle of dependencies is told with its way', () => {
  expect(readDependencies({ a: ['b'], b: ['c'], c: ['a'] }).faults[0]).toEqual({
    path: ['a'],
    message: 'a depends on itself: a → b → c → a.',
  })
})

test('what is remembered goes with the alert over a restart', () => {
  const policy = restrained({ pacing: { cooldownMs: 300_000 } })
  const first = testMachine(policy)
  first.machine.receive([a()], seconds(0))
  first.until(seconds(5))
  const alerts = [...first.machine.alerts.values()].map(({ alert }) => alert)
  const second = testMachine(policy)
  second.machine.restore({ alerts, groups: [], told: [] }, seconds(20))
  expect(told(second.until(seconds(299)))).toEqual([])
  expect(told(second.until(seconds(400)))).toEqual(['300s team firing A'])
})
