import { queryOptions } from '@tanstack/react-query'
import { discoveryData, relabelStepsData, type Target, targetsData } from '@tidewatch/api/prometheus.ts'
import { callPrometheus } from './client.ts'

export const targetsQuery = queryOptions({
  queryKey: ['targets'],
  queryFn: async ({ signal }) =>
    (await callPrometheus('/targets', new URLSearchParams({ state: 'active' }), { schema: targetsData, signal })).data
      .activeTargets,
})

/** Dropped targets too. */
export const discoveryQuery = queryOptions({
  queryKey: ['targets', 'any'],
  queryFn: async ({ signal }) =>
    (await callPrometheus('/targets', new URLSearchParams({ state: 'any' }), { schema: discoveryData, signal })).data,
})

/** What the rules of a job make of labels, one after the other. */
export const relabelStepsQuery = (pool: string, labels: Readonly<Record<string, string>>) =>
  queryOptions({
    queryKey: ['relabel_steps', pool, labels],
    queryFn: async ({ signal }) => {
      const parameters = new URLSearchParams({ scrapePool: pool, labels: JSON.stringify(labels) })
      return (await callPrometheus('/targets/relabel_steps', parameters, { schema: relabelStepsData, signal })).data
        .steps
    },
  })

export interface TargetFilter {
  readonly text: string
  readonly health: Target['health'] | 'all'
  /** A job's name; all where it is left out. */
  readonly pool?: string | undefined
}

/** Targets whose address, job, labels or error contain every word. */
export function filterTargets(targets: readonly Target[], { text, health, pool }: TargetFilter): Target[] {
  const words = wordsOf(text)
  return targets.filter((target) => {
    if (health !== 'all' && target.health !== health) return false
    if (pool !== undefined && target.scrapePool !== pool) return false
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

/** What a person typed to find something by: every word counts, its case does not. */
export function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
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
