import { expect, test } from 'vitest'
import { retentionSection } from '../store/config.ts'
import { logKeeping } from './log-keeping.ts'

const dayMs = 86_400_000
const keepingOf = (classes: readonly unknown[], ageMs: number | undefined = 30 * dayMs) =>
  logKeeping(retentionSection.schema.parse({ logs: { classes } }).logs.classes ?? [], () => ({
    ...{ ageMs, sizeBytes: undefined },
  }))

test('the first class that a line is in says how long it is kept', () => {
  const keeping = keepingOf([
    { level: 'debug', age: '3d' },
    { service: ['audit', 'sign-*'], age: '1y' },
    { service: 'api', level: ['info', 'unknown'], age: '12h' },
  ])
  expect(keeping.usesService).toBe(true)
  expect(keeping.daysOf('audit', 5)).toBe(3)
  expect(keeping.daysOf('sign-in', 9)).toBe(365)
  expect(keeping.daysOf('design', 9)).toBe(0)
  // a part of a day is a day: days go as a whole
  expect([keeping.daysOf('api', 9), keeping.daysOf('api', 0), keeping.daysOf('api', 17)]).toEqual([1, 1, 0])
  expect(keeping.daysOf('audit', 5)).toBe(3)
})

test('no line is too old that some class would keep', () => {
  expect(keepingOf([]).maxAgeMs).toBe(30 * dayMs)
  expect(keepingOf([{ level: 'error', age: '90d' }]).maxAgeMs).toBe(90 * dayMs)
  expect(keepingOf([{ level: 'debug', age: '1d' }]).maxAgeMs).toBe(30 * dayMs)
  const forEver = keepingOf([{ service: 'audit', age: 'off' }])
  expect([forEver.maxAgeMs, forEver.daysOf('audit', 9)]).toEqual([undefined, 65_535])
  expect(keepingOf([{ level: 'error', age: '90d' }], undefined).usesService).toBe(false)
})

test('signs of a service name stand for themselves', () => {
  const keeping = keepingOf([{ service: 'a.b(*)', age: '2d' }])
  expect([keeping.daysOf('a.b(x)', 0), keeping.daysOf('aXb(x)', 0)]).toEqual([2, 0])
})

test.each([
  [{ age: '3d' }, 'neither service nor level'],
  [{ level: 'loud', age: '3d' }, 'Invalid'],
  [{ service: 'a', age: 'soon' }, 'is not an age'],
  [{ service: 'a**b', age: '3d' }, 'Invalid'],
])('%j is refused', (written, message) => {
  const { error } = retentionSection.schema.safeParse({ logs: { classes: [written] } })
  expect(JSON.stringify(error?.issues)).toContain(message)
})
