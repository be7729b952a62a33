// A backtest's report in words and bars. No React here.
import type { BacktestEpisode, BacktestedRule, BacktestReport } from '@tidewatch/api/backtest.ts'
import { severityState } from '../../../ui/glyph.tsx'
import type { TideBar } from '../../../ui/tide-strip.tsx'
import { formatDay, formatMinute, type Zone } from '../../../ui/times.ts'
import { formatSeconds } from '../../../ui/units.ts'

const dayMs = 86_400_000

export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`

/** `14 pages in 30 days, 3 of them at night; an alert fired for 6 min in the middle`. */
export function headline(report: BacktestReport): string {
  const span = spanWords(report)
  if (report.pages === 0) {
    const fired = report.rules.reduce((sum, rule) => sum + rule.fired, 0)
    if (fired === 0 && report.rules.some(({ failure }) => failure !== undefined))
      return `Nothing that could be evaluated would have fired in ${span}.`
    return fired === 0
      ? `Nothing would have fired in ${span}.`
      : `No page in ${span}, though alerts fired ${counted(fired, 'time')}.`
  }
  const night =
    report.atNight === 0 ? 'none of them at night' : `${report.atNight.toLocaleString('en-US')} of them at night`
  const median = medianLengthMs(report)
  const length = median === undefined ? '' : `, median ${formatSeconds(median / 1000)}`
  return `${counted(report.pages, 'page')} in ${span}, ${night}${length}.`
}

function spanWords({ startMs, endMs }: Pick<BacktestReport, 'startMs' | 'endMs'>): string {
  const days = (endMs - startMs) / dayMs
  return Math.abs(days - Math.round(days)) < 0.01 && days >= 1
    ? counted(Math.round(days), 'day')
    : formatSeconds(Math.round((endMs - startMs) / 1000))
}

/** Of the episodes that are listed one by one. */
function medianLengthMs({ firstEpisodes, endMs }: BacktestReport): number | undefined {
  const lengths = firstEpisodes.map((episode) => lengthMs(episode, endMs)).sort((a, b) => a - b)
  return lengths[Math.floor(lengths.length / 2)]
}

const lengthMs = ({ firedAtMs, endedAtMs }: BacktestEpisode, endMs: number): number => (endedAtMs ?? endMs) - firedAtMs

/** What the headline leaves out: how many were only repeats, and messages that something is over. */
export function otherMessages({ repeats, ends }: BacktestReport): string | undefined {
  const parts = [
    ...(repeats === 0 ? [] : [`${counted(repeats, 'page')} ${repeats === 1 ? 'is a repeat' : 'are repeats'}`]),
    ...(ends === 0 ? [] : [`${counted(ends, 'message')} more would only have said that something is over`]),
  ]
  return parts.length === 0 ? undefined : `${parts.join('; ')}.`
}

export interface DayBar {
  readonly startMs: number
  readonly pages: number
  readonly atNight: number
  readonly text: string
}

/** A bar a day (of UTC), those without pages too. */
export function dayBars({ startMs, endMs, days }: BacktestReport): DayBar[] {
  const known = new Map(days.map((day) => [day.startMs, day]))
  const bars: DayBar[] = []
  for (let atMs = Math.floor(startMs / dayMs) * dayMs; atMs < endMs; atMs += dayMs) {
    const { pages, atNight } = known.get(atMs) ?? { pages: 0, atNight: 0 }
    const night = atNight === 0 ? '' : `, ${atNight} at night`
    bars.push({ startMs: atMs, pages, atNight, text: `${formatDay(atMs, 'utc')}: ${counted(pages, 'page')}${night}` })
  }
  return bars
}

/** `07:00` */
export const hourText = (hour: number): string => `${String(hour).padStart(2, '0')}:00`

const stripBars = 60

/** When a rule's alerts fired, in sixty bars; behind the last one that is listed nothing is known. */
export function episodeBars(
  { group, rule, fired }: Pick<BacktestedRule, 'group' | 'rule' | 'fired'>,
  report: BacktestReport,
  zone: Zone,
): TideBar[] {
  const { startMs, endMs, firstEpisodes } = report
  const own = firstEpisodes.filter((episode) => episode.group === group && episode.rule === rule)
  const knownUntilMs = own.length === fired ? endMs : (firstEpisodes.at(-1)?.firedAtMs ?? startMs)
  const widthMs = (endMs - startMs) / stripBars
  return Array.from({ length: stripBars }, (_, i): TideBar => {
    const [fromMs, toMs] = [startMs + i * widthMs, startMs + (i + 1) * widthMs]
    const within = own.filter(({ firedAtMs, endedAtMs }) => firedAtMs < toMs && (endedAtMs ?? endMs) > fromMs)
    const time = `${formatDay(fromMs, zone)} ${formatMinute(fromMs, zone)}`
    if (within.length === 0 && fromMs > knownUntilMs) return { state: 'no-data', text: `${time}: not listed` }
    if (within.length === 0) return { state: 'fine', text: `${time}: quiet` }
    const isCritical = within.some(({ labels }) => severityState(labels.severity) === 'critical')
    return { state: isCritical ? 'critical' : 'warning', text: `${time}: ${counted(within.length, 'alert')} firing` }
  })
}
