import type { AlertDetail, AlertStep } from '@tidewatch/api/alert-why.ts'
import { describe, expect, it } from 'vitest'
import { lifeOf, standingOf, toldRows, whyRows } from './why-model.ts'

const step = (atMs: number, stage: AlertStep['stage'], detail: AlertStep['detail'] = {}): AlertStep => ({
  ...{ atMs, stage, detail },
  text: `${stage}.`,
})
const detailOf = (part: Partial<AlertDetail> = {}): AlertDetail => ({
  fingerprint: '0123456789abcdef',
  name: 'ShopDown',
  state: 'firing',
  severity: 'critical',
  labels: {},
  annotations: {},
  generatorUrl: '',
  groups: [],
  next: { text: 'Nobody is told again.' },
  holding: [],
  fromMs: 0,
  toMs: 100,
  timeline: [],
  ...part,
})
const told = (part: Partial<AlertDetail>) =>
  whyRows(detailOf(part), 100, 'critical').map(
    ({ atMs, title, glyph, isFuture }) => `${isFuture ? 'then' : 'was'} ${atMs} ${title} (${glyph ?? 'dot'})`,
  )

describe('the time line', () => {
  it('tells what was, each delivery with its end', () => {
    const timeline = [
      step(1, 'pending'),
      step(2, 'firing'),
      step(3, 'routed'),
      step(4, 'delivery', { outcome: 'retry', integration: 'channels/ops' }),
      step(5, 'delivery', { outcome: 'delivered', integration: 'channels/ops' }),
      step(6, 'acknowledged'),
      step(7, 'resolved'),
    ]
    expect(told({ timeline })).toEqual([
      'was 1 Condition became true (pending)',
      'was 2 Fired (critical)',
      'was 3 Routed (dot)',
      'was 4 Not delivered, tried again (warning)',
      'was 5 Delivered (dot)',
      'was 6 Acknowledged (acknowledged)',
      'was 7 Ended (fine)',
    ])
  })

  it('tells what will be, in order, and leaves out what is over', () => {
    const holding: AlertDetail['holding'] = [
      { stage: 'silenced', by: ['a'], text: '', untilMs: 300 },
      { stage: 'throttled', by: [], text: '', untilMs: 50 },
      { stage: 'inhibited', by: ['b'], text: '' },
    ]
    expect(told({ holding, next: { text: 'Goes to Ilya.', atMs: 200 } })).toEqual([
      'then 200 Goes to Ilya. (dot)',
      'then 300 The silence ends (dot)',
    ])
  })
})

it('tells each of a receiver once, with the last time and whether it arrived', () => {
  const group = { key: 'g', receiver: 'ops', dueAtMs: 0, hasFlushed: true, repeatIntervalMs: 0 }
  const [slack, email] = ['ops/slack[0]', 'ops/email[0]']
  const told = (atMs: number, firing: boolean) => [{ integration: slack, atMs, firing }]
  const rows = toldRows({
    groups: [
      { ...group, integrations: [slack, email], told: told(5, true) },
      { ...group, integrations: [slack], told: told(9, false) },
    ],
    timeline: [step(9, 'delivery', { integration: slack, outcome: 'retry' })],
  })
  expect(rows.map((row) => [row.integration, row.atMs, row.firing, row.isUndelivered])).toEqual([
    [slack, 9, false, true],
    [email, undefined, false, false],
  ])
})

it.each<[Partial<AlertDetail>, string]>([
  [{}, 'critical: firing'],
  [{ state: 'ended' }, 'fine: ended'],
  [{ state: 'pending' }, 'pending: pending'],
  [{ holding: [{ stage: 'silenced', by: [], text: '' }] }, 'held: firing, silenced'],
  [{ holding: [{ stage: 'muted', by: [], text: '', receiver: 'ops' }] }, 'critical: firing'],
  [{ acknowledgement: { fingerprint: '', by: 'Mara', via: 'page', note: '', atMs: 0 } }, 'acknowledged: Mara has it'],
])('stands as it is: %j', (part, words) => {
  const { glyph, word } = standingOf(detailOf(part), 'critical')
  expect(`${glyph}: ${word}`).toBe(words)
})

it('has waited, then fired', () => {
  const life = lifeOf(detailOf({ activeAtMs: 10, firedAtMs: 40, endedAtMs: 90, state: 'ended' }), 100)
  expect(life).toEqual([
    { startMs: 10, endMs: 40, tone: 'warn' },
    { startMs: 40, endMs: 90, tone: 'crit' },
  ])
  expect(lifeOf(detailOf({}), 100)).toEqual([])
})
