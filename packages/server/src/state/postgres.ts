import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { type Dialect, PostgresDialect } from 'kysely'
import { Client, Pool, types } from 'pg'
import type { Logger } from '../self/port.ts'
import type { StateLock, StateLocks } from './port.ts'

const maxConnections = 10
const connectTimeoutMs = 10_000
const bigintOid = 20
/** The first key of our advisory locks, so that they are told from those of others in the same database: "tide". */
const lockSpace = 0x74696465

export interface PostgresOptions {
  readonly url: string
  readonly logger: Logger
  readonly clock: Clock
}

/** A pool; whole numbers come as numbers, since ours are below 2^53. */
export function openPostgres({ url, logger }: PostgresOptions): Dialect {
  const pool = new Pool({
    connectionString: url,
    max: maxConnections,
    connectionTimeoutMillis: connectTimeoutMs,
    application_name: 'tidewatch',
    types: {
      getTypeParser: (oid, format) => (oid === bigintOid ? Number : types.getTypeParser(oid, format)),
    },
  })
  // an idle connection that breaks is replaced by the next query; without a listener it would end the process
  pool.on('error', (error) => logger.warn('a connection to Postgres broke', { error }))
  return new PostgresDialect({ pool })
}

/** Throws `state.unavailable` where no connection can be made. */
export async function checkPostgres({ url }: PostgresOptions): Promise<void> {
  const client = await connect(url)
  await client.end()
}

/** Session-level advisory locks, each on a connection of its own: a broken connection frees it at once. */
export function postgresLocks({ url, logger }: PostgresOptions): StateLocks {
  return {
    async tryLock(name) {
      const client = await connect(url)
      try {
        const { rows } = await client.query<{ got: boolean }>('select pg_try_advisory_lock($1, hashtext($2)) as got', [
          lockSpace,
          name,
        ])
        if (rows[0]?.got === true) return held(client, name, logger)
      } catch (error) {
        await client.end()
        throw unavailable(error)
      }
      await client.end()
      return undefined
    },
  }
}

function held(client: Client, name: string, logger: Logger): StateLock {
  const lost = new AbortController()
  const lose = (error?: Error): void => {
    if (lost.signal.aborted) return
    logger.warn('a lock was lost with its connection', { lock: name, error })
    lost.abort(new AppError('state.unavailable', `the lock ${name} was lost with its connection to Postgres.`))
  }
  client.on('error', lose)
  client.on('end', () => lose())
  return {
    signal: lost.signal,
    async [Symbol.asyncDispose]() {
      client.off('error', lose).on('error', () => undefined)
      lost.abort(new Error('given back'))
      await client.end()
    },
  }
}

async function connect(url: string): Promise<Client> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: connectTimeoutMs,
    application_name: 'tidewatch',
    keepAlive: true,
  })
  try {
    await client.connect()
    return client
  } catch (error) {
    throw unavailable(error)
  }
}

function unavailable(error: unknown): AppError {
  const detail = error instanceof Error ? error.message : String(error)
  return new AppError('state.unavailable', `Postgres cannot be reached: ${detail}`, {
    where: { key: '--database-url' },
    fix: 'Check the URL, that the server runs, and that it lets this user in.',
    cause: error,
  })
}
