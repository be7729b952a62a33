// Times as answers write them: Elasticsearch's named formats, and patterns of letters as Java's DateTimeFormatter has them.
import { toLocalMs, zoneOffsetMs } from '@tidewatch/core/time-zone.ts'
import { fault } from './fault.ts'

/** ISO 8601 in UTC, with milliseconds, and nanoseconds where there are any. */
export function isoTime(timeNs: bigint): string {
  const text = new Date(Number(timeNs / 1_000_000n)).toISOString()
  const restNs = timeNs % 1_000_000n
  return restNs === 0n ? text : `${text.slice(0, -1)}${String(restNs).padStart(6, '0')}Z`
}

/** How far a zone is ahead of UTC at a moment, in ms: `UTC`, `Europe/Berlin`, `+02:00`. */
export function offsetAt(zone: string, atMs: number): number {
  const fixed = /^([+-])(\d\d):?(\d\d)?$/.exec(zone)
  if (fixed !== null) return (fixed[1] === '-' ? -1 : 1) * (Number(fixed[2]) * 60 + Number(fixed[3] ?? 0)) * 60_000
  return zone === 'Z' || zone === 'UTC' ? 0 : zoneOffsetMs(zone, atMs)
}

export const isFixedZone = (zone: string): boolean => zone === 'UTC' || zone === 'Z' || /^[+-]/.test(zone)

export function checkZone(zone: string, path: string): string {
  try {
    offsetAt(zone, 0)
    return zone === 'utc' ? 'UTC' : zone
  } catch {
    // Intl says only that it does not know it
    throw fault('illegal_argument_exception', `Unknown time-zone ID: ${zone.slice(0, 60)}`, {
      path,
      fix: 'Write Europe/Berlin or +02:00',
    })
  }
}

/** Throws for a format that cannot be written. Without one, `strict_date_optional_time`. */
export function formatTime(timeNs: bigint, format: string | undefined, zone = 'UTC'): string {
  const first = (format ?? 'strict_date_optional_time').split('||')[0] as string
  const ms = Number(timeNs / 1_000_000n)
  switch (first) {
    case 'epoch_millis':
      return String(ms)
    case 'epoch_second':
      return String(Math.floor(ms / 1000))
    case 'strict_date_optional_time_nanos':
    case 'date_optional_time_nanos':
      return zone === 'UTC' ? isoTime(timeNs) : inPattern(ms, "yyyy-MM-dd'T'HH:mm:ss.SSSXXX", zone)
    case 'strict_date_optional_time':
    case 'date_optional_time':
    case 'date_time':
    case 'strict_date_time':
    case 'iso8601':
      return inPattern(ms, "yyyy-MM-dd'T'HH:mm:ss.SSSXXX", zone)
    case 'date':
    case 'strict_date':
      return inPattern(ms, 'yyyy-MM-dd', zone)
    case 'basic_date':
      return inPattern(ms, 'yyyyMMdd', zone)
    case 'date_hour_minute_second':
    case 'strict_date_hour_minute_second':
      return inPattern(ms, "yyyy-MM-dd'T'HH:mm:ss", zone)
    default:
      return inPattern(ms, first, zone)
  }
}

const letters = /'([^']*)'|(y+|u+|M+|d+|H+|m+|s+|S+|E+|X+|Z+)|([^'A-Za-z]+)|(.)/gs
const two = (value: number): string => String(value).padStart(2, '0')

function inPattern(ms: number, pattern: string, zone: string): string {
  const local = new Date(isFixedZone(zone) ? ms + offsetAt(zone, ms) : toLocalMs(zone, ms))
  const iso = local.toISOString()
  return pattern.replace(letters, (_all, quoted?: string, sign?: string, plain?: string, odd?: string) => {
    if (quoted !== undefined) return quoted === '' ? "'" : quoted
    if (plain !== undefined) return plain
    if (sign === undefined)
      throw fault(
        'illegal_argument_exception',
        `Invalid format: [${pattern.slice(0, 60)}]: Unknown pattern letter: ${odd}`,
      )
    return fieldText(sign, local, iso) ?? offsetText(offsetAt(zone, ms), sign)
  })
}

function fieldText(sign: string, local: Date, iso: string): string | undefined {
  switch (sign[0]) {
    case 'y':
    case 'u':
      return sign.length === 2 ? two(local.getUTCFullYear() % 100) : String(local.getUTCFullYear()).padStart(4, '0')
    case 'M':
      if (sign.length > 2)
        return local.toLocaleString('en-US', { month: sign.length === 3 ? 'short' : 'long', timeZone: 'UTC' })
      return sized(local.getUTCMonth() + 1, sign)
    case 'd':
      return sized(local.getUTCDate(), sign)
    case 'H':
      return sized(local.getUTCHours(), sign)
    case 'm':
      return sized(local.getUTCMinutes(), sign)
    case 's':
      return sized(local.getUTCSeconds(), sign)
    case 'S':
      return iso.slice(20, 23).padEnd(sign.length, '0').slice(0, sign.length)
    case 'E':
      return local.toLocaleString('en-US', { weekday: sign.length < 4 ? 'short' : 'long', timeZone: 'UTC' })
    default:
      return undefined
  }
}

const sized = (value: number, sign: string): string => (sign.length === 1 ? String(value) : two(value))

function offsetText(offsetMs: number, sign: string): string {
  if (offsetMs === 0 && sign.startsWith('X')) return 'Z'
  const minutes = Math.abs(offsetMs) / 60_000
  const colon = sign === 'XXX' ? ':' : ''
  return `${offsetMs < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}${colon}${two(minutes % 60)}`
}
