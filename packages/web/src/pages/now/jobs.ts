// Targets by job for the overview: how they are now and how they were. No React here.
import type { Target } from '@tidewatch/api/prometheus.ts'
import type { ChartData } from '../../charts/series.ts'
import { countTargets } from '../../data/targets.ts'
import type { State } from '../../ui/glyph.tsx'
import type { TideBar } from '../../ui/tide-strip.tsx'
import { formatMinute, type Zone } from '../../ui/times.ts'

export interface JobRow {
  readonly job: string
  readonly state: State
  readonly word: string
  readonly up: number
  readonly total: number
  /** Seconds; NaN where nothing was scraped. */
  readonly slowestSeconds: number
}

export function jobRows(targets: readonly Target[]): JobRow[] {
  const jobs = Map.groupBy(targets, (target) => target.labels.job ?? target.scrapePool)
  const rows = [...jobs].map(([job, members]): JobRow => {
    const { up, down, unknown } = countTargets(members)
    const slowest = Math.max(
      ...members.filter((target) => target.health !== 'unknown').map((target) => target.lastScrapeDuration),
    )
    return {
      job,
      ...stateOf(up, down, unknown),
      up,
      total: members.length,
      slowestSeconds: Number.isFinite(slowest) ? slowest : Number.NaN,
    }
  })
  return rows.sort((a, b) => severity(a) - severity(b) || a.job.localeCompare(b.job, 'en'))
}

function stateOf(up: number, down: number, unknown: number): { state: State; word: string } {
  if (down === 0)
    return unknown > 0 && up === 0 ? { state: 'no-data', word: 'Not scraped yet' } : { state: 'fine', word: 'Fine' }
  return up === 0 ? { state: 'critical', word: 'Down' } : { state: 'warning', word: `${down} down` }
}

const severity = ({ state }: JobRow): number => ['critical', 'warning', 'no-data', 'fine'].indexOf(state)

/** One bar a step: all answered, some, none, or nothing is known. */
export function jobBars(chart: ChartData, job: string, zone: Zone): TideBar[] {
  const series = chart.series.find((one) => one.labels.job === job)
  return chart.timesMs.map((atMs, i) => {
    const share = series?.values[i]
    const time = formatMinute(atMs, zone)
    if (share == null) return { state: 'no-data', text: `${time}, no data` }
    if (share > 0.999) return { state: 'fine', text: `${time}, all answered` }
    return { state: share <= 0.001 ? 'critical' : 'warning', text: `${time}, ${Math.round(share * 100)} % answered` }
  })
}
