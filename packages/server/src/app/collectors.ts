// What we go and ask: scraped targets, this host, ourselves.
import { hostname } from 'node:os'
import type { Clock } from '@tidewatch/core/clock.ts'
import { startHostMetrics } from '../collect/host.ts'
import { startOwnMetrics } from '../collect/own-metrics.ts'
import type { ScrapeTargets } from '../collect/port.ts'
import { resolveScrapeJobs } from '../collect/scrape/job.ts'
import { createScraper } from '../collect/scrape/scraper.ts'
import { type SqlGauge, sqlSection } from '../collect/sql/config.ts'
import { createSqlGauges, type SqlGauges } from '../collect/sql/gauges.ts'
import type { ConfigFollower, ServeOptions } from '../config/port.ts'
import { startTimestampsSection } from '../ingest/config.ts'
import type { LeftOutReason } from '../ingest/port.ts'
import { baseDirOf, type Configuration } from './configuration.ts'
import { addDiscoveryMetrics, addTargetMetrics } from './discovery-metrics.ts'
import type { Roles } from './roles.ts'
import { sqlChecksOf } from './rule-files.ts'
import type { SelfParts } from './server.ts'
import type { Telemetry } from './telemetry.ts'
import { productVersion } from './version.ts'

export interface CollectorsOptions {
  readonly options: ServeOptions
  readonly self: SelfParts
  readonly telemetry: Telemetry
  readonly roles: Roles
  readonly clock: Clock
}

export interface Collectors extends ConfigFollower<Configuration>, AsyncDisposable {
  readonly targets: ScrapeTargets
  readonly countLeftOut: (reason: LeftOutReason, count: number) => void
}

/** Host and own metrics begin at once; targets with the configuration. */
export function startCollectors({ options, self, telemetry, clock, roles }: CollectorsOptions): Collectors {
  const { logger, metrics } = self
  const local = { acceptor: telemetry.acceptor, clock, logger: logger.child({ part: 'collect' }) }
  const stack = new AsyncDisposableStack()
  const scraper = stack.use(
    createScraper({
      ...local,
      version: productVersion,
      offsetSeed: options.dataDir,
      env: process.env,
      onRefresh: addDiscoveryMetrics(metrics),
    }),
  )
  addTargetMetrics(metrics, scraper)
  const sql = stack.use(createSqlGauges({ ...local, metrics }))
  stack.use(startHostMetrics(local))
  stack.use(startOwnMetrics({ ...local, metrics, instance: `${hostname()}:${options.port}` }))
  const leftOut = metrics.counter({
    name: 'tidewatch_ingest_left_out_total',
    help: 'Records of accepted requests that were left out, by reason.',
    labels: ['reason'],
  })
  return {
    targets: withQueries(scraper, sql),
    countLeftOut: (reason, count) => leftOut.with(reason).add(count),
    async apply(configuration) {
      if (!roles.ingests) return
      const { global, scrape_configs: configs } = configuration.prometheus
      await sql.apply([
        ...(configuration.sections.get(sqlSection.key) as readonly SqlGauge[]),
        ...sqlChecksOf(configuration),
      ])
      const zeroSamples = configuration.sections.get(startTimestampsSection.key) === 'zero_samples'
      await scraper.apply(resolveScrapeJobs({ ...global, zeroSamples }, configs, baseDirOf(configuration)))
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

/** The scheduled queries stand among the targets: what is wrong with one shows where people look. */
function withQueries(scraper: ScrapeTargets, sql: SqlGauges): ScrapeTargets {
  return {
    active: () => [...scraper.active(), ...sql.active()],
    dropped: () => scraper.dropped(),
    droppedCounts: () => scraper.droppedCounts(),
    pools: () => [...new Set([...scraper.pools(), ...sql.active().map(({ scrapePool }) => scrapePool)])],
    relabelRules: (pool) => scraper.relabelRules(pool),
  }
}
