import { expect, it } from 'vitest'
import { toChartData } from '../../charts/series.ts'
import { headlineOf } from './headline.ts'

const grid = { startMs: 0, endMs: 15_000, stepMs: 15_000 }
const chart = (...values: [string, string][]) =>
  toChartData(
    values.map(([mount, value]) => ({ metric: { mount }, values: [[15, value]] })),
    grid,
  )

it('is the newest value where there is one series', () => {
  expect(headlineOf(chart(['/', '0.5']), { headline: 'first', unit: 'ratio' })).toEqual({
    value: '50 %',
    detail: undefined,
  })
})

it('names the highest of several and tells the others', () => {
  const several = chart(['/', '0.5'], ['/data', '0.9'], ['/boot', '0.1'])
  expect(headlineOf(several, { headline: 'highest', unit: 'ratio' })).toEqual({
    value: '90 %',
    detail: '/data, / 50 %, /boot 10 %',
  })
})

it('is not there without a series', () => {
  expect(headlineOf(chart(), { headline: 'first', unit: 'number' })).toBeUndefined()
})
