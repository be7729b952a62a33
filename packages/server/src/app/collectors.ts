// What we go and ask: scraped targets, this host, ourselves.
import type { Clock } from '@tidewatch/core/clock.ts'
import type { ScrapeTargets } from '../collect/port.ts'
import { resolveScrapeJobs } from '../collect/scrape/job.ts'
import { createScraper } from '../collect/scrape/scraper.ts'
import type { ConfigFollower, ServeOptions } from '../config/port.ts'
import type { LeftOutReason } from '../ingest/port.ts'
import { baseDirOf, type Configuration } from './configuration.ts'
import type { SelfParts } from './server.ts'
import type { Telemetry } from './telemetry.ts'
import { productVersion } from './version.ts'

export interface CollectorsOptions {
  readonly options: ServeOptions
  readonly self: SelfParts
  readonly telemetry: Telemetry
  readonly clock: Clock
}

export interface Collectors extends ConfigFollower<Configuration>, AsyncDisposable {
  readonly targets: ScrapeTargets
  readonly countLeftOut: (reason: LeftOutReason, count: number) => void
}

export function startCollectors({ options, self, telemetry, clock }: CollectorsOptions): Collectors {
  const { acceptor } = telemetry
  const scraper = createScraper({ acceptor, clock, logger: self.logger, version: productVersion, offsetSeed: options.dataDir })
  const leftOut = self.metrics.counter({
    name: 'tidewatch_ingest_left_out_total',
    help: 'Records of accepted requests that were left out, by reason.',
    labels: ['reason'],
  })
  return {
    targets: scraper,
    countLeftOut: (reason, count) => leftOut.with(reason).add(count),
    apply: (configuration) => {
      const { global, scrape_configs: configs } = configuration.prometheus
      return scraper.apply(resolveScrapeJobs(global, configs, baseDirOf(configuration)))
    },
    [Symbol.asyncDispose]: () => scraper[Symbol.asyncDispose](),
  }
}
