import type { FiringGroup, FiringRow } from '@tidewatch/api/firing-alerts.ts'
import { expect, it } from 'vitest'
import { heldWords, joinGroups, joinRows, questionOf, restLabels } from './firing-model.ts'

const rowOf = (name: string, labels: Record<string, string> = {}): FiringRow => ({
  ...{
    fingerprint: name,
    name,
    sentence: '',
    severity: 'low',
    standing: 'open',
    startsAtMs: 0,
    silences: 0,
    mutedBy: [],
  },
  labels: { alertname: name, severity: 'info', job: 'shop', ...labels },
})
const groupOf = (id: string, ...rows: FiringRow[]): FiringGroup => ({
  ...{ id, receiver: 'team', labels: { job: 'shop' }, total: rows.length, rows },
})

it('asks in the words of the server', () => {
  const filter = { text: '  pod=1 ', severity: 'warning', receiver: undefined, standing: 'open' } as const
  expect(questionOf(filter, ['a="b"'])).toEqual({
    ...{ find: 'pod=1', severity: 'medium', state: 'open', receiver: undefined, filter: ['a="b"'] },
  })
})

it('shows what moved between two pages once', () => {
  const [a, b, c] = [groupOf('a'), groupOf('b', rowOf('1')), groupOf('c')]
  expect(joinGroups([{ groups: [a, b] }, { groups: [{ ...b, rows: [] }, c] }])).toEqual([a, b, c])
  expect(joinRows([{ rows: [rowOf('1'), rowOf('2')] }, { rows: [rowOf('2'), rowOf('3')] }])).toHaveLength(3)
})

it('names only the labels that the group does not', () => {
  expect(restLabels(rowOf('A', { pod: '1' }), groupOf('team'))).toEqual([['pod', '1']])
})

it.each([
  [{ silences: 1, mutedBy: [] }, 'silenced'],
  [{ silences: 2, mutedBy: ['nights'] }, 'silenced by 2, muted by nights'],
  [{ silences: 0, heldBy: 'ShopDown', mutedBy: [] }, 'held by ShopDown'],
])('says why nobody is told: %o', (by, words) => {
  expect(heldWords(by)).toBe(words)
})
