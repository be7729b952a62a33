// Alerts that come and go: from so many changes in a window on one is held firing and told once as flapping, until it has been quiet for as long.

export interface FlapLimits {
  /** Beginnings and ends together. */
  readonly changes: number
  readonly windowMs: number
}

/** What is remembered of one alert. Goes with the alert's row. */
export interface FlapMemory {
  /** When it began or ended, oldest first; at most `changes` of them. */
  readonly changedAtMs: readonly number[]
  /** Since when it counts as flapping; undefined: it does not. */
  readonly sinceMs: number | undefined
}

export const steady: FlapMemory = { changedAtMs: [], sinceMs: undefined }

/** After the alert began or ended. */
export function afterChange({ changedAtMs, sinceMs }: FlapMemory, atMs: number, limits: FlapLimits): FlapMemory {
  const recent = [...changedAtMs, atMs].filter((at) => at > atMs - limits.windowMs).slice(-limits.changes)
  return { changedAtMs: recent, sinceMs: recent.length >= limits.changes ? (sinceMs ?? atMs) : sinceMs }
}

/** Until when it is held as firing, if nothing changes meanwhile; undefined: it is not held. A whole window must pass without a change. */
export function heldUntilMs({ changedAtMs, sinceMs }: FlapMemory, { windowMs }: FlapLimits): number | undefined {
  const last = changedAtMs.at(-1)
  return sinceMs === undefined || last === undefined ? undefined : last + windowMs
}

/** As of a time: what has been quiet long enough is steady again. */
export function settled(memory: FlapMemory, atMs: number, limits: FlapLimits): FlapMemory {
  const until = heldUntilMs(memory, limits)
  if (until !== undefined && atMs >= until) return steady
  const recent = memory.changedAtMs.filter((at) => at > atMs - limits.windowMs)
  return recent.length === memory.changedAtMs.length || memory.sinceMs !== undefined
    ? memory
    : { ...memory, changedAtMs: recent }
}
