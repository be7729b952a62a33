import { Labels } from '@tidewatch/core/labels.ts'
import { expect, it } from 'vitest'
import type { ActiveAlert } from '../rules/lifecycle.ts'
import { EpisodeBook } from './episodes.ts'
import { NumberRows } from './number-rows.ts'

const alert = (instance: string, state: ActiveAlert['state'], activeAtMs: number, firedAtMs?: number): ActiveAlert => ({
  ...{ labels: Labels.from({ alertname: 'A', instance }), annotations: {}, value: 1, state, activeAtMs, firedAtMs },
  ...{ resolvedAtMs: undefined, keepFiringSinceMs: undefined, lastSentAtMs: undefined },
})

it('keeps what fired after the start, with its end or without', () => {
  const book = new EpisodeBook({ group: 'g', rule: 'A' }, 1000)
  book.add(alert('a', 'firing', 100, 200), 200)
  book.add(alert('a', 'inactive', 100, 200), 900)
  book.add(alert('b', 'firing', 950, 1200), 1200)
  book.add(alert('a', 'firing', 1000, 1100), 1100)
  book.add(alert('a', 'inactive', 1000, 1100), 1500)
  book.add(alert('c', 'firing', 2100, 2100), 2100)
  book.finish(2000)
  const seen = book.first(10).map(({ labels, ...times }) => ({ instance: labels.get('instance'), ...times }))
  expect(seen).toEqual([
    { group: 'g', rule: 'A', instance: 'a', activeAtMs: 1000, firedAtMs: 1100, endedAtMs: 1500 },
    { group: 'g', rule: 'A', instance: 'b', activeAtMs: 950, firedAtMs: 1200, endedAtMs: undefined },
  ])
  expect([...book.lengths(2000)]).toEqual([400, 800])
  expect(book.shorterThan(400)).toBe(0)
  expect(book.shorterThan(401)).toBe(1)
  expect([...book.alerts()]).toHaveLength(2)
})

it('rows are found again and come in order over several pieces', () => {
  const rows = new NumberRows(2)
  for (let i = 0; i < 10_000; i++) rows.add([i % 100, i])
  expect(rows.length).toBe(10_000)
  expect([rows.at(4096, 1), rows.at(9999, 1), rows.at(9999, 0)]).toEqual([4096, 9999, 99])
  const order = [...rows.order(0)]
  expect(order.slice(0, 3)).toEqual([0, 100, 200])
  expect(order.at(-1)).toBe(9999)
})
