import { Labels } from '@tidewatch/core/labels.ts'
import { expect, test } from 'vitest'
import { labelsShare, xxHash64 } from './labels-hash.ts'

test('hashes as xxHash64 does', () => {
  const hash = (text: string): string => xxHash64(new TextEncoder().encode(text)).toString(16)
  expect(hash('')).toBe('ef46db3751d8e999')
  expect(hash('a')).toBe('d24ec4f1a98c6e5b')
  expect(hash('abc')).toBe('44bc2cf5ad770999')
  expect(hash('Nobody inspects the spammish repetition')).toBe('fbcea83c8a378bf1')
})

test('puts a series at one place between 0 and 1', () => {
  const shares = Array.from({ length: 200 }, (_, i) => labelsShare(Labels.from({ __name__: 'x', i: String(i) })))
  expect(Math.min(...shares)).toBeGreaterThanOrEqual(0)
  expect(Math.max(...shares)).toBeLessThan(1)
  // evenly enough to sample by
  expect(shares.filter((share) => share < 0.5).length).toBeGreaterThan(70)
  expect(shares.filter((share) => share < 0.5).length).toBeLessThan(130)
})
