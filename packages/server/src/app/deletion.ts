// Deletion by matcher, joined: rows of what was begun, the store, the way in, the head.
import type { Clock } from '@tidewatch/core/clock.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import { createDeletion, resumeDeletions } from '../features/deletion/deletion.ts'
import { createDeletionRows, type DeletionTables } from '../features/deletion/state.ts'
import type { AuditLog } from '../http/port.ts'
import type { SampleDeletion } from '../query/port.ts'
import type { StateStore } from '../state/port.ts'
import type { SampleEraser } from '../store/port.ts'
import type { SelfParts } from './server.ts'
import { telemetryTables } from './tables.ts'
import type { Telemetry } from './telemetry.ts'

export interface DeletionOptions {
  readonly self: SelfParts
  readonly state: StateStore
  readonly telemetry: Pick<Telemetry, 'acceptor' | 'head' | 'spool' | 'eraser'>
  readonly audit: AuditLog
  readonly knownProjects: () => readonly ProjectId[]
  readonly clock: Clock
}

export function openDeletion({ self, state, telemetry, audit, knownProjects, clock }: DeletionOptions): SampleDeletion {
  const { acceptor, head, spool, eraser } = telemetry
  const counter = (name: string, help: string) => self.metrics.counter({ name: `tidewatch_${name}`, help }).with()
  const deletions = counter('deletions_total', 'Deletions by matcher that were carried out.')
  const series = counter('deleted_series_total', 'Series of which samples were deleted by matcher.')
  return createDeletion({
    ...{ eraser, acceptor, head, audit, knownProjects, clock },
    rows: createDeletionRows(state.database<DeletionTables>()),
    flusher: spool,
    tables: telemetryTables.map(({ name }) => name),
    logger: self.logger.child({ part: 'deletion' }),
    tasks: self.tasks,
    onDone: (counts) => {
      deletions.add()
      series.add(counts.series)
    },
  })
}

/** What `openTelemetry` calls before it fills the head. */
export function resumeWith(state: StateStore) {
  const rows = createDeletionRows(state.database<DeletionTables>())
  return async (eraser: SampleEraser, options: { readonly signal: AbortSignal }): Promise<void> => {
    await resumeDeletions({ rows, eraser }, options)
  }
}
