// The time range that all pages share: what it is, how it stands in the URL, how a person types it. No React here.
import { formatDurationMs, parseDurationMs } from '@tidewatch/core/time.ts'
import { formatDay, formatMinute, formatSecond, momentOf, partsOf, type Zone } from '../ui/times.ts'
import { formatSeconds } from '../ui/units.ts'

/** The last so many ms, moving with the clock; or fixed ends. */
export type TimeRange =
  | { readonly kind: 'last'; readonly ms: number }
  | { readonly kind: 'between'; readonly startMs: number; readonly endMs: number }

/** The steps of one range query: both ends are multiples of the step, so that a chart stands still between two answers. */
export interface Grid {
  readonly startMs: number
  readonly endMs: number
  readonly stepMs: number
}

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const maxRangeMs = 400 * day
const minRangeMs = 1000

const defaultRange: TimeRange = { kind: 'last', ms: 15 * minute }

export const quickRanges: readonly TimeRange[] = [
  5 * minute,
  15 * minute,
  hour,
  3 * hour,
  12 * hour,
  day,
  7 * day,
  30 * day,
].map((ms) => ({ kind: 'last', ms }))

export interface RangeSearch {
  readonly range?: string | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
}

/** From the URL: `range=3h`, or `from=` and `to=` in RFC 3339 or ms since 1970. What cannot be read is the default range. */
export function rangeFromSearch(search: RangeSearch): TimeRange {
  const [startMs, endMs] = [momentFromText(search.from), momentFromText(search.to)]
  if (startMs !== undefined && endMs !== undefined && endMs - startMs >= minRangeMs) return between(startMs, endMs)
  const ms = search.range === undefined ? undefined : parseDurationMs(search.range)
  return ms === undefined || ms < minRangeMs || ms > maxRangeMs ? defaultRange : { kind: 'last', ms }
}

/** For the URL; the default range leaves it clean. */
export function searchFromRange(range: TimeRange): Required<RangeSearch> {
  if (range.kind === 'between') return { range: undefined, from: isoText(range.startMs), to: isoText(range.endMs) }
  const isDefault = defaultRange.kind === 'last' && range.ms === defaultRange.ms
  return { range: isDefault ? undefined : formatDurationMs(range.ms), from: undefined, to: undefined }
}

const isoText = (atMs: number): string => new Date(atMs).toISOString().replace('.000Z', 'Z')

function momentFromText(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined
  const atMs = /^\d{12,14}$/.test(text) ? Number(text) : Date.parse(text)
  return Number.isFinite(atMs) ? atMs : undefined
}

function between(startMs: number, endMs: number): TimeRange {
  return { kind: 'between', startMs: Math.max(startMs, endMs - maxRangeMs), endMs }
}

export const rangeMs = (range: TimeRange): number => (range.kind === 'last' ? range.ms : range.endMs - range.startMs)

/** `Last 3 h`, `21 Nov 14:00 – 15:00`. */
export function describeRange(range: TimeRange, zone: Zone): string {
  if (range.kind === 'last')
    return `Last ${formatSeconds(range.ms / 1000).replace(/^(\d+) d$/, (_, days) => (days === '1' ? '24 h' : `${days} days`))}`
  const { startMs, endMs } = range
  const time = endMs - startMs < 10 * minute ? formatSecond : formatMinute
  const [startDay, endDay] = [formatDay(startMs, zone), formatDay(endMs, zone)]
  return `${startDay} ${time(startMs, zone)} – ${startDay === endDay ? '' : `${endDay} `}${time(endMs, zone)}`
}

const niceStepsMs = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400].map(
  (s) => s * 1000,
)
const maxPoints = 11_000

/** A step that gives about `points` steps; a chosen one only where it stays below Prometheus's limit of points. */
export function chooseStepMs(
  range: TimeRange,
  { points = 240, chosenMs }: { points?: number; chosenMs?: number | undefined } = {},
): number {
  const ms = rangeMs(range)
  if (chosenMs !== undefined && chosenMs > 0 && ms / chosenMs <= maxPoints) return chosenMs
  return niceStepsMs.find((step) => ms / step <= points) ?? Math.ceil(ms / points / day) * day
}

/** The grid of a range at a moment. */
export function gridOf(range: TimeRange, nowMs: number, stepMs: number): Grid {
  const [start, end] = range.kind === 'last' ? [nowMs - range.ms, nowMs] : [range.startMs, range.endMs]
  return { startMs: Math.floor(start / stepMs) * stepMs, endMs: Math.floor(end / stepMs) * stepMs, stepMs }
}

/** How often a live page asks again: fast enough to be seen moving, slow enough to cost nothing. */
export function refreshMs(range: TimeRange): number {
  const ms = rangeMs(range)
  return ms <= hour ? 5000 : ms <= 6 * hour ? 15_000 : 60_000
}

/** The window for `rate()`: at least four scrapes of 15 s, and no gap between two steps. */
export const rateWindow = (stepMs: number): string => formatDurationMs(Math.max(minute, 4 * stepMs))

/** Half a range earlier or later; what would lie in the future ends now and moves with the clock again. */
export function shiftRange(range: TimeRange, direction: -1 | 1, nowMs: number): TimeRange {
  const ms = rangeMs(range)
  const end = (range.kind === 'last' ? nowMs : range.endMs) + (direction * ms) / 2
  return end >= nowMs ? { kind: 'last', ms } : between(Math.round(end - ms), Math.round(end))
}

/** Twice as long around the same middle. */
export function widenRange(range: TimeRange, nowMs: number): TimeRange {
  if (range.kind === 'last') return { kind: 'last', ms: Math.min(range.ms * 2, maxRangeMs) }
  const half = rangeMs(range) / 2
  return between(Math.round(range.startMs - half), Math.min(Math.round(range.endMs + half), nowMs))
}

/** A stretch that was dragged on a chart; undefined where it is too short to mean anything. */
export function zoomRange(startMs: number, endMs: number): TimeRange | undefined {
  return endMs - startMs < minRangeMs ? undefined : between(Math.round(startMs), Math.round(endMs))
}

export type TypedRange = { readonly range: TimeRange } | { readonly problem: string }

/**
 * What a person types: `3h`, `last 2 days`, `today`, `yesterday 14:00–15:00`, `14:00-15:00`, `21 Nov 03:00 – 04:30`,
 * `2026-11-21 03:00 to 2026-11-21 04:00`.
 */
export function parseTypedRange(input: string, nowMs: number, zone: Zone): TypedRange {
  const text = input.trim().toLowerCase().replace(/\s+/g, ' ')
  if (text === '') return { problem: 'Write a range, such as 3h or yesterday 14:00–15:00.' }
  const duration = parseDurationMs(longUnits(text.replace(/^last /, '')))
  if (duration !== undefined) {
    if (duration < minRangeMs) return { problem: 'A range is at least one second long.' }
    return duration > maxRangeMs
      ? { problem: 'A range is at most 400 days long.' }
      : { range: { kind: 'last', ms: duration } }
  }
  return parseTypedEnds(text, nowMs, zone)
}

const longUnits = (text: string): string =>
  text
    .replace(/(\d) ?(minutes|minute|mins|min)\b/g, '$1m')
    .replace(/(\d) ?(hours|hour)\b/g, '$1h')
    .replace(/(\d) ?(days|day)\b/g, '$1d')
    .replace(/(\d) ?(weeks|week)\b/g, '$1w')
    .replace(/(\d) ?(seconds|second|secs|sec)\b/g, '$1s')
    .replace(/(\d) ([smhdw])\b/g, '$1$2')
    .replace(/ /g, '')

function parseTypedEnds(text: string, nowMs: number, zone: Zone): TypedRange {
  const example = 'Write 3h, yesterday 14:00–15:00 or 2026-11-21 03:00 – 04:00.'
  // a plain hyphen parts the ends only where it cannot belong to a date
  const [left, right, ...more] = text.split(/ ?[–—] ?| to | - |(?<=\d:\d\d(?::\d\d)?)-(?=\d)/)
  if (left === undefined || more.length > 0)
    return { problem: `“${text.slice(0, 60)}” has more than two ends. ${example}` }
  const start = parseMoment(left, nowMs, zone)
  if (start === undefined) return { problem: `“${left.slice(0, 60)}” is not a time. ${example}` }
  if (right === undefined)
    return start.wholeDay ? ends(start.atMs, start.atMs + day, nowMs) : { problem: `Where does it end? ${example}` }
  if (right === 'now') return ends(start.atMs, nowMs, nowMs)
  const end = parseMoment(right, start.atMs, zone)
  if (end === undefined) return { problem: `“${right.slice(0, 60)}” is not a time. ${example}` }
  return ends(start.atMs, end.wholeDay ? end.atMs + day : end.atMs, nowMs)
}

function ends(startMs: number, endMs: number, nowMs: number): TypedRange {
  if (startMs >= nowMs) return { problem: 'That lies in the future.' }
  if (endMs - startMs < minRangeMs) return { problem: 'The end has to be after the start.' }
  return { range: between(startMs, Math.min(endMs, nowMs)) }
}

const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const momentPattern =
  /^(?:(today|yesterday|now)|(\d{4})-(\d{1,2})-(\d{1,2})|(\d{1,2}) ([a-z]{3})[a-z]*(?: (\d{4}))?)?(?:[ t]|,? ?)(?:(\d{1,2}):(\d{2})(?::(\d{2}))?)?( ?utc|z)?$/

/** One end: a day, a time of day, or both; without a day it is the day of `aroundMs`. */
function parseMoment(
  text: string,
  aroundMs: number,
  zone: Zone,
): { readonly atMs: number; readonly wholeDay: boolean } | undefined {
  const match = momentPattern.exec(text.trim())
  if (match === null || match[0] === '') return undefined
  const [, word, isoYear, isoMonth, isoDay, namedDay, monthName, namedYear, hours, minutes, seconds, utc] = match
  if (word === 'now') return { atMs: aroundMs, wholeDay: false }
  const inZone = utc === undefined ? zone : 'utc'
  const today = partsOf(aroundMs, inZone)
  const month =
    isoMonth !== undefined
      ? Number(isoMonth) - 1
      : monthName !== undefined
        ? monthNames.indexOf(monthName)
        : today.month
  if (month < 0 || month > 11) return undefined
  const dayOfMonth = Number(isoDay ?? namedDay ?? today.day) - (word === 'yesterday' ? 1 : 0)
  const [hourOfDay, minuteOfHour, second] = [Number(hours ?? 0), Number(minutes ?? 0), Number(seconds ?? 0)]
  if (hourOfDay > 24 || minuteOfHour > 59 || second > 59 || dayOfMonth > 31) return undefined
  const year = Number(isoYear ?? namedYear ?? today.year)
  const atMs = momentOf({ year, month, day: dayOfMonth, hour: hourOfDay, minute: minuteOfHour, second }, inZone)
  return { atMs, wholeDay: hours === undefined }
}
