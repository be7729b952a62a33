// Where ticks stand and what they say. No canvas here.
import { formatDay, formatMinute, formatSecond, momentOf, partsOf, type Zone } from '../ui/times.ts'
import { formatNumber, formatSeconds, formatValue, type Unit } from '../ui/units.ts'

/** Ticks from `ticks[0]` to the last; the axis ends on them. */
export interface ValueAxis {
  readonly min: number
  readonly max: number
  readonly ticks: readonly number[]
}

const decimalSteps = [1, 2, 5, 10] as const
const clockStepsSeconds = [
  60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 432_000, 864_000,
]

/**
 * A value axis from zero (or from the least value where that is negative) to a tick above the most, with three to six ticks in
 * 1, 2, 5; bytes in powers of 1024 of them, times above a minute in minutes and hours.
 */
export function valueAxis(least: number, most: number, unit: Unit, maxTicks = 6): ValueAxis {
  const low = Math.min(0, least)
  const high = Math.max(0, most)
  const span = high - low === 0 ? emptySpan(unit) : high - low
  const step = tickStep(span, maxTicks, unit)
  const min = Math.floor(low / step + 1e-9) * step
  const max = Math.max(Math.ceil((high === low ? low + span : high) / step - 1e-9) * step, min + step)
  const count = Math.round((max - min) / step)
  return { min, max, ticks: Array.from({ length: count + 1 }, (_, i) => min + i * step) }
}

const emptySpan = (unit: Unit): number => (unit === 'bytes' || unit === 'bytes/s' ? 1000 : 1)

/** 1, 1024, 1024² ...: the greatest that is not above the size. */
const bytePrefix = (size: number): number => (size < 1024 ? 1 : 1024 ** Math.floor(Math.log2(size) / 10))

function tickStep(span: number, maxTicks: number, unit: Unit): number {
  const least = span / (maxTicks - 1)
  if (unit === 'bytes' || unit === 'bytes/s') {
    const prefix = bytePrefix(span)
    return Math.max(decimalStep(least / prefix) * prefix, unit === 'bytes' ? 1 : 0)
  }
  if (unit === 'seconds' && least >= 30)
    return clockStepsSeconds.find((step) => step >= least) ?? Math.ceil(least / 864_000) * 864_000
  return decimalStep(least)
}

function decimalStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least))
  const factor = decimalSteps.find((candidate) => candidate * power >= least * (1 - 1e-9)) ?? 10
  // 0.30000000000000004 is what 3 * 0.1 is; a quotient by a whole power is exact
  return power < 1 ? factor / Math.round(1 / power) : factor * power
}

/** Labels with the unit on each tick and no more digits than the step has. */
export function tickLabels(axis: ValueAxis, unit: Unit): string[] {
  const step = (axis.ticks[1] ?? 1) - (axis.ticks[0] ?? 0)
  return axis.ticks.map((tick) => (Math.abs(tick) < step / 1e6 ? '0' : tickLabel(tick, axis, unit)))
}

function tickLabel(tick: number, axis: ValueAxis, unit: Unit): string {
  const most = Math.max(Math.abs(axis.max), Math.abs(axis.min))
  // all ticks in one unit: 0.5 s beside 1 s, not 500 ms
  if (unit === 'seconds' && most >= 1 && most < 60) return `${formatNumber(round(tick))} s`
  if (unit === 'seconds') return formatSeconds(round(tick))
  if (unit === 'bytes' || unit === 'bytes/s') return byteLabel(round(tick), bytePrefix(most), unit)
  if (unit === 'number' || unit === '/s') return compact(round(tick))
  return formatValue(round(tick), unit)
}

const bytePrefixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'] as const

/** All ticks with the prefix of the greatest: 0.5 KiB beside 1 KiB. */
function byteLabel(value: number, prefix: number, unit: Unit): string {
  const name = bytePrefixes[Math.round(Math.log2(prefix) / 10)] ?? ''
  return `${formatNumber(round(value / prefix))} ${name}B${unit === 'bytes/s' ? '/s' : ''}`
}

const round = (value: number): number => Number(value.toPrecision(12))

function compact(value: number): string {
  const size = Math.abs(value)
  return size >= 1000 && size < 1e6 ? `${formatNumber(value / 1000)} k` : formatNumber(value)
}

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour
const timeStepsMs = [
  ...[1, 2, 5, 10, 15, 30].map((count) => count * second),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * minute),
  ...[1, 2, 3, 6, 12].map((count) => count * hour),
  ...[1, 2, 5, 10, 15, 30, 60, 120].map((count) => count * day),
]

export interface TimeTick {
  readonly atMs: number
  readonly label: string
}

/** Ticks on round clock times of the zone, at most `maxTicks`; days where the step is a day, seconds where it is below a minute. */
export function timeTicks(startMs: number, endMs: number, zone: Zone, maxTicks: number): TimeTick[] {
  const step = timeStepsMs.find((candidate) => (endMs - startMs) / candidate <= maxTicks) ?? 365 * day
  const label = step >= day ? formatDay : step < minute ? formatSecond : formatMinute
  const ticks: TimeTick[] = []
  for (let atMs = firstTick(startMs, step, zone); atMs <= endMs; atMs = nextTick(atMs, step, zone)) {
    const isMidnight = step < day && step >= hour && partsOf(atMs, zone).hour === 0
    if (atMs >= startMs) ticks.push({ atMs, label: isMidnight ? formatDay(atMs, zone) : label(atMs, zone) })
  }
  return ticks
}

function firstTick(startMs: number, step: number, zone: Zone): number {
  const parts = partsOf(startMs, zone)
  const midnight = momentOf({ ...parts, hour: 0, minute: 0, second: 0 }, zone)
  return step >= day ? midnight : midnight + Math.floor((startMs - midnight) / step) * step
}

/** Days are counted by the calendar, so that midnights stay midnights when the clocks change. */
function nextTick(atMs: number, step: number, zone: Zone): number {
  if (step < day) return atMs + step
  const parts = partsOf(atMs, zone)
  return momentOf({ ...parts, day: parts.day + step / day, hour: 0, minute: 0, second: 0 }, zone)
}
