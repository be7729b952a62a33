import { postedAlert } from '@tidewatch/api/posted-alerts.ts'
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { beforeEach, expect, it } from 'vitest'
import type { Alert } from '../port.ts'
import { PostedAlerts } from './raise.ts'
import type { PostedRow } from './state.ts'

const clock = new FakeClock()
let delivered: Alert[]
let rows: Map<string, PostedRow>
let posted: PostedAlerts

beforeEach(() => {
  delivered = []
  rows = new Map()
  posted = new PostedAlerts({
    clock,
    sink: {
      deliver: async (alerts) => {
        delivered.push(...alerts)
      },
    },
    rows: {
      find: async (key, nowMs) => {
        const row = rows.get(key)
        return row === undefined || row.endsAtMs <= nowMs ? undefined : row
      },
      save: async (key, row) => {
        rows.set(key, row)
      },
      remove: async (key) => {
        rows.delete(key)
      },
      count: async () => rows.size,
      sweep: async () => undefined,
    },
  })
})

const take = (body: object) => posted.take(postedAlert.parse(body))

it('an alert goes the way of all alerts, with message and data, and ends by itself', async () => {
  const answer = await take({ name: 'payout_failed', severity: 'critical', message: 'No funds', data: { id: 7 } })
  expect(answer).toMatchObject({ status: 'firing', isNew: true, endsAtMs: clock.nowMs() + 3_600_000 })
  expect(delivered).toHaveLength(1)
  expect(delivered[0]?.labels.toObject()).toEqual({ alertname: 'payout_failed', severity: 'critical' })
  expect(delivered[0]).toMatchObject({
    annotations: { summary: 'No funds', data: '{"id":7}' },
    endsAtMs: answer.endsAtMs,
  })
})

it('a second call of the same key goes on with the same alert; a third ends it, whatever it says of severity', async () => {
  const first = await take({ name: 'x', key: 'order-1', severity: 'error' })
  await clock.advance(60_000)
  const second = await take({ name: 'x', key: 'order-1', severity: 'error', message: 'again' })
  expect(second).toMatchObject({ isNew: false, fingerprint: first.fingerprint, startsAtMs: first.startsAtMs })
  const end = await take({ name: 'x', key: 'order-1', status: 'resolved' })
  expect(end).toMatchObject({ isNew: true, status: 'resolved', fingerprint: first.fingerprint })
  expect(delivered.at(-1)?.endsAtMs).toBe(clock.nowMs())
  expect(await take({ name: 'x', key: 'order-1', status: 'resolved' })).toMatchObject({ isNew: false })
  expect(delivered).toHaveLength(3)
})

it('one that gets worse takes the place of the milder one', async () => {
  await take({ name: 'x', severity: 'warning', labels: { shop: 'a' } })
  await take({ name: 'x', severity: 'critical', labels: { shop: 'a' } })
  expect(delivered.map(({ labels, endsAtMs }) => [labels.get('severity'), endsAtMs === clock.nowMs()])).toEqual([
    ['warning', false],
    ['warning', true],
    ['critical', false],
  ])
})

it('two keys, or other labels, are two alerts', async () => {
  await take({ name: 'x', key: 'a' })
  await take({ name: 'x', key: 'b' })
  await take({ name: 'x', labels: { shop: 'a' } })
  expect(rows.size).toBe(3)
})

it('refuses what is no severity, and data that belong in a log', async () => {
  await expect(async () => take({ name: 'x', severity: 'terrible' })).rejects.toThrow('"terrible" is no severity')
  await expect(async () => take({ name: 'x', data: 'x'.repeat(20_000) })).rejects.toThrow('at most 16384')
  expect(() => postedAlert.parse({ name: 'x', labels: { severity: 'high' } })).toThrow('are said by the fields')
})
