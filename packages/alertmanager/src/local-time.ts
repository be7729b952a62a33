// The clock on the wall of a place, daylight saving included, by what the runtime knows of time zones.

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
  readonly #format: Intl.DateTimeFormat | undefined
  #lastMinute = Number.NaN
  #last: Wall | undefined

  /** A name of the time zone database that `isLocation` takes. */
  constructor(location: string) {
    this.#format = isUtc(location) ? undefined : formatOf(location)
  }

  at(atMs: number): Wall {
    // all offsets since 1972 are whole minutes, and a pass asks for one moment many times
    const minute = Math.floor(atMs / minuteMs)
    if (this.#last === undefined || minute !== this.#lastMinute) {
      this.#last = this.#wallAt(atMs)
      this.#lastMinute = minute
    }
    return this.#last
  }

  #wallAt(atMs: number): Wall {
    if (this.#format === undefined) return wallOf(new Date(atMs))
    const parts: Record<string, number> = {}
    for (const { type, value } of this.#format.formatToParts(atMs)) parts[type] = Number(value)
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = parts
    const weekday = new Date(Date.UTC(year, month - 1, day)).getUTCDay()
    return { year, month, day, weekday, minute: hour * 60 + minute }
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

function formatOf(location: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-US-u-ca-gregory-nu-latn', {
    // Go's name for the zone of the machine
    ...(location === 'Local' ? {} : { timeZone: location }),
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  })
}

/** Whether a text names a time zone as Go's LoadLocation takes it: exactly as the database writes it, no offsets. */
export function isLocation(name: string): boolean {
  if (isUtc(name) || name === 'Local') return true
  if (!/^[A-Za-z][A-Za-z0-9_+\-/]*$/.test(name)) return false
  try {
    const known = formatOf(name).resolvedOptions().timeZone
    // the runtime takes europe/berlin too, a file system that holds the database does not
    return known === name || known.toLowerCase() !== name.toLowerCase()
  } catch {
    // RangeError: there is no such zone
    return false
  }
}
