// A message of syslog as a record. Called once a message.
import { type LogRecord, logRecord } from '@tidewatch/core/log-record.ts'
import { parseSyslog, syslogRecord } from '@tidewatch/log-formats/syslog/message.ts'
import { parseJsonExactly, recordOfObject } from '../../logs/json-record.ts'
import type { Sender } from '../listening/line-batches.ts'
import type { Port } from '../listening/ports.ts'

/** What a message's text begins with that is structured (CEE, as rsyslog's mmjsonparse and many loggers write it). */
const cookie = /^\s*@cee:\s*(?=\{)/

/** Takes a message into the batch of its port. */
export function syslogReader(
  { batches, parts: { clock } }: Pick<Port, 'batches' | 'parts'>,
  zone: string,
): (sender: Sender, bytes: Uint8Array) => void {
  return (sender, bytes) => {
    const message = parseSyslog(bytes, { nowMs: clock.nowMs(), zone })
    if (message === undefined) return
    const record = logRecord(syslogRecord(message, sender.address))
    batches.record(sender, unpacked(record), bytes.length)
  }
}

/** With the fields of its body, where that is an object behind `@cee:`. What the object says of itself is more exact than the header. */
function unpacked(record: LogRecord): LogRecord {
  const match = cookie.exec(record.body)
  if (match === null) return record
  const text = record.body.slice(match[0].length)
  const object = parsedObject(text)
  if (object === undefined) return record
  const { record: inner, isTimed } = recordOfObject(object)
  const named = Object.fromEntries(
    Object.entries(inner).filter(([, value]) => typeof value === 'string' && value !== ''),
  )
  return {
    ...record,
    ...named,
    body: inner.body === '' ? record.body : inner.body,
    timeNs: isTimed ? inner.timeNs : record.timeNs,
    ...(inner.severityText === '' ? {} : { severity: inner.severity }),
    attributes: new Map([...record.attributes, ...inner.attributes]),
  }
}

function parsedObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value = parseJsonExactly(text)
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    // no JSON: then the text is the message
    return undefined
  }
}
