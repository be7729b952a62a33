import { Labels } from '@tidewatch/core/labels.ts'
import { expect, it } from 'vitest'
import { decide, fingerprint, type GroupMemory, groupKeyOf, repeatIntervalMs } from './group-alerts.ts'
import type { Alert } from './port.ts'

const alert = (instance: string, endsAtMs?: number): Alert => ({
  labels: Labels.from({ alertname: 'Down', instance, job: 'api' }),
  annotations: { summary: 'down' },
  startsAtMs: 1000,
  endsAtMs,
  generatorUrl: 'http://tidewatch/graph',
})
const empty: GroupMemory = { key: groupKeyOf(alert('a')), told: new Map(), toldAtMs: 0 }
const tell = (memory: GroupMemory, alerts: Alert[], nowMs = 2000) => decide(memory, alerts, 'http://tidewatch', nowMs)

it('tells a new alert once, with what the group has in common', () => {
  const first = tell(empty, [alert('a'), alert('b')])
  expect(first.notification).toMatchObject({
    status: 'firing',
    groupLabels: { alertname: 'Down' },
    commonLabels: { alertname: 'Down', job: 'api' },
    commonAnnotations: { summary: 'down' },
  })
  expect(first.notification?.alerts).toHaveLength(2)
  expect(tell(first.memory, [alert('a'), alert('b')], 62_000).notification).toBeUndefined()
})

it('tells the end of an alert once, and the rest of the group with it', () => {
  const { memory } = tell(empty, [alert('a'), alert('b')])
  const ended = tell(memory, [alert('a', 5000)])
  expect(ended.notification?.status).toBe('firing')
  expect(ended.notification?.alerts.map(({ status }) => status).sort()).toEqual(['firing', 'resolved'])
  expect(tell(ended.memory, [alert('a', 5000)]).notification).toBeUndefined()
  expect(tell(ended.memory, [alert('b', 6000)]).notification?.status).toBe('resolved')
})

it('says nothing of an end it never told the beginning of', () => {
  expect(tell(empty, [alert('a', 5000)]).notification).toBeUndefined()
})

it('repeats what still fires after four hours', () => {
  const { memory } = tell(empty, [alert('a')])
  expect(tell(memory, [alert('a')], 2000 + repeatIntervalMs - 1).notification).toBeUndefined()
  expect(tell(memory, [alert('a')], 2000 + repeatIntervalMs).notification?.status).toBe('firing')
})

it('gives alerts the fingerprint that Alertmanager gives them', () => {
  // prometheus/common/model: an empty label set has FNV-1a's offset basis
  expect(fingerprint(Labels.empty)).toBe('cbf29ce484222325')
})
