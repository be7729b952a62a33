// Own metrics of what is looked for and what was found.
import type { RefreshOutcome } from '../collect/discovery/discovery.ts'
import type { ScrapeTargets } from '../collect/port.ts'
import type { Metrics } from '../self/port.ts'

/** Looks for targets by mechanism and job; returns what discoveries tell. */
export function addDiscoveryMetrics(metrics: Metrics): (outcome: RefreshOutcome) => void {
  const labels = ['mechanism', 'scrape_job']
  const looks = metrics.counter({
    name: 'tidewatch_sd_refreshes_total',
    help: 'Looks for targets that failed or not.',
    labels,
  })
  const failures = metrics.counter({
    name: 'tidewatch_sd_refresh_failures_total',
    help: 'Looks for targets that failed; the last targets stayed.',
    labels,
  })
  const seconds = metrics.histogram({
    name: 'tidewatch_sd_refresh_duration_seconds',
    help: 'How long a look for targets took.',
    labels: ['mechanism'],
    buckets: [0.01, 0.1, 1, 10, 60],
  })
  return ({ mechanism, job, ok, seconds: took }) => {
    looks.with(mechanism, job).add()
    failures.with(mechanism, job).add(ok ? 0 : 1)
    seconds.with(mechanism).observe(took)
  }
}

/** Targets by job: scraped, and dropped by relabelling. */
export function addTargetMetrics(metrics: Metrics, targets: ScrapeTargets): void {
  const labels = ['scrape_job']
  const active = metrics.gauge({ name: 'tidewatch_scrape_pool_targets', help: 'Targets that are scraped.', labels })
  const dropped = metrics.gauge({
    name: 'tidewatch_scrape_pool_dropped_targets',
    help: 'Targets that relabelling dropped.',
    labels,
  })
  metrics.beforeRead(() => {
    const counts = new Map(targets.pools().map((pool) => [pool, 0]))
    for (const { scrapePool } of targets.active()) counts.set(scrapePool, (counts.get(scrapePool) ?? 0) + 1)
    for (const [pool, count] of counts) active.with(pool).set(count)
    for (const [pool, count] of Object.entries(targets.droppedCounts())) dropped.with(pool).set(count)
  })
}
