import type { TelemetryTable } from '../port.ts'

/** Type, help and unit of metric families; the newest row of a family counts. */
export const metadataTable: TelemetryTable = {
  name: 'metric_metadata',
  incoming: [
    { name: 'project', type: 'UInt32' },
    { name: 'family', type: 'String' },
    { name: 'type', type: 'LowCardinality(String)' },
    { name: 'help', type: 'String' },
    { name: 'unit', type: 'LowCardinality(String)' },
  ],
  columns: ['project', 'family', 'type', 'help', 'unit'].map((name) => ({ name, from: name })),
  partition: '0',
  retained: false,
  migrations: [
    {
      version: 1,
      render: (target) =>
        target.createTable({
          name: 'metric_metadata',
          columns: [
            'project UInt32',
            'family String',
            'type LowCardinality(String)',
            'help String CODEC(ZSTD(1))',
            'unit LowCardinality(String)',
            'loaded_at DateTime64(3) DEFAULT now64(3)',
          ],
          engine: 'ReplacingMergeTree',
          engineArgument: 'loaded_at',
          orderBy: 'project, family',
        }),
    },
  ],
}
