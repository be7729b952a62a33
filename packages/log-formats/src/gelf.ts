// Graylog's format, 1.0 and 1.1: a JSON object, and over UDP its pieces.
import type { AttributeValue } from '@tidewatch/core/log-record.ts'
import { severityOfNumber, syslogSeverityNames } from '@tidewatch/core/log-severity.ts'
import { recordOfFields } from './fields-record.ts'
import { epochInstantNs } from './instant.ts'
import { isJsonObject, type JsonObject } from './json-object.ts'
import type { ParsedLog } from './parsed-log.ts'

/** The record of a message's JSON text; a text that says why it is none. */
export function parseGelf(text: string): ParsedLog | string {
  let message: unknown
  try {
    message = JSON.parse(text)
  } catch (error) {
    return `not JSON: ${(error as Error).message}`
  }
  if (!isJsonObject(message)) return 'not a JSON object'
  const body = textOf(message, 'short_message') ?? textOf(message, 'message') ?? textOf(message, 'full_message')
  if (body === undefined) return 'without short_message'
  const level = Number(message.level ?? Number.NaN)
  const severity = severityOfNumber(level, 'syslog')
  const timeNs = typeof message.timestamp === 'boolean' ? undefined : epochInstantNs(String(message.timestamp ?? ''))
  const host = textOf(message, 'host')
  const fields = additional(message)
  const full = textOf(message, 'full_message')
  if (full !== undefined && full !== body) fields.set('full_message', full)
  const record = recordOfFields(fields, body)
  return {
    ...record,
    ...(timeNs === undefined ? {} : { timeNs }),
    ...(severity === 0 ? {} : { severity, severityText: syslogSeverityNames[level] as string }),
    body,
    service: record.service ?? textOf(message, 'facility') ?? '',
    ...(host === undefined ? {} : { resource: new Map([['host.name', host]]) }),
  }
}

const textOf = (message: JsonObject, name: string): string | undefined => {
  const value = message[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

const ownFields = new Set([
  'version',
  'host',
  'short_message',
  'message',
  'full_message',
  'timestamp',
  'level',
  'facility',
])

/** `_name` without its underscore, and what should have had one; what is neither text nor number is kept as its JSON. */
function additional(message: JsonObject): Map<string, AttributeValue> {
  const fields = new Map<string, AttributeValue>()
  for (const [name, value] of Object.entries(message)) {
    if (ownFields.has(name) || value === null) continue
    const isScalar = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    fields.set(name.startsWith('_') ? name.slice(1) : name, isScalar ? value : JSON.stringify(value))
  }
  return fields
}
