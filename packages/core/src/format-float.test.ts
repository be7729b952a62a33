import { expect, it } from 'vitest'
import { formatFloat } from './format-float.ts'

it.each([
  [0, '0'],
  [-0, '-0'],
  [1, '1'],
  [0.1, '0.1'],
  [-2.5, '-2.5'],
  [100_000, '100000'],
  [999_999.5, '999999.5'],
  [1_000_000, '1e+06'],
  [1_234_567, '1.234567e+06'],
  [0.0001, '0.0001'],
  [0.000_01, '1e-05'],
  [1.5e-10, '1.5e-10'],
  [1e300, '1e+300'],
  [5e-324, '5e-324'],
  [Number.NaN, 'NaN'],
  [Number.POSITIVE_INFINITY, '+Inf'],
  [Number.NEGATIVE_INFINITY, '-Inf'],
])('%d as %s', (value, text) => {
  expect(formatFloat(value)).toBe(text)
})
