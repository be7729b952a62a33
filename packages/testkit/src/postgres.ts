// Debian's PostgreSQL for a test: a cluster in a temporary directory, reached by a unix socket.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chownSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

const installs = '/usr/lib/postgresql'
const startTimeoutMs = 30_000

export interface TestPostgres extends AsyncDisposable {
  /** A new empty database; its URL. */
  freshDatabase(): string
  /** Runs one statement in the database of that URL. */
  execute(url: string, statement: string): string
}

/** Starts a server without durability, for tests alone. Throws where PostgreSQL is not installed. */
export async function startPostgres(): Promise<TestPostgres> {
  const bin = findBin()
  const owner = process.getuid?.() === 0 ? ownerOf('postgres') : undefined
  const directory = mkdtempSync(join(tmpdir(), 'tidewatch-postgres-'))
  if (owner !== undefined) chownSync(directory, owner.uid, owner.gid)
  const as = { ...owner, cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] as ['ignore', 'pipe', 'pipe'] }
  const data = join(directory, 'data')
  execFileSync(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'tidewatch', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
    as,
  )
  const settings = [
    'listen_addresses=',
    `unix_socket_directories=${directory}`,
    'fsync=off',
    'max_connections=60',
    'shared_buffers=16MB',
  ]
  const server = spawn(join(bin, 'postgres'), ['-D', data, ...settings.flatMap((setting) => ['-c', setting])], as)
  const log: string[] = []
  server.stderr?.on('data', (chunk: Buffer) => log.push(chunk.toString()))
  const psql = (database: string, statement: string): string =>
    execFileSync(join(bin, 'psql'), ['-h', directory, '-U', 'tidewatch', '-d', database, '-qAtX', '-c', statement], {
      ...as,
      encoding: 'utf8',
    })
  const urlOf = (database: string): string =>
    `postgres://tidewatch@localhost/${database}?host=${encodeURIComponent(directory)}`
  let count = 0
  try {
    await untilReady(() => psql('postgres', 'select 1'), server, log)
  } catch (error) {
    await stop(server, directory)
    throw error
  }
  return {
    freshDatabase() {
      const name = `test_${++count}`
      psql('postgres', `create database ${name}`)
      return urlOf(name)
    },
    execute: (url, statement) => psql(new URL(url).pathname.slice(1), statement).trim(),
    [Symbol.asyncDispose]: () => stop(server, directory),
  }
}

function findBin(): string {
  const versions = readdirSync(installs).sort((a, b) => Number(b) - Number(a))
  if (versions[0] === undefined) throw new Error(`no PostgreSQL below ${installs}; install the package postgresql`)
  return join(installs, versions[0], 'bin')
}

/** PostgreSQL refuses to run as root. */
function ownerOf(name: string): { readonly uid: number; readonly gid: number } {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`))
  const [, , uid, gid] = line?.split(':') ?? []
  if (uid === undefined || gid === undefined)
    throw new Error(`there is no user ${name}; install the package postgresql`)
  return { uid: Number(uid), gid: Number(gid) }
}

async function untilReady(probe: () => unknown, server: ChildProcess, log: readonly string[]): Promise<void> {
  const endMs = performance.now() + startTimeoutMs
  for (;;) {
    try {
      probe()
      return
    } catch (error) {
      if (server.exitCode !== null || performance.now() > endMs)
        throw new Error(`PostgreSQL did not start: ${log.join('')}`, { cause: error })
    }
    // it says nothing when it is ready but by answering
    await setTimeout(50)
  }
}

async function stop(server: ChildProcess, directory: string): Promise<void> {
  if (server.exitCode === null) {
    const ended = new Promise((resolve) => server.once('exit', resolve))
    server.kill('SIGINT')
    await ended
  }
  rmSync(directory, { recursive: true, force: true })
}
