import type { DrillRunItem } from '@tidewatch/api/drills.ts'
import { expect, it } from 'vitest'
import { runScale, shareText, tookMs } from './run-scale.ts'

const run = (part: Partial<DrillRunItem>): DrillRunItem => ({
  ...{ id: 'a', drill: 'pager', startedBy: 'timetable', startedAtMs: 1000, endedAtMs: 2000, status: 'passed' },
  ...{
    reason: '',
    fingerprint: null,
    deliveries: [],
    deliveredAtMs: null,
    acknowledgedAtMs: null,
    acknowledgedBy: null,
  },
  ...part,
})

it('has place for the limit and for what took longer, and marks only what lies within', () => {
  const scale = runScale([], 120_000)
  expect(scale.ticks.map(({ text }) => text)).toEqual(['1 s', '10 s', '1 min'])
  expect(scale.at(50)).toBe(0)
  expect(scale.at(180_000)).toBeCloseTo(1)
  expect(scale.at(10_000)).toBeCloseTo(Math.log(100) / Math.log(1800))
  const late = runScale([run({ acknowledgedAtMs: 7_201_000 })], 120_000)
  expect(late.ticks.at(-1)?.text).toBe('1 h')
  expect(late.at(7_200_000)).toBeLessThan(1)
})

it('tells lengths and shares, and nothing where there is nothing', () => {
  expect(tookMs(null, run({}))).toBeUndefined()
  expect(tookMs(3500, run({}))).toBe(2500)
  expect(shareText(0, 0)).toBeUndefined()
  expect(shareText(199, 200)).toBe('99 %')
})
