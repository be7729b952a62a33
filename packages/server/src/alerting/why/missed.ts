// When a group of rules was evaluated, read from what the server tells of itself: gaps are evaluations that nobody made.
import type { QueryService } from '../../query/port.ts'
import type { Asker, KnownRule } from './parts.ts'

export interface Evaluations {
  /** The last at or before the time asked for, as exactly as it is stored. */
  readonly lastMs: number | undefined
  readonly missed: readonly { readonly fromMs: number; readonly toMs: number; readonly count: number }[]
}

/** Our own metrics are stored so often. */
const storedEveryMs = 15_000
const lookBackMs = 30 * 60_000
const mostGaps = 20
const metric = 'tidewatch_rule_group_last_evaluation_timestamp_seconds'

export async function evaluationsNear(
  { group, intervalMs }: Pick<KnownRule, 'group' | 'intervalMs'>,
  { atMs, nowMs }: { readonly atMs: number; readonly nowMs: number },
  queries: Pick<QueryService, 'matrix'>,
  asker: Asker,
): Promise<Evaluations> {
  const name = JSON.stringify(`${group.file};${group.name}`)
  const endMs = Math.min(nowMs, atMs + 2 * Math.max(intervalMs, storedEveryMs))
  const series = await queries
    .matrix({
      ...{ query: `max(${metric}{rule_group=${name}}) > 0`, startMs: atMs - lookBackMs, endMs },
      ...{ stepMs: storedEveryMs, timeoutMs: 10_000, ...asker },
    })
    .then((matrix) => matrix.series)
    .catch(() => [])
  asker.signal.throwIfAborted()
  const times = [...new Set([...(series[0]?.values ?? [])].map((seconds) => Math.round(seconds * 1000)))]
  return { lastMs: times.findLast((time) => time <= atMs), missed: gapsBetween(times, intervalMs).slice(-mostGaps) }
}

/** Between evaluations that are farther apart than one interval and what may be lost between two stored samples. */
export function gapsBetween(times: readonly number[], intervalMs: number): Evaluations['missed'] {
  const longestMs = 2 * intervalMs + 2 * storedEveryMs
  return times.slice(1).flatMap((toMs, i) => {
    const fromMs = times[i] as number
    if (toMs - fromMs <= longestMs) return []
    return [{ fromMs, toMs, count: Math.round((toMs - fromMs) / intervalMs) - 1 }]
  })
}
