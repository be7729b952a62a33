// A stored line as our API gives it out.
import type { LogLine } from '@tidewatch/api/logs.ts'
import { printLogId } from '@tidewatch/core/log-id.ts'
import { type LogRecord, logIdentityFields } from '@tidewatch/core/log-record.ts'
import type { StoredLog } from '../../../store/port.ts'

export const lineOf = ({ place, record }: Pick<StoredLog, 'place' | 'record'>): LogLine => ({
  id: printLogId(place),
  ...recordOf(record),
})

/** All of a line but its id. */
export function recordOf(record: LogRecord): Omit<LogLine, 'id'> {
  const { timeNs, severity, severityText, body, service, resource } = record
  const identity: Record<string, string> = {}
  for (const name of logIdentityFields) if (name !== 'service' && record[name] !== '') identity[name] = record[name]
  return {
    ...{ timeNs: String(timeNs), severity, severityText, body, service, identity },
    resource: Object.fromEntries(resource),
    attributes: Object.fromEntries(record.attributes) as LogLine['attributes'],
  }
}
