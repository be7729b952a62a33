// Local time of places, daylight saving included, by the zone data of the runtime.

const hourMs = 3_600_000
const dayMs = 86_400_000
/** Years of days of one zone; then it begins anew. */
const keptDays = 20_000

const formats = new Map<string, Intl.DateTimeFormat>()
const days = new Map<string, Map<number, number | undefined>>()

/** Whether the runtime knows the zone: `Europe/Berlin`, `UTC`. */
export function isTimeZone(zone: string): boolean {
  // offsets such as +02:00 are zones to Intl, but nowhere else
  if (!/^[A-Za-z]/.test(zone)) return false
  try {
    formatOf(zone)
    return true
  } catch {
    return false
  }
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone)
  if (known !== undefined) return known
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    era: 'short',
    ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' },
  })
  formats.set(zone, made)
  return made
}

function askedOffsetMs(zone: string, atMs: number): number {
  const parts = new Map(
    formatOf(zone)
      .formatToParts(atMs)
      .map(({ type, value }) => [type, value]),
  )
  const part = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type))
  const year = parts.get('era') === 'BC' ? 1 - part('year') : part('year')
  const local = Date.UTC(year, part('month') - 1, part('day'), part('hour'), part('minute'), part('second'))
  return local - Math.floor(atMs / 1000) * 1000
}

/** How far local time is ahead of UTC at a moment, in ms. Throws RangeError for a zone that is none. */
export function zoneOffsetMs(zone: string, atMs: number): number {
  const known = days.get(zone) ?? new Map<number, number | undefined>()
  days.set(zone, known)
  const day = Math.floor(atMs / dayMs)
  if (!known.has(day)) {
    if (known.size >= keptDays) known.clear()
    const first = askedOffsetMs(zone, day * dayMs)
    // a day in which the offset changes is asked each time
    known.set(day, first === askedOffsetMs(zone, (day + 1) * dayMs) ? first : undefined)
  }
  return known.get(day) ?? askedOffsetMs(zone, atMs)
}

/** Local time as ms since 1970 as if it were UTC. */
export const toLocalMs = (zone: string, atMs: number): number => atMs + zoneOffsetMs(zone, atMs)

/**
 * The moment at which clocks there show a local time. Of two (the hour that daylight saving repeats) the earlier; of none (the hour that it skips)
 * as much later as the clocks are put forward: 02:30 is 03:30.
 */
export function fromLocalMs(zone: string, localMs: number): number {
  const before = zoneOffsetMs(zone, localMs - 15 * hourMs)
  const after = zoneOffsetMs(zone, localMs + 15 * hourMs)
  const candidates = [localMs - before, localMs - after].filter((atMs) => toLocalMs(zone, atMs) === localMs)
  return candidates.length === 0 ? localMs - before : Math.min(...candidates)
}
