// Loki's tail: lines of a query as they are accepted, by WebSocket. https://grafana.com/docs/loki/latest/reference/loki-http-api/#stream-logs
import type { Clock } from '@tidewatch/core/clock.ts'
import type { LogBatch } from '@tidewatch/core/log-batch.ts'
import { readLogBatch } from '@tidewatch/core/log-batch-reader.ts'
import type { LogRecord } from '@tidewatch/core/log-record.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import type { LogExpr } from '@tidewatch/logquery/logql/ast.ts'
import { check } from '@tidewatch/logquery/logql/check.ts'
import { compileEntry, type LogEntry } from '@tidewatch/logquery/logql/evaluate-logs.ts'
import { compileSelector } from '@tidewatch/logquery/logql/selector.ts'
import { compilePredicate } from '@tidewatch/logquery/match.ts'
import type { SocketContext, SocketRoute, TextSocket } from '../../../http/port.ts'
import type { LogQueries } from '../log-queries.ts'
import { threadMs } from '../thread-time.ts'
import { groupStreams } from './answers.ts'
import { createLogqlQueries } from './logql-queries.ts'
import { planRecords } from './matchers.ts'
import { needsOf } from './mentioned.ts'
import { badRequest, LokiParameters } from './parameters.ts'
import { LineMaker } from './record-labels.ts'

export interface LokiTailOptions {
  readonly queries: Pick<LogQueries, 'reader' | 'projects'>
  /** Told of every stored batch, which is valid until the listener returns. */
  readonly feed: { subscribe(listener: (project: ProjectId, batch: LogBatch) => void): Disposable }
  readonly clock: Clock
}

/** Time between two messages. */
const messageEveryMs = 100
/** What waits for one follower, and so what a message has at most. */
const maxLines = 1000
const maxLength = 1 << 20
/** While so much was sent and not taken nothing more is. */
const maxUnsentBytes = 1 << 20
/** Lines left out that are named in a message. */
const maxDroppedNamed = 100
/** Of one batch it is looked so long at most, for all followers, in processor time: its sender waits meanwhile. */
const lookMs = 5
/** So many lines, counted for each follower, go by between two looks at the clock. */
const offersPerLook = 32

export function createLokiTail({ queries, feed, clock }: LokiTailOptions): SocketRoute {
  const logql = createLogqlQueries({ reader: queries.reader, clock })
  const followers = new Followers(feed)
  return {
    path: '/loki/api/v1/tail',
    permission: 'view',
    open(context) {
      const parameters = new LokiParameters({ ...context, id: '', params: {}, body: undefined }, clock.nowMs())
      const expr = logql.parse(parameters.required('query'))
      if (expr.kind !== 'log') throw badRequest('only log queries can be tailed')
      check(expr)
      const { projects } = parameters.scope({ ...context, id: '', params: {}, body: undefined }, queries.projects)
      const { fromNs, toNs } = parameters.range()
      const limit = parameters.limit()
      const history = async (signal: AbortSignal): Promise<readonly LogEntry[]> => {
        const range = { projects, signal, fromNs, toNs: toNs + 1n, limit, intervalNs: 0n }
        const { value } = await logql.entries(expr, { ...range, direction: 'backward' })
        return value.toReversed()
      }
      const sees = seenProjects(context, projects)
      return (socket) => {
        new Tail({ expr, sees, clock }).run(socket, followers, history).catch((error: unknown) => {
          if (!socket.signal.aborted) socket.close(error instanceof Error ? error.message : 'the tail ended')
        })
      }
    },
  }
}

/** Projects that are new while somebody follows count for who sees all. */
function seenProjects(
  { identity, headers, query }: SocketContext,
  projects: readonly ProjectId[],
): (project: ProjectId) => boolean {
  const isNamed =
    headers['x-scope-orgid'] !== undefined || (query as Readonly<Record<string, unknown>>).project !== undefined
  if (identity.projects === 'all' && !isNamed) return () => true
  const seen = new Set(projects)
  return (project) => seen.has(project)
}

interface TailOptions {
  readonly expr: LogExpr
  readonly sees: (project: ProjectId) => boolean
  readonly clock: Clock
}

interface DroppedEntry {
  readonly labels: Readonly<Record<string, string>>
  /** ns since 1970. */
  readonly timestamp: string
}

/** All who follow: a line is read once for all of them. */
class Followers {
  readonly #feed: LokiTailOptions['feed']
  readonly #tails = new Set<Tail>()
  #subscription: Disposable | undefined

  constructor(feed: LokiTailOptions['feed']) {
    this.#feed = feed
  }

  join(tail: Tail): Disposable {
    this.#tails.add(tail)
    // as long as nobody follows nobody looks at what comes
    this.#subscription ??= this.#feed.subscribe((project, batch) => this.#look(project, batch))
    return { [Symbol.dispose]: () => this.#leave(tail) }
  }

  #leave(tail: Tail): void {
    this.#tails.delete(tail)
    if (this.#tails.size > 0) return
    this.#subscription?.[Symbol.dispose]()
    this.#subscription = undefined
  }

  #look(project: ProjectId, batch: LogBatch): void {
    const tails = [...this.#tails].filter((tail) => tail.sees(project))
    if (tails.length === 0) return
    const endMs = threadMs() + lookMs
    let row = 0
    let offers = 0
    for (const record of readLogBatch(batch)) {
      for (const tail of tails) tail.offer(record)
      row++
      offers += tails.length
      if (offers < offersPerLook || row === batch.length) continue
      offers = 0
      if (threadMs() <= endMs) continue
      for (const tail of tails) tail.miss(record.timeNs)
      return
    }
  }
}

/** One follower: what waits for it, and what had to be left out. */
class Tail {
  readonly #options: TailOptions
  readonly #entryOf: (record: LogRecord) => LogEntry | undefined
  #waiting: LogEntry[] = []
  #length = 0
  #dropped: DroppedEntry[] = []

  constructor(options: TailOptions) {
    this.#options = options
    this.#entryOf = entryReader(options.expr, options.clock)
  }

  sees(project: ProjectId): boolean {
    return this.#options.sees(project)
  }

  async run(
    socket: TextSocket,
    followers: Followers,
    history: (signal: AbortSignal) => Promise<readonly LogEntry[]>,
  ): Promise<void> {
    const { clock } = this.#options
    // before the lines that are there are asked for: nothing is missed in between
    using _following = followers.join(this)
    const known = await history(socket.signal)
    const seen = new Set(known.map(keyOf))
    this.#waiting = [...known, ...this.#waiting.filter((entry) => !seen.has(keyOf(entry)))]
    while (!socket.signal.aborted) {
      if (socket.bufferedBytes < maxUnsentBytes) this.#send(socket)
      await clock.sleep(messageEveryMs, { signal: socket.signal })
    }
  }

  #send(socket: TextSocket): void {
    if (this.#waiting.length === 0 && this.#dropped.length === 0) return
    const streams = groupStreams(this.#waiting, false)
    const dropped = this.#dropped.length === 0 ? {} : { dropped_entries: this.#dropped }
    this.#waiting = []
    this.#length = 0
    this.#dropped = []
    socket.send(JSON.stringify({ streams, ...dropped }))
  }

  /** A line that was accepted. */
  offer(record: LogRecord): void {
    const entry = this.#entryOf(record)
    if (entry !== undefined) this.#add(entry)
  }

  /** From there on lines were not looked at. */
  miss(timeNs: bigint): void {
    this.#drop({}, timeNs)
  }

  #add(entry: LogEntry): void {
    if (this.#waiting.length >= maxLines || this.#length + entry.line.length > maxLength) {
      this.#drop(entry.labels.toObject(), entry.timeNs)
      return
    }
    this.#length += entry.line.length
    this.#waiting.push(entry)
  }

  #drop(labels: Readonly<Record<string, string>>, timeNs: bigint): void {
    if (this.#dropped.length < maxDroppedNamed) this.#dropped.push({ labels, timestamp: String(timeNs) })
  }
}

const keyOf = ({ timeNs, line }: LogEntry): string => `${timeNs} ${line}`

function entryReader(expr: LogExpr, clock: Clock): (record: LogRecord) => LogEntry | undefined {
  // keys of resources are not known beforehand: what they decide is left to the selector
  const mayMatch = compilePredicate(planRecords(expr, () => undefined).predicate)
  const fits = compileSelector(expr.matchers)
  const maker = new LineMaker(needsOf(expr))
  const run = compileEntry(expr, clock.nowMs)
  return (record) => {
    if (!mayMatch(record)) return undefined
    const line = maker.line(record)
    return fits(line.stream) ? run(line) : undefined
  }
}
