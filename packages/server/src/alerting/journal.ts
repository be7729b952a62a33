// What happened to alerts, for "why did it, why didn't it": lines are collected for a moment, written together, and kept for 30 days.
import { randomBytes } from 'node:crypto'
import type { Clock } from '@tidewatch/core/clock.ts'
import { sql } from 'kysely'
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

export interface OpenJournal extends AlertJournal {
  /** Writes until stopped; then what still waits. */
  run(signal: AbortSignal): Promise<void>
  /** Lines that were lost since they came faster than they could be written. */
  readonly lost: number
}

export interface JournalOptions {
  readonly state: StateStore
  readonly clock: Clock
  readonly limits?: Partial<JournalLimits>
}

export function createAlertJournal({ state, clock, ...options }: JournalOptions): OpenJournal {
  const limits = { ...defaultLimits, ...options.limits }
  const db = state.database<JournalTables>()
  let waiting: JournalEntry[] = []
  let lost = 0
  let written = 0
  let trimmedAtMs = Number.NEGATIVE_INFINITY
  const run = newRun(clock.nowMs())
  const keep = (entries: readonly JournalEntry[]): void => {
    for (const entry of entries) waiting.push(entry)
    const excess = waiting.length - limits.maxWaiting
    if (excess <= 0) return
    waiting.splice(0, excess)
    lost += excess
  }
  const write = async (): Promise<void> => {
    const entries = waiting
    waiting = []
    // the number makes lines of one moment keep their order
    const rows = entries.map((entry) => toRow(entry, `${run}${String(written++).padStart(12, '0')}`))
    try {
      await db.transaction().execute(async (transaction) => {
        for (let i = 0; i < rows.length; i += rowsPerStatement)
          await transaction
            .insertInto('alerting_journal')
            .values(rows.slice(i, i + rowsPerStatement))
            .execute()
      })
    } catch (error) {
      keep([...entries, ...waiting.splice(0)])
      throw error
    }
  }
  const trim = async (): Promise<void> => {
    trimmedAtMs = clock.nowMs()
    await db
      .deleteFrom('alerting_journal')
      .where('at_ms', '<', trimmedAtMs - limits.keptMs)
      .execute()
    const row = await db.selectFrom('alerting_journal').select(sql<number>`count(*)`.as('rows')).executeTakeFirst()
    const excess = Number(row?.rows ?? 0) - limits.maxRows
    if (excess <= 0) return
    const last = await db
      .selectFrom('alerting_journal')
      .select('at_ms')
      .orderBy('at_ms')
      .offset(excess - 1)
      .limit(1)
      .executeTakeFirst()
    if (last !== undefined) await db.deleteFrom('alerting_journal').where('at_ms', '<=', last.at_ms).execute()
  }
  return {
    get lost() {
      return lost
    },
    record: keep,
    async read(fingerprint, { fromMs, toMs, limit }) {
      if (waiting.length > 0) await write()
      const rows = await db
        .selectFrom('alerting_journal')
        .selectAll()
        .where('fingerprint', '=', fingerprint)
        .where('at_ms', '>=', fromMs)
        .where('at_ms', '<=', toMs)
        .orderBy('at_ms')
        .orderBy('id')
        .limit(Math.min(limit, mostRead))
        .execute()
      return rows.map((row) => ({
        atMs: Number(row.at_ms),
        fingerprint: row.fingerprint,
        stage: row.stage as JournalStage,
        text: row.text,
        detail: JSON.parse(row.detail) as JournalEntry['detail'],
      }))
    },
    async run(signal) {
      try {
        while (!signal.aborted) {
          await clock.sleep(collectMs, { signal }).catch(() => undefined)
          if (waiting.length > 0) await write()
          if (!signal.aborted && clock.nowMs() - trimmedAtMs >= trimEveryMs) await trim()
        }
      } finally {
        if (waiting.length > 0) await write()
      }
    },
  }
}

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
