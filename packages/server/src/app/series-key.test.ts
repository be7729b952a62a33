import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defaultProject } from '@tidewatch/core/matcher.ts'
import { expect, it } from 'vitest'
import { loadHashKey, loadSeriesCollisions } from './series-key.ts'

it('keeps the key and the settled series over a restart', () => {
  const directory = mkdtempSync(join(tmpdir(), 'tidewatch-key-'))
  try {
    const key = loadHashKey(directory)
    expect(key).toHaveLength(16)
    expect(loadHashKey(directory)).toEqual(key)
    const settled = { project: defaultProject, labelBytes: Buffer.from([1, 2, 255]), idLow: 7, idHigh: 9 }
    expect(loadSeriesCollisions(directory).known).toEqual([])
    loadSeriesCollisions(directory).record(settled)
    expect(loadSeriesCollisions(directory).known).toEqual([settled])
  } finally {
    rmSync(directory, { recursive: true })
  }
})
