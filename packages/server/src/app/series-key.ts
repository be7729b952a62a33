// What ids of series are made of, kept for ever: the key of their hash, and the few series whose hash another one had.
import { randomBytes } from 'node:crypto'
import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import type { SeriesCollisions, SettledSeries } from '../head/port.ts'

const hashKeyBytes = 16

/** Made once for a data directory, since stored ids depend on it. */
export function loadHashKey(dataDir: string): Uint8Array {
  const file = join(dataDir, 'series.key')
  if (existsSync(file)) return readFileSync(file)
  const key = randomBytes(hashKeyBytes)
  writeFileSync(`${file}.new`, key, { mode: 0o600, flush: true })
  renameSync(`${file}.new`, file)
  return key
}

interface WrittenSeries {
  readonly project: number
  readonly labels: string
  readonly idLow: number
  readonly idHigh: number
}

/** A line of JSON for each; one is written and synced before its series is used. A torn last line was never used. */
export function loadSeriesCollisions(dataDir: string): SeriesCollisions {
  const file = join(dataDir, 'series-collisions.jsonl')
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : []
  return {
    known: lines.map((line): SettledSeries => {
      const { project, labels, idLow, idHigh } = JSON.parse(line) as WrittenSeries
      return { project: project as ProjectId, labelBytes: Buffer.from(labels, 'base64'), idLow, idHigh }
    }),
    record({ project, labelBytes, idLow, idHigh }) {
      const written: WrittenSeries = { project, labels: Buffer.from(labelBytes).toString('base64'), idLow, idHigh }
      appendFileSync(file, `${JSON.stringify(written)}\n`, { mode: 0o600, flush: true })
    },
  }
}
