import { metricNameLabel } from '@tidewatch/core/labels.ts'
import type { SpoolSection } from '../spool/port.ts'
import {
  bytesColumn,
  encodeNative,
  fixedBlock,
  fixedColumn,
  lowCardinalityColumn,
  mapColumn,
  stringColumn,
} from './native-encode.ts'
import type { MetricTablesEncoder, StoredSeries } from './port.ts'
import { exemplarsTable } from './tables/exemplars.ts'
import { histogramsTable } from './tables/histograms.ts'
import { metadataTable } from './tables/metadata.ts'
import { samplesTable } from './tables/samples.ts'
import { seriesTable } from './tables/series.ts'

/** Rows of the metric tables as sections. Samples are not copied: their section's parts are the columns themselves. */
export function createMetricTablesEncoder(): MetricTablesEncoder {
  return {
    samples({ length, projects, ids, timesMs, values }) {
      const columns = [
        { name: 'project', type: 'UInt32', data: projects.subarray(0, length) },
        { name: 'id', type: 'UInt64', data: ids.subarray(0, length * 2) },
        { name: 'at_ms', type: 'Float64', data: timesMs.subarray(0, length) },
        // as bits: a NaN that is read as a number may come out as another one
        { name: 'bits', type: 'UInt64', data: values.subarray(0, length) },
      ]
      return { table: samplesTable.name, parts: fixedBlock(columns, length), rows: length }
    },
    histograms({ length, projects, ids, timesMs, bytes }) {
      const columns = [
        fixedColumn('project', 'UInt32', projects.subarray(0, length)),
        fixedColumn('id', 'UInt64', ids.subarray(0, length * 2)),
        fixedColumn('at_ms', 'Float64', timesMs.subarray(0, length)),
        bytesColumn('bytes', bytes),
      ]
      return section(histogramsTable.name, columns, length)
    },
    series(rows) {
      const columns = [
        ...identityColumns(rows),
        fixedColumn(
          'seen_ms',
          'Float64',
          Float64Array.from(rows, ({ seenMs }) => seenMs),
        ),
      ]
      return section(seriesTable.name, columns, rows.length)
    },
    exemplars(rows) {
      const columns = [
        ...identityColumns(rows),
        fixedColumn(
          'at_ms',
          'Float64',
          Float64Array.from(rows, ({ timeMs }) => timeMs),
        ),
        fixedColumn(
          'bits',
          'UInt64',
          Float64Array.from(rows, ({ value }) => value),
        ),
        mapColumn(
          'example',
          rows.map(({ example }) => example),
        ),
      ]
      return section(exemplarsTable.name, columns, rows.length)
    },
    metadata(rows) {
      const texts = (of: 'family' | 'type' | 'help' | 'unit'): string[] => rows.map((row) => row[of])
      const columns = [
        fixedColumn(
          'project',
          'UInt32',
          Uint32Array.from(rows, ({ project }) => project),
        ),
        stringColumn('family', texts('family')),
        lowCardinalityColumn('type', texts('type')),
        stringColumn('help', texts('help')),
        lowCardinalityColumn('unit', texts('unit')),
      ]
      return section(metadataTable.name, columns, rows.length)
    },
  }
}

/** Which series each row is of, or about. */
function identityColumns(rows: readonly Omit<StoredSeries, 'seenMs'>[]): Parameters<typeof encodeNative>[0] {
  const ids = new Uint32Array(rows.length * 2)
  for (const [i, { idLow, idHigh }] of rows.entries()) {
    ids[i * 2] = idLow
    ids[i * 2 + 1] = idHigh
  }
  return [
    fixedColumn(
      'project',
      'UInt32',
      Uint32Array.from(rows, ({ project }) => project),
    ),
    lowCardinalityColumn(
      'name',
      rows.map(({ labels }) => labels.get(metricNameLabel)),
    ),
    fixedColumn('id', 'UInt64', ids),
    mapColumn(
      'labels',
      rows.map(({ labels }) => labels.flat),
    ),
  ]
}

function section(table: string, columns: Parameters<typeof encodeNative>[0], rows: number): SpoolSection {
  return { table, parts: [encodeNative(columns, rows)], rows }
}
