// What Cisco's IOS, NX-OS and ASA send: a sequence number, a host, a time that may be out of step, then %FACILITY-SEVERITY-MNEMONIC.
import { zoneOffsetMinutes } from '../instant.ts'
import { monthDayInstantNs, monthDayTime } from './header-time.ts'
import type { SyslogMessage, SyslogOptions } from './message.ts'

const cisco = new RegExp(
  `^(?:\\d{0,10}: )?(?:(?<before>[\\w.-]{1,255}): )?[*.]?(?<time>${monthDayTime.source})(?: (?<zone>[A-Z]{2,5}))?` +
    '(?: (?<host>[\\w.-]{1,255}) ?)?: (?<code>%[A-Z]\\w{0,30}(?:-\\w{1,30}){0,3}-\\d-\\w{1,60}): ?',
)

/** undefined where it is not one of Cisco's. */
export function ciscoMessage(text: string, priority: number, options: SyslogOptions): SyslogMessage | undefined {
  const match = cisco.exec(text)
  if (match?.groups === undefined) return undefined
  const { before, time, zone, host, code } = match.groups
  const parts = monthDayTime.exec(time as string) as RegExpExecArray
  const offset = zone !== undefined && zoneOffsetMinutes(zone) !== undefined ? zone : undefined
  return {
    priority,
    format: 'cisco',
    timeNs: monthDayInstantNs(parts, { ...options, year: parts[1] ?? parts[4], offset }),
    hostname: before ?? host,
    app: code,
    procid: undefined,
    msgid: undefined,
    structuredData: new Map(),
    message: text.slice(match[0].length),
  }
}
