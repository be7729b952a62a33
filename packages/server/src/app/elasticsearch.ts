// Elasticsearch's API, joined: what writing and reading have in common.
import type { Clock } from '@tidewatch/core/clock.ts'
import type { AuditLog } from '../http/port.ts'
import type { StoredDocuments } from '../ingest/port.ts'
import { createIndexNames, type Names } from '../ingest/receivers/elasticsearch/names.ts'
import type { ElasticsearchSettings } from '../ingest/receivers/elasticsearch/questions.ts'
import type { IndexDeletion } from '../query/logs/elasticsearch/delete-index.ts'
import { createStoredDocuments } from '../query/logs/elasticsearch/stored-documents.ts'
import type { Metrics } from '../self/port.ts'
import type { StateStore } from '../state/port.ts'
import { createLogEraser } from '../store/logs/erase.ts'
import { createRenderTarget } from '../store/render.ts'
import type { Logs } from './logs.ts'
import type { Telemetry } from './telemetry.ts'

export interface ElasticsearchApi {
  readonly names: Names
  readonly documents: StoredDocuments
  readonly deletion: IndexDeletion
}

export interface ElasticsearchApiOptions {
  readonly state: StateStore
  readonly clock: Clock
  readonly logs: Pick<Logs, 'queries'>
  readonly telemetry: Pick<Telemetry, 'client' | 'cluster'>
  readonly audit: AuditLog
  readonly metrics: Metrics
  readonly settings: () => ElasticsearchSettings
}

export function createElasticsearchApi(options: ElasticsearchApiOptions): ElasticsearchApi {
  const { state, clock, logs, telemetry, audit, metrics, settings } = options
  const counter = (name: string, help: string) => metrics.counter({ name: `tidewatch_${name}`, help }).with()
  const indices = counter('log_index_deletions_total', 'Indices that were deleted by their names.')
  const lines = counter('deleted_log_lines_total', 'Lines that were in them.')
  return {
    names: createIndexNames(state, clock),
    documents: createStoredDocuments(logs.queries, clock),
    deletion: {
      eraser: createLogEraser(telemetry.client, createRenderTarget(telemetry.cluster)),
      audit,
      requiresName: () => settings().destructive_requires_name,
      onDeleted: (count) => {
        indices.add()
        lines.add(count)
      },
    },
  }
}
