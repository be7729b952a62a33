import { expect, it } from 'vitest'
import { bodyBytesOf, costOf, ruleText } from './storage-model.ts'

const day = (dayMs: number, bytes: number) => ({ dayMs, lines: 1, bytes })
const storage = { lines: 10, bytes: 1000, indexBytes: 100, rawBytes: 6000, classes: [], perDay: [] }

it('tells what lines cost, a day by whole days alone', () => {
  expect(costOf(storage)).toEqual({ bytesPerLine: 100, timesSmaller: 6, bytesPerDay: undefined })
  const perDay = [day(4, 5), day(1, 1000), day(2, 300), day(3, 100)]
  expect(costOf({ ...storage, perDay }).bytesPerDay).toBe(200)
  expect(bodyBytesOf({ columns: [{ name: 'body', kind: 'column', bytes: 7, rawBytes: 9 }] })).toBe(7)
  expect(costOf({ ...storage, lines: 0, bytes: 0, rawBytes: 0 })).toEqual({
    bytesPerLine: undefined,
    timesSmaller: undefined,
    bytesPerDay: undefined,
  })
})

it('names whose lines a rule is about', () => {
  expect(ruleText({ services: [], levels: [] })).toBe('all other lines')
  expect(ruleText({ services: ['audit'], levels: [] })).toBe('audit')
  expect(ruleText({ services: [], levels: ['debug', 'info'] })).toBe('debug, info of all services')
})
