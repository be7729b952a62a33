// Node's own SQLite under Kysely's SQLite dialect.
import { closeSync, openSync } from 'node:fs'
import { backup, DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { AppError } from '@tidewatch/core/error.ts'
import { type Dialect, type SqliteDatabase, SqliteDialect, type SqliteStatement } from 'kysely'

/** Another process (the command line beside the server) may hold the write lock for a moment. */
const busyTimeoutMs = 5000
const maxStatements = 200

export interface SqliteFile {
  readonly dialect: Dialect
  /** A whole copy beside it, made while others read and write. */
  backupTo(path: string): Promise<void>
}

/**
 * Opens the file, which is made where it is new. Transactions take the write lock at once, so that one which reads first and then writes never
 * finds that another process wrote in between; those of a reader never do. Throws `state.unavailable`.
 */
export function openSqlite(path: string, { isReader }: { readonly isReader: boolean }): SqliteFile {
  const database = open(path)
  return {
    dialect: new SqliteDialect({ database: adapt(database, isReader ? 'begin' : 'begin immediate') }),
    backupTo: async (target) => {
      await backup(database, target)
    },
  }
}

function open(path: string): DatabaseSync {
  try {
    // others on this machine must not read password hashes; the files beside it get the same mode
    closeSync(openSync(path, 'a', 0o600))
    const database = new DatabaseSync(path, { enableForeignKeyConstraints: true, timeout: busyTimeoutMs })
    // FULL: what was acknowledged is on the disk; state changes are rare enough for it
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF;')
    return database
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    throw new AppError('state.unavailable', `the state ${path} cannot be opened: ${detail}`, {
      where: { file: path },
      fix: 'Check that the file is a database of Tidewatch and that this user may write it.',
      cause: error,
      retryable: false,
    })
  }
}

/** What Kysely expects of a database; statements are prepared once and kept, the least recently used goes first. */
function adapt(database: DatabaseSync, begin: string): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>()
  return {
    close: () => database.close(),
    prepare(text) {
      const sql = text === 'begin' ? begin : text
      const known = statements.get(sql)
      if (known !== undefined) {
        statements.delete(sql)
        statements.set(sql, known)
        return known
      }
      const statement = adaptStatement(database.prepare(sql))
      statements.set(sql, statement)
      const oldest = statements.size > maxStatements ? statements.keys().next().value : undefined
      if (oldest !== undefined) statements.delete(oldest)
      return statement
    },
  }
}

function adaptStatement(statement: StatementSync): SqliteStatement {
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...bindable(parameters)),
    run: (parameters) => statement.run(...bindable(parameters)),
    iterate: (parameters) => statement.iterate(...bindable(parameters)),
  }
}

function bindable(parameters: readonly unknown[]): SQLInputValue[] {
  return parameters.map((value) => {
    switch (typeof value) {
      case 'string':
      case 'number':
      case 'bigint':
        return value
      case 'undefined':
        return null
      default:
        if (value === null || value instanceof Uint8Array) return value
        throw new TypeError(`SQLite takes no ${typeof value}; state columns are text or numbers`)
    }
  })
}
