// The bars of the histogram, all of them, also those without lines. No React here.
import type { LogHistogram } from '@tidewatch/api/logs.ts'
import type { LogSpan } from '../../data/logs.ts'
import { formatDay, formatMinute, formatSecond, type Zone } from '../../ui/times.ts'
import { formatNumber } from '../../ui/units.ts'

/** From the quiet ones, which stand at the foot, to the worst. */
export const levels = ['unknown', 'debug', 'info', 'warn', 'error', 'fatal'] as const
type Level = (typeof levels)[number]

export interface Bar {
  readonly startMs: number
  readonly endMs: number
  readonly total: number
  readonly counts: Readonly<Record<Level, number>>
}

const mostBars = 2000

/** Every stretch of the span, in order. Values that are no level count as unknown. */
export function barsOf({ widthMs, bars }: LogHistogram, { fromMs, toMs }: LogSpan): Bar[] {
  if (widthMs <= 0) return []
  const byStart = new Map(bars.map((bar) => [bar.startMs, bar.counts]))
  // the server's bars stand on multiples of the width; one of them tells from where
  const offset = (bars[0]?.startMs ?? 0) % widthMs
  const first = Math.floor((fromMs - offset) / widthMs) * widthMs + offset
  const count = Math.min(mostBars, Math.max(1, Math.ceil((toMs - first) / widthMs)))
  return Array.from({ length: count }, (_, i) => {
    const startMs = first + i * widthMs
    const counts = countsOf(byStart.get(startMs) ?? {})
    const total = levels.reduce((sum, level) => sum + counts[level], 0)
    return { startMs, endMs: startMs + widthMs, total, counts }
  })
}

function countsOf(given: Readonly<Record<string, number>>): Record<Level, number> {
  const counts: Record<Level, number> = { unknown: 0, debug: 0, info: 0, warn: 0, error: 0, fatal: 0 }
  for (const [name, count] of Object.entries(given))
    counts[levels.find((level) => level === name) ?? 'unknown'] += count
  return counts
}

/** `14:05 – 14:06, 1,204 lines: 1,100 info, 104 error`. */
export function barText({ startMs, endMs, total, counts }: Bar, zone: Zone): string {
  const time = endMs - startMs < 60_000 ? formatSecond : formatMinute
  const isDay = endMs - startMs >= 86_400_000
  const when = isDay ? formatDay(startMs, zone) : `${time(startMs, zone)} – ${time(endMs, zone)}`
  const parts = levels
    .filter((level) => counts[level] > 0)
    .map((level) => `${formatNumber(counts[level])} ${levelTitle(level)}`)
  return `${when}, ${formatNumber(total)} ${total === 1 ? 'line' : 'lines'}${parts.length === 0 ? '' : `: ${parts.toReversed().join(', ')}`}`
}

const levelTitle = (level: Level): string => (level === 'unknown' ? 'without a level' : level)

/** The whole as one sentence for those who do not see it. */
export function histogramText(bars: readonly Bar[], total: number, zone: Zone): string {
  const most = bars.reduce<Bar | undefined>((a, b) => (b.total > (a?.total ?? 0) ? b : a), undefined)
  if (most === undefined) return 'No lines'
  return `${formatNumber(total)} lines in ${bars.length} bars. The highest: ${barText(most, zone)}`
}
