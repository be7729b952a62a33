// Similar lines of a search as one: templates of its newest lines, and which of them were not there before a deploy, or before the span.
import type { LogLine, LogPatterns } from '@tidewatch/api/logs.ts'
import { createPatternMiner, type PatternMiner } from '@tidewatch/log-patterns/miner.ts'
import { printPattern } from '@tidewatch/log-patterns/pattern.ts'
import { allOf } from '@tidewatch/logquery/predicate.ts'
import type { Identity } from '../../../http/port.ts'
import { type DeployBorders, type DeploySource, deployBorders, linesOfDeploy } from './deploy-borders.ts'
import { type Asked, askedOf, type LogQuestion, projectsOf } from './filter.ts'
import { queryOfPattern } from './pattern-query.ts'
import { PatternTally } from './pattern-tally.ts'
import { findLines } from './search.ts'
import type { SightParts } from './sight.ts'

/** Of the newest lines so many are looked at, in the span and in the one before. */
const maxLooked = 50_000
/** Patterns that seem new are looked for in so much time before the deploy, each by so many lines that look like it. */
const searchedBackMs = 7 * 86_400_000
const maxSearched = 20
const maxLikeIt = 100
/** No more searches are begun after so long. */
const searchMs = 3000

export interface PatternParts extends SightParts {
  readonly deploys: DeploySource
}

export interface PatternsQuestion extends LogQuestion {
  readonly limit: number
  /** `latest`, `none`, or the id of a deploy. */
  readonly deploy: string
}

interface Asker {
  readonly identity: Identity
  readonly signal: AbortSignal
}

export async function patternsOf(parts: PatternParts, question: PatternsQuestion, asker: Asker): Promise<LogPatterns> {
  const borders = await deployBorders(parts.deploys, question, projectsOf(parts.queries, asker.identity))
  const asking = new Asking(parts, asker, { question, borders })
  const found = await asking.lookAtSpan()
  const known = await asking.lookBefore()
  const shown = [...found.tallies].sort(([, a], [, b]) => b.count - a.count).slice(0, question.limit)
  const places = { wholeFromMs: found.isAll ? question.fromMs : found.oldestMs, nowMs: parts.clock.nowMs() }
  const startedMs = parts.clock.monotonicMs()
  let searches = 0
  const patterns: LogPatterns['patterns'] = []
  for (const [id, tally] of shown) {
    const template = found.miner.template(id)
    if (template === undefined) continue
    const query = queryOfPattern(question, template)
    const before = tally.before + known.countOf(tally)
    let isNew = before === 0 && tally.since > 0
    const mayBeOlder = isNew && tally.deploy !== undefined && searches < maxSearched
    if (mayBeOlder && parts.clock.monotonicMs() - startedMs < searchMs) {
      searches++
      isNew = !(await asking.wasThere({
        query,
        deployAtMs: tally.deploy?.atMs ?? 0,
        matches: (body) => found.miner.matches(id, body),
      }))
    }
    const unusual = isNew ? undefined : tally.unusual(places)
    const { count, firstMs, lastMs, severities, counts, example, since, deploy } = tally
    patterns.push({
      ...{ template: printPattern(template, '<*>'), count, firstMs, lastMs, severities, counts, example, query },
      ...{ before, since, isNew },
      ...(isNew && deploy !== undefined ? { deployId: deploy.id } : {}),
      ...(unusual === undefined ? {} : { unusual }),
    })
  }
  const { looked } = found
  const { deploys, before } = borders
  return {
    patterns,
    looked,
    total: found.isAll ? looked : await asking.count(),
    deploys: [...deploys],
    beforeFromMs: before.fromMs,
  }
}

interface Found {
  readonly miner: PatternMiner
  readonly tallies: ReadonlyMap<number, PatternTally>
  readonly looked: number
  readonly oldestMs: number
  /** All lines of the span were looked at. */
  readonly isAll: boolean
}

class Asking {
  readonly #parts: PatternParts
  readonly #asker: Asker
  readonly #question: PatternsQuestion
  readonly #borders: DeployBorders
  #asked: Asked | undefined

  constructor(
    parts: PatternParts,
    asker: Asker,
    { question, borders }: { readonly question: PatternsQuestion; readonly borders: DeployBorders },
  ) {
    this.#parts = parts
    this.#asker = asker
    this.#question = question
    this.#borders = borders
  }

  async lookAtSpan(): Promise<Found> {
    const miner = createPatternMiner()
    const tallies = new Map<number, PatternTally>()
    this.#asked = await this.#askedOf(this.#question)
    let looked = 0
    let oldestMs = this.#question.toMs
    for await (const line of this.#lines(this.#asked, maxLooked)) {
      const ms = msOf(line)
      const id = miner.add(line.body, line.severity, ms)
      const tally = tallies.get(id) ?? new PatternTally(line.body, this.#question)
      tallies.set(id, tally)
      tally.add(line, ms, this.#deployOf(line))
      oldestMs = Math.min(oldestMs, ms)
      looked++
    }
    return { miner, tallies, looked, oldestMs, isAll: looked < maxLooked || !this.#asked.sight.isWhole }
  }

  /** What there was before the span, and before the deploys. */
  async lookBefore(): Promise<{ countOf(tally: PatternTally): number }> {
    const miner = createPatternMiner()
    const counts = new Map<number, number>()
    for await (const line of this.#lines(await this.#askedOf(this.#borders.before), maxLooked)) {
      const ms = msOf(line)
      if (ms >= (this.#deployOf(line)?.atMs ?? this.#question.fromMs)) continue
      const id = miner.add(line.body, line.severity, ms)
      counts.set(id, (counts.get(id) ?? 0) + 1)
    }
    return { countOf: ({ example, firstMs }) => counts.get(miner.add(example, 0, firstMs)) ?? 0 }
  }

  /** Whether lines of the pattern were there in the days before a deploy, also where these are too many to be looked at one by one. */
  async wasThere(pattern: {
    readonly query: string
    readonly deployAtMs: number
    readonly matches: (body: string) => boolean
  }): Promise<boolean> {
    const { query, deployAtMs, matches } = pattern
    const fromMs = Math.max(0, deployAtMs - searchedBackMs)
    const asked = await this.#askedOf({ query, fromMs, toMs: Math.max(1, deployAtMs) })
    for await (const line of this.#lines(asked, maxLikeIt))
      if (msOf(line) < (this.#deployOf(line)?.atMs ?? deployAtMs) && matches(line.body)) return true
    return false
  }

  async count(): Promise<number> {
    const asked = this.#asked ?? (await this.#askedOf(this.#question))
    return this.#parts.queries.reader.count(asked.filter, this.#asker)
  }

  async #askedOf(more: Partial<LogQuestion>): Promise<Asked> {
    const asked = await askedOf(this.#parts, { ...this.#question, ...more }, this.#asker)
    const { chosen } = this.#borders
    if (chosen === undefined) return asked
    const predicate = allOf([asked.filter.predicate, linesOfDeploy(chosen)])
    return { ...asked, filter: { ...asked.filter, predicate } }
  }

  async *#lines(asked: Asked, limit: number): AsyncGenerator<LogLine> {
    const range = { direction: 'backward', limit } as const
    for await (const { lines } of findLines(this.#parts.queries, asked, range, this.#asker)) yield* lines
  }

  #deployOf({ service, identity }: LogLine) {
    return this.#borders.deployOf(service, identity.environment ?? '')
  }
}

const msOf = ({ timeNs }: LogLine): number => Number(BigInt(timeNs) / 1_000_000n)
