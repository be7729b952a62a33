// The clock on the wall of a place, daylight saving included, by what the runtime knows of time zones.
import { toLocalMs } from '@tidewatch/core/time-zone.ts'

/** Year, month (1 to 12), day, weekday (0 is Sunday) and minute of the day. */
interface Wall {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly weekday: number
  readonly minute: number
}

const minuteMs = 60_000

export class LocalTime {
  readonly #zone: string
  #lastMinute = Number.NaN
  #last: Wall | undefined

  /** A name of the time zone database that `isLocation` takes. */
  constructor(location: string) {
    this.#zone = zoneOf(location)
  }

  at(atMs: number): Wall {
    // all offsets since 1972 are whole minutes, and a pass asks for one moment many times
    const minute = Math.floor(atMs / minuteMs)
    if (this.#last === undefined || minute !== this.#lastMinute) {
      this.#last = wallOf(new Date(toLocalMs(this.#zone, atMs)))
      this.#lastMinute = minute
    }
    return this.#last
  }
}

function wallOf(date: Date): Wall {
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    weekday: date.getUTCDay(),
    minute: date.getUTCHours() * 60 + date.getUTCMinutes(),
  }
}

const isUtc = (location: string): boolean => location === '' || location === 'UTC'

/** The runtime's name; `Local` is Go's for the zone of the machine. */
function zoneOf(location: string): string {
  if (isUtc(location)) return 'UTC'
  return location === 'Local' ? new Intl.DateTimeFormat().resolvedOptions().timeZone : location
}

/** Whether a text names a time zone as Go's LoadLocation takes it: exactly as the database writes it, no offsets. */
export function isLocation(name: string): boolean {
  if (isUtc(name) || name === 'Local') return true
  if (!/^[A-Za-z][A-Za-z0-9_+\-/]*$/.test(name)) return false
  try {
    const known = new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone
    // the runtime takes europe/berlin too, a file system that holds the database does not
    return known === name || known.toLowerCase() !== name.toLowerCase()
  } catch {
    // RangeError: there is no such zone
    return false
  }
}
