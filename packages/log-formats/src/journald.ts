// journald's JSON export: `journalctl -o json`. A field is a text, a list of texts where it occurs several times, a list of numbers where it is
// not UTF-8 or holds control characters, or null where it was too large.
import type { AttributeValue } from '@tidewatch/core/log-record.ts'
import { severityOfNumber, syslogSeverityNames } from '@tidewatch/core/log-severity.ts'
import { isJsonObject, type JsonObject } from './json-object.ts'
import { type ParsedLog, textOf } from './parsed-log.ts'

export interface JournalEntry {
  readonly record: ParsedLog
  /** Where to go on after it: `journalctl --after-cursor`. */
  readonly cursor: string | undefined
}

/** undefined for a line that is no entry of a journal. */
export function parseJournalLine(line: string): JournalEntry | undefined {
  let entry: unknown
  try {
    entry = JSON.parse(line)
  } catch {
    return undefined
  }
  if (!isJsonObject(entry) || !('__REALTIME_TIMESTAMP' in entry)) return undefined
  const written = Number(textField(entry, 'PRIORITY') ?? Number.NaN)
  const severity = severityOfNumber(written, 'syslog')
  const unit = textField(entry, '_SYSTEMD_UNIT')
  const timeNs = microseconds(entry, '_SOURCE_REALTIME_TIMESTAMP') ?? microseconds(entry, '__REALTIME_TIMESTAMP')
  const resource = new Map<string, string>()
  for (const [name, field] of Object.entries(resourceFields)) {
    const value = textField(entry, field)
    if (value !== undefined) resource.set(name, value)
  }
  const service = textField(entry, 'SYSLOG_IDENTIFIER') ?? unit?.replace(/\.service$/, '') ?? textField(entry, '_COMM')
  const record: ParsedLog = {
    ...(timeNs === undefined ? {} : { timeNs }),
    severity,
    severityText: severity === 0 ? '' : (syslogSeverityNames[written] as string),
    body: textField(entry, 'MESSAGE') ?? '',
    service: service ?? '',
    resource,
    attributes: attributesOf(entry),
  }
  return { record, cursor: textField(entry, '__CURSOR') }
}

const resourceFields: Readonly<Record<string, string>> = {
  'host.name': '_HOSTNAME',
  'systemd.unit': '_SYSTEMD_UNIT',
  'container.name': 'CONTAINER_NAME',
  'container.id': 'CONTAINER_ID',
}

/** What has a place of its own, or is the same in each line of a boot. */
const taken = new Set([
  ...Object.values(resourceFields),
  ...[
    'MESSAGE',
    'PRIORITY',
    'SYSLOG_IDENTIFIER',
    '_SOURCE_REALTIME_TIMESTAMP',
    '_BOOT_ID',
    '_MACHINE_ID',
    '_RUNTIME_SCOPE',
  ],
])

/** `_PID` is `process.pid`, `CODE_FILE` is `journald.code_file`; fields of the journal itself begin with two underscores. */
function attributesOf(entry: JsonObject): Map<string, AttributeValue> {
  const attributes = new Map<string, AttributeValue>()
  for (const [name, value] of Object.entries(entry)) {
    if (taken.has(name) || name.startsWith('__')) continue
    const values = valuesOf(value)
    if (values.length === 0) continue
    const known = name === '_PID' ? 'process.pid' : `journald.${name.replace(/^_/, '').toLowerCase()}`
    attributes.set(known, values.length === 1 ? (values[0] as string) : values)
  }
  return attributes
}

const textField = (entry: JsonObject, name: string): string | undefined => valuesOf(entry[name])[0]

/** The texts of a field: lists of bytes are texts, lists of others have several. */
function valuesOf(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value === 'number' || typeof value === 'boolean') return [String(value)]
  if (!Array.isArray(value)) return []
  if (value.length > 0 && value.every((byte) => typeof byte === 'number')) return [textOf(Uint8Array.from(value))]
  return value.flatMap(valuesOf)
}

function microseconds(entry: JsonObject, name: string): bigint | undefined {
  const text = textField(entry, name)
  return text !== undefined && /^\d{1,18}$/.test(text) ? BigInt(text) * 1000n : undefined
}
