import { expect, test } from 'vitest'
import { alertSpans } from './alert-spans.ts'

const rule = { duration: 30 }

test('an alert that is pending has only waited', () => {
  expect(alertSpans({ sinceMs: 1000, state: 'pending', rule }, 50_000)).toEqual([
    { startMs: 1000, endMs: 50_000, tone: 'warn' },
  ])
})

test('an alert that fires waited for as long as its rule says', () => {
  expect(alertSpans({ sinceMs: 1000, state: 'firing', rule }, 50_000)).toEqual([
    { startMs: 1000, endMs: 31_000, tone: 'warn' },
    { startMs: 31_000, endMs: 50_000, tone: 'crit' },
  ])
})

test('without `for` it fires at once', () => {
  expect(alertSpans({ sinceMs: 1000, state: 'firing', rule: { duration: 0 } }, 50_000)).toEqual([
    { startMs: 1000, endMs: 50_000, tone: 'crit' },
  ])
})

test('a range that ends before the alert shows nothing of it', () => {
  expect(alertSpans({ sinceMs: 60_000, state: 'firing', rule }, 50_000)).toEqual([])
  expect(alertSpans({ sinceMs: undefined, state: 'firing', rule }, 50_000)).toEqual([])
})
