// Which days are beyond what may be kept: what goes, and what a person is told of it before.

const dayMs = 86_400_000

/** Lines or samples of one UTC day that are kept equally long. */
export interface KeptDay {
  /** Its begin, ms since 1970. */
  readonly dayMs: number
  /** Days that they were to be kept when they came; 0: as long as the signal is. */
  readonly keepDays: number
  /** When they go, ms, where they came back out of an archive. */
  readonly restoredUntilMs?: number | undefined
  readonly bytes: number
}

export interface KeptLimits {
  /** ms; undefined: without an end. */
  readonly ageMs: number | undefined
  readonly sizeBytes: number | undefined
}

export interface BeyondLimits<T> {
  readonly byAge: readonly T[]
  readonly bySize: readonly T[]
  /** What stays, without what came back out of an archive. */
  readonly left: readonly T[]
}

/** `days` are the oldest first; of one day those first that are kept for a shorter time. */
export function beyondLimits<T extends KeptDay>(
  days: readonly T[],
  { ageMs, sizeBytes }: KeptLimits,
  nowMs: number,
): BeyondLimits<T> {
  const isExpired = ({ dayMs: beginMs, keepDays, restoredUntilMs }: KeptDay): boolean => {
    if (restoredUntilMs !== undefined) return nowMs >= restoredUntilMs
    const keptMs = keepDays === 0 ? ageMs : keepDays * dayMs
    return keptMs !== undefined && beginMs < beginOfDay(nowMs - keptMs)
  }
  const byAge = days.filter(isExpired)
  // what somebody asked to have back for a time is no part of what is kept
  const left = days.filter((day) => !isExpired(day) && day.restoredUntilMs === undefined)
  let bytes = left.reduce((sum, day) => sum + day.bytes, 0)
  // of what is written now nothing goes, nor the newest of what there is: an empty store is of no use to anybody
  const today = beginOfDay(nowMs)
  let gone = 0
  while (sizeBytes !== undefined && bytes > sizeBytes && gone < left.length - 1) {
    const oldest = left[gone] as T
    if (oldest.dayMs >= today) break
    bytes -= oldest.bytes
    gone++
  }
  return { byAge, bySize: left.slice(0, gone), left: left.slice(gone) }
}

const beginOfDay = (ms: number): number => Math.floor(ms / dayMs) * dayMs
