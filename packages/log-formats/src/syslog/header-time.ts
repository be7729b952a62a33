// The time at the head of an RFC 3164 message, in the forms that are met.
import { instantNs, isoInstantNs, monthNumber, yearlessInstantNs, zoneOffsetMinutes } from '../instant.ts'
import type { SyslogOptions } from './message.ts'

export interface HeaderTime {
  /** undefined where it has the form of a time but is none. */
  readonly timeNs: bigint | undefined
  /** With the blank behind it. */
  readonly length: number
}

/** `Oct 11 22:14:15`, with a year before or behind the day or behind the time, a fraction, a zone. */
export const monthDayTime =
  /(?:(\d{4}) )?([A-Z][a-z]{2}) ([ \d]?\d)(?: (\d{4}))? (\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?/

const head = new RegExp(`^${monthDayTime.source}(?: (\\d{4})(?= ))?(?: ([A-Z]{1,5})(?= ))? `)
const isoHead = /^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S{0,20}) /

/** undefined where the text does not begin with a time. */
export function readHeaderTime(text: string, options: SyslogOptions): HeaderTime | undefined {
  const iso = isoHead.exec(text)
  if (iso !== null) return { timeNs: isoInstantNs(iso[1] as string, options.zone), length: iso[0].length }
  const match = head.exec(text)
  if (match === null || monthNumber(match[2] as string) === undefined) return undefined
  // letters that are no zone are the host
  const isZone = match[10] !== undefined && zoneOffsetMinutes(match[10]) !== undefined
  const length = match[10] === undefined || isZone ? match[0].length : match[0].length - match[10].length - 1
  const year = match[1] ?? match[4] ?? match[9]
  return { timeNs: monthDayInstantNs(match, { ...options, year, offset: isZone ? match[10] : undefined }), length }
}

/** The instant of a match of `monthDayTime`. */
export function monthDayInstantNs(
  match: RegExpExecArray,
  options: SyslogOptions & { readonly year?: string | undefined; readonly offset?: string | undefined },
): bigint | undefined {
  const time = {
    month: monthNumber(match[2] as string) ?? 0,
    day: Number(match[3]),
    ...{ hour: Number(match[5]), minute: Number(match[6]), second: Number(match[7]) },
    fraction: match[8],
    offset: options.offset,
  }
  if (options.year === undefined) return yearlessInstantNs(time, options)
  return instantNs({ ...time, year: Number(options.year) }, options.zone)
}
