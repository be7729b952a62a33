// What happened to alerts, for "why did it, why didn't it": lines are collected for a moment, written together, and kept for 30 days.
import { randomBytes } from 'node:crypto'
import type { Clock } from '@tidewatch/core/clock.ts'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { StateStore, StateTables } from '../state/port.ts'
import type { AlertJournal, JournalEntry, JournalStage } from './port.ts'

interface JournalTables {
  readonly alerting_journal: {
    readonly id: string
    readonly fingerprint: string
    readonly at_ms: number
    readonly stage: string
    readonly text: string
    readonly detail: string
  }
}

export const journalState: StateTables = {
  feature: 'journal',
  tables: ['alerting_journal'],
  migrations: [
    {
      version: 1,
      async up(db) {
        await db.schema
          .createTable('alerting_journal')
          .addColumn('id', 'text', (column) => column.primaryKey())
          .addColumn('fingerprint', 'text', (column) => column.notNull())
          .addColumn('at_ms', 'bigint', (column) => column.notNull())
          .addColumn('stage', 'text', (column) => column.notNull())
          .addColumn('text', 'text', (column) => column.notNull())
          .addColumn('detail', 'text', (column) => column.notNull())
          .execute()
        await db.schema
          .createIndex('alerting_journal_of')
          .on('alerting_journal')
          .columns(['fingerprint', 'at_ms'])
          .execute()
        await db.schema.createIndex('alerting_journal_at').on('alerting_journal').column('at_ms').execute()
      },
    },
  ],
}

export interface JournalLimits {
  readonly keptMs: number
  /** Rows in all; the oldest go first. */
  readonly maxRows: number
  /** Lines in memory; the oldest go first, and are counted. */
  readonly maxWaiting: number
}

const defaultLimits: JournalLimits = { keptMs: 30 * 86_400_000, maxRows: 1_000_000, maxWaiting: 50_000 }
/** Lines wait so long for others; what a kill can lose. */
const collectMs = 500
const trimEveryMs = 3_600_000
const longestText = 1000
const longestDetail = 4000
const rowsPerStatement = 500
const mostRead = 10_000

export interface JournalOptions {
  readonly state: StateStore
  readonly clock: Clock
  readonly limits?: Partial<JournalLimits>
  /** Told of lines inside the transaction that keeps them. */
  readonly also?: (transaction: Transaction<unknown>, entries: readonly JournalEntry[]) => Promise<void>
}

export class Journal implements AlertJournal {
  /** Steps since the start, by stage. */
  readonly counts = new Map<JournalStage, number>()
  readonly #db: Kysely<JournalTables>
  readonly #clock: Clock
  readonly #limits: JournalLimits
  readonly #run: string
  readonly #also: JournalOptions['also']
  #waiting: JournalEntry[] = []
  #lost = 0
  #written = 0
  #trimmedAtMs = Number.NEGATIVE_INFINITY

  constructor({ state, clock, limits, also }: JournalOptions) {
    this.#db = state.database<JournalTables>()
    this.#clock = clock
    this.#limits = { ...defaultLimits, ...limits }
    this.#run = newRun(clock.nowMs())
    this.#also = also
  }

  /** Lines that were lost since they came faster than they could be written. */
  get lost(): number {
    return this.#lost
  }

  record(entries: readonly JournalEntry[]): void {
    for (const { stage } of entries) this.counts.set(stage, (this.counts.get(stage) ?? 0) + 1)
    this.#keep(entries)
  }

  #keep(entries: readonly JournalEntry[]): void {
    for (const entry of entries) this.#waiting.push(entry)
    const excess = this.#waiting.length - this.#limits.maxWaiting
    if (excess <= 0) return
    this.#waiting.splice(0, excess)
    this.#lost += excess
  }

  async read(
    fingerprint: string,
    { fromMs, toMs, limit }: { readonly fromMs: number; readonly toMs: number; readonly limit: number },
  ): Promise<readonly JournalEntry[]> {
    await this.#write()
    const rows = await this.#db
      .selectFrom('alerting_journal')
      .selectAll()
      .where('fingerprint', '=', fingerprint)
      .where('at_ms', '>=', fromMs)
      .where('at_ms', '<=', toMs)
      .orderBy('at_ms')
      .orderBy('id')
      .limit(Math.min(limit, mostRead))
      .execute()
    return rows.map(fromRow)
  }

  async readRule(
    rule: string,
    { fromMs, toMs, limit }: { readonly fromMs: number; readonly toMs: number; readonly limit: number },
  ): Promise<readonly JournalEntry[]> {
    await this.#write()
    const pattern = `%"rule":${JSON.stringify(rule).replaceAll(/[!%_]/g, '!$&')}%`
    const rows = await this.#db
      .selectFrom('alerting_journal')
      .selectAll()
      .where('at_ms', '>=', fromMs)
      .where('at_ms', '<=', toMs)
      .where('stage', 'in', ['pending', 'firing', 'resolved'])
      .where(sql<boolean>`detail like ${pattern} escape '!'`)
      .orderBy('at_ms', 'desc')
      .orderBy('id', 'desc')
      .limit(Math.min(limit, mostRead))
      .execute()
    // one of the databases takes capitals and small letters for the same
    return rows.map(fromRow).filter(({ detail }) => detail.rule === rule)
  }

  /** Writes until stopped; then what still waits. */
  async run(signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted) {
        await this.#clock.sleep(collectMs, { signal }).catch(() => undefined)
        await this.#write()
        if (!signal.aborted && this.#clock.nowMs() - this.#trimmedAtMs >= trimEveryMs) await this.#trim()
      }
    } finally {
      await this.#write()
    }
  }

  async #write(): Promise<void> {
    const entries = this.#waiting
    if (entries.length === 0) return
    this.#waiting = []
    // the number makes lines of one moment keep their order
    const rows = entries.map((entry) => toRow(entry, `${this.#run}${String(this.#written++).padStart(12, '0')}`))
    try {
      await this.#db.transaction().execute(async (transaction) => {
        for (let i = 0; i < rows.length; i += rowsPerStatement)
          await transaction
            .insertInto('alerting_journal')
            .values(rows.slice(i, i + rowsPerStatement))
            .execute()
        await this.#also?.(transaction as unknown as Transaction<unknown>, entries)
      })
    } catch (error) {
      const since = this.#waiting
      this.#waiting = []
      this.#keep([...entries, ...since])
      throw error
    }
  }

  async #trim(): Promise<void> {
    const { keptMs, maxRows } = this.#limits
    const nowMs = this.#clock.nowMs()
    this.#trimmedAtMs = nowMs
    await this.#db
      .deleteFrom('alerting_journal')
      .where('at_ms', '<', nowMs - keptMs)
      .execute()
    const row = await this.#db
      .selectFrom('alerting_journal')
      .select(({ fn }) => fn.countAll().as('rows'))
      .executeTakeFirst()
    const excess = Number(row?.rows ?? 0) - maxRows
    if (excess <= 0) return
    const last = await this.#db
      .selectFrom('alerting_journal')
      .select('at_ms')
      .orderBy('at_ms')
      .offset(excess - 1)
      .limit(1)
      .executeTakeFirst()
    if (last !== undefined) await this.#db.deleteFrom('alerting_journal').where('at_ms', '<=', last.at_ms).execute()
  }
}

const fromRow = (row: JournalTables['alerting_journal']): JournalEntry => ({
  atMs: Number(row.at_ms),
  fingerprint: row.fingerprint,
  stage: row.stage as JournalStage,
  text: row.text,
  detail: JSON.parse(row.detail) as JournalEntry['detail'],
})

/** Sorts after those of earlier starts. */
const newRun = (nowMs: number): string => `${nowMs.toString(36).padStart(9, '0')}-${randomBytes(3).toString('hex')}-`

function toRow({ atMs, fingerprint, stage, text, detail }: JournalEntry, id: string) {
  const detailText = JSON.stringify(detail)
  return {
    ...{ id, fingerprint, stage },
    at_ms: Math.round(atMs),
    text: text.slice(0, longestText),
    // cut in the middle it would be no JSON
    detail: detailText.length > longestDetail ? '{}' : detailText,
  }
}
