// Stored lines out of blocks of columns.
import { attributesOf } from '@tidewatch/core/log-batch-reader.ts'
import type { AttributeValue, LogRecord } from '@tidewatch/core/log-record.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import type { NativeBlock, StringMaps } from '../native-decode.ts'
import type { StoredLog } from './port.ts'

const texts = [
  ...['severity_text', 'body', 'service', 'environment', 'release', 'trace_id', 'span_id', 'request_id'],
  ...['session_id', 'user', 'wallet', 'contract', 'tx', 'kinds', 'spelling'],
] as const

/** What is not in every line. Of many lines most of it is in none: to read a column takes as long whether there is something in it or not. */
export const optionalColumns = [
  ...['environment', 'release', 'trace_id', 'span_id', 'request_id', 'session_id', 'user', 'wallet', 'contract', 'tx'],
  ...['kinds', 'spelling', 'resource'],
] as const
export type OptionalColumn = (typeof optionalColumns)[number]

/** What `readLines` takes, as the selected columns of a statement; `unused` ones are empty in all lines that it reads. */
export function lineColumns(unused: ReadonlySet<OptionalColumn>): string {
  const isRead = (name: string): boolean => !unused.has(name as OptionalColumn)
  return [
    ...['project', 'time_ns', 'seq', 'toUInt32(severity) AS severity_number', ...texts.filter(isRead)],
    ...(isRead('resource') ? ["CAST(resource, 'Map(String, String)') AS resource_map"] : []),
    "CAST(attributes, 'Map(String, String)') AS attributes_map",
  ].join(', ')
}

/** Rows of a block at most: what is decoded at once takes a few milliseconds. */
export const lineBlockRows = 2048

export function readLines(block: NativeBlock, unused: ReadonlySet<OptionalColumn>): StoredLog[] {
  const projects = block.uint32('project')
  const times = block.halves('time_ns')
  const seqs = block.halves('seq')
  const severities = block.uint32('severity_number')
  const nothing = Array.from({ length: block.rows }, () => '')
  const isUnused = (name: string): boolean => unused.has(name as OptionalColumn)
  const columns = Object.fromEntries(
    texts.map((name) => [name, isUnused(name) ? nothing : block.strings(name)]),
  ) as Readonly<Record<(typeof texts)[number], readonly string[]>>
  const resources = isUnused('resource') ? undefined : block.maps('resource_map')
  const attributes = block.maps('attributes_map')
  return Array.from({ length: block.rows }, (_, row): StoredLog => {
    const text = (name: (typeof texts)[number]): string => columns[name][row] as string
    const timeNs = BigInt.asIntN(64, wide(times, row))
    const record: LogRecord = {
      timeNs,
      severity: severities[row] as number,
      severityText: text('severity_text'),
      body: text('body'),
      service: text('service'),
      environment: text('environment'),
      release: text('release'),
      traceId: text('trace_id'),
      spanId: text('span_id'),
      requestId: text('request_id'),
      sessionId: text('session_id'),
      user: text('user'),
      wallet: text('wallet'),
      contract: text('contract'),
      tx: text('tx'),
      spelling: text('spelling'),
      resource: resources === undefined ? new Map() : readResource(resources, row),
      attributes: readAttributes(attributes, row, text('kinds')),
    }
    const place = { timeNs, seq: wide(seqs, row) }
    return { project: projects[row] as ProjectId, place, record }
  })
}

const wide = (halves: Uint32Array, row: number): bigint =>
  (BigInt(halves[row * 2 + 1] as number) << 32n) | BigInt(halves[row * 2] as number)

function readResource({ ends, keys, values }: StringMaps, row: number): ReadonlyMap<string, string> {
  const resource = new Map<string, string>()
  for (let at = row === 0 ? 0 : (ends[row - 1] as number); at < (ends[row] as number); at++)
    resource.set(keys[at] as string, values[at] as string)
  return resource
}

/** `kinds` has a letter for each value (log-batch.ts of core), or none where all are texts. */
const readAttributes = (
  { ends, keys: names, values }: StringMaps,
  row: number,
  kinds: string,
): ReadonlyMap<string, AttributeValue> =>
  attributesOf({ names, values }, { from: row === 0 ? 0 : (ends[row - 1] as number), to: ends[row] as number, kinds })
