// Servers under test: Debian's, started by the kit's script, and ours.

import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createStoreClient } from '@tidewatch/server/store/client.ts'
import { makePlaces } from '@tidewatch/server/store/supervisor-places.ts'
import { freePort } from '@tidewatch/testkit/free-port.ts'

export interface Peer extends AsyncDisposable {
  readonly name: string
  readonly url: string
  readonly dataDir: string
  readonly flushUrl: string | undefined
  pid(): number
}

/** Starts `prom` or `vm` on a new directory. */
export async function startPeer(kit: string, kind: 'prom' | 'vm', directory: string): Promise<Peer> {
  const script = join(kit, 'peers.sh')
  const env = { ...process.env, NODE: process.execPath }
  const printed = execFileSync('bash', [script, 'start', kind, directory], { encoding: 'utf8', env })
  const value = (name: string): string => new RegExp(`^${name}='?([^'\n]*)`, 'm').exec(printed)?.[1] ?? ''
  return {
    name: kind,
    url: value('URL'),
    dataDir: value('DATA'),
    flushUrl: value('FLUSH') === '' ? undefined : value('FLUSH'),
    pid: () => Number(value('PID')),
    async [Symbol.asyncDispose]() {
      execFileSync('bash', [script, 'stop', directory], { env })
    },
  }
}

export interface Ours extends Peer {
  /** SIGKILL to the server; started again on the same port and data. */
  killServer(): Promise<void>
  /** SIGKILL to the engine alone: the server starts it anew by itself. */
  killEngine(): Promise<void>
  killBoth(): Promise<void>
}

/** Runs what follows as `npm start` does. */
export const asInstalled = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..', 'scripts', 'run.mjs')
const serverMain = resolve(
  dirname(fileURLToPath(import.meta.url)),
  '..',
  '..',
  'packages',
  'server',
  'src',
  'cli',
  'main.ts',
)
const readyTimeoutMs = 60_000

export async function startOurs(directory: string): Promise<Ours> {
  const dataDir = join(directory, 'data')
  mkdirSync(dataDir, { recursive: true })
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  let child = await launch(port, dataDir)
  const restart = async (): Promise<void> => {
    child = await launch(port, dataDir)
  }
  const killServer = async (): Promise<void> => {
    await end(child, 'SIGKILL')
    await restart()
  }
  return {
    name: 'ours',
    url,
    dataDir,
    flushUrl: undefined,
    pid: () => child.pid as number,
    killServer,
    async killEngine() {
      for (const pid of childrenOf(child.pid as number)) process.kill(pid, 'SIGKILL')
    },
    async killBoth() {
      for (const pid of childrenOf(child.pid as number)) process.kill(pid, 'SIGKILL')
      await killServer()
    },
    async [Symbol.asyncDispose]() {
      await end(child, 'SIGINT')
    },
  }
}

/** Speaks to the engine of the server that runs on this directory. */
export const storeClientOf = (dataDir: string) =>
  createStoreClient({ url: 'http://localhost', socketPath: makePlaces(dataDir).socketPath, database: 'tidewatch' })

type Child = ReturnType<typeof spawn>

async function launch(port: number, dataDir: string): Promise<Child> {
  const child = spawn(
    process.execPath,
    [asInstalled, serverMain, 'serve', '--no-auth', '--port', String(port), '--data-dir', dataDir],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  )
  const endMs = Date.now() + readyTimeoutMs
  while (Date.now() < endMs) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode} at its start`)
    const response = await fetch(`http://127.0.0.1:${port}/-/ready`).catch(() => undefined)
    if (response?.status === 200) return child
    await new Promise((wait) => setTimeout(wait, 50))
  }
  throw new Error('the server is not ready')
}

function end(child: Child, signal: NodeJS.Signals): Promise<void> {
  return new Promise((done) => {
    child.on('exit', () => done())
    child.kill(signal)
  })
}

/** Processes whose parent this is, by /proc. */
function childrenOf(parent: number): number[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      const ppid = Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${name}/status`, 'utf8'))?.[1])
      return ppid === parent ? [Number(name)] : []
    } catch {
      // it has ended since it was listed
      return []
    }
  })
}
