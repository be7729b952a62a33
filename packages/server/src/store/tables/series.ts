import type { TelemetryTable } from '../port.ts'
import { dayOf } from './samples.ts'

/** A series' labels, once for each day it has samples of: a window reads its days alone, and the days go with the samples. */
export const seriesTable: TelemetryTable = {
  name: 'series',
  incoming: [
    { name: 'project', type: 'UInt32' },
    { name: 'name', type: 'LowCardinality(String)' },
    { name: 'id', type: 'UInt64' },
    { name: 'labels', type: 'Map(String, String)' },
    { name: 'seen_ms', type: 'Float64' },
  ],
  columns: [
    { name: 'project', from: 'project' },
    { name: 'name', from: 'name' },
    { name: 'id', from: 'id' },
    { name: 'labels', from: 'labels' },
    { name: 'seen_ms', from: 'toInt64(seen_ms)' },
  ],
  partition: 'intDiv(toInt64(seen_ms), 86400000)',
  retained: true,
  migrations: [
    {
      version: 1,
      render: (target) =>
        target.createTable({
          name: 'series',
          columns: [
            'project UInt32 CODEC(ZSTD(1))',
            'name LowCardinality(String) CODEC(ZSTD(1))',
            'id UInt64 CODEC(ZSTD(1))',
            'labels Map(LowCardinality(String), String) CODEC(ZSTD(1))',
            'seen_ms Int64 CODEC(Delta(8), ZSTD(1))',
          ],
          engine: 'ReplacingMergeTree',
          partitionBy: dayOf('seen_ms'),
          orderBy: 'project, name, id',
        }),
    },
  ],
}
