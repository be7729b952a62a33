// Logs out of the store: searches as streams, counts and groups as single statements.
import { AppError } from '@tidewatch/core/error.ts'
import { type LogPlace, printLogId } from '@tidewatch/core/log-id.ts'
import type { LogRecord } from '@tidewatch/core/log-record.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import { compilePredicate } from '@tidewatch/logquery/match.ts'
import { everything, type Predicate } from '@tidewatch/logquery/predicate.ts'
import { literal } from '../literal.ts'
import type { StoreClient } from '../port.ts'
import { type AggregateRow, aggregateStatement, minuteStatement, readGroups } from './aggregate.ts'
import { answerOf } from './answer.ts'
import { fieldsStatement, readFields } from './field-names.ts'
import { knownNames } from './known-names.ts'
import { createLogParts } from './parts.ts'
import type { LogAggregation, LogFilter, LogReader, LogSearch, LogSearchStep, LogStream, StoredLog } from './port.ts'
import { type RenderedPredicate, renderPredicate } from './render.ts'
import { averageRowBytes, searchLines } from './search.ts'
import { rowsOf, type Selection, statement } from './select.ts'
import { withinTimes } from './times.ts'

/** Lines that are looked at one by one where the engine cannot say of them whether they count. */
const maxNarrowed = 50_000
const defaultFieldRows = 200_000
const rowBytesMs = 60_000
/** As far as a search goes on either side of a line for what stands around it. */
const contextNs = 7n * 24n * 3600n * 1_000_000_000n

export function createLogReader(client: StoreClient): LogReader {
  const rowBytes = new RowBytes(client)
  const parts = createLogParts(client)
  const render = async ({ predicate }: LogFilter, signal: AbortSignal): Promise<RenderedPredicate> =>
    renderPredicate(predicate, await knownNames(client, predicate, signal))
  async function* search(wanted: LogSearch, signal: AbortSignal, extra?: string): AsyncGenerator<LogSearchStep> {
    const within = withinTimes(wanted)
    const rendered = await render(within, signal)
    const matches = lineTest(wanted.predicate)
    yield* searchLines(within, { client, signal, rendered, matches, parts, rowBytes: rowBytes.get }, extra)
  }
  const narrowed = async (filter: LogFilter, signal: AbortSignal): Promise<RenderedPredicate> => {
    const limit = maxNarrowed + 1
    const values: string[] = []
    for await (const { lines } of search({ ...filter, direction: 'backward', limit }, signal))
      for (const { place } of lines) values.push(printLogId(place))
    if (values.length < limit) return renderPredicate({ kind: 'ids', values })
    throw new AppError('query.limit', `More than ${maxNarrowed} lines match, which have to be looked at one by one`, {
      fix: 'Take a shorter time, or a filter without dates in fields, nested objects and loose phrases that repeat a word',
    })
  }
  const answer = async <Row>(
    wanted: LogFilter,
    statementOf: (filter: LogFilter, selected: RenderedPredicate | Selection) => string,
    signal: AbortSignal,
  ): Promise<readonly Row[]> => {
    const filter = withinTimes(wanted)
    const rendered = await render(filter, signal)
    if (rendered.isExact) return answerOf({ client, parts }, { filter, rendered, statementOf }, signal)
    return client.query<Row>(statementOf(filter, await narrowed(filter, signal)), { signal })
  }
  const aggregate = async (filter: LogFilter, aggregation: LogAggregation, signal: AbortSignal) => {
    const within = withinTimes(filter)
    const byMinute = minuteStatement(within, aggregation)
    const rows =
      byMinute === undefined
        ? await answer<AggregateRow>(within, (...of) => aggregateStatement(...of, aggregation), signal)
        : await client.query<AggregateRow>(byMinute, { signal })
    return readGroups(rows, aggregation)
  }
  return {
    search: (wanted, { signal }) => search(wanted, signal),
    async count(filter, { signal }) {
      const [row] = await aggregate(filter, { groups: [], measures: [], limit: 1 }, signal)
      return row?.count ?? 0
    },
    aggregate: (filter, aggregation, { signal }) => aggregate(filter, aggregation, signal),
    async fields(filter, { signal, rows = defaultFieldRows }) {
      return readFields(await answer(filter, (...of) => fieldsStatement(...of, rows), signal))
    },
    async context({ project, place, record }, { before, after }, { signal }) {
      const around = async (direction: LogSearch['direction'], limit: number): Promise<StoredLog[]> => {
        const range =
          direction === 'backward'
            ? { fromNs: place.timeNs - contextNs, toNs: place.timeNs + 1n }
            : { fromNs: place.timeNs, toNs: place.timeNs + contextNs }
        const wanted = { projects: [project], predicate: everything, direction, limit, after: place, ...range }
        const found: StoredLog[] = []
        for await (const { lines } of search(wanted, signal, sameStream(record))) found.push(...lines)
        return found
      }
      return { before: (await around('backward', before)).reverse(), after: await around('forward', after) }
    },
    async streams(filter, { signal, limit }) {
      const rows = await answer<StreamRow>(filter, (...of) => streamsStatement(...of, limit), signal)
      return rows.map(readStream)
    },
  }
}

/** The size of a line changes slowly: asked for once in a while. */
class RowBytes {
  readonly #client: StoreClient
  #known = 0
  #askedMs = Number.NEGATIVE_INFINITY

  constructor(client: StoreClient) {
    this.#client = client
  }

  readonly get = async (signal: AbortSignal): Promise<number> => {
    if (performance.now() - this.#askedMs < rowBytesMs) return this.#known
    this.#known = await averageRowBytes(this.#client, signal)
    this.#askedMs = performance.now()
    return this.#known
  }
}

function streamsStatement(filter: LogFilter, selected: RenderedPredicate | Selection, limit: number): string {
  const rows = rowsOf(filter, selected, ['project', 'service', 'resource', 'time_ns'])
  return statement(
    `SELECT project, service, mapKeys(resource) AS names, mapValues(resource) AS texts, count() AS n, toString(max(time_ns)) AS newest FROM (${rows})` +
      ` GROUP BY project, service, resource ORDER BY n DESC, service, names, texts LIMIT ${literal(limit)}`,
  )
}

interface StreamRow {
  readonly project: number
  readonly service: string
  readonly names: readonly string[]
  readonly texts: readonly string[]
  readonly n: number
  readonly newest: string
}

const readStream = ({ project, service, names, texts, n, newest }: StreamRow): LogStream => ({
  project: project as ProjectId,
  service,
  resource: new Map(names.map((name, i) => [name, texts[i] as string])),
  count: n,
  newestNs: BigInt(newest),
})

/** Of lines from the same source. */
function sameStream({ service, resource }: Pick<LogRecord, 'service' | 'resource'>): string {
  const names = [...resource.keys()]
  if (names.length === 0) return `service = ${literal(service)} AND empty(resource)`
  const values = names.map((name) => `resource[${literal(name)}] = ${literal(resource.get(name) as string)}`)
  const all = `hasAll(mapKeys(resource), ${literal(names)}) AND length(resource) = ${names.length}`
  return `service = ${literal(service)} AND ${all} AND ${values.join(' AND ')}`
}

/** The predicate in memory, ids included. */
function lineTest(predicate: Predicate): (line: StoredLog) => boolean {
  let place: LogPlace = { timeNs: 0n, seq: 0n }
  const test = compilePredicate(predicate, { hasId: (_record, ids) => ids.has(printLogId(place)) })
  return (line) => {
    place = line.place
    return test(line.record)
  }
}
