// Dates as Elasticsearch takes them (`strict_date_optional_time||epoch_millis` with date math): `2025-06`, `now-1h/d`, `2025-06-15||+1M/d`.
import { fromLocalMs as momentOf, toLocalMs } from '@tidewatch/core/time-zone.ts'
import { offsetMsOf } from './analysis.ts'

/** What `now` and dates without an offset mean. */
export interface DateContext {
  /** ms since 1970. */
  readonly nowMs: number
  /** IANA name of the zone in which days begin. */
  readonly timeZone: string
}

type Unit = 'y' | 'M' | 'w' | 'd' | 'h' | 'm' | 's'

const fixedMs: Partial<Record<Unit, number>> = { h: 3_600_000, m: 60_000, s: 1000 }
/** Two days before the last moment that JavaScript's dates know, so that every zone's local time is one too. */
const maxMs = 8_640_000_000_000_000 - 2 * 86_400_000
const maxText = 100

const datePart =
  /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(?:(\d\d)(?::(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?(Z|[+-]\d\d(?::?\d\d)?)?)?)?)?)?$/

/**
 * ns since 1970; undefined where the text is no date. With `roundUp` what is missing is filled with the greatest instead of the least value, and `/d`
 * goes to the end of the day; the last nanosecond then belongs to it.
 */
export function parseDateMath(text: string, roundUp: boolean, context: DateContext): bigint | undefined {
  if (text.length > maxText) return undefined
  const split = text.indexOf('||')
  const isNow = text.startsWith('now')
  const anchor = isNow ? 'now' : split < 0 ? text : text.slice(0, split)
  const math = isNow ? text.slice(3) : split < 0 ? '' : text.slice(split + 2)
  if (math === '') return isNow ? endOfMs(context.nowMs, roundUp) : anchorNs(anchor, roundUp, context)
  const anchorAtNs = isNow ? BigInt(Math.trunc(context.nowMs)) * 1_000_000n : anchorNs(anchor, false, context)
  return anchorAtNs === undefined ? undefined : applyMath(anchorAtNs, math, roundUp, context.timeZone)
}

const endOfMs = (ms: number, roundUp: boolean): bigint =>
  BigInt(Math.trunc(ms)) * 1_000_000n + (roundUp ? 999_999n : 0n)

function anchorNs(text: string, roundUp: boolean, context: DateContext): bigint | undefined {
  const match = datePart.exec(text)
  if (match === null) {
    // a bare number counts milliseconds; a short one is a word or a code that somebody searches for without naming a field
    const isEpoch = /^-?\d{10,15}(?:\.\d{1,6})?$/.test(text)
    return isEpoch && Math.abs(Number(text)) <= maxMs ? endOfMs(Math.floor(Number(text)), roundUp) : undefined
  }
  const [, year, month, day, hour, minute, second, fraction, zone] = match
  const least = [
    Number(year),
    Number(month ?? 1),
    Number(day ?? 1),
    Number(hour ?? 0),
    Number(minute ?? 0),
    Number(second ?? 0),
  ] as const
  if (least[1] < 1 || least[1] > 12 || least[2] < 1 || least[3] > 23 || least[4] > 59 || least[5] > 59) return undefined
  const local = Date.UTC(least[0], least[1] - 1, ...least.slice(2))
  if (new Date(local).getUTCDate() !== least[2]) return undefined
  const toMs = (localMs: number): number | undefined => {
    if (zone === undefined) return fromLocalMs(context.timeZone, localMs)
    const offsetMs = offsetMsOf(zone)
    return offsetMs === undefined ? undefined : localMs - offsetMs
  }
  if (fraction !== undefined) {
    const ms = toMs(local)
    if (ms === undefined) return undefined
    // a moment is at least a millisecond long, as it is there
    const filled = roundUp ? fraction.padEnd(3, '0').padEnd(9, '9') : fraction.padEnd(9, '0')
    return BigInt(ms) * 1_000_000n + BigInt(filled)
  }
  const smallest: Unit = second ? 's' : minute ? 'm' : hour ? 'h' : day ? 'd' : month ? 'M' : 'y'
  const ms = toMs(roundUp ? addLocal(local, smallest, 1) : local)
  return ms === undefined ? undefined : BigInt(ms) * 1_000_000n - (roundUp ? 1n : 0n)
}

function applyMath(startNs: bigint, math: string, roundUp: boolean, zone: string): bigint | undefined {
  let ms = Number(startNs / 1_000_000n)
  let restNs = startNs % 1_000_000n
  let isEnd = false
  let at = 0
  while (at < math.length) {
    const match = /^(?:([+-])(\d{0,9})|(\/))([yMwdhHms])/.exec(math.slice(at))
    if (match === null) return undefined
    at += match[0].length
    const unit = (match[4] === 'H' ? 'h' : match[4]) as Unit
    if (match[3] === undefined) {
      const count = (match[1] === '-' ? -1 : 1) * Number(match[2] === '' ? 1 : match[2])
      const fixed = fixedMs[unit]
      ms = fixed === undefined ? fromLocalMs(zone, addLocal(toLocalMs(zone, ms), unit, count)) : ms + count * fixed
    } else {
      const start = floorLocal(toLocalMs(zone, ms), unit)
      ms = fromLocalMs(zone, roundUp ? addLocal(start, unit, 1) : start) - (roundUp ? 1 : 0)
      restNs = roundUp ? 999_999n : 0n
      isEnd = roundUp
    }
    if (!(Math.abs(ms) <= maxMs)) return undefined
  }
  return BigInt(ms) * 1_000_000n + (isEnd || !roundUp ? restNs : 999_999n)
}

/** NaN beyond the dates there are. */
const fromLocalMs = (zone: string, localMs: number): number =>
  Math.abs(localMs) <= maxMs ? momentOf(zone, localMs) : Number.NaN

/** Calendar arithmetic on local time; a day that a month lacks is its last one. */
function addLocal(localMs: number, unit: Unit, count: number): number {
  const fixed = fixedMs[unit]
  if (fixed !== undefined) return localMs + count * fixed
  if (unit === 'd' || unit === 'w') return localMs + count * (unit === 'd' ? 1 : 7) * 86_400_000
  const date = new Date(localMs)
  const day = date.getUTCDate()
  date.setUTCDate(1)
  date.setUTCMonth(date.getUTCMonth() + count * (unit === 'y' ? 12 : 1))
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate()
  date.setUTCDate(Math.min(day, lastDay))
  return date.getTime()
}

function floorLocal(localMs: number, unit: Unit): number {
  const fixed = fixedMs[unit] ?? (unit === 'd' ? 86_400_000 : undefined)
  if (fixed !== undefined) return Math.floor(localMs / fixed) * fixed
  const date = new Date(Math.floor(localMs / 86_400_000) * 86_400_000)
  if (unit === 'w') date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7))
  else date.setUTCDate(1)
  if (unit === 'y') date.setUTCMonth(0)
  return date.getTime()
}
