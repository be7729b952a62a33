import { Labels } from '@tidewatch/core/labels.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createRow, float } from '../evaluate/row.ts'
import { signatures } from '../signatures.ts'
import { ClassicBuckets } from './classic-buckets.ts'
import { parseGoFloat } from './go-float.ts'
import { compareNatural } from './natural-order.ts'
import { functionDefinitions } from './registry.ts'
import { SortedWindow } from './sorted-window.ts'
import { timeFunctions } from './time.ts'

test('every function that parses can be evaluated, and the other way round', () => {
  // these four become numbers before evaluation
  const settledBefore = ['start', 'end', 'range', 'step']
  const parsed = Object.keys(signatures).filter((name) => !settledBefore.includes(name))
  expect(parsed.length).toBeGreaterThan(80)
  expect([...functionDefinitions.keys()].sort()).toEqual(parsed.sort())
})

describe('a moving sorted window', () => {
  test('has the values of a sort from scratch wherever it moves to', () => {
    const value = fc.oneof(fc.integer({ min: -9, max: 9 }), fc.constant(Number.NaN), fc.double())
    const moves = fc.array(fc.tuple(fc.nat(8), fc.nat(8)), { maxLength: 30 })
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 200 }), moves, (values, steps) => {
        const column = Float64Array.from(values)
        const moving = new SortedWindow()
        let [from, until] = [0, 0]
        for (const [leave, enter] of steps) {
          until = Math.min(values.length, until + enter)
          from = Math.min(until, from + leave)
          moving.moveTo(column, from, until)
          const fresh = new SortedWindow()
          fresh.moveTo(column, from, until)
          for (const q of [0, 0.3, 0.5, 1]) expect(moving.quantile(q)).toEqual(fresh.quantile(q))
        }
      }),
    )
  })

  test('puts NaN first, as Prometheus sorts it', () => {
    const window = new SortedWindow()
    window.moveTo(Float64Array.of(3, Number.NaN, 1), 0, 3)
    expect([window.quantile(0), window.quantile(0.5), window.quantile(1)]).toEqual([Number.NaN, 1, 3])
  })
})

test('dates are those of the calendar', () => {
  const names = ['year', 'month', 'day_of_month', 'day_of_week', 'hour', 'minute'] as const
  const seconds = fc.integer({ min: -62_135_596_800, max: 253_402_300_799 })
  fc.assert(
    fc.property(seconds, (at) => {
      const date = new Date(at * 1000)
      const expected = [
        date.getUTCFullYear(),
        date.getUTCMonth() + 1,
        date.getUTCDate(),
        date.getUTCDay(),
        date.getUTCHours(),
        date.getUTCMinutes(),
      ]
      const found = names.map((name) => {
        const row = createRow(Labels.empty, 1)
        row.values[0] = at
        row.present[0] = float
        timeFunctions[name].apply(row, [])
        return row.values[0]
      })
      expect(found).toEqual(expected)
    }),
  )
})

test('natural order compares runs of digits as numbers', () => {
  const names = ['node10', 'node2', 'node2a', 'node', 'a', 'node02', 'b1c3', 'b1c20']
  expect([...names].sort(compareNatural)).toEqual(['a', 'b1c3', 'b1c20', 'node', 'node02', 'node2', 'node2a', 'node10'])
})

test('bucket bounds are read as Go reads them', () => {
  const texts = ['0.1', '+Inf', 'inf', '1e3', '-5', '.5', '1_0.5_0', '', 'x', '1.2.3', ' 1', '1__0']
  expect(texts.map(parseGoFloat)).toEqual([
    0.1,
    Infinity,
    Infinity,
    1000,
    -5,
    0.5,
    10.5,
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ])
})

describe('classic buckets', () => {
  const filled = (...buckets: readonly (readonly [number, number])[]): ClassicBuckets => {
    const result = new ClassicBuckets(buckets.length)
    for (const [bound, count] of buckets) result.push(bound, count)
    return result
  }

  test('interpolate within a bucket, and stop at the last finite bound', () => {
    const buckets = () => filled([1, 10], [2, 30], [Infinity, 40])
    expect(buckets().quantile(0.25)).toBe(1)
    expect(buckets().quantile(0.5)).toBe(1.5)
    expect(buckets().quantile(0.99)).toBe(2)
    expect(buckets().fraction(0, 2)).toBe(0.75)
    expect(buckets().fraction(-Infinity, Infinity)).toBe(1)
  })

  test('add counts of one bound, level out rounding, and lift what goes down', () => {
    const same = filled([1, 5], [1, 5], [Infinity, 10])
    expect([same.quantile(0.5), same.forcedMonotonic]).toEqual([0.5, false])
    const rounded = filled([1, 10], [2, 10 - 1e-13], [Infinity, 10])
    expect([rounded.quantile(0.5), rounded.forcedMonotonic]).toEqual([0.5, false])
    const falling = filled([1, 10], [2, 8], [Infinity, 10])
    expect([falling.quantile(0.5), falling.forcedMonotonic]).toEqual([0.5, true])
  })

  test('have no quantile without +Inf or without observations', () => {
    expect(filled([1, 10], [2, 30]).quantile(0.5)).toBeNaN()
    expect(filled([1, 0], [Infinity, 0]).quantile(0.5)).toBeNaN()
  })
})
