// Type, help and unit of metrics: what targets say now, before what was stored.

import { defaultProject } from '@tidewatch/core/matcher.ts'
import type { ScrapeTargets } from '../collect/port.ts'
import type { MetadataSource } from '../query/port.ts'
import type { SpoolFlusher } from '../spool/port.ts'
import { literal } from '../store/literal.ts'
import type { MetricMetadata, StoreClient } from '../store/port.ts'

export interface MetadataSourceOptions {
  readonly client: StoreClient
  readonly targets: ScrapeTargets
  readonly flusher: SpoolFlusher
}

const maxRows = 100_000

export function createMetadataSource({ client, targets, flusher }: MetadataSourceOptions): MetadataSource {
  return {
    async families({ projects, family, signal }) {
      await flusher.flush(['metadata'], { signal })
      const conditions = [
        ...(family === undefined ? [] : [`family = ${literal(family)}`]),
        ...(projects === 'all'
          ? []
          : [`project IN (${[...projects].map((project) => literal(project)).join(', ') || 'NULL'})`]),
      ]
      const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`
      const sql = `SELECT DISTINCT project, family, type, help, unit FROM metadata FINAL${where} ORDER BY family, type, help, unit LIMIT ${maxRows}`
      const stored = await client.query<MetricMetadata>(sql, { signal })
      const own: MetricMetadata[] =
        projects === 'all' || projects.has(defaultProject)
          ? targets.active().flatMap((target) => target.metadata().map((row) => ({ ...row, project: defaultProject })))
          : []
      const distinct = new Map<string, MetricMetadata>()
      for (const row of [...own, ...stored]) {
        if (family !== undefined && row.family !== family) continue
        distinct.set(JSON.stringify([row.family, row.type, row.help, row.unit]), row)
      }
      return [...distinct.values()].sort((a, b) => (a.family < b.family ? -1 : a.family > b.family ? 1 : 0))
    },
  }
}
