import type { GettableAlert, GettableAlertGroup } from '@tidewatch/api/alertmanager.ts'
import { describe, expect, it } from 'vitest'
import {
  countFiring,
  drawnRows,
  type FiringFilter,
  heldWords,
  maxRows,
  receiversOf,
  restLabels,
  shownGroups,
} from './firing-model.ts'

const status = { state: 'active', silencedBy: [], inhibitedBy: [], mutedBy: [] } as const
const alertOf = (name: string, severity: string, changes: Partial<GettableAlert> = {}): GettableAlert => ({
  fingerprint: name,
  labels: { alertname: name, severity, job: 'shop' },
  annotations: { summary: `${name} is wrong` },
  startsAt: '2026-11-21T03:00:00Z',
  endsAt: '2026-11-21T04:00:00Z',
  updatedAt: '2026-11-21T03:00:00Z',
  receivers: [],
  status: { ...status, silencedBy: [], inhibitedBy: [], mutedBy: [] },
  ...changes,
})
const held = (by: Partial<GettableAlert['status']>): Partial<GettableAlert> => ({
  status: { state: 'suppressed', silencedBy: [], inhibitedBy: [], mutedBy: [], ...by },
})
const groupOf = (receiver: string, ...alerts: GettableAlert[]): GettableAlertGroup => ({
  labels: { job: 'shop' },
  receiver: { name: receiver },
  alerts,
})
const taker = { fingerprint: 'B', by: 'Mara', via: 'page', note: '', atMs: 0 }
const all: FiringFilter = { text: '', severity: undefined, receiver: undefined, standing: undefined }
const show = (groups: readonly GettableAlertGroup[], filter: Partial<FiringFilter> = {}) =>
  shownGroups(groups, new Map([['B', taker]]), { ...all, ...filter }).map(
    ({ receiver, alerts }) => `${receiver}: ${alerts.map(({ alert, standing }) => `${alert.fingerprint} ${standing}`)}`,
  )

const groups = [
  groupOf('ops', alertOf('C', 'info'), alertOf('D', 'critical', held({ silencedBy: ['x'] }))),
  groupOf('team', alertOf('A', 'warning'), alertOf('B', 'critical')),
]

describe('groups', () => {
  it('come with the worst open alert first, and so do their alerts', () => {
    expect(show(groups)).toEqual(['team: B taken,A open', 'ops: D suppressed,C open'])
  })

  it.each<[Partial<FiringFilter>, string[]]>([
    [{ severity: 'critical' }, ['team: B taken', 'ops: D suppressed']],
    [{ receiver: 'ops' }, ['ops: D suppressed,C open']],
    [{ standing: 'open' }, ['team: A open', 'ops: C open']],
    [{ text: 'alertname=A job=shop' }, ['team: A open']],
    [{ text: 'nothing has this' }, []],
  ])('are narrowed by %o', (filter, left) => {
    expect(show(groups, filter)).toEqual(left)
  })

  it('have their receivers by name', () => {
    expect(receiversOf([...groups].reverse())).toEqual(['ops', 'team'])
  })
})

it('counts an alert of several groups once', () => {
  const twice = [groupOf('ops', alertOf('A', 'info')), groupOf('team', alertOf('A', 'info'))]
  expect(countFiring(shownGroups(twice, new Map(), all))).toEqual({ open: 1, taken: 0, suppressed: 0 })
})

it('draws of 10,000 alerts no more than fit, and whole groups when they are opened', () => {
  const many = Array.from({ length: 100 }, (_, group) =>
    groupOf(`r${group}`, ...Array.from({ length: 100 }, (__, index) => alertOf(`${group}-${index}`, 'info'))),
  )
  const shown = shownGroups(many, new Map(), all)
  const rows = (opened: readonly string[]) =>
    [...drawnRows(shown, new Set(opened)).values()].reduce((sum, count) => sum + count, 0)
  expect(rows([])).toBe(maxRows)
  expect(rows([shown[0]?.key ?? ''])).toBe(maxRows + 80)
})

it('names only the labels that the group does not', () => {
  const alert = alertOf('A', 'info', { labels: { alertname: 'A', severity: 'info', job: 'shop', pod: '1' } })
  const [group] = shownGroups([groupOf('team', alert)], new Map(), all)
  expect(group && restLabels(alert, group)).toEqual([['pod', '1']])
})

it.each<[Partial<GettableAlert['status']>, string]>([
  [{ silencedBy: ['a'] }, 'silenced'],
  [{ silencedBy: ['a', 'b'], mutedBy: ['nights'] }, 'silenced by 2, muted by nights'],
  [{ inhibitedBy: ['f1'] }, 'held by ShopDown'],
])('says why nobody is told: %o', (by, words) => {
  expect(heldWords(alertOf('A', 'info', held(by)), () => 'ShopDown')).toBe(words)
})
