// Days that came back, or are on their way; and since when archiving fails.
import { randomUUID } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { StateTables } from '../../state/port.ts'

export interface LogArchiveTables {
  readonly log_restores: {
    /** Of a day there is one. */
    readonly day_ms: number
    /** What its loads are known by. */
    readonly id: string
    readonly until_ms: number
    readonly wanted_by: string
    readonly wanted_at_ms: number
    readonly stage: 'waiting' | 'loading' | 'done' | 'failed'
    /** JSON: the files in their order, chosen when it was begun. */
    readonly files: string
    /** The file that is loaded now, and how many pieces of it have been. */
    readonly file: number
    readonly piece: number
    readonly lines: number
    readonly message: string
  }
  readonly log_archive_trouble: {
    readonly id: string
    readonly since_ms: number
    readonly message: string
  }
}

export const logArchiveState: StateTables = {
  feature: 'log archive',
  tables: ['log_restores', 'log_archive_trouble'],
  migrations: [
    {
      version: 1,
      async up(db) {
        await db.schema
          .createTable('log_restores')
          .addColumn('day_ms', 'bigint', (column) => column.primaryKey())
          .addColumn('id', 'text', (column) => column.notNull())
          .addColumn('until_ms', 'bigint', (column) => column.notNull())
          .addColumn('wanted_by', 'text', (column) => column.notNull())
          .addColumn('wanted_at_ms', 'bigint', (column) => column.notNull())
          .addColumn('stage', 'text', (column) => column.notNull())
          .addColumn('files', 'text', (column) => column.notNull())
          .addColumn('file', 'integer', (column) => column.notNull())
          .addColumn('piece', 'integer', (column) => column.notNull())
          .addColumn('lines', 'bigint', (column) => column.notNull())
          .addColumn('message', 'text', (column) => column.notNull())
          .execute()
        await db.schema
          .createTable('log_archive_trouble')
          .addColumn('id', 'text', (column) => column.primaryKey())
          .addColumn('since_ms', 'bigint', (column) => column.notNull())
          .addColumn('message', 'text', (column) => column.notNull())
          .execute()
      },
    },
  ],
}

/** A file that is to be loaded, by its name beside the manifest. */
export interface FileToRestore {
  readonly name: string
  readonly lines: number
  readonly bytes: number
  readonly rawBytes: number
  readonly sha256: string
}

export interface LogRestore {
  readonly dayMs: number
  readonly id: string
  /** When its lines go again. */
  readonly untilMs: number
  readonly by: string
  readonly wantedMs: number
  readonly stage: LogArchiveTables['log_restores']['stage']
  readonly files: readonly FileToRestore[]
  readonly file: number
  readonly piece: number
  /** That have been loaded. */
  readonly lines: number
  /** Why it failed, or waits; else empty. */
  readonly message: string
}

export interface LogArchiveRows {
  /** Oldest day first. */
  restores(): Promise<readonly LogRestore[]>
  /** False where there is one of that day already. */
  want(wanted: Pick<LogRestore, 'dayMs' | 'untilMs' | 'by' | 'wantedMs'>): Promise<boolean>
  /** Nothing happens where the restore has been given up. */
  update(
    id: string,
    change: Partial<Pick<LogRestore, 'stage' | 'files' | 'file' | 'piece' | 'lines' | 'message'>>,
  ): Promise<void>
  forget(dayMs: number): Promise<void>
  /** Since when it fails, and with what; undefined while all is well. */
  trouble(): Promise<{ readonly sinceMs: number; readonly message: string } | undefined>
  /** Keeps the time of the first; undefined: all is well again. */
  setTrouble(trouble: { readonly nowMs: number; readonly message: string } | undefined): Promise<void>
}

const troubleId = 'logs'

export function createLogArchiveRows(db: Kysely<LogArchiveTables>): LogArchiveRows {
  const trouble = () => db.selectFrom('log_archive_trouble').where('id', '=', troubleId).selectAll().executeTakeFirst()
  return {
    async restores() {
      const rows = await db.selectFrom('log_restores').selectAll().orderBy('day_ms').execute()
      return rows.map(readRow)
    },
    async want({ dayMs, untilMs, by, wantedMs }) {
      const begin = { stage: 'waiting', files: '[]', file: 0, piece: 0, lines: 0, message: '' } as const
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('log_restores')
        .values({ ...begin, day_ms: dayMs, id: randomUUID(), until_ms: untilMs, wanted_by: by, wanted_at_ms: wantedMs })
        .onConflict((conflict) => conflict.column('day_ms').doNothing())
        .executeTakeFirst()
      return numInsertedOrUpdatedRows === 1n
    },
    async update(id, { files, ...change }) {
      const set = { ...change, ...(files === undefined ? {} : { files: JSON.stringify(files) }) }
      await db.updateTable('log_restores').set(set).where('id', '=', id).execute()
    },
    async forget(dayMs) {
      await db.deleteFrom('log_restores').where('day_ms', '=', dayMs).execute()
    },
    async trouble() {
      const row = await trouble()
      return row === undefined ? undefined : { sinceMs: Number(row.since_ms), message: row.message }
    },
    async setTrouble(now) {
      if (now === undefined) {
        await db.deleteFrom('log_archive_trouble').where('id', '=', troubleId).execute()
        return
      }
      const row = { id: troubleId, since_ms: now.nowMs, message: now.message.slice(0, 2000) }
      await db
        .insertInto('log_archive_trouble')
        .values(row)
        .onConflict((conflict) => conflict.column('id').doUpdateSet({ message: row.message }))
        .execute()
    },
  }
}

const readRow = (row: LogArchiveTables['log_restores']): LogRestore => ({
  ...{ id: row.id, stage: row.stage, message: row.message, by: row.wanted_by },
  ...{ dayMs: Number(row.day_ms), untilMs: Number(row.until_ms), wantedMs: Number(row.wanted_at_ms) },
  ...{ file: row.file, piece: row.piece, lines: Number(row.lines) },
  files: JSON.parse(row.files) as FileToRestore[],
})
