// For tests: a table that shows what was lost or doubled. Each row has a number of its own.
import type { SpoolSection } from '../spool/port.ts'
import { encodeNative, fixedColumn } from './native-encode.ts'
import type { StoreClient, TelemetryTable } from './port.ts'

/** Plain MergeTree: a row that was loaded twice stays twice. */
export function ledgerTable(name: string): TelemetryTable {
  const columns = ['number', 'day']
  return {
    name,
    incoming: columns.map((column) => ({ name: column, type: 'UInt32' })),
    columns: columns.map((column) => ({ name: column, from: column })),
    partition: 'day',
    retained: false,
    migrations: [
      {
        version: 1,
        render: (target) =>
          target.createTable({
            name,
            columns: ['number UInt32', 'day UInt32'],
            engine: 'MergeTree',
            partitionBy: 'day',
            orderBy: 'number',
          }),
      },
    ],
  }
}

/** Rows of these numbers, spread over so many days. */
export function ledgerRows(table: string, numbers: readonly number[], days: number): SpoolSection {
  const columns = [
    fixedColumn('number', 'UInt32', Uint32Array.from(numbers)),
    fixedColumn(
      'day',
      'UInt32',
      Uint32Array.from(numbers, (_, i) => i % days),
    ),
  ]
  return { table, parts: [encodeNative(columns, numbers.length)], rows: numbers.length }
}

/** What is in the table of the numbers from the first to the last. */
export async function ledgerFound(
  client: StoreClient,
  table: string,
  numbers: readonly number[],
): Promise<{ rows: number; distinct: number }> {
  const [row] = await client.query<{ rows: number; distinct: number }>(
    `SELECT count() AS rows, uniqExact(number) AS distinct FROM ${table} WHERE number BETWEEN ${numbers[0]} AND ${numbers.at(-1)}`,
    { signal: new AbortController().signal },
  )
  return row ?? { rows: 0, distinct: 0 }
}
