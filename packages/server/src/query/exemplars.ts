// Exemplars of the series that an expression's selectors name. They are in the store alone; what still waits for it goes there first.
import { Labels } from '@tidewatch/core/labels.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import type { SpoolFlusher } from '../spool/port.ts'
import type { ExemplarReader, StoredExemplar } from '../store/port.ts'
import type { ExemplarQueries, ExemplarsRequest, SeriesExemplars } from './port.ts'

export interface ExemplarQueriesOptions {
  readonly store: ExemplarReader
  readonly flusher: SpoolFlusher
  readonly knownProjects: () => readonly ProjectId[]
}

/** As many as Prometheus keeps in all. */
const mostExemplars = 100_000

/** What an answer reads. */
export const exemplarTables = ['exemplars'] as const

export function createExemplarQueries({ store, flusher, knownProjects }: ExemplarQueriesOptions): ExemplarQueries {
  return {
    async query({ matcherSets, projects, startMs, endMs, limit, signal }: ExemplarsRequest) {
      await flusher.flush(exemplarTables, { signal })
      const most = limit === 0 ? mostExemplars : Math.min(limit, mostExemplars)
      const found: StoredExemplar[] = []
      for (const project of projects === 'all' ? knownProjects() : projects) {
        // one more than wanted tells that there are more
        const window = { matcherSets, startMs, endMs, limit: most + 1 }
        found.push(...(await store.exemplars(project, window, { signal })))
      }
      found.sort((a, b) => b.timeMs - a.timeMs)
      return { series: bySeries(found.slice(0, most)), isCut: found.length > most }
    },
  }
}

/** Series in the order of their labels, exemplars in that of their times. `exemplars` is sorted, newest first. */
function bySeries(exemplars: readonly StoredExemplar[]): readonly SeriesExemplars[] {
  const groups = new Map<string, { readonly labels: Labels; readonly exemplars: StoredExemplar[] }>()
  for (const exemplar of exemplars) {
    const key = exemplar.labels.key()
    const known = groups.get(key)
    if (known === undefined) groups.set(key, { labels: exemplar.labels, exemplars: [exemplar] })
    else known.exemplars.push(exemplar)
  }
  const sorted = [...groups.values()].sort((a, b) => Labels.compare(a.labels, b.labels))
  return sorted.map(({ labels, exemplars: own }) => ({ labels, exemplars: own.reverse() }))
}
