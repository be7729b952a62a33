import type { TelemetryTable } from '../port.ts'
import { dayOf } from './samples.ts'

/**
 * Examples of what samples counted, each with its series' labels: they are few, and are found and go without the tables of samples. What is the
 * same exemplar sent twice is dropped by a merge; reading drops it too.
 */
export const exemplarsTable: TelemetryTable = {
  name: 'exemplars',
  incoming: [
    { name: 'project', type: 'UInt32' },
    { name: 'name', type: 'LowCardinality(String)' },
    { name: 'id', type: 'UInt64' },
    { name: 'labels', type: 'Map(String, String)' },
    { name: 'at_ms', type: 'Float64' },
    { name: 'bits', type: 'UInt64' },
    { name: 'example', type: 'Map(String, String)' },
  ],
  columns: [
    { name: 'project', from: 'project' },
    { name: 'name', from: 'name' },
    { name: 'id', from: 'id' },
    { name: 'labels', from: 'labels' },
    { name: 'at_ms', from: 'toInt64(at_ms)' },
    { name: 'bits', from: 'bits' },
    { name: 'example', from: 'example' },
    { name: 'example_hash', from: 'cityHash64(mapKeys(example), mapValues(example))' },
  ],
  partition: 'intDiv(toInt64(at_ms), 86400000)',
  retained: true,
  migrations: [
    {
      version: 1,
      render: (target) =>
        target.createTable({
          name: 'exemplars',
          columns: [
            'project UInt32 CODEC(ZSTD(1))',
            'name LowCardinality(String) CODEC(ZSTD(1))',
            'id UInt64 CODEC(ZSTD(1))',
            'labels Map(LowCardinality(String), String) CODEC(ZSTD(1))',
            'at_ms Int64 CODEC(DoubleDelta, ZSTD(1))',
            'bits UInt64 CODEC(ZSTD(1))',
            'example Map(LowCardinality(String), String) CODEC(ZSTD(1))',
            'example_hash UInt64 CODEC(ZSTD(1))',
          ],
          engine: 'ReplacingMergeTree',
          partitionBy: dayOf('at_ms'),
          primaryKey: 'project, name, id, at_ms',
          orderBy: 'project, name, id, at_ms, bits, example_hash',
        }),
    },
  ],
}
