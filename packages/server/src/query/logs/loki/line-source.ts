// Stored records as the lines that LogQL evaluates, a few at a time, so that no evaluation holds the thread.
import type { Clock } from '@tidewatch/core/clock.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import { TimeSlices } from '@tidewatch/core/time-slices.ts'
import type { LogExpr } from '@tidewatch/logquery/logql/ast.ts'
import { checkCancelled } from '@tidewatch/logquery/logql/limits.ts'
import { labelName } from '@tidewatch/logquery/logql/line-labels.ts'
import type { SourceLine } from '@tidewatch/logquery/logql/pipeline.ts'
import type { CountedSeries, CountRequest, LineRequest, LineSource } from '@tidewatch/logquery/logql/source.ts'
import { everything } from '@tidewatch/logquery/predicate.ts'
import type { LogFilter, LogReader, LogStream } from '../../../store/port.ts'
import { countInStore } from './counts.ts'
import { isAmbiguous, planRecords, type RecordPlan } from './matchers.ts'
import { type LabelNeeds, LineMaker } from './record-labels.ts'

export interface LineSourceOptions {
  readonly reader: LogReader
  readonly projects: readonly ProjectId[]
  readonly needs: LabelNeeds
  /** Lines that the query needs at most, where each that fits is one. */
  readonly limit: number | undefined
  readonly clock: Pick<Clock, 'monotonicMs'>
  readonly stats: QueryStats
}

/** What a query looked at. */
export interface QueryStats {
  lines: number
  bytes: number
  /** Lines that went through its stages. */
  evaluated: number
}

/** Lines between two looks at the time. */
const batchLines = 128
/** Distinct streams that are looked through for the names of their labels. */
export const maxStreamsListed = 50_000
const endOfTimeNs = 2n ** 63n - 1n

export const clampNs = (ns: bigint): bigint => (ns < 0n ? 0n : ns > endOfTimeNs ? endOfTimeNs : ns)

export function createLineSource(options: LineSourceOptions): LineSource {
  return new StoredLines(options)
}

class StoredLines implements LineSource {
  readonly #options: LineSourceOptions
  readonly #maker: LineMaker

  constructor(options: LineSourceOptions) {
    this.#options = options
    this.#maker = new LineMaker(options.needs)
  }

  async *lines(
    { log, fromNs, toNs, direction }: LineRequest,
    { signal }: { readonly signal: AbortSignal },
  ): AsyncGenerator<readonly SourceLine[]> {
    const { reader, projects, limit, clock, stats } = this.#options
    const range = { projects, fromNs: clampNs(fromNs), toNs: clampNs(toNs) }
    if (projects.length === 0 || range.fromNs >= range.toNs) return
    const { predicate, isWhole } = await this.#plan(log, range, signal)
    const most = (isWhole ? limit : undefined) ?? Number.MAX_SAFE_INTEGER
    const read = { lines: stats.lines, bytes: stats.bytes }
    const slices = new TimeSlices(clock)
    for await (const { lines, rowsRead, bytesRead } of reader.search(
      { ...range, predicate, direction, limit: most },
      { signal },
    )) {
      stats.lines = read.lines + rowsRead
      stats.bytes = read.bytes + bytesRead
      for (let at = 0; at < lines.length; at += batchLines) {
        const batch = lines.slice(at, at + batchLines)
        stats.evaluated += batch.length
        yield batch.map(({ record }) => this.#maker.line(record))
        if (!slices.isOver()) continue
        await slices.turn()
        checkCancelled(signal)
      }
    }
  }

  async counts(
    request: CountRequest,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<readonly CountedSeries[] | undefined> {
    const { reader, projects, needs } = this.#options
    const range = { projects, fromNs: clampNs(request.fromNs), toNs: clampNs(request.toNs) }
    if (projects.length === 0 || range.fromNs >= range.toNs) return []
    const needsNames = request.by?.length !== 0 || request.log.matchers.some(({ name }) => isAmbiguous(name))
    const streams = needsNames ? await this.#streams(range, signal) : []
    const { predicate, isWhole } = planRecords(request.log, keysIn(streams))
    if (!isWhole) return undefined
    const names = { resourceKeys: streams && [...resourceKeys(streams)], selected: needs.selected }
    return countInStore({ reader, filter: { ...range, predicate }, signal }, request, names)
  }

  async #plan(log: LogExpr, range: Omit<LogFilter, 'predicate'>, signal: AbortSignal): Promise<RecordPlan> {
    const isOpen = log.matchers.some(({ name }) => isAmbiguous(name))
    return planRecords(log, keysIn(isOpen ? await this.#streams(range, signal) : []))
  }

  async #streams(range: Omit<LogFilter, 'predicate'>, signal: AbortSignal): Promise<readonly LogStream[] | undefined> {
    const streams = await this.#options.reader.streams(
      { ...range, predicate: everything },
      { signal, limit: maxStreamsListed },
    )
    return streams.length < maxStreamsListed ? streams : undefined
  }
}

function resourceKeys(streams: readonly LogStream[]): Set<string> {
  return new Set(streams.flatMap(({ resource }) => [...resource.keys()]))
}

/** The keys of resources that a label stands for, of streams that are all there are; undefined where they are not known. */
export function keysIn(streams: readonly LogStream[] | undefined): (label: string) => readonly string[] | undefined {
  if (streams === undefined) return () => undefined
  const keys = [...resourceKeys(streams)]
  return (label) => keys.filter((key) => labelName(key) === label)
}
