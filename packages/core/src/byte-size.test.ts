import { expect, test } from 'vitest'
import { formatByteSize, parseBytes } from './byte-size.ts'

test('reads sizes in powers of 1024, and writes them', () => {
  expect(['15MB', '1.5 GiB', '12', '0B', '2PB'].map(parseBytes)).toEqual([15 << 20, 1.5 * 2 ** 30, 12, 0, 2 ** 51])
  expect(['', '5 apples', '-1MB', '1e3', 'MB', '5EB'].map(parseBytes)).toEqual(new Array(6).fill(undefined))
  expect([10 * 2 ** 30, 1536, 1000, 0].map(formatByteSize)).toEqual(['10GB', '1536B', '1000B', '0B'])
})
