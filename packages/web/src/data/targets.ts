import { queryOptions } from '@tanstack/react-query'
import { type Target, targetsData } from '@tidewatch/api/prometheus.ts'
import { callPrometheus } from './client.ts'

export const targetsQuery = queryOptions({
  queryKey: ['targets'],
  queryFn: async ({ signal }) =>
    (await callPrometheus('/targets', new URLSearchParams({ state: 'active' }), { schema: targetsData, signal })).data
      .activeTargets,
})

export interface TargetFilter {
  readonly text: string
  readonly health: Target['health'] | 'all'
}

/** Targets whose address, job, labels or error contain every word. */
export function filterTargets(targets: readonly Target[], { text, health }: TargetFilter): Target[] {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  return targets.filter((target) => {
    if (health !== 'all' && target.health !== health) return false
    const haystack = [
      target.scrapeUrl,
      target.scrapePool,
      target.lastError,
      ...Object.entries(target.labels).map(([name, value]) => `${name}=${value}`),
    ]
      .join(' ')
      .toLowerCase()
    return words.every((word) => haystack.includes(word))
  })
}

export interface TargetCounts {
  readonly up: number
  readonly down: number
  readonly unknown: number
}

export function countTargets(targets: readonly Target[]): TargetCounts {
  const counts = { up: 0, down: 0, unknown: 0 }
  for (const target of targets) counts[target.health]++
  return counts
}

/** Undefined before the first scrape, which the API writes as the year 1. */
export function lastScrapeMs(target: Target): number | undefined {
  const atMs = Date.parse(target.lastScrape)
  return Number.isFinite(atMs) && atMs > 0 ? atMs : undefined
}
