// Error logs of nginx and Apache.
import type { AttributeValue } from '@tidewatch/core/log-record.ts'
import { severityOfWord } from '@tidewatch/core/log-severity.ts'
import { instantNs, monthNumber } from '../instant.ts'
import type { ParsedLog } from '../parsed-log.ts'
import { addRequest } from './access.ts'

export interface ErrorLineOptions {
  /** Where the server's clock is: its error log names no zone. Default: UTC. */
  readonly zone?: string
}

const nginx =
  /^(\d{4})\/(\d\d)\/(\d\d) (\d\d):(\d\d):(\d\d) \[(\w{1,10})\] (\d{1,10})#(\d{1,20}): (?:\*(\d{1,20}) )?([\s\S]*)$/
/** The named parts that end a line of nginx. */
const nginxParts = /, (client|server|request|upstream|host|referrer|subrequest): (?:"([^"]*)"|([^,"]*))(?=,|$)/g

const nginxNames: Readonly<Record<string, string>> = {
  client: 'source.address',
  server: 'server.address',
  upstream: 'nginx.upstream',
  host: 'url.domain',
  referrer: 'http.request.referrer',
  subrequest: 'nginx.subrequest',
}

/** `2025/06/15 11:00:00 [error] 7#8: *9 open() failed, client: 10.0.0.1, ...`; undefined for a line of another form. */
export function parseNginxErrorLine(line: string, options: ErrorLineOptions = {}): ParsedLog | undefined {
  const match = nginx.exec(line)
  if (match === null) return undefined
  const [, year, month, day, hour, minute, second, level, pid, thread, connection, message] = match
  const time = {
    ...{ year: Number(year), month: Number(month), day: Number(day) },
    ...{ hour: Number(hour), minute: Number(minute), second: Number(second) },
  }
  const attributes = new Map<string, AttributeValue>([
    ['process.pid', Number(pid)],
    ['process.thread.id', Number(thread)],
  ])
  if (connection !== undefined) attributes.set('nginx.connection', connection)
  for (const part of (message as string).matchAll(nginxParts)) {
    const value = part[2] ?? part[3] ?? ''
    if (part[1] === 'request') addRequest(attributes, value)
    else attributes.set(nginxNames[part[1] as string] as string, value)
  }
  return { ...timed(instantNs(time, options.zone)), ...leveled(level as string), body: message as string, attributes }
}

const apache =
  /^\[[A-Z][a-z]{2} ([A-Z][a-z]{2}) ([ \d]\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))? (\d{4})\] \[(?:([\w-]{0,40}):)?(\w{1,10})\] (?:\[pid (\d{1,10})(?::tid (\d{1,20}))?\] )?(?:\[(?:client|remote) ([^\]\s]{1,60})\] )?([\s\S]*)$/

/** `[Wed Oct 11 14:32:52 2000] [core:error] [pid 7] [client 10.0.0.1:5] AH00035: ...`; undefined for a line of another form. */
export function parseApacheErrorLine(line: string, options: ErrorLineOptions = {}): ParsedLog | undefined {
  const match = apache.exec(line)
  if (match === null) return undefined
  const [, month, day, hour, minute, second, fraction, year, module, level, pid, thread, client, message] = match
  const time = {
    ...{ year: Number(year), month: monthNumber(month as string) ?? 0, day: Number(day) },
    ...{ hour: Number(hour), minute: Number(minute), second: Number(second), fraction },
  }
  const attributes = new Map<string, AttributeValue>()
  if (module !== undefined && module !== '') attributes.set('apache.module', module)
  if (pid !== undefined) attributes.set('process.pid', Number(pid))
  if (thread !== undefined) attributes.set('process.thread.id', thread)
  if (client !== undefined) attributes.set('source.address', client)
  const code = /^(AH\d{5}): /.exec(message as string)
  if (code !== null) attributes.set('event.code', code[1] as string)
  return { ...timed(instantNs(time, options.zone)), ...leveled(level as string), body: message as string, attributes }
}

const timed = (timeNs: bigint | undefined): { timeNs?: bigint } => (timeNs === undefined ? {} : { timeNs })

/** Apache's `trace1` to `trace8` are traces. */
const leveled = (level: string): { severity: number; severityText: string } => ({
  severity: severityOfWord(level.replace(/^trace[1-8]$/, 'trace')),
  severityText: level,
})
