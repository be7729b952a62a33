// One query on a connection of its own, which cannot write: a read-only transaction, and a cursor, which takes nothing but SELECT and VALUES.
import { Socket } from 'node:net'
import { AppError } from '@tidewatch/core/error.ts'
import type { Secret } from '@tidewatch/core/secret.ts'
import { Client, DatabaseError } from 'pg'

export interface SqlQuery {
  readonly connection: Secret
  readonly query: string
  readonly timeoutMs: number
  readonly maxRows: number
}

/** The server ends a statement before we give up on the connection. */
const graceMs = 1000
const cancelledByServer = '57014'

export type SqlRow = Readonly<Record<string, unknown>>

/** All rows. Throws `collect.unreachable`, `collect.timeout`, `collect.limit`, `collect.bad_answer`. */
export async function runQuery(of: SqlQuery, signal: AbortSignal): Promise<readonly SqlRow[]> {
  const { connection, timeoutMs, maxRows } = of
  const socket = new Socket()
  const giveUp = (): void => void socket.destroy(new Error('the collector stops'))
  const client = new Client({
    connectionString: connection.reveal(),
    application_name: 'tidewatch',
    connectionTimeoutMillis: timeoutMs,
    statement_timeout: timeoutMs,
    query_timeout: timeoutMs + graceMs,
    options: '-c default_transaction_read_only=on',
    stream: () => socket,
  })
  // a connection that breaks between two statements shows at the next one; without a listener it would end the process
  client.on('error', () => undefined)
  signal.addEventListener('abort', giveUp, { once: true })
  try {
    if (signal.aborted) giveUp()
    await client.connect().catch((cause: unknown) => {
      throw new AppError('collect.unreachable', `the database was not reached: ${messageOf(cause)}`, { cause })
    })
    const rows = await readRows(client, of)
    if (rows.length > maxRows) {
      throw new AppError('collect.limit', `the query gives more than ${maxRows} rows.`, {
        fix: 'Group or limit it, or raise max_rows.',
      })
    }
    return rows
  } catch (error) {
    throw error instanceof AppError ? error : asCollectError(error, timeoutMs)
  } finally {
    signal.removeEventListener('abort', giveUp)
    // says goodbye where somebody listens; what hangs is cut
    const cut = setTimeout(() => socket.destroy(), graceMs)
    await client.end().catch(() => undefined)
    clearTimeout(cut)
    socket.destroy()
  }
}

async function readRows(client: Client, { query, maxRows }: SqlQuery): Promise<readonly SqlRow[]> {
  await client.query('begin transaction read only')
  // a named statement is prepared, and what is prepared is one statement: nothing that stands behind a semicolon runs
  await client.query({
    text: `declare tidewatch_rows no scroll cursor for ${withoutEnd(query)}`,
    name: 'tidewatch_rows',
  })
  const { rows } = await client.query<SqlRow>(`fetch forward ${maxRows + 1} from tidewatch_rows`)
  await client.query('rollback')
  return rows
}

const withoutEnd = (query: string): string => query.replace(/[\s;]+$/, '')

function asCollectError(error: unknown, timeoutMs: number): AppError {
  const message = messageOf(error)
  const isTimeout = (error instanceof DatabaseError && error.code === cancelledByServer) || /timeout/i.test(message)
  if (isTimeout) {
    return new AppError('collect.timeout', `the query took longer than ${timeoutMs} ms.`, {
      cause: error,
      fix: 'Give it an index, or a longer timeout.',
    })
  }
  const hint = error instanceof DatabaseError && error.position !== undefined ? ` (at character ${error.position})` : ''
  return new AppError('collect.bad_answer', `the database refused the query: ${message}${hint}`, { cause: error })
}

const messageOf = (error: unknown): string => {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join(', ')
  return error instanceof Error ? error.message : String(error)
}
