import { parseArgs } from 'node:util'

/** What the supervisor starts the engine with; all are command line flags. */
export interface EngineOptions {
  /** The engine's own directory: `data`, and while it runs the configuration. */
  readonly dir: string
  /** Where bodies of inserts wait while they are inserted; emptied at the start. No glob characters, the engine would read them as such. */
  readonly bodyDir: string
  /** At most 107 bytes, the limit of a unix socket's address. */
  readonly socketPath: string
  /** Made at the start; the one statements run in that name none. */
  readonly database: string
  /** Sessions that run statements at the same time. */
  readonly sessions: number
  /** Of all queries, merges and caches together. */
  readonly memoryBytes: number
  /** How long a start waits for a former engine on the directory to end. */
  readonly lockWaitMs: number
  /** How long a stop waits for running inserts. */
  readonly stopWaitMs: number
}

const flags = {
  dir: { type: 'string' },
  'body-dir': { type: 'string' },
  socket: { type: 'string' },
  database: { type: 'string', default: 'tidewatch' },
  sessions: { type: 'string', default: '3' },
  'memory-bytes': { type: 'string', default: '2000000000' },
  'lock-wait-ms': { type: 'string', default: '15000' },
  'stop-wait-ms': { type: 'string', default: '3000' },
} as const

/** Throws an Error that names the flag; only the supervisor calls this program, so it is for its author. */
export function parseOptions(args: readonly string[]): EngineOptions {
  const { values } = parseArgs({ args: [...args], options: flags, strict: true })
  const socketPath = required('socket', values.socket)
  if (Buffer.byteLength(socketPath) > 107) throw new Error(`--socket is longer than 107 bytes: ${socketPath}`)
  const bodyDir = required('body-dir', values['body-dir'])
  if (/[*?{}[\]]/.test(bodyDir)) throw new Error(`--body-dir has a glob character: ${bodyDir}`)
  if (!/^[A-Za-z_]\w{0,62}$/.test(values.database))
    throw new Error(`--database is not a plain name: ${values.database}`)
  return {
    dir: required('dir', values.dir),
    bodyDir,
    socketPath,
    database: values.database,
    sessions: integer('sessions', values.sessions, 1, 64),
    memoryBytes: integer('memory-bytes', values['memory-bytes'], 100_000_000, Number.MAX_SAFE_INTEGER),
    lockWaitMs: integer('lock-wait-ms', values['lock-wait-ms'], 0, 600_000),
    stopWaitMs: integer('stop-wait-ms', values['stop-wait-ms'], 0, 600_000),
  }
}

function required(flag: string, value: string | undefined): string {
  if (value === undefined || !value.startsWith('/')) throw new Error(`--${flag} needs an absolute path`)
  return value
}

function integer(flag: string, value: string, min: number, max: number): number {
  const number = Number(value)
  if (!Number.isInteger(number) || number < min || number > max) {
    throw new Error(`--${flag} ${value} is not a whole number from ${min} to ${max}`)
  }
  return number
}
