import { expect, it } from 'vitest'
import { pages } from '../pages/registry.ts'
import { commandOf } from './shortcuts.ts'

const press = (key: string, rest: Partial<Parameters<typeof commandOf>[0]> = {}) =>
  commandOf({ key, ctrl: false, typing: false, afterG: false, ...rest })

it('goes to every page with g and its own letter', () => {
  expect(pages.length).toBeGreaterThan(5)
  expect(new Set(pages.map((page) => page.letter)).size).toBe(pages.length)
  for (const page of pages) expect(press(page.letter, { afterG: true })).toEqual({ kind: 'go', path: page.path })
})

it('leaves letters alone while a text is typed, but not Ctrl K', () => {
  expect(press('t', { typing: true })).toBeUndefined()
  expect(press('k', { typing: true, ctrl: true })).toEqual({ kind: 'palette' })
})

it('leaves the browser its own keys', () => {
  expect(press('t', { ctrl: true })).toBeUndefined()
  expect(press('x')).toBeUndefined()
})
