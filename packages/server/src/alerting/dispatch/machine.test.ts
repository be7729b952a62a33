import { expect, test } from 'vitest'
import { alertOf, policyOf, seconds, simpleYaml, testMachine, told } from './testing-machine.ts'

const a = (i: string, times = {}) => alertOf({ alertname: 'A', i }, times)
const ended = (i: string, atSeconds: number) => a(i, { endsAtMs: seconds(atSeconds) })

test('waits group_wait, tells what is new at group_interval, and the end', () => {
  const { machine, until } = testMachine(policyOf(simpleYaml))
  machine.receive([a('1')], seconds(0))
  expect(told(until(seconds(9)))).toEqual([])
  machine.receive([a('2')], seconds(5))
  expect(told(until(seconds(10)))).toEqual(['10s team firing A1 A2'])
  machine.receive([a('3')], seconds(20))
  expect(told(until(seconds(70)))).toEqual(['70s team changed A1 A2 A3'])
  machine.receive([ended('1', 80)], seconds(80))
  expect(told(until(seconds(130)))).toEqual(['130s team changed A1! A2 A3'])
  machine.receive([ended('2', 140), ended('3', 140)], seconds(140))
  expect(told(until(seconds(3600)))).toEqual(['190s team resolved A2! A3!'])
  expect(machine.alerts.size).toBe(0)
  expect(machine.groups.size).toBe(0)
  expect(machine.nextDueMs()).toBeUndefined()
})

test('repeats after repeat_interval, at the next look', () => {
  const { machine, until } = testMachine(policyOf(simpleYaml))
  machine.receive([a('1')], seconds(0))
  // told at 10 s; the first look after more than an hour
  expect(told(until(seconds(8000)))).toEqual(['10s team firing A1', '3670s team repeat A1', '7330s team repeat A1'])
})

test('what fires and ends within group_wait is never told', () => {
  const { machine, until } = testMachine(policyOf(simpleYaml))
  machine.receive([a('1')], seconds(0))
  machine.receive([ended('1', 5)], seconds(5))
  expect(until(seconds(200))).toEqual([])
  expect(machine.alerts.size).toBe(0)
})

test('an alert that has fired for longer than group_wait is told at once', () => {
  const { machine, until } = testMachine(policyOf(simpleYaml))
  machine.receive([a('1', { startsAtMs: seconds(-60) })], seconds(0))
  expect(told(until(seconds(0)))).toEqual(['0s team firing A1'])
})

test('an alert of which nothing is heard ends after resolve_timeout, one that says its end then', () => {
  const { machine, until } = testMachine(policyOf(`global: { resolve_timeout: 2m }\n${simpleYaml}`))
  machine.receive([a('1', { validForMs: undefined })], seconds(0))
  machine.receive([a('2', { endsAtMs: seconds(65) })], seconds(0))
  expect(told(until(seconds(1000)))).toEqual([
    '10s team firing A1 A2',
    '70s team changed A1 A2!',
    '130s team resolved A1!',
  ])
})

test('send_resolved: false is told when something fires, never of the end, and again when it fires again', () => {
  const { machine, until } = testMachine(policyOf(simpleYaml, false))
  machine.receive([a('1'), a('2')], seconds(0))
  expect(told(until(seconds(10)))).toEqual(['10s team firing A1 A2'])
  machine.receive([ended('1', 20)], seconds(20))
  expect(told(until(seconds(70)))).toEqual([])
  machine.receive([ended('2', 80)], seconds(80))
  expect(told(until(seconds(130)))).toEqual([])
  machine.receive([a('1', { startsAtMs: seconds(140) })], seconds(140))
  expect(told(until(seconds(150)))).toEqual(['150s team firing A1'])
})

const treeYaml = `
route:
  receiver: team
  group_by: [alertname]
  group_wait: 0s
  group_interval: 1m
  repeat_interval: 1h
  routes:
    - { receiver: night, matchers: [night="yes"], mute_time_intervals: [early] }
    - { receiver: all, matchers: [i="1"], continue: true }
inhibit_rules:
  - { source_matchers: [severity="critical"], target_matchers: [severity="warning"], equal: [i] }
time_intervals:
  - { name: early, time_intervals: [{ times: [{ start_time: '00:00', end_time: '00:05' }] }] }
receivers: [{ name: team }, { name: all }, { name: night }]
`

test('routes with continue tell several receivers, inhibition holds back while its source fires', () => {
  const { machine, until, steps } = testMachine(policyOf(treeYaml))
  machine.receive([alertOf({ alertname: 'Big', i: '1', severity: 'critical' })], seconds(0))
  machine.receive([alertOf({ alertname: 'Small', i: '1', severity: 'warning' })], seconds(0))
  expect(told(until(seconds(0)))).toEqual(['0s all firing Big1'])
  expect(steps.filter(({ stage }) => stage === 'inhibited')).toHaveLength(1)
  machine.receive([alertOf({ alertname: 'Big', i: '1', severity: 'critical' }, { endsAtMs: seconds(30) })], seconds(30))
  expect(told(until(seconds(60)))).toEqual(['60s all resolved Big1!', '60s all firing Small1'])
})

test('a route is silent within its mute time interval and tells after it', () => {
  const { machine, until } = testMachine(policyOf(treeYaml))
  machine.receive([alertOf({ alertname: 'N', night: 'yes' })], seconds(0))
  expect(told(until(seconds(400)))).toEqual(['300s night firing N'])
})

test('a silence hides, an acknowledgement holds repeats back but not what is new', () => {
  let silenced = true
  let taken = false
  const { machine, until, steps } = testMachine(policyOf(simpleYaml), {
    silencesOf: () => (silenced ? ['s1'] : []),
    acknowledgedBy: (fingerprint) => (taken && fingerprint !== '' ? 'kim' : undefined),
  })
  machine.receive([a('1')], seconds(0))
  expect(told(until(seconds(130)))).toEqual([])
  expect(steps.filter(({ stage }) => stage === 'silenced')).toHaveLength(1)
  silenced = false
  expect(told(until(seconds(190)))).toEqual(['190s team firing A1'])
  taken = true
  expect(told(until(seconds(9000)))).toEqual([])
  expect(steps.filter(({ stage }) => stage === 'throttled')).toHaveLength(1)
  machine.receive([a('2', { startsAtMs: seconds(9000) })], seconds(9000))
  expect(told(until(seconds(9060)))).toHaveLength(1)
})

test('goes on after a restart where it was: waits, what was told, and members whose end is news', () => {
  const policy = policyOf(simpleYaml)
  const first = testMachine(policy)
  first.machine.receive([a('1'), a('2')], seconds(0))
  first.until(seconds(10))
  first.machine.receive([ended('1', 20), alertOf({ alertname: 'B' }, { startsAtMs: seconds(15) })], seconds(20))
  const { change } = first.recorder.take()
  const snapshot = {
    alerts: [...change.alerts.values()].filter((alert) => alert !== undefined),
    groups: [...change.groups.values()].filter((row) => row !== undefined),
    told: [...change.told].flatMap(([groupId, ofGroup]) =>
      [...ofGroup].flatMap(([integration, one]) => (one === undefined ? [] : [{ groupId, integration, ...one }])),
    ),
  }
  const second = testMachine(policy)
  second.machine.restore(snapshot, seconds(25))
  expect(told(second.until(seconds(200)))).toEqual(['30s team firing B', '70s team changed A1! A2'])
})

test('another configuration keeps the times of groups that stay', () => {
  const { machine, until } = testMachine(policyOf(simpleYaml))
  machine.receive([a('1')], seconds(0))
  until(seconds(10))
  machine.receive([a('2')], seconds(20))
  machine.setPolicy(policyOf(simpleYaml), seconds(30))
  expect(told(until(seconds(69)))).toEqual([])
  expect(told(until(seconds(70)))).toEqual(['70s team changed A1 A2'])
  machine.setPolicy(policyOf(simpleYaml.replaceAll('team', 'others')), seconds(80))
  expect(told(until(seconds(200)))).toEqual(['80s others firing A1 A2'])
})
