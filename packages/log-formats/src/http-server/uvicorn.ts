// What uvicorn writes with its own settings: access lines and the others.
import type { AttributeValue } from '@tidewatch/core/log-record.ts'
import { severityOfWord } from '@tidewatch/core/log-severity.ts'
import type { ParsedLog } from '../parsed-log.ts'
import { addRequest, severityOfStatus } from './access.ts'

const leveled = /^(TRACE|DEBUG|INFO|WARNING|ERROR|CRITICAL): {1,9}(\S[\s\S]*)$/
const access = /^(\S{1,60}) - "([^"]*)" (\d{3})(?: |$)/

/** `INFO:     10.0.0.1:51022 - "GET / HTTP/1.1" 200 OK` or `INFO:     Started server process [7]`; undefined for a line of another form. */
export function parseUvicornLine(line: string): ParsedLog | undefined {
  const match = leveled.exec(line)
  if (match === null) return undefined
  const [, level, message] = match as unknown as [string, string, string]
  const request = access.exec(message)
  if (request === null) return { severity: severityOfWord(level), severityText: level, body: message }
  const status = Number(request[3])
  const attributes = new Map<string, AttributeValue>([['source.address', request[1] as string]])
  addRequest(attributes, request[2] as string)
  attributes.set('http.response.status_code', status)
  // every request is an INFO to uvicorn; what failed is said by the status
  return {
    severity: Math.max(severityOfWord(level), severityOfStatus(status)),
    severityText: level,
    body: message,
    attributes,
  }
}
