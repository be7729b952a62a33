// Lines in the order of time, slice by slice from where a search begins.

import type { LogPlace } from '@tidewatch/core/log-id.ts'
import { earlierNs, laterNs } from '@tidewatch/core/nanoseconds.ts'
import { decodeNative } from '../native-decode.ts'
import type { StoreClient } from '../port.ts'
import { logsTable } from '../tables/logs.ts'
import type { LogParts, PartsOfRange } from './parts.ts'
import type { LogSearch, LogSearchStep, StoredLog } from './port.ts'
import { lineBlockRows, lineColumns, readLines } from './read-lines.ts'
import { type RenderedPredicate, timeLiteral } from './render.ts'
import { rangeCondition, selectionOf, statement } from './select.ts'

export interface SearchOptions {
  readonly client: StoreClient
  readonly signal: AbortSignal
  readonly rendered: RenderedPredicate
  readonly parts: LogParts
  /** About how many bytes a line takes when it is read. */
  readonly rowBytes: (signal: AbortSignal) => Promise<number>
  /** Looks at what an inexact condition found. */
  readonly matches: (line: StoredLog) => boolean
}

const shortestSliceNs = 1_000_000n
/** Where nobody knows how many lines there are. */
const firstSliceNs = 900_000_000_000n
/** A slice should take so long: the page shows how far a search is. */
const sliceMs = 150
/** Lines that the engine goes through in about that time, where it can ask an index and where it cannot. */
const indexedRows = 8_000_000
const plainRows = 500_000
/** How much longer a slice may be than the one before it. */
const growth = 16
/** Where lines lie closer together than was thought, a slice is cut so often at most. */
const maxCuts = 4
/** ClickHouse 26.7 leaves out lines that the index of words found where it narrows an `ORDER BY ... LIMIT` while it reads. */
const searchSettings = ['use_top_k_dynamic_filtering = 0']
/** As many as lie behind one mark: the engine reads in the order of time from mark to mark. */
const orderedBlockRows = 8192
/** So many lines are read in less than that on an idle machine: a slice with fewer is slow for another reason, and a shorter one would not be faster. */
const fewRows = 65_536

/** Slices of time that follow one another in the direction of a search. */
class Slices {
  readonly #search: LogSearch
  #widthNs: bigint
  #fromNs: bigint
  #toNs: bigint

  /** `rows`: about how many lines there are, undefined where nobody knows; `rowsWanted`: about how many a slice should have. */
  constructor(
    search: LogSearch,
    { rows, rowsWanted }: { readonly rows: number | undefined; readonly rowsWanted: number },
  ) {
    this.#search = search
    const spanNs = search.toNs - search.fromNs
    if (rows === undefined) this.#widthNs = firstSliceNs
    else this.#widthNs = rows <= rowsWanted ? spanNs : scaled(spanNs, rowsWanted / rows)
    const { direction, after } = search
    // lines of the same nanosecond as the last known one may follow it
    this.#fromNs = direction === 'forward' && after !== undefined ? laterNs(search.fromNs, after.timeNs) : search.fromNs
    this.#toNs =
      direction === 'backward' && after !== undefined ? earlierNs(search.toNs, after.timeNs + 1n) : search.toNs
  }

  next(): Slice | undefined {
    if (this.#fromNs >= this.#toNs) return undefined
    if (this.#search.direction === 'backward') {
      const toNs = this.#toNs
      this.#toNs = laterNs(this.#fromNs, toNs - this.#widthNs)
      return { fromNs: this.#toNs, toNs }
    }
    const fromNs = this.#fromNs
    this.#fromNs = earlierNs(this.#toNs, fromNs + this.#widthNs)
    return { fromNs, toNs: this.#fromNs }
  }

  /** The last one is too long: it is to be given again, shorter by the factor. */
  cut({ fromNs, toNs }: Slice, factor: number): void {
    if (this.#search.direction === 'backward') this.#toNs = toNs
    else this.#fromNs = fromNs
    this.#widthNs = scaled(toNs - fromNs, factor)
  }

  /** What the last slice took for so many rows says how long the next one may be. A busy machine takes its time for few rows, too. */
  learn(tookMs: number, rows: number | undefined): void {
    const byTime = Math.max(1 / growth, sliceMs / Math.max(1, tookMs))
    const byRows = rows === undefined ? 0 : fewRows / Math.max(1, rows)
    this.#widthNs = scaled(this.#widthNs, Math.min(growth, Math.max(byTime, byRows)))
  }
}

interface Slice {
  readonly fromNs: bigint
  readonly toNs: bigint
}

const scaled = (ns: bigint, factor: number): bigint =>
  laterNs(shortestSliceNs, (ns * BigInt(Math.round(factor * 1_000_000))) / 1_000_000n)

/** `extra` is one more condition. */
export async function* searchLines(
  search: LogSearch,
  options: SearchOptions,
  extra?: string,
): AsyncGenerator<LogSearchStep> {
  const { parts, signal } = options
  if (options.rendered.wherePlain === undefined) {
    yield* searchParts(search, options, { extra, parts: await parts.of(search, { fresh: false, signal }) })
    return
  }
  const lately = parts.lately(search)
  const asking = parts.of(search, { fresh: true, signal })
  // who waits for it may have gone by the time it fails
  asking.catch(() => {})
  if (lately?.arePlain === true) {
    // as good as always nothing else has come since, which is looked at beside
    let arePlain: boolean | undefined
    for await (const step of searchParts(search, options, { extra, parts: lately })) {
      arePlain ??= (await asking)?.arePlain === true
      if (!arePlain) break
      yield step
    }
    if (arePlain !== false) return
  }
  yield* searchParts(search, options, { extra, parts: await asking })
}

async function* searchParts(
  search: LogSearch,
  options: SearchOptions,
  { extra, parts }: { readonly extra: string | undefined; readonly parts: PartsOfRange | undefined },
): AsyncGenerator<LogSearchStep> {
  const { client, signal } = options
  const rowBytes = await options.rowBytes(signal)
  const rendered = await selectionOf(client, search, { rendered: options.rendered, parts }, signal)
  const rows = parts?.rows
  const rowsWanted = rendered.isIndexed ? indexedRows : plainRows
  const slices = new Slices(search, { rows, rowsWanted })
  const estimate = async (slice: Slice): Promise<number | undefined> =>
    rows === undefined || rows <= rowsWanted
      ? rows
      : estimateRows(client, rangeCondition({ ...search, ...slice }), signal)
  let missing = search.limit
  let rowsRead = 0
  for (;;) {
    signal.throwIfAborted()
    const next = missing > 0 ? await nextSlice(slices, estimate, rowsWanted) : undefined
    if (next === undefined) return
    const { slice } = next
    const searchedToNs = search.direction === 'backward' ? slice.fromNs : slice.toNs
    const read = rowsRead
    rowsRead += Math.round(next.rows ?? 0)
    const range = rangeCondition({ ...search, ...slice })
    const conditions = [range, ...cursorCondition(search.after, search.direction), rendered.where]
    if (extra !== undefined) conditions.push(extra)
    const beganMs = performance.now()
    for await (const found of readSlice(conditions, { search, options, limit: missing, parts })) {
      missing -= found.length
      const at = (found.at(-1) as StoredLog).place.timeNs
      // what was read of the slice is not known before its end
      yield { lines: found, searchedToNs: at, rowsRead: read, bytesRead: Math.round(read * rowBytes) }
    }
    slices.learn(performance.now() - beganMs, next.rows)
    if (missing > 0) yield { lines: [], searchedToNs, rowsRead, bytesRead: Math.round(rowsRead * rowBytes) }
  }
}

/** The next slice and about how many lines it has, where that is known. */
async function nextSlice(
  slices: Slices,
  estimate: (slice: Slice) => Promise<number | undefined>,
  rowsWanted: number,
): Promise<{ readonly slice: Slice; readonly rows: number | undefined } | undefined> {
  for (let cuts = 0; ; cuts++) {
    const slice = slices.next()
    if (slice === undefined) return undefined
    const rows = await estimate(slice)
    if (rows === undefined || rows <= 4 * rowsWanted || cuts === maxCuts) return { slice, rows }
    slices.cut(slice, rowsWanted / rows)
  }
}

interface SliceReading {
  readonly search: LogSearch
  readonly options: SearchOptions
  readonly limit: number
  readonly parts: PartsOfRange | undefined
}

/**
 * What no line of the known parts has is not read. Each line says which part it is of: from the first one on that is of another (a merged one, a new
 * one) all is read.
 */
async function* readSlice(conditions: readonly string[], reading: SliceReading): AsyncGenerator<StoredLog[]> {
  const { search, options, parts } = reading
  const { client, signal, rendered, matches } = options
  const { unused, known } = parts ?? unknownParts
  const way = search.direction === 'backward' ? 'DESC' : 'ASC'
  const most = rendered.isExact ? ` LIMIT ${reading.limit}` : ''
  const isSmall = rendered.isExact && reading.limit <= lineBlockRows
  const columns = unused.size === 0 ? lineColumns(unused) : `${lineColumns(unused)}, toString(_part) AS part`
  const sql = statement(
    `SELECT ${columns} FROM ${logsTable.name} WHERE ${conditions.join(' AND ')} ORDER BY time_ns ${way}, seq ${way}${most}`,
    [...readSettings(isSmall, rendered), ...searchSettings],
  )
  let missing = reading.limit
  let last: LogPlace | undefined
  for await (const block of decodeNative(client.stream(`${sql} FORMAT Native`, { signal }))) {
    if (unused.size > 0 && !block.strings('part').every((part) => known.has(part))) {
      options.parts.forget()
      const behind = [...conditions, ...cursorCondition(last, search.direction)]
      yield* readSlice(behind, { ...reading, limit: missing, parts: undefined })
      return
    }
    const lines = readLines(block, unused)
    last = lines.at(-1)?.place
    const found = (rendered.isExact ? lines : lines.filter(matches)).slice(0, missing)
    missing -= found.length
    if (found.length > 0) yield found
    if (missing === 0) return
  }
}

const unknownParts: Pick<PartsOfRange, 'unused' | 'known'> = { unused: new Set(), known: new Set() }

/** Where the answer is small anyway, small blocks only make slow what an index leads to; what is gone through in order ends sooner by them. */
function readSettings(isSmall: boolean, { isNarrowed }: RenderedPredicate): string[] {
  if (!isSmall) return [`max_block_size = ${lineBlockRows}`]
  return isNarrowed ? [] : [`max_block_size = ${orderedBlockRows}`, 'use_skip_indexes = 0']
}

function cursorCondition(after: LogPlace | undefined, direction: LogSearch['direction']): string[] {
  if (after === undefined) return []
  const than = direction === 'backward' ? '<' : '>'
  return [`(time_ns, seq) ${than} (${timeLiteral(after.timeNs)}, toUInt64(${after.seq}))`]
}

/** About how many lines there are, by the marks of the primary key: nothing is read. */
async function estimateRows(client: StoreClient, range: string, signal: AbortSignal): Promise<number> {
  const sql = `EXPLAIN ESTIMATE SELECT 1 FROM ${logsTable.name} WHERE ${range}`
  const parts = await client.query<{ rows: number }>(sql, { signal })
  return parts.reduce((sum, { rows }) => sum + Number(rows), 0)
}

/** About how many bytes a line takes when it is read. */
export async function averageRowBytes(client: StoreClient, signal: AbortSignal): Promise<number> {
  const rows = await client.query<{ bytes: number }>(
    `SELECT sum(data_uncompressed_bytes) / greatest(sum(rows), 1) AS bytes FROM system.parts WHERE active AND database = currentDatabase() AND table LIKE '${logsTable.name}%'`,
    { signal },
  )
  return rows[0]?.bytes ?? 0
}
