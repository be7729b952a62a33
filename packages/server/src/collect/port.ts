import type { MetricMetadata } from '../store/port.ts'
import type { RelabelRule } from './relabel.ts'

/** What is scraped and how it went, for the targets page and Prometheus's API. */
export interface ScrapeTargets {
  /** By job in the order of the configuration, then by address. */
  active(): readonly ActiveTarget[]
  /** Targets that relabelling dropped, as far as `keep_dropped_targets` keeps them. */
  dropped(): readonly DroppedTarget[]
  /** How many were dropped, by job. */
  droppedCounts(): Readonly<Record<string, number>>
  /** Job names. */
  pools(): readonly string[]
  /** The rules that a job's targets are relabelled by; undefined where there is no such job. */
  relabelRules(pool: string): readonly RelabelRule[] | undefined
}

export type TargetHealth = 'unknown' | 'up' | 'down'

export interface ActiveTarget {
  readonly discoveredLabels: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
  readonly scrapePool: string
  /** Without user, password and secret parameters. */
  readonly scrapeUrl: string
  /** Empty where the last scrape went well; also what it left out, while the target is up. */
  readonly lastError: string
  /** Undefined before the first scrape. */
  readonly lastScrapeMs: number | undefined
  readonly lastScrapeDurationMs: number
  readonly health: TargetHealth
  readonly intervalMs: number
  readonly timeoutMs: number
  /** Type, help and unit of the target's metric families as last seen. */
  metadata(): readonly Omit<MetricMetadata, 'project'>[]
}

export interface DroppedTarget {
  readonly discoveredLabels: Readonly<Record<string, string>>
  readonly scrapePool: string
}
