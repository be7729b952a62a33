// Targets as they were found, whatever became of them. No React here.
import type { DiscoveryData, Target } from '@tidewatch/api/prometheus.ts'
import { wordsOf } from '../../data/targets.ts'

type LabelSet = Readonly<Record<string, string>>

/** A target as it was found, and what relabelling made of it. */
export interface Discovered {
  /** Short and stable, for the address of the page. */
  readonly key: string
  readonly pool: string
  readonly discovered: LabelSet
  /** Undefined where relabelling dropped it. */
  readonly target: Target | undefined
}

/** What was found for one job. */
export interface PoolCount {
  readonly pool: string
  readonly kept: number
  readonly dropped: number
  /** Dropped targets that are counted and not listed, by keep_dropped_targets. */
  readonly unlisted: number
}

export function discoveredTargets({ activeTargets, droppedTargets }: DiscoveryData): Discovered[] {
  return [
    ...activeTargets.map((target) => made(target.scrapePool, target.discoveredLabels ?? {}, target)),
    ...droppedTargets.map(({ scrapePool, discoveredLabels }) => made(scrapePool, discoveredLabels, undefined)),
  ]
}

/** The key of a target in the list of targets. */
export const keyOfTarget = (target: Target): string =>
  made(target.scrapePool, target.discoveredLabels ?? {}, target).key

function made(pool: string, discovered: LabelSet, target: Target | undefined): Discovered {
  return { key: shortHash(JSON.stringify([pool, discovered, target?.scrapeUrl ?? ''])), pool, discovered, target }
}

/** FNV-1a over two seeds: enough to tell a few thousand targets apart. */
function shortHash(text: string): string {
  return [0x811c9dc5, 0x01234567]
    .map((seed) => {
      let hash = seed
      for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
      return (hash >>> 0).toString(36)
    })
    .join('')
}

export function countPools(data: DiscoveryData): PoolCount[] {
  const counts = new Map<string, { kept: number; listed: number }>()
  const of = (pool: string) => {
    const known = counts.get(pool) ?? { kept: 0, listed: 0 }
    counts.set(pool, known)
    return known
  }
  for (const { scrapePool } of data.activeTargets) of(scrapePool).kept++
  for (const { scrapePool } of data.droppedTargets) of(scrapePool).listed++
  for (const pool of Object.keys(data.droppedTargetCounts ?? {})) of(pool)
  return [...counts].map(([pool, { kept, listed }]) => {
    const dropped = Math.max(listed, data.droppedTargetCounts?.[pool] ?? 0)
    return { pool, kept, dropped, unlisted: dropped - listed }
  })
}

export interface DiscoveredFilter {
  readonly text: string
  readonly pool: string | undefined
  readonly shown: 'all' | 'kept' | 'dropped'
}

/** Those whose job or labels, before or after relabelling, have every word. */
export function filterDiscovered(
  found: readonly Discovered[],
  { text, pool, shown }: DiscoveredFilter,
): readonly Discovered[] {
  const words = wordsOf(text)
  return found.filter((one) => {
    if (pool !== undefined && one.pool !== pool) return false
    if (shown !== 'all' && (one.target !== undefined) !== (shown === 'kept')) return false
    const pairs = [one.discovered, one.target?.labels ?? {}].flatMap((labels) => Object.entries(labels))
    const haystack = [one.pool, ...pairs.map(([name, value]) => `${name}=${value}`)].join(' ').toLowerCase()
    return words.every((word) => haystack.includes(word))
  })
}
