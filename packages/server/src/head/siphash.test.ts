import { expect, test } from 'vitest'
import { SipHash } from './siphash.ts'

const key = Uint8Array.from({ length: 16 }, (_, i) => i)
const hex = (sip: SipHash): string => sip.high.toString(16).padStart(8, '0') + sip.low.toString(16).padStart(8, '0')

test('gives the vectors of the paper and of the reference implementation', () => {
  const sip = new SipHash(key)
  const message = Uint8Array.from({ length: 64 }, (_, i) => i)
  const got = [0, 1, 7, 8, 15].map((length) => {
    sip.hash(message, 0, length)
    return hex(sip)
  })
  expect(got).toEqual([
    '726fdb47dd0e0e31',
    '74f839c593dc67fd',
    'ab0200f58b01d137',
    '93f5f5799a932462',
    'a129ca6149be45e5',
  ])
})

test('depends on the range alone, not on where it lies', () => {
  const sip = new SipHash(key)
  sip.hash(Uint8Array.of(9, 9, 1, 2, 3, 9), 2, 5)
  const shifted = hex(sip)
  sip.hash(Uint8Array.of(1, 2, 3), 0, 3)
  expect(hex(sip)).toBe(shifted)
})
