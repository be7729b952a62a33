import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatProblem } from '@tidewatch/core/error.ts'
import { expect, test } from 'vitest'
import { readConfiguration } from './configuration.ts'
import { createKeeping } from './keeping.ts'

const dayMs = 86_400_000

function read(files: Readonly<Record<string, string>>): ReturnType<typeof readConfiguration> {
  const dir = mkdtempSync(join(tmpdir(), 'tidewatch-keeping-'))
  try {
    writeFileSync(join(dir, 'prometheus.yml'), '')
    for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text)
    return readConfiguration(dir, {})
  } finally {
    rmSync(dir, { recursive: true })
  }
}

function limits(files: Readonly<Record<string, string>>): object {
  const configuration = read(files)
  if (!configuration.ok) return configuration.problems.map(formatProblem)
  return createKeeping(configuration.value, { retentionMs: 30 * dayMs }).limits('metrics')
}

const prometheus = 'storage: {tsdb: {retention: {time: 20d, size: 5GB}}}\n'

test('tidewatch.yml goes before prometheus.yml, and that before --retention', () => {
  expect(limits({})).toEqual({ ageMs: 30 * dayMs, sizeBytes: undefined })
  expect(limits({ 'prometheus.yml': prometheus })).toEqual({ ageMs: 20 * dayMs, sizeBytes: 5 * 2 ** 30 })
  expect(
    limits({ 'prometheus.yml': prometheus, 'tidewatch.yml': 'retention: {metrics: {age: 1y, size: off}}\n' }),
  ).toEqual({ ageMs: 365 * dayMs, sizeBytes: undefined })
  expect(limits({ 'tidewatch.yml': 'retention: {metrics: {age: off, size: 500MB}}\n' })).toEqual({
    ...{ ageMs: undefined, sizeBytes: 500 * 2 ** 20 },
  })
})

test('nothing and 0 in prometheus.yml are no limits of its own', () => {
  expect(limits({ 'prometheus.yml': 'storage: {tsdb: {retention: {time: 0s, size: 0B}}}\n' })).toEqual({
    ...{ ageMs: 30 * dayMs, sizeBytes: undefined },
  })
})

test('rollups are made where they stand in tidewatch.yml, and kept for their own time', () => {
  const keeping = (text: string) => {
    const found = read({ 'tidewatch.yml': text })
    return found.ok ? createKeeping(found.value, { retentionMs: 30 * dayMs }) : expect.unreachable()
  }
  expect([...keeping('').rollups()]).toEqual([])
  const both = keeping('retention: {rollups: {5m: {age: 180d, size: 10GB}, 1h: }}\n')
  expect([...both.rollups()]).toEqual([
    ['5m', 180 * dayMs],
    ['1h', 365 * dayMs],
  ])
  expect(both.limits('rollups_5m')).toEqual({ ageMs: 180 * dayMs, sizeBytes: 10 * 2 ** 30 })
  expect(both.limits('metrics').ageMs).toBe(30 * dayMs)
  expect([...keeping('retention: {rollups: {1h: {age: off}}}\n').rollups()]).toEqual([['1h', undefined]])
  expect(limits({ 'tidewatch.yml': 'retention: {rollups: {1d: {}}}\n' })).toEqual([
    expect.stringContaining('retention.rollups'),
  ])
})

test('a new configuration counts from then on', () => {
  const [first, second] = [read({}), read({ 'prometheus.yml': prometheus })]
  if (!first.ok || !second.ok) return expect.unreachable()
  const keeping = createKeeping(first.value, { retentionMs: undefined })
  expect(keeping.limits('metrics').ageMs).toBeUndefined()
  keeping.follow(second.value)
  expect(keeping.limits('metrics').ageMs).toBe(20 * dayMs)
})

test('what is no age or size is refused, with the way out', () => {
  const yml = 'retention:\n  metrics:\n    age: 30\n    size: large\n'
  expect(limits({ 'tidewatch.yml': yml })).toMatchInlineSnapshot(`
    [
      "tidewatch.yml:3:10 retention.metrics.age: "30": "30" is not an age. Write one such as 30d, 12w or 1y, or off.",
      "tidewatch.yml:4:11 retention.metrics.size: "large": "large" is not a size. Write one such as 500MB or 10GB, or off.",
    ]
  `)
  expect(limits({ 'prometheus.yml': 'storage: {tsdb: {retention: {size: much}}}\n' })).toMatchInlineSnapshot(`
    [
      "prometheus.yml:1:36 storage.tsdb.retention.size: "much": "much" is not a size. Write one such as 10GB.",
    ]
  `)
})
