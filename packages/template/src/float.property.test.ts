import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatExponent, formatFixed, formatGeneral } from './float.ts'

const finite = fc.oneof(
  fc.double({ noDefaultInfinity: true, noNaN: true }),
  fc.integer(),
  fc.float({ noNaN: true, noDefaultInfinity: true }),
)

test('the shortest form is the number again', () => {
  fc.assert(
    fc.property(finite, (value) => {
      for (const text of [formatGeneral(value), formatExponent(value, undefined), formatFixed(value, undefined)]) {
        expect(Object.is(Number(text), value)).toBe(true)
      }
    }),
  )
})

/** JavaScript rounds halves up, Go to even; elsewhere they agree. */
const isHalf = (value: number, places: number): boolean =>
  Number.isInteger(value * 10 ** places * 2) && !Number.isInteger(value * 10 ** places)

test('digits are rounded as JavaScript rounds them, but for halves', () => {
  fc.assert(
    fc.property(fc.double({ min: -1e15, max: 1e15, noNaN: true }), fc.integer({ min: 0, max: 20 }), (value, places) => {
      // JavaScript also drops the sign of -0
      fc.pre(!isHalf(value, places) && !Object.is(value, -0))
      expect(Number(formatFixed(value, places))).toBe(Number(value.toFixed(places)))
      expect(Number(formatExponent(value, places))).toBe(Number(value.toExponential(places)))
    }),
  )
})

test.each<[number, number, string]>([
  [0.5, 0, '0'],
  [1.5, 0, '2'],
  [2.5, 0, '2'],
  [-0.5, 0, '-0'],
  [0.125, 2, '0.12'],
  [0.375, 2, '0.38'],
  [9.96, 1, '10.0'],
  [0.04, 1, '0.0'],
  [0.06, 1, '0.1'],
  [1e21, 2, '1000000000000000000000.00'],
  [5e-324, 3, '0.000'],
])('%d with %d places is %s', (value, places, text) => expect(formatFixed(value, places)).toBe(text))

test.each<[number, number | undefined, string]>([
  [100, 4, '100'],
  [10_000, 4, '1e+04'],
  [99_999, 4, '1e+05'],
  [0.00012345, 3, '0.000123'],
  [0.000012345, 3, '1.23e-05'],
  [1e6, undefined, '1e+06'],
  [123456, undefined, '123456'],
  [0, 4, '0'],
  [-0, undefined, '-0'],
  [Number.NaN, 4, 'NaN'],
])('%d with %s digits is %s', (value, digits, text) => expect(formatGeneral(value, digits)).toBe(text))
