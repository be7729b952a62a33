import { expect, test } from 'vitest'
import { logSettingsSuite } from './log-settings.suite.ts'
import { costDays, type KeepingPlan, previewOf } from './preview.ts'

logSettingsSuite('SQLite', () => undefined)

const dayMs = 86_400_000
const today = 20_000 * dayMs
const day = (ago: number, keepDays = 0) => ({
  ...{ dayMs: today - ago * dayMs, keepDays, lines: 10, bytes: 100, indexBytes: 0, rawBytes: 0 },
})
const plan = (days: number, sizeBytes?: number): KeepingPlan => ({
  limits: { ageMs: days === 0 ? undefined : days * dayMs, sizeBytes },
  ...{ classes: [], usualDays: days, classAt: () => -1 },
})
const shares = [
  { service: 'shop', severity: 5, lines: 30 },
  { service: 'shop', severity: 9, lines: 10 },
]
const given = {
  days: [day(12), day(6), day(3, 90), day(2), day(1), day(0)],
  shares,
  nowMs: today + 1,
  isArchived: false,
}

test('tells what goes besides what would go anyway, by age and by size', () => {
  expect(previewOf({ ...given, now: plan(10), wished: plan(5) })).toMatchObject({
    ...{ drops: { days: 1, lines: 10, bytes: 100 }, keptBytes: 500, bytesPerDay: 100, nowBytes: 1000, thenBytes: 500 },
  })
  expect(previewOf({ ...given, now: plan(10), wished: plan(10, 250) })).toMatchObject({
    ...{ drops: { days: 3 }, thenBytes: 250 },
  })
  const endless = previewOf({ ...given, now: plan(0), wished: plan(0) })
  expect([endless.nowBytes, endless.thenBytes, endless.drops.days]).toEqual([undefined, undefined, 0])
})

test('a rule costs as many days of its lines', () => {
  const debug = { services: [], levels: ['debug'], days: 3 }
  const wished = { ...plan(10), classes: [debug], classAt: (_: string, severity: number) => (severity < 9 ? 0 : -1) }
  const { costs, thenBytes } = previewOf({ ...given, now: plan(10), wished })
  expect(costs).toEqual([
    { ...debug, bytesPerDay: 75, bytes: 225 },
    { services: [], levels: [], days: 10, bytesPerDay: 25, bytes: 250 },
  ])
  expect(thenBytes).toBe(475)
  // of days from which debug has gone already nothing is learned
  expect(costDays(given.days, wished, given.nowMs).map(({ dayMs: at }) => (today - at) / dayMs)).toEqual([3, 2, 1])
})
