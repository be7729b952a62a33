import { describe, expect, it } from 'vitest'
import { formatAge, formatValue, type Unit } from './units.ts'

describe('formatValue', () => {
  it.each<[number, Unit, string]>([
    [0, 'number', '0'],
    [3, 'number', '3'],
    [2.612, 'number', '2.61'],
    [99.96, 'number', '100'],
    [1184.4, '/s', '1,184 /s'],
    [-1184, 'number', '−1,184'],
    [2_345_678, 'number', '2.35 M'],
    [0.00031, 'ratio', '0.031 %'],
    [0.0000042, 'number', '4.20×10⁻⁶'],
    [0.64, 'ratio', '64 %'],
    [0.184, 'seconds', '184 ms'],
    [0.000012, 'seconds', '12 µs'],
    [2.61, 'seconds', '2.61 s'],
    [1364, 'seconds', '22 min 44 s'],
    [3600, 'seconds', '1 h'],
    [270_000, 'seconds', '3 d 3 h'],
    [0, 'bytes', '0 B'],
    [1536, 'bytes', '1.5 KiB'],
    [44_238_340_096, 'bytes', '41.2 GiB'],
    [1536, 'bytes/s', '1.5 KiB/s'],
    [Number.NaN, 'seconds', 'not a number'],
    [Number.POSITIVE_INFINITY, 'number', '∞'],
  ])('writes %s in %s as %s', (value, unit, text) => {
    expect(formatValue(value, unit)).toBe(text)
  })
})

describe('formatAge', () => {
  it.each([
    [0, '0 s'],
    [4200, '4 s'],
    [8 * 60_000 + 59_000, '8 min'],
    [26 * 3_600_000, '1 d'],
    [-500, '0 s'],
  ])('writes %d ms as %s', (ms, text) => {
    expect(formatAge(ms)).toBe(text)
  })
})
