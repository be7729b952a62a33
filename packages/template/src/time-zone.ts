// Time zones by their IANA names: offsets from Intl, abbreviations (which Intl knows in few languages only) from a table.
import { zoneAbbreviations } from './time-zone-abbreviations.ts'

export interface ZoneOffset {
  /** Seconds east of Greenwich. */
  readonly seconds: number
  /** `CET`, or `+0545` where a place has no letters for it. */
  readonly abbreviation: string
}

export interface Zone {
  readonly name: string
  /** What clocks there show at a moment, in milliseconds since 1970. */
  offsetAt(atMs: number): ZoneOffset
}

const utc: ZoneOffset = { seconds: 0, abbreviation: 'UTC' }

export const utcZone: Zone = { name: 'UTC', offsetAt: () => utc }

/** The names come from templates, so there may be as many as somebody likes. */
const maxKnown = 1000
const known = new Map<string, Zone>()

/** The zone of that name, or undefined where there is none. The empty name is UTC, as Go has it. */
export function findZone(name: string): Zone | undefined {
  if (name === '' || name === 'UTC') return utcZone
  const former = known.get(name)
  if (former !== undefined) return former
  // Intl takes offsets such as `+01:00` for names too, and does not mind case
  if (!/^[A-Z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+)*$/.test(name)) return undefined
  let format: Intl.DateTimeFormat
  try {
    format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' })
  } catch {
    // a RangeError is how Intl says that it does not know the name
    return undefined
  }
  const zone: Zone = { name, offsetAt: (atMs) => offsetIn(format, name, atMs) }
  if (known.size < maxKnown) known.set(name, zone)
  return zone
}

function offsetIn(format: Intl.DateTimeFormat, name: string, atMs: number): ZoneOffset {
  const text = format.formatToParts(atMs).find(({ type }) => type === 'timeZoneName')?.value ?? ''
  const parts = /GMT([+-])(\d\d):(\d\d)(?::(\d\d))?/.exec(text)
  const size = parts === null ? 0 : Number(parts[2]) * 3600 + Number(parts[3]) * 60 + Number(parts[4] ?? 0)
  const seconds = parts?.[1] === '-' ? -size : size
  return { seconds, abbreviation: zoneAbbreviations.get(name)?.get(seconds / 60) ?? numeric(seconds) }
}

function numeric(seconds: number): string {
  const minutes = Math.floor(Math.abs(seconds) / 60)
  const hours = String(Math.floor(minutes / 60)).padStart(2, '0')
  const rest = minutes % 60 === 0 ? '' : String(minutes % 60).padStart(2, '0')
  return `${seconds < 0 ? '-' : '+'}${hours}${rest}`
}
