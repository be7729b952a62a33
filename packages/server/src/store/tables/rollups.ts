// Buckets of samples, kept longer than the samples (ADR 014): a table for each width, and beside it the series that have buckets.
import type { RollupName, Signal, TelemetryTable } from '../port.ts'
import { dayOf } from './samples.ts'

export interface RollupLevel {
  readonly name: RollupName
  /** A bucket holds the samples with start < time <= start + width, as ranges of PromQL do. */
  readonly widthMs: number
  readonly signal: Signal
  readonly table: string
  readonly seriesTable: string
}

/** From fine to coarse. */
export const rollupLevels: readonly RollupLevel[] = [
  { name: '5m', widthMs: 300_000, signal: 'rollups_5m', table: 'rollup_5m', seriesTable: 'rollup_5m_series' },
  { name: '1h', widthMs: 3_600_000, signal: 'rollups_1h', table: 'rollup_1h', seriesTable: 'rollup_1h_series' },
]

export const levelOf = (name: RollupName): RollupLevel =>
  rollupLevels.find((level) => level.name === name) as RollupLevel

/** Which days were made, of which state of their samples; the row with the greatest version counts. */
export const rollupDaysTable: TelemetryTable = {
  name: 'rollup_days',
  incoming: [],
  columns: [],
  partition: '0',
  retained: false,
  migrations: [
    {
      version: 1,
      render: (target) =>
        target.createTable({
          name: 'rollup_days',
          columns: ['level LowCardinality(String)', 'day UInt32', 'mark UInt64', 'is_final UInt8', 'version UInt64'],
          engine: 'ReplacingMergeTree',
          engineArgument: 'version',
          orderBy: 'level, day',
        }),
    },
  ],
}

/** Made out of the tables of samples, never loaded from the spool: hence no incoming columns. */
export const rollupTables: readonly TelemetryTable[] = [...rollupLevels.flatMap(tablesOf), rollupDaysTable]

function tablesOf({ table, seriesTable, signal }: RollupLevel): TelemetryTable[] {
  const made = { incoming: [], columns: [], partition: '0', retained: true, signal } as const
  return [
    {
      ...made,
      name: seriesTable,
      migrations: [
        {
          version: 1,
          render: (target) =>
            target.createTable({
              name: seriesTable,
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
    },
    {
      ...made,
      name: table,
      migrations: [{ version: 1, render: (target) => target.createTable(bucketShape(table)) }],
    },
  ]
}

/**
 * Times are distances from the bucket's start, 0 for none: regular scrapes have always the same. Values are IEEE bits; the lowest and highest are
 * kept as their difference to the first and last by XOR, since in a counter they are the same.
 */
const bucketShape = (name: string) => ({
  name,
  columns: [
    'id UInt64 CODEC(ZSTD(1))',
    'start_ms Int64 CODEC(DoubleDelta, ZSTD(1))',
    'first_after UInt32 CODEC(ZSTD(1))',
    'last_after UInt32 CODEC(ZSTD(1))',
    'stale_before UInt32 CODEC(ZSTD(1))',
    'stale_after UInt32 CODEC(ZSTD(1))',
    'samples UInt32 CODEC(ZSTD(1))',
    'first UInt64 CODEC(Delta(8), ZSTD(1))',
    'last UInt64 CODEC(Delta(8), ZSTD(1))',
    'lowest UInt64 CODEC(ZSTD(1))',
    'highest UInt64 CODEC(ZSTD(1))',
    'sum UInt64 CODEC(Delta(8), ZSTD(1))',
    'resets UInt64 CODEC(ZSTD(1))',
    'version UInt64 CODEC(DoubleDelta, ZSTD(1))',
  ],
  engine: 'ReplacingMergeTree' as const,
  engineArgument: 'version',
  partitionBy: dayOf('start_ms'),
  orderBy: 'id, start_ms',
})
