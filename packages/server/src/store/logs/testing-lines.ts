// For tests: records into the table as the loader puts them there.

import type { LogPlace } from '@tidewatch/core/log-id.ts'
import { type AttributeScalar, type LogRecord, logRecord } from '@tidewatch/core/log-record.ts'
import { bytesColumn, encodeNative, fixedColumn, mapColumn, type NativeColumn, stringColumn } from '../native-encode.ts'
import type { StoreClient } from '../port.ts'
import { logsTable } from '../tables/logs.ts'
import { loadSections } from '../testing-load.ts'

export interface LineToLoad {
  readonly record: LogRecord
  readonly project?: number
  readonly keepDays?: number
}

let lastSeq = 0n

const textFields = [
  ['severity_text', 'severityText'],
  ['body', 'body'],
  ['service', 'service'],
  ['environment', 'environment'],
  ['release', 'release'],
  ['trace_id', 'traceId'],
  ['span_id', 'spanId'],
  ['request_id', 'requestId'],
  ['session_id', 'sessionId'],
  ['user', 'user'],
  ['wallet', 'wallet'],
  ['contract', 'contract'],
  ['tx', 'tx'],
  ['spelling', 'spelling'],
] as const

/** Loads the lines in this order, and says where each lies. */
export async function loadLines(client: StoreClient, lines: readonly LineToLoad[]): Promise<readonly LogPlace[]> {
  const places = lines.map(({ record }) => ({ timeNs: record.timeNs, seq: ++lastSeq }))
  const text = (name: string, of: (record: LogRecord) => string): NativeColumn =>
    stringColumn(
      name,
      lines.map(({ record }) => of(record)),
    )
  const columns = [
    fixedColumn(
      'project',
      'UInt32',
      Uint32Array.from(lines, ({ project = 0 }) => project),
    ),
    fixedColumn(
      'keep_days',
      'UInt16',
      Uint16Array.from(lines, ({ keepDays = 0 }) => keepDays),
    ),
    fixedColumn(
      'time_ns',
      'UInt64',
      BigUint64Array.from(places, ({ timeNs }) => timeNs),
    ),
    fixedColumn(
      'seq',
      'UInt64',
      BigUint64Array.from(places, ({ seq }) => seq),
    ),
    fixedColumn(
      'severity',
      'UInt8',
      Uint8Array.from(lines, ({ record }) => record.severity),
    ),
    ...textFields.map(([name, field]) => text(name, (record) => record[field])),
    mapColumn(
      'resource',
      lines.map(({ record }) => [...record.resource].flat()),
    ),
    mapColumn(
      'attributes',
      lines.map(({ record }) => flatAttributes(record)),
    ),
    bytesColumn(
      'kinds',
      lines.map(({ record }) => Buffer.from(kindsOf(record))),
    ),
  ]
  const parts = [encodeNative(columns, lines.length)]
  await loadSections(client, [{ table: logsTable.name, rows: lines.length, parts }])
  return places
}

/** Lines of one text each, a second apart. */
export const linesOf = (bodies: readonly string[], fromNs: bigint): LineToLoad[] =>
  bodies.map((body, i) => ({ record: logRecord({ body, timeNs: fromNs + BigInt(i) * 1_000_000_000n }) }))

const elementsOf = (value: AttributeScalar | readonly AttributeScalar[]): readonly AttributeScalar[] =>
  typeof value === 'object' ? value : [value]

const flatAttributes = ({ attributes }: LogRecord): string[] =>
  [...attributes].flatMap(([name, value]) => elementsOf(value).flatMap((element) => [name, String(element)]))

function kindsOf({ attributes }: LogRecord): string {
  const kinds = [...attributes.values()].flatMap((value) =>
    elementsOf(value).map((element) => {
      const kind = typeof element === 'string' ? 's' : typeof element === 'number' ? 'n' : 'b'
      return Array.isArray(value) ? kind.toUpperCase() : kind
    }),
  )
  return kinds.every((kind) => kind === 's') ? '' : kinds.join('')
}
