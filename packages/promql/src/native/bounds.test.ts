import { expect, test } from 'vitest'
import { exponentialBound } from './bounds.ts'

test('bounds are those of Prometheus to the bit', () => {
  const bounds = (schema: number, ...indexes: number[]): number[] => indexes.map((i) => exponentialBound(i, schema))
  expect(bounds(2, -4, -3, -2, -1, 0, 1, 4)).toEqual([
    0.5, 0.5946035575013605, 0.7071067811865475, 0.8408964152537144, 1, 1.189207115002721, 2,
  ])
  expect(bounds(3, 1, 2, 3)).toEqual([1.0905077326652577, 1.189207115002721, 1.2968395546510096])
  expect(bounds(0, -1, 0, 1, 10)).toEqual([0.5, 1, 2, 1024])
  expect(bounds(-2, -1, 0, 1)).toEqual([0.0625, 1, 16])
})

test('all 256 of the finest schema have the sum of bits that those of Debian’s Prometheus have', () => {
  const bits = new BigUint64Array(Float64Array.from({ length: 256 }, (_, i) => exponentialBound(i - 256, 8)).buffer)
  expect(bits.reduce((sum, one) => (sum * 31n + one) & 0xff_ffff_ffff_ffn, 0n)).toBe(212590686295647n)
})

test('at the end of all doubles', () => {
  expect([exponentialBound(1024, 0), exponentialBound(512, -1), exponentialBound(4096, 2)]).toEqual(
    new Array(3).fill(Number.MAX_VALUE),
  )
  expect([exponentialBound(1025, 0), exponentialBound(4097, 2)]).toEqual([
    Number.POSITIVE_INFINITY,
    Number.POSITIVE_INFINITY,
  ])
  expect(exponentialBound(-1074 * 4, 2)).toBe(Number.MIN_VALUE)
})
