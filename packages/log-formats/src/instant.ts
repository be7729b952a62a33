// Points of time as logs write them, to the nanosecond.
import { fromLocalMs } from '@tidewatch/core/time-zone.ts'

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/** The number of an English month's first three letters, from 1; undefined for another word. */
export function monthNumber(name: string): number | undefined {
  const at = months.indexOf(name.slice(0, 3).toLowerCase())
  return at < 0 ? undefined : at + 1
}

/** Zones that devices name by letters, in minutes ahead of UTC. */
const zoneMinutes: Readonly<Record<string, number>> = {
  ...{ UTC: 0, GMT: 0, Z: 0, WET: 0, BST: 60, WEST: 60, CET: 60, CEST: 120, EET: 120, EEST: 180, MSK: 180, JST: 540 },
  ...{ EST: -300, EDT: -240, CST: -360, CDT: -300, MST: -420, MDT: -360, PST: -480, PDT: -420 },
}

/** `Z`, `UTC`, `CEST`, `+0200`, `+02:00`, `-07` in minutes ahead of UTC; undefined for what is no zone. */
export function zoneOffsetMinutes(zone: string): number | undefined {
  if (Object.hasOwn(zoneMinutes, zone.toUpperCase())) return zoneMinutes[zone.toUpperCase()]
  const match = /^([+-])(\d\d):?(\d\d)?$/.exec(zone)
  if (match === null) return undefined
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0)
  return match[1] === '-' ? -minutes : minutes
}

export interface CalendarTime {
  readonly year: number
  /** From 1. */
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  /** The digits behind the point. */
  readonly fraction?: string | undefined
  /** As it was written; without one the time is of `zone`. */
  readonly offset?: string | undefined
}

/** ns since 1970; undefined for a time that there is not (month 13, 24:30, second 60). `zone`: of a time without one, UTC by default. */
export function instantNs(time: CalendarTime, zone = 'UTC'): bigint | undefined {
  const { year, month, day, hour, minute, second } = time
  const local = Date.UTC(year, month - 1, day, hour, minute, second)
  const date = new Date(local)
  const exists =
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    hour < 24 &&
    minute < 60 &&
    second < 60 &&
    year >= 1000
  if (!exists) return undefined
  const offset = time.offset === undefined ? undefined : zoneOffsetMinutes(time.offset)
  if (time.offset !== undefined && offset === undefined) return undefined
  const atMs = offset !== undefined ? local - offset * 60_000 : zone === 'UTC' ? local : fromLocalMs(zone, local)
  return BigInt(atMs) * 1_000_000n + BigInt((time.fraction ?? '').slice(0, 9).padEnd(9, '0'))
}

const iso = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,12}))?\s?(Z|[+-]\d\d(?::?\d\d)?)?$/i

/** An ISO 8601 time, with `T` or a blank, a point or a comma; ns since 1970. */
export function isoInstantNs(text: string, zone?: string): bigint | undefined {
  const match = iso.exec(text)
  if (match === null) return undefined
  const [, year, month, day, hour, minute, second, fraction, offset] = match
  return instantNs(
    {
      ...{ year: Number(year), month: Number(month), day: Number(day) },
      ...{ hour: Number(hour), minute: Number(minute), second: Number(second), fraction, offset },
    },
    zone,
  )
}

const dayMs = 24 * 3_600_000

/**
 * A time without a year: of this year, or of the last where that would lie more than a month ahead. In the last hours of December a clock that is
 * ahead may already write January.
 */
export function yearlessInstantNs(
  time: Omit<CalendarTime, 'year'>,
  { nowMs, zone }: { readonly nowMs: number; readonly zone?: string | undefined },
): bigint | undefined {
  const thisYear = new Date(nowMs).getUTCFullYear()
  for (const [year, aheadMs] of [
    [thisYear + 1, dayMs],
    [thisYear, 31 * dayMs],
    [thisYear - 1, 0],
  ] as const) {
    const atNs = instantNs({ ...time, year }, zone)
    if (atNs !== undefined && Number(atNs / 1_000_000n) <= nowMs + aheadMs) return atNs
  }
  return undefined
}

/** A number of seconds, ms, µs or ns since 1970, told apart by its size; undefined for one that is no time of this age. */
export function epochInstantNs(value: number | string): bigint | undefined {
  const match = /^(\d{1,19})(?:\.(\d{1,12}))?$/.exec(typeof value === 'number' ? plainNumber(value) : value)
  if (match === null) return undefined
  const [, whole, fraction = ''] = match as unknown as [string, string, string | undefined]
  const scale = [9, 6, 3, 0][[11, 14, 17, 20].findIndex((digits) => whole.length < digits)] as number
  if (whole.length < 9) return undefined
  return BigInt(whole) * 10n ** BigInt(scale) + BigInt(fraction.slice(0, scale).padEnd(scale, '0') || '0')
}

/** Doubles hold seconds to a quarter of a µs: what stands behind that is noise. */
const plainNumber = (value: number): string => (Number.isInteger(value) ? String(value) : value.toFixed(6))
