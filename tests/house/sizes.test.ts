import { expect, it } from 'vitest'
import { longFiles } from './long-files.ts'
import { allSources, isTest } from './sources.ts'

/** Tests may be longer: they are read one at a time. */
const limitOf = (path: string): number => (isTest(path) ? 600 : 400)

it('keeps files below 400 lines, but for those listed with a reason', () => {
  const sources = allSources()
  expect(sources.length).toBeGreaterThan(100)
  const long = sources.filter(({ path, lines }) => lines > limitOf(path)).map(({ path }) => path)
  expect(long.filter((path) => !(path in longFiles))).toEqual([])
})

it('lists no file that has become short', () => {
  const lines = new Map(allSources().map((source) => [source.path, source.lines]))
  expect(Object.keys(longFiles).filter((path) => (lines.get(path) ?? 0) <= limitOf(path))).toEqual([])
})
