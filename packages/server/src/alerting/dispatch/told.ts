// What one integration was told of one group, and whether there is anything to add: Alertmanager's notification log and its deduplication.

/** The last notification of a group to an integration. By the alerts' fingerprints. */
export interface Told {
  readonly firing: ReadonlySet<string>
  readonly resolved: ReadonlySet<string>
  readonly atMs: number
  /** Forgotten after that where the group is gone. */
  readonly expiresAtMs: number
}

/** What a group is now, as far as nothing mutes it. */
export interface GroupNow {
  readonly firing: ReadonlySet<string>
  readonly resolved: ReadonlySet<string>
}

export type ToldReason = 'firing' | 'changed' | 'repeat' | 'resolved'

/** Why an integration is told now; undefined where it knows all. */
export function reasonToTell(
  told: Told | undefined,
  { firing, resolved }: GroupNow,
  options: { readonly sendsResolved: boolean; readonly repeatIntervalMs: number; readonly nowMs: number },
): ToldReason | undefined {
  if (told === undefined || (told.firing.size === 0 && firing.size > 0)) return firing.size > 0 ? 'firing' : undefined
  if (!isSubset(firing, told.firing)) return 'changed'
  // also where ends are not sent: it has to be known that nothing fires any more
  if (firing.size === 0) return told.firing.size > 0 ? 'resolved' : undefined
  if (options.sendsResolved && !isSubset(resolved, told.resolved)) return 'changed'
  return told.atMs < options.nowMs - options.repeatIntervalMs ? 'repeat' : undefined
}

function isSubset(some: ReadonlySet<string>, all: ReadonlySet<string>): boolean {
  if (some.size > all.size) return false
  for (const one of some) if (!all.has(one)) return false
  return true
}

const longestMemoryMs = 5 * 86_400_000

/** As long as a repeat could come, twice; five days at most. */
export const toldUntilMs = (nowMs: number, repeatIntervalMs: number): number =>
  nowMs + Math.min(longestMemoryMs, 2 * repeatIntervalMs)
