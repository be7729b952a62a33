import { readdirSync } from 'node:fs'
import { expect, it } from 'vitest'
import { listeners, receivers } from './registry.ts'

it('lists every file of the folder once', () => {
  const files = readdirSync(import.meta.dirname)
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && name !== 'registry.ts')
    .map((name) => name.slice(0, -'.ts'.length))
  expect(files.length).toBeGreaterThan(0)
  expect([...receivers, ...listeners].map(({ kind }) => kind).sort()).toEqual(files.sort())
})
