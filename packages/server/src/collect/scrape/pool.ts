import { AppError } from '@tidewatch/core/error.ts'
import type { Discovery, RefreshOutcome } from '../discovery/discovery.ts'
import { wantedDiscoveries } from '../discovery/open.ts'
import type { HttpClientOptions } from '../http-client/client.ts'
import type { ActiveTarget, DroppedTarget } from '../port.ts'
import type { RelabelRule } from '../relabel.ts'
import type { ScrapeClient } from './client.ts'
import type { ScrapeJob } from './job.ts'
import { type LoopParts, TargetLoop } from './loop.ts'
import { makeTargets, type Target } from './target.ts'

export interface PoolParts extends LoopParts {
  readonly openClient: (job: ScrapeJob) => ScrapeClient
  /** For what asks servers for targets. */
  readonly discoveryClient: Omit<HttpClientOptions, 'baseDir'>
  readonly onRefresh: (outcome: RefreshOutcome) => void
}

/** All targets of one job. */
export class ScrapePool {
  readonly #parts: PoolParts
  readonly #loops = new Map<string, TargetLoop>()
  #job: ScrapeJob
  #client: ScrapeClient
  /** By the key of their configuration, in its order. */
  #discoveries = new Map<string, Discovery>()
  #dropped: readonly DroppedTarget[] = []
  #droppedCount = 0
  /** Clients of former configurations, until the scrapes that use them have ended. */
  #retiring: Promise<void> = Promise.resolve()
  /** Changes of targets run one after the other. */
  #turn: Promise<void> = Promise.resolve()

  constructor(job: ScrapeJob, parts: PoolParts) {
    this.#job = job
    this.#parts = parts
    this.#client = parts.openClient(job)
  }

  async start(): Promise<void> {
    await this.#discover()
    await this.#inTurn(() => this.#sync())
  }

  /** Targets that stay go on as they are. */
  async apply(job: ScrapeJob): Promise<void> {
    const oldClient = job.clientKey === this.#job.clientKey && sameAsking(job, this.#job) ? undefined : this.#client
    this.#job = job
    if (oldClient !== undefined) this.#client = this.#parts.openClient(job)
    await this.#discover()
    await this.#inTurn(() => this.#sync())
    if (oldClient !== undefined) {
      this.#retiring = Promise.all([this.#retiring, oldClient[Symbol.asyncDispose]()]).then(() => undefined)
    }
  }

  async stop({ markStale }: { readonly markStale: boolean }): Promise<void> {
    await Promise.all([...this.#discoveries.values()].map((discovery) => discovery[Symbol.asyncDispose]()))
    await this.#inTurn(async () => {
      await Promise.all([...this.#loops.values()].map((loop) => loop.stop({ markStale })))
      this.#loops.clear()
    })
    await Promise.all([this.#client[Symbol.asyncDispose](), this.#retiring])
  }

  active(): readonly ActiveTarget[] {
    return [...this.#loops.values()].map((loop) => loop.status()).sort(byAddress)
  }

  get dropped(): readonly DroppedTarget[] {
    return this.#dropped
  }

  get relabelRules(): readonly RelabelRule[] {
    return this.#job.relabelRules
  }

  get droppedCount(): number {
    return this.#droppedCount
  }

  /** What is configured as before goes on, with what it has found. */
  async #discover(): Promise<void> {
    const { clock, logger, onRefresh, discoveryClient } = this.#parts
    const before = this.#discoveries
    const now = new Map<string, Discovery>()
    const added: Discovery[] = []
    for (const { key, open } of wantedDiscoveries(this.#job, discoveryClient)) {
      if (now.has(key)) continue
      const known = before.get(key)
      const onChange = (): Promise<void> => this.#inTurn(() => this.#sync())
      const discovery =
        known ?? open({ job: this.#job.name, baseDir: this.#job.baseDir, clock, logger, onRefresh, onChange })
      if (known === undefined) added.push(discovery)
      now.set(key, discovery)
    }
    this.#discoveries = now
    const gone = [...before].filter(([key]) => !now.has(key))
    await Promise.all(gone.map(([, discovery]) => discovery[Symbol.asyncDispose]()))
    await Promise.all(added.map((discovery) => discovery.start()))
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(work)
    // who waits for this turn hears of its failure; the next one comes in any case
    this.#turn = turn.catch(() => undefined)
    return turn
  }

  /** Starts and stops loops until there is one for each target that is wanted. */
  async #sync(): Promise<void> {
    const wanted = this.#wantedTargets()
    const gone = [...this.#loops].filter(([key]) => !wanted.has(key))
    for (const [key] of gone) this.#loops.delete(key)
    await Promise.all(gone.map(([, loop]) => loop.stop({ markStale: true })))
    const { targets: limit } = this.#job.limits
    const refused =
      limit > 0 && wanted.size > limit
        ? new AppError('collect.limit', `the job has ${wanted.size} targets; target_limit is ${limit}`)
        : undefined
    for (const [key, target] of wanted) {
      const running = this.#loops.get(key)
      if (running !== undefined) {
        running.refused = refused
        running.configure(target, this.#job, this.#client)
        continue
      }
      const loop = new TargetLoop(target, this.#job, this.#client, this.#parts)
      loop.refused = refused
      this.#loops.set(key, loop)
      loop.start()
    }
  }

  #wantedTargets(): ReadonlyMap<string, Target> {
    const wanted = new Map<string, Target>()
    const dropped: DroppedTarget[] = []
    const { keptDropped } = this.#job.limits
    this.#droppedCount = 0
    const found = [...this.#discoveries.values()].flatMap((discovery) => discovery.groups)
    for (const group of [...this.#job.groups, ...found]) {
      for (const made of makeTargets(group, this.#job)) {
        if (made.kind === 'target') wanted.set(made.target.key, made.target)
        else if (made.kind === 'bad') {
          this.#parts.logger.warn('a target cannot be scraped', { job: this.#job.name, error: made.error })
        } else {
          this.#droppedCount++
          if (keptDropped > 0 && dropped.length >= keptDropped) continue
          dropped.push({ discoveredLabels: made.discoveredLabels, scrapePool: this.#job.name })
        }
      }
    }
    this.#dropped = dropped
    return wanted
  }
}

/** Whether a client of one job asks as the other wants it: headers and limits come from the job. */
function sameAsking(a: ScrapeJob, b: ScrapeJob): boolean {
  return (
    a.enableCompression === b.enableCompression &&
    a.limits.bodyBytes === b.limits.bodyBytes &&
    a.protocols.join() === b.protocols.join()
  )
}

function byAddress(a: ActiveTarget, b: ActiveTarget): number {
  return a.scrapeUrl < b.scrapeUrl ? -1 : a.scrapeUrl > b.scrapeUrl ? 1 : 0
}
