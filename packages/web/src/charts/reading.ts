// What is read off a chart at one moment, and what a screen reader is told of all of it. No React here.
import { formatMoment, type Zone } from '../ui/times.ts'
import { formatValue, type Unit } from '../ui/units.ts'
import type { ChartSeries } from './series.ts'

interface Reading {
  readonly series: ChartSeries
  readonly value: number
}

export interface Readings {
  /** The highest first, at most eight. */
  readonly shown: readonly Reading[]
  /** "4 more below 0.3 s". */
  readonly rest: string | undefined
}

const maxShown = 8

export function readAt(series: readonly ChartSeries[], index: number, unit: Unit): Readings {
  const all = series.flatMap((one) => {
    const value = one.values[index]
    return value == null ? [] : [{ series: one, value }]
  })
  all.sort((a, b) => b.value - a.value)
  const rest = all.slice(maxShown)
  const [highest] = rest
  return {
    shown: all.slice(0, maxShown),
    rest: highest === undefined ? undefined : `${rest.length} more, at most ${formatValue(highest.value, unit)}`,
  }
}

/** One sentence for screen readers: range and extremes. */
export function describeChart(
  title: string,
  series: readonly ChartSeries[],
  grid: { startMs: number; endMs: number },
  { unit, zone }: { unit: Unit; zone: Zone },
): string {
  const range = `from ${formatMoment(grid.startMs, zone)} to ${formatMoment(grid.endMs, zone)}`
  const [first, ...more] = series
  if (first === undefined) return `${title}, ${range}: no data.`
  const least = Math.min(...series.map((one) => one.stats.least))
  const most = Math.max(...series.map((one) => one.stats.most))
  const count = more.length === 0 ? `last ${formatValue(first.stats.last, unit)}` : `${series.length} series`
  return `${title}, ${range}: ${count}, between ${formatValue(least, unit)} and ${formatValue(most, unit)}.`
}

/** Each series on top of those before it; a gap adds nothing and stays a gap. */
export function stackColumns(series: readonly ChartSeries[]): (number | null)[][] {
  const sums: number[] = []
  return series.map((one) =>
    one.values.map((value, i) => {
      if (value === null) return null
      const sum = (sums[i] ?? 0) + value
      sums[i] = sum
      return sum
    }),
  )
}
