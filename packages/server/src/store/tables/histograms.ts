import type { TelemetryTable } from '../port.ts'
import { dayOf } from './samples.ts'

/**
 * One row a native histogram, as the bytes of core/native-histogram-codec.ts (ADR 009). The bytes are part of the order, so a merge drops what is
 * the same histogram sent twice and keeps two of one moment, of which reading takes one.
 */
export const histogramsTable: TelemetryTable = {
  name: 'histograms',
  incoming: [
    { name: 'project', type: 'UInt32' },
    { name: 'id', type: 'UInt64' },
    { name: 'at_ms', type: 'Float64' },
    { name: 'bytes', type: 'String' },
  ],
  columns: [
    { name: 'id', from: 'id' },
    { name: 'at_ms', from: 'toInt64(at_ms)' },
    { name: 'bytes', from: 'bytes' },
    { name: 'project', from: 'project' },
  ],
  partition: 'intDiv(toInt64(at_ms), 86400000)',
  retained: true,
  migrations: [
    {
      version: 1,
      render: (target) =>
        target.createTable({
          name: 'histograms',
          columns: [
            'id UInt64 CODEC(ZSTD(1))',
            'at_ms Int64 CODEC(DoubleDelta, ZSTD(1))',
            'bytes String CODEC(ZSTD(1))',
            'project UInt32 CODEC(ZSTD(1))',
          ],
          engine: 'ReplacingMergeTree',
          partitionBy: dayOf('at_ms'),
          primaryKey: 'id, at_ms',
          orderBy: 'id, at_ms, bytes',
        }),
    },
  ],
}
