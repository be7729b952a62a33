// Series, label names and label values: the head's index for what is recent, the store's series table for what is older.
import { compareUtf8, Labels } from '@tidewatch/core/labels.ts'
import type { Matcher, ProjectId } from '@tidewatch/core/matcher.ts'
import type { HeadWriter, SeriesIndex, SeriesRef } from '../head/port.ts'
import type { SpoolFlusher } from '../spool/port.ts'
import type { MetricStoreReader } from '../store/port.ts'
import type { CatalogRequest, SeriesCatalog } from './port.ts'
import { metricTables } from './service.ts'

export interface CatalogOptions {
  readonly index: SeriesIndex
  readonly head: Pick<HeadWriter, 'beginMs'>
  readonly store: MetricStoreReader
  readonly flusher: SpoolFlusher
  readonly knownProjects: () => readonly ProjectId[]
}

export function createSeriesCatalog(options: CatalogOptions): SeriesCatalog {
  const { index } = options
  return {
    series: async (request) => {
      const found: Labels[] = []
      const add = (labels: Labels): unknown => found.push(labels)
      await visit(request, options, {
        head: (project, matchers) => {
          for (const ref of index.select(project, matchers, request.startMs, request.endMs))
            add(index.labels(ref as SeriesRef))
        },
        stored: add,
      })
      found.sort(Labels.compare)
      const unique = found.filter((labels, i) => i === 0 || Labels.compare(found[i - 1] as Labels, labels) !== 0)
      return cut(unique, request)
    },
    labelNames: async (request) => {
      const names = new Set<string>()
      await visit(request, options, {
        head: (project, matchers) => addAll(names, index.labelNames(project, matchers, request.startMs, request.endMs)),
        stored: (labels) => {
          for (let i = 0; i < labels.flat.length; i += 2) names.add(labels.flat[i] as string)
        },
      })
      return cut([...names].sort(compareUtf8), request)
    },
    labelValues: async (name, request) => {
      const values = new Set<string>()
      await visit(request, options, {
        head: (project, matchers) =>
          addAll(values, index.labelValues(project, name, matchers, request.startMs, request.endMs)),
        stored: (labels) => values.add(labels.get(name)),
      })
      values.delete('')
      return cut([...values].sort(compareUtf8), request)
    },
  }
}

function addAll(set: Set<string>, items: readonly string[]): void {
  for (const item of items) set.add(item)
}

const cut = <T>(items: T[], { limit }: CatalogRequest): T[] =>
  limit === undefined || limit === 0 ? items : items.slice(0, limit)

/** A matcher that every series passes. */
const everything: readonly Matcher[] = []

/** What is done with the series of one project and one matcher set: all of the head's at once, the store's one by one. */
interface Visitor {
  readonly head: (project: ProjectId, matchers: readonly Matcher[]) => void
  readonly stored: (labels: Labels) => unknown
}

async function visit(request: CatalogRequest, options: CatalogOptions, visitor: Visitor): Promise<void> {
  const { head, store, flusher } = options
  const { startMs, signal } = request
  const projects = request.projects === 'all' ? options.knownProjects() : [...request.projects]
  const sets = request.matcherSets.length === 0 ? [everything] : request.matcherSets
  const fromStore = startMs < head.beginMs
  const endMs = Math.min(request.endMs, head.beginMs - 1)
  if (fromStore) await flusher.flush(metricTables, { signal })
  for (const project of projects) {
    for (const matchers of sets) {
      visitor.head(project, matchers)
      if (!fromStore) continue
      for (const { labels } of await store.series(project, matchers, startMs, endMs, { signal })) visitor.stored(labels)
    }
  }
}
