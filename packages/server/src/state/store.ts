import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { Kysely } from 'kysely'
import type { Logger } from '../self/port.ts'
import { dumpState, restoreState } from './dump.ts'
import { type MigrateOptions, migrate, type OwnTables } from './migrate.ts'
import type { Sealer, StateKind, StateLock, StateLocks, StateStore, StateTables } from './port.ts'
import { checkPostgres, openPostgres, postgresLocks } from './postgres.ts'
import { createSealer, loadSecretKey } from './sealer.ts'
import { openSqlite } from './sqlite.ts'

export interface StateOptions {
  readonly dataDir: string
  /** A Postgres; SQLite in the data directory when left out. */
  readonly databaseUrl: string | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  /** All features' tables, from app/tables.ts. */
  readonly features: readonly StateTables[]
  readonly clock: Clock
  readonly logger: Logger
}

interface KeyCheckTables {
  tidewatch_key_check: { readonly id: number; readonly sealed: string }
}

const keptBackups = 3
const keyPlace = 'tidewatch_key_check'

/** What this folder keeps for itself: a text that only the right key opens. Not in dumps. */
const ownTables: StateTables = {
  feature: 'state',
  tables: [],
  migrations: [
    {
      version: 1,
      async up(db) {
        await db.schema
          .createTable('tidewatch_key_check')
          .addColumn('id', 'integer', (column) => column.primaryKey())
          .addColumn('sealed', 'text', (column) => column.notNull())
          .execute()
      },
    },
  ],
}

/** Opens the database, migrates it and checks the key. Throws `state.unavailable`, `state.secret_key`, `data_dir.newer`. */
export async function createStateStore(options: StateOptions): Promise<StateStore> {
  const opened = await openDatabase(options)
  try {
    await migrate(opened.db, migrateOptions(options, opened))
    const sealer = createSealer(loadSecretKey(options))
    await checkKey(opened.db as unknown as Kysely<KeyCheckTables>, sealer)
    return {
      kind: opened.kind,
      database: <Tables>() => opened.db as unknown as Kysely<Tables>,
      locks: opened.locks,
      sealer,
      [Symbol.asyncDispose]: () => opened.db.destroy(),
    }
  } catch (error) {
    await opened.db.destroy()
    throw error
  }
}

/** The lines of `tidewatch state dump`. The server may run meanwhile; nothing is migrated. */
export async function* dumpStateLines(options: StateOptions): AsyncGenerator<string> {
  const { kind, db } = await openDatabase(options, { isReader: true })
  try {
    yield* dumpState(db, { kind, features: allFeatures(options), nowMs: options.clock.nowMs() })
  } finally {
    await db.destroy()
  }
}

/** `tidewatch state restore`: the server must not run. A dump of an earlier version is migrated to this one. */
export async function restoreStateLines(
  options: StateOptions,
  lines: AsyncIterable<string>,
  { replace }: { readonly replace: boolean },
): Promise<{ readonly rows: number }> {
  const opened = await openDatabase(options)
  try {
    await migrate(opened.db, migrateOptions(options, opened))
    if (replace) await opened.backup()
    const { kind, db } = opened
    return await restoreState(db, lines, { features: allFeatures(options), kind, clock: options.clock, replace })
  } finally {
    await opened.db.destroy()
  }
}

const allFeatures = ({ features }: StateOptions): readonly StateTables[] => [ownTables, ...features]

interface Opened {
  readonly kind: StateKind
  readonly db: Kysely<OwnTables>
  readonly locks: StateLocks
  readonly backup: () => Promise<void>
}

async function openDatabase(options: StateOptions, { isReader = false } = {}): Promise<Opened> {
  const { databaseUrl, dataDir, logger, clock } = options
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  if (databaseUrl !== undefined) {
    const postgres = { url: databaseUrl, logger, clock }
    await checkPostgres(postgres)
    const note = async (): Promise<void> =>
      logger.info('the state in Postgres is migrated; its backup is that of the database')
    return {
      kind: 'postgres',
      db: new Kysely({ dialect: openPostgres(postgres) }),
      locks: postgresLocks(postgres),
      backup: note,
    }
  }
  const { dialect, backupTo } = openSqlite(join(dataDir, 'state.db'), { isReader })
  return {
    kind: 'sqlite',
    db: new Kysely({ dialect }),
    locks: { tryLock: async () => unshared() },
    backup: async () => {
      const name = `state-before-${new Date(clock.nowMs()).toISOString().replaceAll(/[:.]/g, '-')}.db`
      await backupTo(join(dataDir, name))
      logger.info('the state was backed up before its migration', { file: name })
      await dropOldBackups(dataDir)
    },
  }
}

/** One process has the data directory, so nobody else can want it. */
function unshared(): StateLock {
  return { signal: new AbortController().signal, [Symbol.asyncDispose]: async () => undefined }
}

function migrateOptions(options: StateOptions, opened: Opened): MigrateOptions {
  return {
    kind: opened.kind,
    clock: options.clock,
    features: allFeatures(options),
    beforeChange: opened.backup,
  }
}

async function dropOldBackups(dataDir: string): Promise<void> {
  const names = (await readdir(dataDir)).filter((name) => /^state-before-.*\.db$/.test(name)).sort()
  for (const name of names.slice(0, -keptBackups)) await rm(join(dataDir, name))
}

async function checkKey(db: Kysely<KeyCheckTables>, sealer: Sealer): Promise<void> {
  const row = await db.selectFrom('tidewatch_key_check').select('sealed').where('id', '=', 1).executeTakeFirst()
  if (row === undefined) {
    const sealed = sealer.seal(keyPlace, keyPlace)
    await db
      .insertInto('tidewatch_key_check')
      .values({ id: 1, sealed })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
    return
  }
  try {
    sealer.open(row.sealed, keyPlace)
  } catch (error) {
    throw new AppError(
      'state.secret_key',
      'the secrets in the state were sealed with another key than the one given.',
      {
        fix: 'Put back the file secret.key of this state, or set TIDEWATCH_SECRET_KEY to its content.',
        cause: error,
      },
    )
  }
}
