import type { Clock } from '@tidewatch/core/clock.ts'
import { SampleBatchPool } from '@tidewatch/core/sample-batch.ts'
import type { SampleAcceptor } from '../../ingest/port.ts'
import type { Logger } from '../../self/port.ts'
import type { RefreshOutcome } from '../discovery/discovery.ts'
import type { Environment } from '../http-client/proxy.ts'
import type { ScrapeTargets } from '../port.ts'
import { createScrapeClient, type ScrapeClient } from './client.ts'
import type { ScrapeJob } from './job.ts'
import { type PoolParts, ScrapePool } from './pool.ts'

export interface ScraperOptions {
  readonly acceptor: SampleAcceptor
  readonly clock: Clock
  readonly logger: Logger
  /** For the User-Agent. */
  readonly version: string
  /** Differs by installation (its id): scrapes of several servers do not meet. */
  readonly offsetSeed: string
  /** For proxies that are named in the environment. */
  readonly env?: Environment
  /** Told how each look for targets went. */
  readonly onRefresh?: (outcome: RefreshOutcome) => void
  /** How targets are asked; HTTP by default. */
  readonly openClient?: (job: ScrapeJob) => ScrapeClient
}

/** Scrapes the targets of its jobs. Disposing stops it; series go on after a restart, so none is marked stale. */
export interface Scraper extends ScrapeTargets, AsyncDisposable {
  /** These are the jobs now: targets that stay go on, those that go are marked stale. */
  apply(jobs: readonly ScrapeJob[]): Promise<void>
}

export function createScraper(options: ScraperOptions): Scraper {
  const { acceptor, clock, logger, version, offsetSeed, env = {} } = options
  const parts: PoolParts = {
    acceptor,
    clock,
    logger,
    offsetSeed,
    batches: new SampleBatchPool({ maxIdle: 8 }),
    openClient: options.openClient ?? ((job) => createScrapeClient(job, { version, clock, env })),
    discoveryClient: { clock, env, userAgent: `Tidewatch/${version}` },
    onRefresh: options.onRefresh ?? (() => undefined),
  }
  const pools = new Map<string, ScrapePool>()
  let turn: Promise<void> = Promise.resolve()
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const mine = turn.then(work)
    // who waits for this turn hears of its failure; the next one comes in any case
    turn = mine.catch(() => undefined)
    return mine
  }
  const apply = async (jobs: readonly ScrapeJob[]): Promise<void> => {
    const wanted = new Set(jobs.map((job) => job.name))
    for (const [name, pool] of [...pools]) {
      if (wanted.has(name)) continue
      pools.delete(name)
      await pool.stop({ markStale: true })
    }
    for (const job of jobs) {
      const running = pools.get(job.name)
      if (running !== undefined) {
        await running.apply(job)
        continue
      }
      const pool = new ScrapePool(job, parts)
      pools.set(job.name, pool)
      await pool.start()
    }
  }
  return {
    apply: (jobs) => inTurn(() => apply(jobs)),
    active: () => [...pools.values()].flatMap((pool) => pool.active()),
    dropped: () => [...pools.values()].flatMap((pool) => pool.dropped),
    droppedCounts: () => Object.fromEntries([...pools].map(([name, pool]) => [name, pool.droppedCount])),
    pools: () => [...pools.keys()],
    relabelRules: (pool) => pools.get(pool)?.relabelRules,
    [Symbol.asyncDispose]: () =>
      inTurn(async () => {
        await Promise.all([...pools.values()].map((pool) => pool.stop({ markStale: false })))
        pools.clear()
      }),
  }
}
