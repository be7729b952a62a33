// Rows that change: users, silences, incidents, dashboards. One database, SQLite or Postgres; each feature brings its tables.
import type { Kysely } from 'kysely'

export type StateKind = 'sqlite' | 'postgres'

/** One step of a feature's tables. Never changed once it was released: a later version goes on from it. */
export interface StateMigration {
  /** From 1, without gaps. */
  readonly version: number
  /**
   * Runs in a transaction with the note that it ran. Column types that mean the same in both databases: `text`, `integer` (32 bits),
   * `bigint` (ms, counts), `double precision`. JSON and sealed secrets are `text`, truth is an `integer` of 0 or 1, ids are made by us.
   */
  up(db: Kysely<Record<string, Record<string, unknown>>>): Promise<void>
}

/** The tables of one feature, listed in app/tables.ts. */
export interface StateTables {
  readonly feature: string
  /** In the order in which rows can be put in: a table after those it refers to. */
  readonly tables: readonly string[]
  readonly migrations: readonly StateMigration[]
}

export interface StateStore extends AsyncDisposable {
  readonly kind: StateKind
  /** The database, typed by the caller with its own tables. */
  database<Tables>(): Kysely<Tables>
  readonly locks: StateLocks
  readonly sealer: Sealer
}

/** Which of several processes does a thing that one of them must do. With SQLite there is one process, which always does it. */
export interface StateLocks {
  /** The lock, held until it is disposed or the connection to the database breaks; undefined where another process has it. */
  tryLock(name: string): Promise<StateLock | undefined>
}

export interface StateLock extends AsyncDisposable {
  /** Fires when the lock is lost: another process may have it from then on. */
  readonly signal: AbortSignal
}

/** Keeps secrets (channel tokens, passwords of targets) unreadable in the database and its dumps. */
export interface Sealer {
  /** `place` says where it is kept (`channel/3/token`): a sealed text that was moved elsewhere does not open. */
  seal(text: string, place: string): string
  /** Throws `state.secret_key` where it was sealed with another key, for another place, or was changed. */
  open(sealed: string, place: string): string
  /** 32 bytes of this installation for one purpose, such as signing links: the same at each start, and they say nothing of the key itself. */
  derive(purpose: string): Uint8Array
}
