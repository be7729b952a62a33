import { expect, test } from 'vitest'
import { readServeOptions } from './flags.ts'

test('a flag wins over the environment, the environment over what is usual', () => {
  expect(readServeOptions([], {}).headMemoryBytes).toBe(128 * 2 ** 20)
  expect(readServeOptions([], { TIDEWATCH_HEAD_MEMORY: '1MB' }).headMemoryBytes).toBe(2 ** 20)
  expect(readServeOptions(['--head-memory', '2MB'], { TIDEWATCH_HEAD_MEMORY: '1MB' }).headMemoryBytes).toBe(2 ** 21)
})

test.each(['1023KB', '801MB', '1GB', '64', 'much', ''])('a head of %j is refused, with what is allowed', (text) => {
  expect(() => readServeOptions(['--head-memory', text], {})).toThrow(/--head-memory .* 1MB to 800MB/)
})
