import { expect, it } from 'vitest'
import { firingsOf, firingWords, limitsOf, planPreview, spansOf } from './preview-model.ts'

const minute = 60_000
const grid = { startMs: 0, endMs: 20 * minute, stepMs: minute }
const series = (...minutes: number[]) => ({
  metric: {},
  values: minutes.map((at): [number, string] => [at * 60, '1']),
})

it('draws what is measured, or the lines that the rule names', () => {
  expect(planPreview({ query: 'rate(x[5m]) > 3' })).toMatchObject({ measured: 'rate(x[5m])', others: [] })
  const data = ['current', 'usual', 'lower', 'upper', 'ratio'].map((name) => ({ name, expr: `${name}_query` }))
  const { measured, others } = planPreview({ query: 'a and abs(b) > c', data })
  expect([measured, others.map(({ name }) => name)]).toEqual(['current_query', ['usual', 'lower', 'upper']])
  expect(planPreview({ query: 'absent(up)' }).measured).toBe('absent(up)')
})

it('names the limits of all severities of one value', () => {
  const rule = (query: string, severity?: string) => ({
    ...{ name: 'a', group: 'g', file: 'f', kind: 'threshold', query },
    labels: severity === undefined ? {} : { severity },
  })
  expect(limitsOf([rule('x > 5', 'warning'), rule('x > 20', 'critical'), rule('y > 1')], 'x')).toEqual([
    { value: 5, name: 'warning > 5', tone: 'warn' },
    { value: 20, name: 'critical > 20', tone: 'crit' },
  ])
})

it('waits for as long as the rule says before it fires', () => {
  const firings = firingsOf([series(1, 2, 3, 4, 5), series(8, 9)], grid, { forMs: 2 * minute })
  expect(firings).toEqual([
    { startMs: minute, firesMs: 3 * minute, endMs: 6 * minute, isOpen: false },
    { startMs: 8 * minute, firesMs: undefined, endMs: 10 * minute, isOpen: false },
  ])
  expect(spansOf(firings)).toEqual([
    { startMs: minute, endMs: 3 * minute, tone: 'warn' },
    { startMs: 8 * minute, endMs: 10 * minute, tone: 'warn' },
    { startMs: 3 * minute, endMs: 6 * minute, tone: 'crit' },
  ])
})

it('keeps firing over a gap where the rule says so', () => {
  const rule = { forMs: 0, keepFiringForMs: 5 * minute }
  expect(firingsOf([series(1, 2, 6, 7)], grid, rule)).toEqual([
    { startMs: minute, firesMs: minute, endMs: 13 * minute, isOpen: false },
  ])
  expect(firingsOf([series(1, 2, 6, 7)], grid, {})).toHaveLength(2)
})

it('says it in words', () => {
  const words = (...minutes: number[]) => firingWords(firingsOf([series(...minutes)], grid, { forMs: 2 * minute }))
  expect(words()).toBe('Nothing would fire at the end of this range. Nothing fired in it.')
  expect(words(3, 4)).toBe(
    'Nothing would fire at the end of this range. Nothing fired in it. Once the condition held, but not for long enough.',
  )
  expect(words(19, 20)).toBe('1 alert would be pending at the end of this range. Nothing fired in it.')
  expect(words(16, 17, 18, 19, 20)).toBe(
    '1 alert would fire at the end of this range. In it alerts fired once, for 2 min at the longest.',
  )
})
