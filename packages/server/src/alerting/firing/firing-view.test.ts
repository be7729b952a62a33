import { parseMatchers } from '@tidewatch/alertmanager/parse-matchers.ts'
import type { FiringAlerts } from '@tidewatch/api/firing-alerts.ts'
import { describe, expect, it } from 'vitest'
import { alertOf, policyOf, seconds, startMs, testMachine } from '../dispatch/testing-machine.ts'
import type { Acknowledgement } from '../port.ts'
import { type FiringFilter, listFiring, listLabels, listSilenced, summarize } from './firing-view.ts'
import type { FiringSources } from './standing.ts'

const yaml = `
route:
  receiver: team
  group_by: [alertname]
  routes:
    - { matchers: [severity="critical"], receiver: ops, continue: true }
    - { matchers: [severity="info"], receiver: quiet, mute_time_intervals: [always] }
    - { matchers: [severity=~".+"], receiver: team }
inhibit_rules:
  - { source_matchers: [alertname="ShopDown"], target_matchers: [alertname="SlowApi"], equal: [shop] }
time_intervals: [{ name: always, time_intervals: [{ times: [{ start_time: '00:00', end_time: '24:00' }] }] }]
receivers: [{ name: team }, { name: ops }, { name: quiet }]
`
const all: FiringFilter = {
  ...{ words: [], severity: undefined, standing: undefined, receiver: undefined, matchers: [], group: undefined },
}
const taker: Acknowledgement = { fingerprint: '', by: 'Mara', via: 'page', note: '', atMs: startMs }

/** A shop that is down, what follows of it, one that is silenced, one that is taken, one at a muted time. */
function shop(): FiringSources {
  const { machine } = testMachine(policyOf(yaml))
  const summary = (text: string) => ({ annotations: { summary: text } })
  machine.receive(
    [
      alertOf({ alertname: 'ShopDown', severity: 'critical', shop: 'a' }, summary('The shop is gone')),
      alertOf({ alertname: 'SlowApi', severity: 'warning', shop: 'a' }),
      alertOf({ alertname: 'SlowApi', severity: 'warning', shop: 'b' }, { startsAtMs: startMs - 1000 }),
      alertOf({ alertname: 'DiskFull', severity: 'high', disk: '/var' }),
      alertOf({ alertname: 'Backup', severity: 'page' }),
      alertOf({ alertname: 'News', severity: 'info' }),
      alertOf({ alertname: 'Over', severity: 'critical' }, { endsAtMs: seconds(1) }),
    ],
    startMs,
  )
  return {
    machine,
    silencesOf: (labels) => (labels.get('alertname') === 'DiskFull' ? ['s1'] : []),
    takerOf: (fingerprint) =>
      machine.alerts.get(fingerprint)?.alert.labels.get('alertname') === 'Backup' ? taker : undefined,
    nowMs: seconds(60),
  }
}
const show = ({ groups }: FiringAlerts): string[] =>
  groups.map(
    ({ receiver, rows }) => `${receiver}: ${rows.map(({ name, standing }) => `${name} ${standing}`).join(', ')}`,
  )
const list = (filter: Partial<FiringFilter>, limit = 200, cursor?: string) =>
  listFiring({ ...all, ...filter }, { limit, cursor }, shop())

describe('groups of what fires', () => {
  it('come with the worst open one first; what has ended is not there', () => {
    const [first, second, ...rest] = show(list({}))
    // the two of one alert are alike but for their receiver
    expect([first, second].sort()).toEqual(['ops: ShopDown open', 'team: ShopDown open'])
    expect(rest).toEqual([
      'team: SlowApi open, SlowApi suppressed',
      'team: Backup taken',
      'team: DiskFull suppressed',
      'quiet: News suppressed',
    ])
  })

  it('count an alert of two groups once, and say who hears at all', () => {
    const { counts, receivers, groupCount } = list({ receiver: 'ops' })
    expect([counts, receivers, groupCount]).toEqual([{ open: 1, taken: 0, suppressed: 0 }, ['ops', 'quiet', 'team'], 1])
    expect(list({}).counts).toEqual({ open: 2, taken: 1, suppressed: 3 })
  })

  it.each<[string, Partial<FiringFilter>, string[]]>([
    ['severity', { severity: 'high' }, ['team: DiskFull suppressed']],
    ['state', { standing: 'taken' }, ['team: Backup taken']],
    ['words', { words: ['gone', 'shop=a'], receiver: 'ops' }, ['ops: ShopDown open']],
    ['matchers', { matchers: parseMatchers('shop="b"', 'fallback') }, ['team: SlowApi open']],
    ['what nothing has', { words: ['zzz'] }, []],
  ])('are narrowed by %s', (_, filter, left) => {
    expect(show(list(filter))).toEqual(left)
  })

  it('say what holds an alert back', () => {
    const rows = list({ standing: 'suppressed' }).groups.flatMap((group) => group.rows)
    expect(rows.map(({ name, silences, heldBy, mutedBy }) => [name, silences, heldBy, mutedBy])).toEqual([
      ['DiskFull', 1, undefined, []],
      ['SlowApi', 0, 'ShopDown', []],
      ['News', 0, undefined, ['always']],
    ])
  })
})
describe('10,000 alerts', () => {
  const { machine } = testMachine(
    policyOf('{ route: { receiver: team, group_by: [job] }, receivers: [{ name: team }] }'),
  )
  machine.receive(
    Array.from({ length: 10_000 }, (_, i) => alertOf({ alertname: 'Down', i: `${i}`, job: `${i % 100}` })),
    startMs,
  )
  const many: FiringSources = { machine, silencesOf: () => [], takerOf: () => undefined, nowMs: seconds(1) }

  it('come in pages that are small, each alert once', () => {
    const seen = new Set<string>()
    let cursor: string | undefined
    let [pages, largest] = [0, 0]
    do {
      const page = listFiring(all, { limit: 200, cursor }, many)
      expect([page.counts.open, page.groupCount]).toEqual([10_000, 100])
      for (const { id } of page.groups) seen.add(id)
      largest = Math.max(largest, JSON.stringify(page).length)
      cursor = page.nextCursor
      pages++
    } while (cursor !== undefined)
    expect([pages, seen.size]).toEqual([10, 100])
    expect(largest).toBeLessThan(100_000)
  })

  it('of one group come by its id to the last', () => {
    const [first] = listFiring(all, { limit: 200, cursor: undefined }, many).groups
    const found = new Set<string>()
    let cursor = undefined as string | undefined
    do {
      const [group] = listFiring({ ...all, group: first?.id ?? '' }, { limit: 30, cursor }, many).groups
      for (const { fingerprint } of group?.rows ?? []) found.add(fingerprint)
      cursor = group?.nextCursor
    } while (cursor !== undefined)
    expect(found.size).toBe(100)
  })

  it('give their labels up to a limit', () => {
    expect(listLabels(all, 10_000, many)).toMatchObject({ truncated: false })
    expect(listLabels(all, 10, many)).toMatchObject({ alerts: { length: 10 }, truncated: true })
  })
})

it('refuses a cursor of another list', () => {
  expect(() => list({}, 200, 'x')).toThrow('the cursor is none of this list')
})

it('sums up for every page: the worst, and the worst that nobody has', () => {
  const { counts, severities, worst, next } = summarize(shop())
  expect([counts, severities]).toEqual([
    { open: 2, taken: 1, suppressed: 3 },
    { critical: 2, high: 0, medium: 1, low: 0 },
  ])
  expect(worst.map(({ name, taker: by }) => [name, by?.by]).sort()).toEqual([
    ['Backup', 'Mara'],
    ['ShopDown', undefined],
    ['SlowApi', undefined],
  ])
  expect(next?.name).toBe('ShopDown')
})

it('knows what each silence hides', () => {
  expect(listSilenced(shop())).toEqual({ s1: { total: 1, first: expect.objectContaining({ name: 'DiskFull' }) } })
})
