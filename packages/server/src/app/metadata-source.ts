// Type, help and unit of metrics: what targets say now, before what was stored.
import { defaultProject, type ProjectId } from '@tidewatch/core/matcher.ts'
import type { ScrapeTargets } from '../collect/port.ts'
import type { MetadataSource } from '../query/port.ts'
import type { SpoolFlusher } from '../spool/port.ts'
import type { MetricMetadata, MetricStoreReader } from '../store/port.ts'
import { metadataTable } from '../store/tables/metadata.ts'

export interface MetadataSourceOptions {
  readonly store: MetricStoreReader
  readonly targets: ScrapeTargets
  readonly flusher: SpoolFlusher
  readonly knownProjects: () => readonly ProjectId[]
}

export function createMetadataSource({
  store,
  targets,
  flusher,
  knownProjects,
}: MetadataSourceOptions): MetadataSource {
  return {
    async families({ projects, family, signal }) {
      await flusher.flush([metadataTable.name], { signal })
      const distinct = new Map<string, MetricMetadata>()
      const add = (row: MetricMetadata): void => {
        if (family === undefined || row.family === family)
          distinct.set(JSON.stringify([row.family, row.type, row.help, row.unit]), row)
      }
      for (const project of projects === 'all' ? knownProjects() : projects) {
        // what we scrape is in the default project
        if (project === defaultProject)
          for (const target of targets.active()) for (const row of target.metadata()) add({ ...row, project })
        for (const row of await store.metadata(project, { signal, ...(family === undefined ? {} : { family }) }))
          add(row)
      }
      return [...distinct.values()].sort((a, b) => (a.family < b.family ? -1 : a.family > b.family ? 1 : 0))
    },
  }
}
