// Series, label names and label values: the head's index for what is recent, the store's series table for what is older.
import { Labels } from '@tidewatch/core/labels.ts'
import type { Matcher, ProjectId } from '@tidewatch/core/matcher.ts'
import type { HeadWriter, SeriesIndex, SeriesRef } from '../head/port.ts'
import type { SpoolFlusher } from '../spool/port.ts'
import type { MetricStoreReader } from '../store/port.ts'
import type { CatalogRequest, SeriesCatalog } from './port.ts'
import { metricTables } from './service.ts'

export interface CatalogOptions {
  readonly index: SeriesIndex
  readonly head: HeadWriter
  readonly store: MetricStoreReader
  readonly flusher: SpoolFlusher
  readonly knownProjects: () => readonly ProjectId[]
}

export function createSeriesCatalog(options: CatalogOptions): SeriesCatalog {
  const all = (request: CatalogRequest): Promise<Map<string, Labels>> => findSeries(request, options)
  return {
    series: async (request) => cut([...(await all(request)).values()].sort(Labels.compare), request),
    labelNames: async (request) => {
      const names = new Set<string>()
      for (const labels of (await all(request)).values())
        for (let i = 0; i < labels.flat.length; i += 2) names.add(labels.flat[i] as string)
      return cut([...names].sort(), request)
    },
    labelValues: async (name, request) => {
      const values = new Set<string>()
      for (const labels of (await all(request)).values()) values.add(labels.get(name))
      values.delete('')
      return cut([...values].sort(), request)
    },
  }
}

const cut = <T>(items: T[], { limit }: CatalogRequest): T[] =>
  limit === undefined || limit === 0 ? items : items.slice(0, limit)

/** A matcher that every series passes. */
const everything: readonly Matcher[] = []

async function findSeries(request: CatalogRequest, options: CatalogOptions): Promise<Map<string, Labels>> {
  const { index, head, store, flusher } = options
  const found = new Map<string, Labels>()
  const projects = request.projects === 'all' ? options.knownProjects() : [...request.projects]
  const sets = request.matcherSets.length === 0 ? [everything] : request.matcherSets
  const { beginMs } = head
  const fromStore = request.startMs < beginMs
  if (fromStore) await flusher.flush(metricTables, { signal: request.signal })
  for (const project of projects) {
    for (const matchers of sets) {
      for (const ref of index.select(project, matchers, request.startMs, request.endMs)) {
        const labels = index.labels(ref as SeriesRef)
        found.set(labels.key(), labels)
      }
      if (!fromStore) continue
      const endMs = Math.min(request.endMs, beginMs - 1)
      for (const { labels } of await store.series(project, matchers, request.startMs, endMs, {
        signal: request.signal,
      }))
        found.set(labels.key(), labels)
    }
  }
  return found
}
