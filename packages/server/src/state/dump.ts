// The whole state as one file of JSON lines: a head, then a line a row. The same file goes into SQLite and Postgres.
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import { type Kysely, sql } from 'kysely'
import { z } from 'zod'
import { appliedVersions, dropTables, migrateWithin, type OwnTables, refuseNewer, type Versions } from './migrate.ts'
import type { StateKind, StateTables } from './port.ts'

type Rows = Record<string, Record<string, unknown>>

const headSchema = z.object({
  format: z.literal('tidewatch-state'),
  version: z.literal(1),
  /** Highest version of each feature's tables when it was made. */
  features: z.record(z.string(), z.int().min(0)),
  createdAtMs: z.number(),
})
const lineSchema = z.object({
  table: z.string(),
  row: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
})

const pageRows = 500
const insertRows = 50
/** Where a row lies: stable within the transaction that reads a table page by page. */
const positions = {
  sqlite: { column: sql<string>`rowid`, after: (last: string) => sql<boolean>`rowid > ${last}` },
  postgres: { column: sql<string>`ctid::text`, after: (last: string) => sql<boolean>`ctid > ${last}::tid` },
} as const

export interface DumpOptions {
  readonly kind: StateKind
  readonly features: readonly StateTables[]
  readonly nowMs: number
}

/** The lines of a dump, read in one transaction. Secrets stay sealed: the key is kept apart. Throws `data_dir.newer`. */
export async function* dumpState(
  db: Kysely<OwnTables>,
  { kind, features, nowMs }: DumpOptions,
): AsyncGenerator<string> {
  const tx = await db.startTransaction().setIsolationLevel('repeatable read').execute()
  try {
    const versions = await appliedVersions(tx)
    refuseNewer(versions, features)
    const head = { format: 'tidewatch-state', version: 1, features: Object.fromEntries(versions), createdAtMs: nowMs }
    yield `${JSON.stringify(head)}\n`
    for (const table of await existing(tx, features)) yield* dumpTable(tx as unknown as Kysely<Rows>, table, kind)
  } finally {
    await tx.rollback().execute()
  }
}

async function* dumpTable(tx: Kysely<Rows>, table: string, kind: StateKind): AsyncGenerator<string> {
  const { column, after } = positions[kind]
  for (let last: string | undefined; ; ) {
    let query = tx
      .selectFrom(table)
      .selectAll()
      .select(column.as('tidewatch_position'))
      .orderBy(sql.raw(kind === 'sqlite' ? 'rowid' : 'ctid'))
      .limit(pageRows)
    if (last !== undefined) query = query.where(after(last))
    const rows = await query.execute()
    for (const { tidewatch_position, ...row } of rows) {
      last = String(tidewatch_position)
      yield `${JSON.stringify({ table, row })}\n`
    }
    if (rows.length < pageRows) return
  }
}

export interface RestoreOptions {
  readonly features: readonly StateTables[]
  readonly kind: StateKind
  readonly clock: Clock
  /** Whether what is there may be thrown away. */
  readonly replace: boolean
}

/**
 * Puts a dump in, whole or not at all: tables as they were when it was made, its rows, then the migrations since. Throws `state.bad_dump` with
 * the line, `state.conflict` where rows are there, `data_dir.newer`.
 */
export async function restoreState(
  db: Kysely<OwnTables>,
  lines: AsyncIterable<string>,
  options: RestoreOptions,
): Promise<{ readonly rows: number }> {
  const iterator = lines[Symbol.asyncIterator]()
  const head = parseLine(headSchema, (await iterator.next()).value, 1)
  const upTo: Versions = new Map(Object.entries(head.features))
  refuseNewer(upTo, options.features)
  const features = options.features.filter(({ tables }) => tables.length > 0)
  return db.transaction().execute(async (tx) => {
    if (!options.replace) await refuseRows(tx as unknown as Kysely<Rows>, await existing(tx, features))
    await dropTables(tx, features)
    await migrateWithin(tx, { ...options, features, upTo })
    const rows = await insertLines(tx as unknown as Kysely<Rows>, iterator, new Set(await existing(tx, features)))
    await migrateWithin(tx, { ...options, features })
    return { rows }
  })
}

async function insertLines(
  tx: Kysely<Rows>,
  iterator: AsyncIterator<string>,
  tables: ReadonlySet<string>,
): Promise<number> {
  let rows = 0
  let batch: Record<string, unknown>[] = []
  let batchTable = ''
  const flush = async (): Promise<void> => {
    if (batch.length > 0) await tx.insertInto(batchTable).values(batch).execute()
    batch = []
  }
  for (let line = 2; ; line++) {
    const { value, done } = await iterator.next()
    if (done === true) break
    if (value.trim() === '') continue
    const { table, row } = parseLine(lineSchema, value, line)
    if (!tables.has(table)) throw badDump(line, `there is no table ${quoteValue(table)}`)
    if (table !== batchTable || batch.length >= insertRows) await flush()
    batchTable = table
    batch.push(row)
    rows++
  }
  await flush()
  return rows
}

async function refuseRows(tx: Kysely<Rows>, tables: readonly string[]): Promise<void> {
  for (const table of tables) {
    const some = await tx.selectFrom(table).select(sql<number>`1`.as('one')).limit(1).execute()
    if (some.length === 0) continue
    throw new AppError('state.conflict', `the state is not empty: ${table} has rows.`, {
      fix: 'Restore into a new data directory, or add --replace to throw away what is there.',
    })
  }
}

/** Which of the features' tables are there, in their order: an older state lacks later ones. */
async function existing(tx: Kysely<OwnTables>, features: readonly StateTables[]): Promise<string[]> {
  const there = new Set((await tx.introspection.getTables()).map(({ name }) => name))
  return features.flatMap(({ tables }) => tables).filter((table) => there.has(table))
}

function parseLine<T>(schema: z.ZodType<T>, text: unknown, line: number): T {
  if (typeof text !== 'string') throw badDump(line, 'the file is empty')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw badDump(line, `${quoteValue(text, 40)} is not JSON`)
  }
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw badDump(
    line,
    line === 1 ? 'this is not the head of a dump of version 1' : `${quoteValue(text, 40)} is not a row`,
  )
}

function badDump(line: number, detail: string): AppError {
  return new AppError('state.bad_dump', `line ${line}: ${detail}.`, {
    where: { line },
    fix: 'Give a whole file made by: tidewatch state dump',
  })
}
