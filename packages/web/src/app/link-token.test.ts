import { expect, it } from 'vitest'
import { tokenFromLocation } from './link-token.ts'

it('reads the token of a one-time link, and of nothing else', () => {
  expect(tokenFromLocation('/sign-in', '#token=abc%2B1')).toBe('abc+1')
  expect(tokenFromLocation('/sign-in', '')).toBeUndefined()
  expect(tokenFromLocation('/metrics', '#token=abc')).toBeUndefined()
})
