// How long drills took, on one scale for all that is drawn: from parts of a second to hours, so by its logarithm. No React here.
import type { DrillRunItem } from '@tidewatch/api/drills.ts'

export interface RunScale {
  /** The place of a length, 0 to 1. */
  readonly at: (ms: number) => number
  readonly ticks: readonly { readonly at: number; readonly text: string }[]
}

const leastMs = 100
const marks = [
  { ms: 1000, text: '1 s' },
  { ms: 10_000, text: '10 s' },
  { ms: 60_000, text: '1 min' },
  { ms: 600_000, text: '10 min' },
  { ms: 3_600_000, text: '1 h' },
  { ms: 36_000_000, text: '10 h' },
] as const

/** Up to a bit more than the longest allowed and the longest that was. */
export function runScale(runs: readonly DrillRunItem[], withinMs: number): RunScale {
  let longestMs = withinMs
  for (const run of runs) longestMs = Math.max(longestMs, tookMs(run.acknowledgedAtMs, run) ?? 0)
  const span = Math.log((longestMs * 1.5) / leastMs)
  const at = (ms: number): number => Math.max(0, Math.min(1, Math.log(Math.max(ms, leastMs) / leastMs) / span))
  return { at, ticks: marks.filter(({ ms }) => ms < longestMs).map(({ ms, text }) => ({ at: at(ms), text })) }
}

/** From the begin of a run to a moment of it, ms. */
export const tookMs = (atMs: number | null, { startedAtMs }: DrillRunItem): number | undefined =>
  atMs === null ? undefined : Math.max(0, atMs - startedAtMs)

/** `98 %` of so many; undefined where none is over. */
export const shareText = (part: number, all: number): string | undefined =>
  all === 0 ? undefined : `${Math.floor((100 * part) / all)} %`
