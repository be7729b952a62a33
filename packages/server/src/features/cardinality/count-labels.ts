// Names, values and pairs of the head's index, by how many series have them: Prometheus's TSDB status, and the page's lists.
import { metricNameLabel } from '@tidewatch/core/labels.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import type { SeriesSurvey } from '../../head/port.ts'
import { type Counted, Largest } from './largest.ts'
import { Slices } from './slices.ts'

export interface LabelCounts {
  /** Pairs of name and value. */
  readonly labelPairs: number
  readonly metrics: readonly Counted[]
  readonly pairs: readonly Counted[]
  readonly labels: readonly LabelCount[]
}

export interface LabelCount {
  readonly name: string
  readonly values: number
  readonly series: number
  /** What the values would take, written out for each series; UTF-8 bytes. */
  readonly bytes: number
}

/** Counts over all series of the projects, in slices; lists of at most `limit`, largest first. */
export async function countLabels(
  survey: SeriesSurvey,
  projects: readonly ProjectId[],
  { limit, signal }: { readonly limit: number; readonly signal: AbortSignal },
): Promise<LabelCounts> {
  const slices = new Slices(signal)
  const metrics = new Largest(limit)
  const pairs = new Largest(limit)
  const labels = new Map<string, { values: number; series: number; bytes: number }>()
  let labelPairs = 0
  for (const project of projects) {
    for (const [name, postings] of survey.names(project)) {
      const sum = labels.get(name) ?? { values: 0, series: 0, bytes: 0 }
      labels.set(name, sum)
      for (let id = 0; id < postings.values.length; id++) {
        if (slices.isOver(8)) await slices.turn()
        const value = postings.values[id]
        if (value === undefined) continue
        const count = postings.count(id)
        sum.values++
        sum.series += count
        sum.bytes += count * Buffer.byteLength(value)
        pairs.offer(count, () => `${name}=${value}`)
        if (name === metricNameLabel) metrics.offer(count, () => value)
      }
    }
  }
  for (const { values } of labels.values()) labelPairs += values
  const rows = Array.from(labels, ([name, sum]) => ({ name, ...sum }))
  return { labelPairs, metrics: metrics.list(), pairs: pairs.list(), labels: rows }
}

/** How many chunks of all series the head holds, and the time of their first sample; Infinity where there is none. */
export async function countChunks(
  survey: SeriesSurvey,
  signal: AbortSignal,
): Promise<{ readonly chunks: number; readonly firstMs: number }> {
  const slices = new Slices(signal)
  let chunks = 0
  let firstMs = Number.POSITIVE_INFINITY
  for (let ref = 0; ref < survey.end; ref++) {
    // a chain of a dozen chunks, each somewhere else in memory
    if (slices.isOver(64)) await slices.turn()
    firstMs = Math.min(firstMs, survey.firstMs(ref))
    chunks += survey.chunks(ref)
  }
  return { chunks, firstMs }
}
