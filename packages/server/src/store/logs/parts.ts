// What is known of the parts that lines lie in. A part never changes, it only goes: what was learned of one once holds for all of its time, and spares
// conditions that hold for all of its lines.
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import { earlierNs, laterNs } from '@tidewatch/core/nanoseconds.ts'
import { literal } from '../literal.ts'
import type { StoreClient } from '../port.ts'
import { logsTable } from '../tables/logs.ts'
import type { LogFilter } from './port.ts'
import { type OptionalColumn, optionalColumns } from './read-lines.ts'

type Range = Pick<LogFilter, 'projects' | 'fromNs' | 'toNs'>

interface PartFacts {
  readonly firstNs: bigint
  readonly lastNs: bigint
  /** Undefined where it has lines of several. */
  readonly project: ProjectId | undefined
  /** All lines are plain. */
  readonly isPlain: boolean
  /** Empty in all lines. */
  readonly unused: ReadonlySet<OptionalColumn>
}

interface ListedPart {
  readonly name: string
  readonly rows: number
  readonly facts: PartFacts | undefined
}

interface PartList {
  readonly parts: readonly ListedPart[]
  readonly askedMs: number
  readonly days: Days
}

interface Days {
  readonly first: string
  /** The one behind the last. */
  readonly end: string
}

/** Parts that may have lines of a range. */
export interface PartsOfRange {
  /** Of all of them together, about how many lies within the range. */
  readonly rows: number
  /** Names of those of which all lines are within the range. */
  readonly whole: readonly string[]
  readonly arePlain: boolean
  /** Columns that are empty in all lines of `known`; none where not all parts are known. */
  readonly unused: ReadonlySet<OptionalColumn>
  readonly known: ReadonlySet<string>
}

export interface LogParts {
  /**
   * `fresh`: as they are now; else as they were not long ago, which is enough where those that are not known are asked by their lines. Undefined where
   * the store has none to see (a cluster).
   */
  of(
    range: Range,
    options: { readonly fresh: boolean; readonly signal: AbortSignal },
  ): Promise<PartsOfRange | undefined>
  /** As they were not long ago, where that is known without asking. */
  lately(range: Range): PartsOfRange | undefined
  /** There are others than it was thought: they are asked for before the next question. */
  forget(): void
}

const keptListMs = 10_000
/** Lines that are gone through at once to learn of their parts, about a second; parts with more stay unknown. */
const maxLearnedRows = 64_000_000
/** Of so many lines, about 50 ms, a question waits until they are known; of more it is answered without. */
const usualAwaitedRows = 2_000_000
const learnTimeoutMs = 60_000
const maxKnownParts = 20_000
/** A statement names so many at most. */
const maxNamed = 1000
/** What these use is used by others, too. */
const sampledLines = 1000

export function createLogParts(client: StoreClient, options: { readonly awaitedRows?: number } = {}): LogParts {
  return new KnownParts(client, options.awaitedRows ?? usualAwaitedRows)
}

class KnownParts implements LogParts {
  readonly #client: StoreClient
  readonly #awaitedRows: number
  /** By name and checksum: where a table is made anew, names come again. */
  readonly #facts = new Map<string, PartFacts>()
  #list: PartList | undefined
  #isLocal: boolean | undefined
  #learning: Promise<void> | undefined

  constructor(client: StoreClient, awaitedRows: number) {
    this.#client = client
    this.#awaitedRows = awaitedRows
  }

  async of(
    range: Range,
    { fresh, signal }: { readonly fresh: boolean; readonly signal: AbortSignal },
  ): Promise<PartsOfRange | undefined> {
    this.#isLocal ??= await isLocal(this.#client, signal)
    if (!this.#isLocal) return undefined
    const known = fresh ? undefined : this.lately(range)
    return known ?? partsOfRange((await this.#ask(daysOf(range), signal)).parts, range)
  }

  lately(range: Range): PartsOfRange | undefined {
    const known = this.#list
    if (known === undefined || !isWithin(daysOf(range), known.days)) return undefined
    return performance.now() - known.askedMs < keptListMs ? partsOfRange(known.parts, range) : undefined
  }

  forget(): void {
    this.#list = undefined
  }

  async #ask(days: Days, signal: AbortSignal): Promise<PartList> {
    const askedMs = performance.now()
    const sql =
      `SELECT name, toFloat64(rows) AS rows, hash_of_all_files AS hash FROM system.parts WHERE active AND database = currentDatabase()` +
      ` AND table = ${literal(logsTable.name)} AND partition_id >= ${literal(days.first)} AND partition_id < ${literal(days.end)}`
    const rows = await this.#client.query<PartRow>(sql, { signal })
    await this.#learnOf(rows, signal)
    const parts = rows.map((row) => ({ name: row.name, rows: row.rows, facts: this.#facts.get(keyOf(row)) }))
    this.#list = { parts, askedMs, days }
    return this.#list
  }

  async #learnOf(rows: readonly PartRow[], signal: AbortSignal): Promise<void> {
    const unknown = withinRows(
      rows.filter((row) => !this.#facts.has(keyOf(row))),
      maxLearnedRows,
    )
    if (unknown.length === 0) return
    if (unknown.reduce((sum, row) => sum + row.rows, 0) <= this.#awaitedRows) await this.#learn(unknown, signal)
    else this.#learning ??= this.#learnBehind(unknown)
  }

  /** Beside the question, which does without. What fails is tried again with the next one. */
  async #learnBehind(unknown: readonly PartRow[]): Promise<void> {
    try {
      await this.#learn(unknown, AbortSignal.timeout(learnTimeoutMs))
    } catch {
      // the question itself fails of the same, and says so
    } finally {
      this.#learning = undefined
      this.#list = undefined
    }
  }

  async #learn(unknown: readonly PartRow[], signal: AbortSignal): Promise<void> {
    const among = `_part IN (${unknown.map(({ name }) => literal(name)).join(', ')})`
    const perhapsUnused = await this.#seldomUsed(among, signal)
    const sql =
      `SELECT _part AS name, toString(min(time_ns)) AS firstNs, toString(max(time_ns)) AS lastNs, min(project) AS firstProject, max(project) AS lastProject,` +
      ` min(is_plain) AS isPlain, ${unusedOf(perhapsUnused)} AS unused FROM ${logsTable.name} WHERE ${among} GROUP BY name`
    const found = await this.#client.query<FactsRow>(sql, { signal })
    if (this.#facts.size + found.length > maxKnownParts) this.#facts.clear()
    const keys = new Map(unknown.map((row) => [row.name, keyOf(row)]))
    for (const row of found) this.#facts.set(keys.get(row.name) ?? row.name, readFacts(row))
  }

  /** Columns that some lines do not use: what is in them may be much, and need not be gone through. */
  async #seldomUsed(among: string, signal: AbortSignal): Promise<readonly OptionalColumn[]> {
    const lines = `SELECT ${optionalColumns.join(', ')} FROM ${logsTable.name} WHERE ${among} LIMIT ${sampledLines}`
    const sql = `SELECT ${unusedOf(optionalColumns)} AS unused FROM (${lines})`
    const [row] = await this.#client.query<{ unused: readonly OptionalColumn[] }>(sql, { signal })
    return row?.unused ?? []
  }
}

/** The names of those that are empty in all lines, as a list. */
function unusedOf(columns: readonly OptionalColumn[]): string {
  const names = columns.map((name) => `if(max(notEmpty(${name})) = 0, [${literal(name)}], [])`)
  return `arrayConcat(${["CAST([], 'Array(String)')", ...names].join(', ')})`
}

interface PartRow {
  readonly name: string
  readonly rows: number
  readonly hash: string
}

interface FactsRow {
  readonly name: string
  readonly firstNs: string
  readonly lastNs: string
  readonly firstProject: number
  readonly lastProject: number
  readonly isPlain: number
  readonly unused: readonly OptionalColumn[]
}

const keyOf = ({ name, hash }: PartRow): string => `${name} ${hash}`

const readFacts = ({ firstNs, lastNs, firstProject, lastProject, isPlain, unused }: FactsRow): PartFacts => ({
  ...{ firstNs: BigInt(firstNs), lastNs: BigInt(lastNs), isPlain: isPlain === 1, unused: new Set(unused) },
  project: firstProject === lastProject ? (firstProject as ProjectId) : undefined,
})

/** The smallest of them, as far as they have no more lines together. */
function withinRows(rows: readonly PartRow[], most: number): readonly PartRow[] {
  const smallest = rows.toSorted((a, b) => a.rows - b.rows).slice(0, maxNamed)
  let sum = 0
  const end = smallest.findIndex((row) => {
    sum += row.rows
    return sum > most
  })
  return end < 0 ? smallest : smallest.slice(0, end)
}

function partsOfRange(parts: readonly ListedPart[], range: Range): PartsOfRange {
  const { projects, fromNs, toNs } = range
  const within = parts.filter(({ facts }) => facts === undefined || (facts.lastNs >= fromNs && facts.firstNs < toNs))
  let rows = 0
  const whole: string[] = []
  for (const { name, rows: all, facts } of within) {
    rows += facts === undefined ? all : all * shareOf(facts, range)
    if (facts === undefined || facts.project === undefined || !projects.includes(facts.project)) continue
    if (facts.firstNs >= fromNs && facts.lastNs < toNs && whole.length < maxNamed) whole.push(name)
  }
  const known = within.flatMap(({ facts }) => facts ?? [])
  const areKnown = known.length === within.length
  const unused = optionalColumns.filter((column) => areKnown && known.every((facts) => facts.unused.has(column)))
  return {
    ...{ rows, whole, arePlain: areKnown && known.every(({ isPlain }) => isPlain) },
    ...{ unused: new Set(unused), known: new Set(within.map(({ name }) => name)) },
  }
}

/** About which part of its lines are within the range. */
function shareOf({ firstNs, lastNs }: PartFacts, { fromNs, toNs }: Range): number {
  const from = laterNs(firstNs, fromNs)
  const to = earlierNs(lastNs + 1n, toNs)
  return Number(to - from) / Number(lastNs + 1n - firstNs)
}

/** Whether the table lies in this store itself: names of parts of several servers may be the same. */
async function isLocal(client: StoreClient, signal: AbortSignal): Promise<boolean> {
  const sql = `SELECT 1 AS local FROM system.tables WHERE database = currentDatabase() AND name = ${literal(logsTable.name)} AND engine LIKE '%MergeTree'`
  return (await client.query(sql, { signal })).length > 0
}

/** Partitions are named after days, 20261122-0; the engine knows those of these years. */
function daysOf({ fromNs, toNs }: Range): Days {
  return { first: dayName(fromNs), end: dayName(toNs + dayNs) }
}

const dayNs = 86_400_000_000_000n
const firstDayMs = Date.UTC(1900, 0)
const endMs = Date.UTC(2300, 0)

function dayName(ns: bigint): string {
  const ms = Math.min(endMs, Math.max(firstDayMs, Number(ns / 1_000_000n)))
  return new Date(ms).toISOString().slice(0, 10).replaceAll('-', '')
}

const isWithin = (days: Days, all: Days): boolean => days.first >= all.first && days.end <= all.end
