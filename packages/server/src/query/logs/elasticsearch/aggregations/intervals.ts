// Intervals of time, by the clock or by the calendar of a zone.
import { fromLocalMs, toLocalMs } from '@tidewatch/core/time-zone.ts'
import { checkZone, isFixedZone, offsetAt } from '../date-format.ts'
import { badValue, fault } from '../fault.ts'
import { type JsonObject, textOf } from '../request.ts'

type CalendarUnit = 'minute' | 'hour' | 'day' | 'week' | 'month' | 'quarter' | 'year'

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}
const dayMs = 86_400_000
const calendarUnits: Readonly<Record<string, CalendarUnit>> = {
  ...{ '1m': 'minute', minute: 'minute', '1h': 'hour', hour: 'hour', '1d': 'day', day: 'day', '1w': 'week' },
  ...{ week: 'week', '1M': 'month', month: 'month', '1q': 'quarter', quarter: 'quarter', '1y': 'year', year: 'year' },
}
const calendarMs: Readonly<Partial<Record<CalendarUnit, number>>> = {
  ...{ minute: 60_000, hour: 3_600_000, day: dayMs, week: 7 * dayMs },
}
/** The first Monday: weeks begin with it. */
const mondayMs = 4 * dayMs

export interface TimeIntervals {
  /** The begin of the interval that a moment lies in. */
  floor(ms: number): number
  /** The begin of the next interval, from the begin of one. */
  next(ms: number): number
  /** Where all are equally long: how long, and where one begins. */
  readonly even: { readonly widthMs: number; readonly offsetMs: number } | undefined
  readonly zone: string
}

/** `5m`, `-2h`, `500ms` in ms. */
export function durationMs(value: unknown, path: string): number {
  const match = typeof value === 'string' ? /^([+-]?)(\d{1,12}(?:\.\d{1,6})?)(ms|s|m|h|d|w)$/.exec(value.trim()) : null
  if (match !== null) return (match[1] === '-' ? -1 : 1) * Number(match[2]) * (unitMs[match[3] as string] as number)
  if (value === 0 || value === '0') return 0
  throw badValue(path, value, 'a duration such as 30s, 5m or 1d')
}

/** From `fixed_interval`, `calendar_interval` or the older `interval`, with `time_zone` and `offset`. */
export function readIntervals(settings: JsonObject, path: string): TimeIntervals {
  const zone = checkZone(
    settings.time_zone === undefined ? 'UTC' : textOf(settings.time_zone, `${path}.time_zone`),
    path,
  )
  const offsetMs = settings.offset === undefined ? 0 : durationMs(settings.offset, `${path}.offset`)
  const { fixed_interval: fixed, calendar_interval: calendar, interval } = settings
  if (fixed !== undefined && calendar !== undefined)
    throw fault(
      'illegal_argument_exception',
      'Cannot use [fixed_interval] with [calendar_interval] configuration option.',
      { path },
    )
  const word = calendar ?? (fixed === undefined ? interval : undefined)
  const unit = typeof word === 'string' ? calendarUnits[word] : undefined
  if (calendar !== undefined && unit === undefined)
    throw fault(
      'illegal_argument_exception',
      `The supplied interval [${String(calendar).slice(0, 40)}] could not be parsed as a calendar interval.`,
      { path },
    )
  if (fixed === undefined && word === undefined)
    throw fault('illegal_argument_exception', 'Invalid interval specified, must be non-null and non-empty', {
      path,
      fix: 'Give [fixed_interval] or [calendar_interval]',
    })
  if (unit !== undefined) return calendarIntervals(unit, zone, offsetMs)
  const widthMs = durationMs(fixed ?? interval, `${path}.fixed_interval`)
  if (widthMs < 1) throw fault('illegal_argument_exception', 'Zero or negative time interval not supported', { path })
  return evenIntervals(Math.round(widthMs), { zone, offsetMs, beginMs: 0 })
}

function calendarIntervals(unit: CalendarUnit, zone: string, offsetMs: number): TimeIntervals {
  const widthMs = calendarMs[unit]
  if (widthMs !== undefined) return evenIntervals(widthMs, { zone, offsetMs, beginMs: unit === 'week' ? mondayMs : 0 })
  const months = unit === 'month' ? 1 : unit === 'quarter' ? 3 : 12
  const local = localTime(zone)
  return {
    zone,
    even: undefined,
    floor(ms) {
      const date = new Date(local.from(ms - offsetMs))
      const month = Math.floor(date.getUTCMonth() / months) * months
      return local.to(Date.UTC(date.getUTCFullYear(), month)) + offsetMs
    },
    next(ms) {
      const date = new Date(local.from(ms - offsetMs))
      return local.to(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months)) + offsetMs
    },
  }
}

const localTime = (zone: string) => {
  if (!isFixedZone(zone))
    return { from: (ms: number) => toLocalMs(zone, ms), to: (ms: number) => fromLocalMs(zone, ms) }
  const ahead = offsetAt(zone, 0)
  return { from: (ms: number) => ms + ahead, to: (ms: number) => ms - ahead }
}

function evenIntervals(
  widthMs: number,
  { zone, offsetMs, beginMs }: { readonly zone: string; readonly offsetMs: number; readonly beginMs: number },
): TimeIntervals {
  // zones differ by quarters of an hour at least
  const isEven = isFixedZone(zone) || (900_000 % widthMs === 0 && beginMs === 0)
  const local = localTime(isEven && !isFixedZone(zone) ? 'UTC' : zone)
  const floorLocal = (ms: number): number => Math.floor((ms - beginMs) / widthMs) * widthMs + beginMs
  const floor = (ms: number): number => local.to(floorLocal(local.from(ms - offsetMs))) + offsetMs
  return {
    zone,
    even: isEven ? { widthMs, offsetMs: floor(0) } : undefined,
    floor,
    next(ms) {
      const next = local.to(floorLocal(local.from(ms - offsetMs)) + widthMs) + offsetMs
      // the hour that clocks repeat is one interval
      return next > ms ? next : ms + widthMs
    },
  }
}
