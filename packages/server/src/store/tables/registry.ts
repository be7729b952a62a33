import type { TelemetryTable } from '../port.ts'
import { exemplarsTable } from './exemplars.ts'
import { histogramsTable } from './histograms.ts'
import { logsTable } from './logs.ts'
import { metadataTable } from './metadata.ts'
import { rollupTables } from './rollups.ts'
import { samplesTable } from './samples.ts'
import { seriesTable } from './series.ts'

/** The metric tables, in the order they are loaded: a series before its samples, so that no sample is read whose series is unknown. */
export const metricTables: readonly TelemetryTable[] = [
  seriesTable,
  metadataTable,
  samplesTable,
  histogramsTable,
  exemplarsTable,
  ...rollupTables,
]

/** The tables of logs, each loaded by itself. */
export const logTables: readonly TelemetryTable[] = [logsTable]
