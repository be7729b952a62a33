// Live tail: what is accepted from now on, to those who follow, out of the batches as they are stored; the engine is not asked.
import type { LogLine, LogTailEvent } from '@tidewatch/api/logs.ts'
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import type { LogBatch } from '@tidewatch/core/log-batch.ts'
import { readLogBatch } from '@tidewatch/core/log-batch-reader.ts'
import type { LogRecord } from '@tidewatch/core/log-record.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import { compilePredicate, type RecordTest } from '@tidewatch/logquery/match.ts'
import { threadMs } from '../thread-time.ts'
import { lineOf } from './line.ts'
import { LineSample } from './sample.ts'
import type { LineToShow, Sight } from './sight.ts'

/** Where accepted lines come from: told of every stored batch, which is valid until the listener returns. */
export interface LogFeed {
  subscribe(listener: (project: ProjectId, batch: LogBatch, numbers: Uint32Array) => void): Disposable
}

export interface TailStats {
  /** Who follows now. */
  followers: number
  /** Lines that matched, for all followers, and those of them that were left out of what is shown. */
  matched: number
  leftOut: number
}

export interface TailRequest {
  readonly projects: ReadonlySet<ProjectId>
  readonly sight: Sight
  readonly signal: AbortSignal
}

/** Each follower costs the ways in some microseconds a line. */
const maxFollowers = 32
/** Time between two events with lines. */
const eventEveryMs = 250
/** After so long without lines an event says that nothing came. */
const idleEveryMs = 15_000
/** What waits for one follower, and so what an event has at most. */
const waiting = { maxLines: 2000, maxLength: 2 << 20 }
/** Who has taken nothing for so long gives way to others: it is told of the idle time more often than that. */
const stalledMs = 60_000
/** Of one batch it is looked so long at most, in processor time: its sender and all others wait meanwhile. */
const lookMs = 5
const linesPerLook = 32

interface Follower {
  readonly projects: ReadonlySet<ProjectId>
  readonly matches: RecordTest
  readonly sight: Sight
  readonly sample: LineSample
  /** When it took an event last, monotonic. */
  takenMs: number
  /** Gave way: what it takes next is the end. */
  isOut: boolean
}

export interface LogTail {
  readonly stats: Readonly<TailStats>
  /**
   * Events until the signal fires: one at once, then lines as they come, then that there are none. Who reads slowly gets fewer lines, evenly over
   * the time, and is told what share they are; who reads nothing at all for a minute may have to give way to others. Throws `query.busy` where too
   * many follow already, with the first event.
   */
  follow(request: TailRequest): AsyncGenerator<LogTailEvent>
}

export const createLogTail = (feed: LogFeed, clock: Clock): LogTail => new FedTail(feed, clock)

class FedTail implements LogTail {
  readonly stats: TailStats = { followers: 0, matched: 0, leftOut: 0 }
  readonly #feed: LogFeed
  readonly #clock: Clock
  readonly #followers = new Set<Follower>()
  #subscription: Disposable | undefined

  constructor(feed: LogFeed, clock: Clock) {
    this.#feed = feed
    this.#clock = clock
  }

  async *follow({ projects, sight, signal }: TailRequest): AsyncGenerator<LogTailEvent> {
    this.#makeRoom()
    const sample = new LineSample(waiting)
    const matches = compilePredicate(sight.predicate)
    const takenMs = this.#clock.monotonicMs()
    const follower: Follower = { projects, sight, sample, matches, takenMs, isOut: false }
    using _following = this.#join(follower)
    yield { type: 'idle' }
    let saidMs = this.#clock.monotonicMs()
    while (!signal.aborted && !follower.isOut) {
      follower.takenMs = this.#clock.monotonicMs()
      try {
        await this.#clock.sleep(eventEveryMs, { signal })
      } catch {
        // the caller went away or the server stops
        return
      }
      const nowMs = this.#clock.monotonicMs()
      if (!sample.isEmpty) yield this.#eventOf(sample)
      else if (nowMs - saidMs >= idleEveryMs) yield { type: 'idle' }
      else continue
      saidMs = nowMs
    }
  }

  /** Throws where all who follow also read. */
  #makeRoom(): void {
    if (this.#followers.size < maxFollowers) return
    const last = [...this.#followers].reduce((a, b) => (b.takenMs < a.takenMs ? b : a))
    if (this.#clock.monotonicMs() - last.takenMs < stalledMs)
      throw new AppError('query.busy', `${maxFollowers} tails of logs are open already.`, {
        fix: 'Close one, or search again and again instead.',
      })
    last.isOut = true
    this.#leave(last)
  }

  #eventOf(sample: LineSample): LogTailEvent {
    const { lines, matched } = sample.take()
    this.stats.matched += matched
    this.stats.leftOut += matched - lines.length
    return { type: 'lines', lines, matched, share: matched === 0 ? 1 : lines.length / matched }
  }

  #join(follower: Follower): Disposable {
    this.#followers.add(follower)
    this.stats.followers = this.#followers.size
    // as long as nobody follows nobody looks at what comes
    this.#subscription ??= this.#feed.subscribe((project, batch, numbers) => this.#look(project, batch, numbers))
    return { [Symbol.dispose]: () => this.#leave(follower) }
  }

  #leave(follower: Follower): void {
    this.#followers.delete(follower)
    this.stats.followers = this.#followers.size
    if (this.#followers.size > 0) return
    this.#subscription?.[Symbol.dispose]()
    this.#subscription = undefined
  }

  /** Per batch: each line is decoded once for all who follow its project. */
  #look(project: ProjectId, batch: LogBatch, numbers: Uint32Array): void {
    const followers = [...this.#followers].filter(({ projects }) => projects.has(project))
    if (followers.length === 0) return
    const matched = new Uint32Array(followers.length)
    const endMs = threadMs() + lookMs
    let row = 0
    for (const record of readLogBatch(batch)) {
      const offered = new OfferedLine(record, numbers, row)
      for (const [i, follower] of followers.entries()) {
        if (follower.matches(record)) matched[i] += offer(follower, offered)
      }
      row++
      if (row % linesPerLook === 0 && threadMs() > endMs) break
    }
    if (row === batch.length) return
    // as many of the others match as of those that were looked at
    for (const [i, { sample }] of followers.entries())
      sample.miss(Math.round(((matched[i] as number) / row) * (batch.length - row)))
  }
}

/** 1 where the line is one of the tail, else 0. */
function offer({ sample, sight }: Follower, offered: OfferedLine): number {
  // where a line may be none after all it has to be made to know
  const isTaken = sample.next()
  if (!isTaken && sight.isWhole) return 1
  const line = offered.seenBy(sight)
  if (line === undefined) {
    sample.drop()
    return 0
  }
  if (isTaken) sample.add(line)
  return 1
}

/** A line of a batch: made once for all who are shown it as it is. */
class OfferedLine {
  readonly #record: LogRecord
  readonly #numbers: Uint32Array
  readonly #row: number
  #asItIs: LogLine | undefined

  constructor(record: LogRecord, numbers: Uint32Array, row: number) {
    this.#record = record
    this.#numbers = numbers
    this.#row = row
  }

  seenBy({ show }: Sight): LogLine | undefined {
    if (show !== lineOf) return show(this.#line())
    this.#asItIs ??= lineOf(this.#line())
    return this.#asItIs
  }

  #line(): LineToShow {
    const seq =
      (BigInt(this.#numbers[this.#row * 2 + 1] as number) << 32n) | BigInt(this.#numbers[this.#row * 2] as number)
    return { place: { timeNs: this.#record.timeNs, seq }, record: this.#record }
  }
}

const texts = new WeakMap<LogLine, string>()

/** As JSON; a line that goes to several is written once. */
export function tailEventText(event: LogTailEvent): string {
  if (event.type !== 'lines') return JSON.stringify(event)
  const { lines, ...rest } = event
  const written = lines.map((line) => {
    const text = texts.get(line) ?? JSON.stringify(line)
    texts.set(line, text)
    return text
  })
  return `${JSON.stringify(rest).slice(0, -1)},"lines":[${written.join()}]}`
}
