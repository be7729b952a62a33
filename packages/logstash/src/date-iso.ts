// ISO 8601 as Logstash takes it: a date, perhaps a time behind `T` or a space, perhaps an offset; fractions behind a point or a comma.
import { fromLocalMs } from '@tidewatch/core/time-zone.ts'
import { type DateContext, weekDay } from './date-parse.ts'
import { isMoment, Timestamp } from './values.ts'

const form =
  /^([+-]?\d{4,9})(?:-(?:(\d\d)(?:-(\d\d))?|W(\d\d)(?:-(\d))?|(\d{3})))?(?:[T ](\d\d)(?::(\d\d)(?::(\d\d))?)?(?:[.,](\d{1,9}))?)?(Z|[+-]\d\d(?::?\d\d)?)?$/

/** Undefined where the text is no such date. */
export function parseIso(text: string, context: DateContext): Timestamp | undefined {
  const match = form.exec(text)
  if (match === null) return undefined
  const [, year, month, day, week, weekday, dayOfYear, hour, minute, second, fraction, offset] = match
  const date = dayMs(Number(year), { month, day, week, weekday, dayOfYear })
  if (date === undefined || Number(hour ?? 0) > 23 || Number(minute ?? 0) > 59 || Number(second ?? 0) > 59)
    return undefined
  // a fraction is one of the last part that is given
  const unitMs = second !== undefined ? 1000 : minute !== undefined ? 60_000 : 3_600_000
  const timeMs = ((Number(hour ?? 0) * 60 + Number(minute ?? 0)) * 60 + Number(second ?? 0)) * 1000
  const fractionNs = fraction === undefined ? 0n : (BigInt(fraction.padEnd(9, '0')) * BigInt(unitMs)) / 1000n
  const localMs = date + timeMs + Number(fractionNs / 1_000_000n)
  const ms = offset === undefined ? fromLocalMs(context.timeZone, localMs) : localMs - offsetMs(offset)
  return isMoment(ms) ? new Timestamp(ms, Number(fractionNs % 1_000_000n)) : undefined
}

function offsetMs(offset: string): number {
  if (offset === 'Z') return 0
  const digits = offset.slice(1).replace(':', '')
  const ms = (Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2) || '0')) * 60_000
  return offset.startsWith('-') ? -ms : ms
}

interface DayParts {
  readonly month: string | undefined
  readonly day: string | undefined
  readonly week: string | undefined
  readonly weekday: string | undefined
  readonly dayOfYear: string | undefined
}

function dayMs(year: number, parts: DayParts): number | undefined {
  if (parts.week !== undefined) return weekDay(year, Number(parts.week), Number(parts.weekday ?? 1))
  const month = Number(parts.month ?? 1)
  const day = Number(parts.day ?? parts.dayOfYear ?? 1)
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  if (parts.dayOfYear !== undefined) return day >= 1 && date.getUTCFullYear() === year ? date.getTime() : undefined
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date.getTime() : undefined
}
