// The indexes of logs: who switches them, what is told of it.
import { optionalLogIndexes } from '@tidewatch/api/log-settings.ts'
import type { Clock } from '@tidewatch/core/clock.ts'
import type { LogSettingsBook } from '../features/log-settings/book.ts'
import { indexesOff, LogIndexes } from '../features/log-settings/indexes.ts'
import type { StateStore } from '../state/port.ts'
import { createLogIndexStore } from '../store/logs/indexes.ts'
import { createRenderTarget } from '../store/render.ts'
import { whileLeading } from './leadership.ts'
import type { SelfParts } from './server.ts'
import type { Telemetry } from './telemetry.ts'

export interface LogIndexParts {
  readonly self: SelfParts
  readonly state: StateStore
  readonly telemetry: Pick<Telemetry, 'client' | 'cluster'>
  readonly logSettings: LogSettingsBook
  readonly clock: Clock
}

export function openLogIndexes({ self, state, telemetry, logSettings, clock }: LogIndexParts): LogIndexes {
  const indexes = new LogIndexes({
    ...{ book: logSettings, clock, logger: self.logger.child({ part: 'log indexes' }) },
    store: createLogIndexStore(telemetry.client, createRenderTarget(telemetry.cluster)),
  })
  const isOff = self.metrics.gauge({
    name: 'tidewatch_log_index_off',
    help: '1 for an index of logs that is switched off by the page: searches that it serves look at more.',
    labels: ['index'],
  })
  self.metrics.beforeRead(() => {
    const off = indexesOff(logSettings)
    for (const name of optionalLogIndexes) isOff.with(name).set(off.includes(name) ? 1 : 0)
  })
  self.tasks.run(
    'log indexes',
    (signal) => whileLeading({ locks: state.locks, name: 'log-indexes', clock, signal }, (led) => indexes.lead(led)),
    { restart: true },
  )
  return indexes
}
