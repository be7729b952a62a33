// One syslog message: RFC 5424, RFC 3164 as it is written in the wild, and Cisco's. What does not parse is the message; nothing is refused.
import { severityOfNumber, syslogSeverityNames } from '@tidewatch/core/log-severity.ts'
import { isoInstantNs } from '../instant.ts'
import { type ParsedLog, textOf } from '../parsed-log.ts'
import { ciscoMessage } from './cisco.ts'
import { readHeaderTime } from './header-time.ts'
import { readStructuredData, type StructuredData } from './structured-data.ts'

/** RFC 5424, table 1, by number. */
export const syslogFacilityNames = [
  ...['kern', 'user', 'mail', 'daemon', 'auth', 'syslog', 'lpr', 'news', 'uucp', 'cron', 'authpriv', 'ftp'],
  ...['ntp', 'audit', 'alert', 'clock', 'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'],
] as const

export interface SyslogMessage {
  /** Facility × 8 + severity: 0..191. */
  readonly priority: number
  readonly format: 'rfc3164' | 'rfc5424' | 'cisco'
  /** ns since 1970; undefined: the time of arrival. */
  readonly timeNs: bigint | undefined
  /** undefined: the sender's address. */
  readonly hostname: string | undefined
  readonly app: string | undefined
  readonly procid: string | undefined
  readonly msgid: string | undefined
  readonly structuredData: StructuredData
  /** undefined: RFC 5424 without one. */
  readonly message: string | undefined
}

export interface SyslogOptions {
  /** ms since 1970: what a time without a year is near to. */
  readonly nowMs: number
  /** Where a time without a zone is from. Default: UTC. */
  readonly zone?: string
}

/** user.notice, as RFC 3164 says for a message without one. */
const defaultPriority = 13

/** A datagram or frame; undefined for an empty one. */
export function parseSyslog(bytes: Uint8Array, options: SyslogOptions): SyslogMessage | undefined {
  let end = bytes.length
  while (end > 0 && (bytes[end - 1] === 10 || bytes[end - 1] === 13 || bytes[end - 1] === 0)) end--
  if (end === 0) return undefined
  return parseSyslogText(textOf(bytes.subarray(0, end)), options)
}

function parseSyslogText(text: string, options: SyslogOptions): SyslogMessage {
  const match = /^<(\d{1,3})>/.exec(text)
  const written = match === null ? undefined : Number(match[1])
  if (written === undefined ? text.startsWith('<') : written > 191) return plain(text)
  const rest = match === null ? text : text.slice(match[0].length)
  const priority = written ?? defaultPriority
  return (
    (written === undefined ? undefined : rfc5424(rest, priority)) ??
    ciscoMessage(rest, priority, options) ??
    rfc3164(rest, priority, { ...options, hasPriority: written !== undefined })
  )
}

const absent = {
  timeNs: undefined,
  hostname: undefined,
  app: undefined,
  procid: undefined,
  msgid: undefined,
  structuredData: new Map(),
} as const

const plain = (message: string): SyslogMessage => ({
  ...absent,
  priority: defaultPriority,
  format: 'rfc3164',
  message,
})

const header5424 = /^1 (\S{1,64}) (\S{1,255}) (\S{1,48}) (\S{1,128}) (\S{1,64}) (?=[[-])/

function rfc5424(text: string, priority: number): SyslogMessage | undefined {
  const match = header5424.exec(text)
  if (match === null) return undefined
  const [header, time, hostname, app, procid, msgid] = match.map((value) => (value === '-' ? undefined : value))
  const rest = text.slice((header as string).length)
  const data = rest.startsWith('-') ? { values: new Map(), length: 1 } : readStructuredData(rest)
  const behind = data === undefined ? rest : rest.slice(data.length)
  // without the blank behind it, what looked like structured data was none
  const isSound = data !== undefined && (behind === '' || behind.startsWith(' '))
  const message = isSound ? behind.slice(1) : rest
  return {
    priority,
    format: 'rfc5424',
    timeNs: time === undefined ? undefined : isoInstantNs(time),
    ...{ hostname, app, procid, msgid },
    structuredData: isSound ? data.values : new Map(),
    message: isSound && behind === '' ? undefined : message.replace(/^\ufeff/, ''),
  }
}

/** A tag that stands where the host could: it needs a colon and a blank. */
const loneTag = /^([^\s:[\]]{1,128})(?:\[([^\]\s]{0,128})\])?:(?: |$)/
const tag = /^([^\s:[\]]{1,128})(?:\[([^\]\s]{0,128})\])?: ?/

function rfc3164(
  text: string,
  priority: number,
  options: SyslogOptions & { readonly hasPriority: boolean },
): SyslogMessage {
  const time = readHeaderTime(text, options)
  const rest = time === undefined ? text : text.slice(time.length)
  const message: SyslogMessage = { ...absent, priority, format: 'rfc3164', timeNs: time?.timeNs, message: rest }
  if (time === undefined && !options.hasPriority) return message
  const lone = loneTag.exec(rest)
  if (lone !== null) return { ...message, app: lone[1], procid: lone[2], message: rest.slice(lone[0].length) }
  // only behind a time stands a host
  const blank = time === undefined ? -1 : rest.indexOf(' ')
  if (blank <= 0) return message
  const behind = rest.slice(blank + 1)
  const found = tag.exec(behind)
  return {
    ...message,
    hostname: rest.slice(0, blank),
    app: found?.[1],
    procid: found?.[2],
    message: behind.slice(found?.[0].length ?? 0),
  }
}

/** The record of a message. `sender`: the address that it came from, for a message that names no host. */
export function syslogRecord(message: SyslogMessage, sender: string): ParsedLog {
  const { priority, timeNs, app, procid, msgid } = message
  const severity = priority & 7
  const attributes = new Map<string, string | readonly string[]>()
  attributes.set('syslog.facility', syslogFacilityNames[priority >> 3] as string)
  if (procid !== undefined && procid !== '') attributes.set('process.pid', procid)
  if (msgid !== undefined) attributes.set('syslog.msgid', msgid)
  for (const [id, values] of message.structuredData)
    for (const [name, value] of values) attributes.set(`syslog.${id}.${name}`, value)
  return {
    ...(timeNs === undefined ? {} : { timeNs }),
    severity: severityOfNumber(severity, 'syslog'),
    severityText: syslogSeverityNames[severity] as string,
    body: message.message ?? '',
    service: app ?? '',
    resource: new Map([
      ['host.name', message.hostname ?? sender],
      ...(app === undefined ? [] : [['process.name', app] as const]),
    ]),
    attributes,
  }
}
