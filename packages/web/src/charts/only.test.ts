import { expect, it } from 'vitest'
import { nextOnly } from './only.ts'

const click = (only: string[], key: string, adding = false) => [...nextOnly(new Set(only), key, adding)]

it('shows one alone, and all again by the same click', () => {
  expect(click([], 'a')).toEqual(['a'])
  expect(click(['a', 'b'], 'a')).toEqual(['a'])
  expect(click(['a'], 'a')).toEqual([])
})

it('adds and takes away with Shift', () => {
  expect(click(['a'], 'b', true)).toEqual(['a', 'b'])
  expect(click(['a', 'b'], 'a', true)).toEqual(['b'])
})
