// The last 30 days of an alert, as a strip of days and in words. No React here.
import type { AlertPast } from '@tidewatch/api/alert-why.ts'

const dayMs = 86_400_000

type Known = Pick<AlertPast, 'fromMs' | 'toMs' | 'episodes'>

/** Thirty stretches of 24 hours that end now: whether it fired at any moment of each. */
export function daysOf({ fromMs, toMs, episodes }: Known): readonly { readonly fired: boolean }[] {
  return Array.from({ length: Math.round((toMs - fromMs) / dayMs) }, (_, day) => {
    const startMs = fromMs + day * dayMs
    const fired = episodes.some(
      ({ firedAtMs, endedAtMs }) => firedAtMs < startMs + dayMs && (endedAtMs ?? toMs) >= startMs,
    )
    return { fired }
  })
}

export function pastWords({ fromMs, toMs, episodes }: Known): {
  readonly times: number
  readonly lastedMs: number
  /** Of those that have ended. */
  readonly medianMs: number | undefined
} {
  const lengths = episodes.map(({ firedAtMs, endedAtMs }) => (endedAtMs ?? toMs) - Math.max(fromMs, firedAtMs))
  const ended = episodes.flatMap(({ firedAtMs, endedAtMs }) => (endedAtMs === undefined ? [] : [endedAtMs - firedAtMs]))
  const sorted = ended.toSorted((a, b) => a - b)
  return {
    times: episodes.length,
    lastedMs: lengths.reduce((sum, length) => sum + length, 0),
    medianMs: sorted[Math.floor(sorted.length / 2)],
  }
}
