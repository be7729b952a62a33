// How far each file was read, over restarts. Files belong to a machine: processes on others that share the database have rows of their own.
import type { Kysely } from 'kysely'
import type { StateStore, StateTables } from '../../state/port.ts'

export interface FilePosition {
  /** Names the content for good: a file that was truncated and begun again has another. */
  readonly id: string
  readonly source: string
  path: string
  readonly device: bigint
  readonly inode: bigint
  /** Of its first bytes, and of how many; by it a copy or a compressed one is known again. */
  fingerprint: string
  fingerprintBytes: number
  /** All before it is stored. */
  position: number
  /** All before it is stored, or is just being stored; what lies between is one batch. */
  pendingEnd: number | undefined
  /** The position is within a line of which the beginning was kept; the rest of it is passed over. */
  isWithinLine: boolean
  /** Nothing more comes of it. */
  isDone: boolean
}

interface FileTables {
  readonly log_files: {
    readonly id: string
    readonly host: string
    readonly source: string
    readonly path: string
    readonly device: string
    readonly inode: string
    readonly fingerprint: string
    readonly fingerprint_bytes: number
    readonly position: number
    readonly pending_end: number | null
    readonly within_line: number
    readonly done: number
    readonly changed_at_ms: number
  }
  readonly log_cursors: {
    readonly id: string
    readonly position: string
    readonly pending: string | null
    readonly changed_at_ms: number
  }
}

export const filesState: StateTables = {
  feature: 'log_files',
  tables: ['log_files', 'log_cursors'],
  migrations: [
    {
      version: 1,
      async up(db) {
        await db.schema
          .createTable('log_files')
          .addColumn('id', 'text', (column) => column.primaryKey())
          .addColumn('host', 'text', (column) => column.notNull())
          .addColumn('source', 'text', (column) => column.notNull())
          .addColumn('path', 'text', (column) => column.notNull())
          .addColumn('device', 'text', (column) => column.notNull())
          .addColumn('inode', 'text', (column) => column.notNull())
          .addColumn('fingerprint', 'text', (column) => column.notNull())
          .addColumn('fingerprint_bytes', 'integer', (column) => column.notNull())
          .addColumn('position', 'bigint', (column) => column.notNull())
          .addColumn('pending_end', 'bigint')
          .addColumn('within_line', 'integer', (column) => column.notNull())
          .addColumn('done', 'integer', (column) => column.notNull())
          .addColumn('changed_at_ms', 'bigint', (column) => column.notNull())
          .execute()
        await db.schema.createIndex('log_files_by_source').on('log_files').columns(['host', 'source']).execute()
        await db.schema
          .createTable('log_cursors')
          .addColumn('id', 'text', (column) => column.primaryKey())
          .addColumn('position', 'text', (column) => column.notNull())
          .addColumn('pending', 'text')
          .addColumn('changed_at_ms', 'bigint', (column) => column.notNull())
          .execute()
      },
    },
  ],
}

/** A file that is gone for so long does not come back. */
const keepMs = 30 * 86_400_000
/** What was written so long before the last note of a source had been seen by then. */
const overlapMs = 600_000

/** What is known of a source when it begins. */
export interface FileMemory {
  readonly files: FilePosition[]
  /** Files that were written to since then (ms since 1970) and are not known were missed; undefined: it never began before. */
  readonly missedSinceMs: number | undefined
}

export class FilePositions {
  readonly #db: Kysely<FileTables>
  readonly #host: string
  readonly #nowMs: () => number

  constructor(
    state: Pick<StateStore, 'database'>,
    { host, nowMs }: { readonly host: string; readonly nowMs: () => number },
  ) {
    this.#db = state.database<FileTables>()
    this.#host = host
    this.#nowMs = nowMs
  }

  async read(source: string): Promise<FileMemory> {
    await this.#db
      .deleteFrom('log_files')
      .where('changed_at_ms', '<', this.#nowMs() - keepMs)
      .where('done', '=', 1)
      .execute()
    const rows = await this.#db
      .selectFrom('log_files')
      .selectAll()
      .where('host', '=', this.#host)
      .where('source', '=', source)
      .execute()
    const firstMs = await this.#firstMs(source)
    const lastMs = rows.reduce((last, row) => Math.max(last, Number(row.changed_at_ms)), 0)
    const files = rows.map((row) => ({
      ...{ id: row.id, source, path: row.path, fingerprint: row.fingerprint },
      ...{ device: BigInt(row.device), inode: BigInt(row.inode) },
      fingerprintBytes: Number(row.fingerprint_bytes),
      position: Number(row.position),
      pendingEnd: row.pending_end === null ? undefined : Number(row.pending_end),
      isWithinLine: Number(row.within_line) === 1,
      isDone: Number(row.done) === 1,
    }))
    return { files, missedSinceMs: rows.length === 0 ? undefined : Math.max(firstMs, lastMs - overlapMs) }
  }

  /** When the source was followed for the first time on this machine. */
  async #firstMs(source: string): Promise<number> {
    const id = `files ${this.#host} ${source}`
    const nowMs = this.#nowMs()
    await this.#db
      .insertInto('log_cursors')
      .values({ id, position: String(nowMs), pending: null, changed_at_ms: nowMs })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute()
    const row = await this.#db.selectFrom('log_cursors').select('position').where('id', '=', id).executeTakeFirst()
    return Number(row?.position ?? nowMs)
  }

  async save(file: FilePosition): Promise<void> {
    const row = {
      path: file.path,
      fingerprint: file.fingerprint,
      fingerprint_bytes: file.fingerprintBytes,
      position: file.position,
      pending_end: file.pendingEnd ?? null,
      within_line: file.isWithinLine ? 1 : 0,
      done: file.isDone ? 1 : 0,
      changed_at_ms: this.#nowMs(),
    }
    const { id, source, device, inode } = file
    await this.#db
      .insertInto('log_files')
      .values({ id, host: this.#host, source, device: String(device), inode: String(inode), ...row })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
      .execute()
  }
}

export interface Cursor {
  /** '' at the beginning. */
  readonly position: string
  /** The last entry of a batch that is perhaps stored. */
  readonly pending: string | undefined
}

/** How far a journal was read. */
export class JournalCursor {
  readonly #db: Kysely<FileTables>
  readonly #id: string
  readonly #nowMs: () => number

  constructor(
    state: Pick<StateStore, 'database'>,
    { id, nowMs }: { readonly id: string; readonly nowMs: () => number },
  ) {
    this.#db = state.database<FileTables>()
    this.#id = id
    this.#nowMs = nowMs
  }

  async read(): Promise<Cursor | undefined> {
    const row = await this.#db.selectFrom('log_cursors').selectAll().where('id', '=', this.#id).executeTakeFirst()
    return row === undefined ? undefined : { position: row.position, pending: row.pending ?? undefined }
  }

  async save({ position, pending }: Cursor): Promise<void> {
    const row = { position, pending: pending ?? null, changed_at_ms: this.#nowMs() }
    await this.#db
      .insertInto('log_cursors')
      .values({ id: this.#id, ...row })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
      .execute()
  }
}
