import type { TelemetryTable } from '../port.ts'

/**
 * A value is kept in one of two columns, since whole numbers (most counters) compress better as what they are (ADR 004):
 * `whole` holds it where it is a whole number of at most 2^53 and not -0, then `bits` is 0; else `bits` are its IEEE bits, every NaN payload
 * included, and `whole` is 0.
 */
const value = 'reinterpretAsFloat64(bits)'
const isWhole = `${value} = trunc(${value}) AND abs(${value}) <= 9007199254740992 AND bits != 9223372036854775808`

/** A sample's value from the two columns. */
export const sampleValue = 'if(bits = 0, toFloat64(whole), reinterpretAsFloat64(bits))'

/** The day of a time, as partitions are named by. Its column in a partition's expression also prunes parts by their range of times. */
export const dayOf = (column: string): string => `toYYYYMMDD(fromUnixTimestamp64Milli(${column}, 'UTC'))`

/**
 * One row a sample. Values are part of the order, so a merge drops what is the same sample sent twice and keeps two values of one moment,
 * of which reading takes one.
 */
export const samplesTable: TelemetryTable = {
  name: 'samples',
  incoming: [
    { name: 'project', type: 'UInt32' },
    { name: 'id', type: 'UInt64' },
    { name: 'at_ms', type: 'Float64' },
    { name: 'bits', type: 'UInt64' },
  ],
  columns: [
    { name: 'id', from: 'id' },
    { name: 'at_ms', from: 'toInt64(at_ms)' },
    { name: 'whole', from: `if(${isWhole}, toInt64(${value}), 0)` },
    { name: 'bits', from: `if(${isWhole}, 0, bits)` },
    { name: 'project', from: 'project' },
  ],
  partition: 'intDiv(toInt64(at_ms), 86400000)',
  retained: true,
  migrations: [
    {
      version: 1,
      render: (target) =>
        target.createTable({
          name: 'samples',
          columns: [
            'id UInt64 CODEC(ZSTD(1))',
            'at_ms Int64 CODEC(DoubleDelta, ZSTD(1))',
            'whole Int64 CODEC(DoubleDelta, ZSTD(1))',
            'bits UInt64 CODEC(Delta(8), ZSTD(1))',
            'project UInt32 CODEC(ZSTD(1))',
          ],
          engine: 'ReplacingMergeTree',
          partitionBy: dayOf('at_ms'),
          primaryKey: 'id, at_ms',
          orderBy: 'id, at_ms, whole, bits',
        }),
    },
  ],
}
