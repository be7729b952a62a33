import type { LogLine, LogSearchEvent } from '@tidewatch/api/logs.ts'
import { expect, it } from 'vitest'
import {
  type LinesAction,
  type LinesState,
  maxLines,
  mergeLines,
  noLines,
  reduceLines,
  shareSearched,
} from './lines-state.ts'

const line = (timeNs: number | string, id = `l${timeNs}`): LogLine => ({
  id,
  timeNs: String(timeNs),
  severity: 9,
  severityText: 'info',
  body: `line ${timeNs}`,
  service: 'api',
  identity: {},
  resource: {},
  attributes: {},
})
const progress = { searchedToNs: '100', rowsRead: 1000, bytesRead: 5000 }
const lines = (...times: number[]): LogSearchEvent => ({
  type: 'lines',
  lines: times.map((at) => line(at)),
  ...progress,
})
const end = (cursor?: string): LogSearchEvent => ({ type: 'end', found: 0, ...progress, ...(cursor ? { cursor } : {}) })
const event = (one: LogSearchEvent): LinesAction => ({ type: 'event', event: one, tookMs: 5 })
const begin: LinesAction = { type: 'begin', more: false }
const run = (actions: readonly LinesAction[], from: LinesState = noLines): LinesState =>
  actions.reduce(reduceLines, from)
const times = ({ lines: all }: LinesState): number[] => all.map(({ timeNs }) => Number(timeNs))

it('adds lines as they come, goes on by the cursor and shows none twice', () => {
  const first = run([begin, event(lines(900, 800)), event(lines(700)), event(end('c1'))])
  expect([times(first), first.phase, first.cursor]).toEqual([[900, 800, 700], 'done', 'c1'])
  const more = run([{ type: 'begin', more: true }, event(lines(700, 600)), event(end())], first)
  expect([times(more), more.cursor]).toEqual([[900, 800, 700, 600], undefined])
})

it('keeps the lines of the search before until the next one has some, or ends without any', () => {
  const before = run([begin, event(lines(900)), event(end())])
  const searching = run([begin, event({ type: 'progress', ...progress })], before)
  expect([times(searching), searching.isStale]).toEqual([[900], true])
  expect(times(run([event(lines(500))], searching))).toEqual([500])
  expect(times(run([event(end())], searching))).toEqual([])
  const failed = run([{ type: 'fail', problem: { what: 'no' } }], searching)
  expect([times(failed), failed.isStale, failed.phase]).toEqual([[900], true, 'failed'])
})

it('puts what arrives in its place by time, or holds it back', () => {
  const base = run([begin, event(lines(900, 700)), event(end())])
  const arrived = (held: boolean): LinesAction => ({
    type: 'arrived',
    lines: [line(800), line(1000)],
    share: 1,
    leftOut: 0,
    held,
  })
  expect(times(run([arrived(false)], base))).toEqual([1000, 900, 800, 700])
  const held = run([arrived(true), arrived(true)], base)
  expect([times(held), held.waiting.length]).toEqual([[900, 700], 2])
  expect(times(run([{ type: 'show' }], held))).toEqual([1000, 900, 800, 700])
})

it('holds what arrives before the first answer back, so that old and new lines are never mixed', () => {
  const before = run([begin, event(lines(900)), event(end())])
  const next = run([begin, { type: 'arrived', lines: [line(1000)], share: 1, leftOut: 0, held: false }], before)
  expect(times(next)).toEqual([900])
  expect(times(run([event(end())], next))).toEqual([1000])
})

it('lets the oldest go when more comes than a list holds, and says so', () => {
  const many = Array.from({ length: maxLines }, (_, i) => line(i + 1))
  const full = { ...run([begin, event({ type: 'lines', lines: many.toReversed(), ...progress }), event(end('c'))]) }
  const next = run([{ type: 'arrived', lines: [line(maxLines + 1)], share: 0.5, leftOut: 1, held: false }], full)
  expect([next.lines.length, next.lines[0]?.timeNs, next.isTrimmed, next.cursor, next.share]).toEqual([
    maxLines,
    String(maxLines + 1),
    true,
    undefined,
    0.5,
  ])
})

it('begins anew with what waited where more came than can wait, so that nothing is missing in between', () => {
  const base = run([begin, event(lines(2, 1)), event(end('c'))])
  const many = Array.from({ length: 6000 }, (_, i) => line(i + 10))
  const held = run([{ type: 'arrived', lines: many, share: 1, leftOut: 0, held: true }], base)
  expect([times(held), held.waiting.length, held.isWaitingCut]).toEqual([[2, 1], 5000, true])
  const shown = run([{ type: 'show' }], held)
  expect([shown.lines.length, shown.lines.at(-1)?.timeNs, shown.isTrimmed, shown.cursor, shown.isWaitingCut]).toEqual([
    ...[5000, '1010', true, undefined, false],
  ])
})

it('counts what a tail left out until the next search', () => {
  const arrived: LinesAction = { type: 'arrived', lines: [line(5)], share: 0.25, leftOut: 3, held: false }
  const fewer = run([begin, event(end()), arrived, { ...arrived, lines: [line(6)] }])
  expect([fewer.leftOut, run([begin], fewer).leftOut]).toEqual([6, 0])
})

it('merges by time whatever the number of digits', () => {
  expect(mergeLines([line('999'), line('1000')], [line('1001'), line('998')]).map(({ timeNs }) => timeNs)).toEqual([
    '1001',
    '1000',
    '999',
    '998',
  ])
})

it('tells how far a search is', () => {
  const span = { fromMs: 0, toMs: 1000 }
  expect([shareSearched('1000000000', span), shareSearched('250000000', span), shareSearched('0', span)]).toEqual([
    0, 0.75, 1,
  ])
})
