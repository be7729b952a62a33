// The product as a person starts it: its own process, a fresh data directory, a free port.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export const repositoryRoot = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..', '..')
const main = join(repositoryRoot, 'packages', 'server', 'src', 'cli', 'main.ts')

/** Flags of Node for processes that live for seconds: a young generation of 16 MB from the start on saves a quarter of what a start takes of the processor. */
export const shortLived: readonly string[] = ['--min-semi-space-size=16']

/** What runs now: a test that is over its time does not come to its disposals, and leaves nothing behind either. */
const running = new Set<ChildProcess>()
const endAll = (): void => {
  for (const child of running) child.kill('SIGKILL')
}
process.once('exit', endAll)
process.once('SIGTERM', () => {
  endAll()
  process.exit(143)
})

export interface StartOptions {
  /** Flags of Node itself, for example those that `npm start` gives it; `shortLived` when left out. */
  readonly nodeArgs?: readonly string[]
  /** Further flags of `serve`. `--no-auth` is given unless `auth` is true. */
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly auth?: boolean
  /** Kept when the server is disposed; a fresh one is removed. */
  readonly dataDir?: string
  /** 0 takes a free one. */
  readonly port?: number
  readonly readyTimeoutMs?: number
}

export interface RunningServer extends AsyncDisposable {
  readonly url: string
  readonly port: number
  readonly pid: number
  readonly dataDir: string
  /** The one-time link of the first start, where there was one. */
  readonly signInLink: string | undefined
  /** Everything it has printed. */
  output(): string
  /** Ends it as Ctrl-C does; resolves with its exit code. */
  stop(): Promise<number | null>
  /** SIGKILL to the process alone; its engine notices by itself. */
  kill(): Promise<void>
  readonly exited: Promise<number | null>
}

/** Resolves once the server is ready; rejects with all it printed when it ends before. */
export async function startServer(options: StartOptions = {}): Promise<RunningServer> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'tidewatch-test-'))
  const args = [
    'serve',
    '--data-dir',
    dataDir,
    '--port',
    String(options.port ?? 0),
    ...(options.auth === true ? [] : ['--no-auth']),
    ...(options.args ?? []),
  ]
  const child = spawn(process.execPath, [...(options.nodeArgs ?? shortLived), main, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
  })
  running.add(child)
  child.once('exit', () => running.delete(child))
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8')
    stream.on('data', (text: string) => {
      output += text
    })
  }
  const exited = new Promise<number | null>((done) => child.on('exit', done))
  const url = await readyUrl(child, () => output, exited, options.readyTimeoutMs ?? 90_000)
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal)
    return exited
  }
  return {
    url,
    port: Number(new URL(url).port),
    pid: child.pid as number,
    dataDir,
    signInLink: /https?:\/\/\S+\/sign-in#token=\S+/.exec(output)?.[0],
    output: () => output,
    stop: () => end('SIGINT'),
    kill: async () => void (await end('SIGKILL')),
    exited,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) await end('SIGINT')
      if (options.dataDir === undefined)
        rmSync(dataDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
    },
  }
}

function readyUrl(
  child: ChildProcess,
  output: () => string,
  exited: Promise<number | null>,
  timeoutMs: number,
): Promise<string> {
  return new Promise((resolveUrl, reject) => {
    const fail = (why: string): void => reject(new Error(`the server ${why}. It printed:\n${output()}`))
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      fail(`was not ready after ${timeoutMs} ms`)
    }, timeoutMs)
    const look = (): void => {
      const url = /Tidewatch is ready at (https?:\/\/\S+)/.exec(output())?.[1]
      if (url === undefined) return
      clearTimeout(timer)
      resolveUrl(url)
    }
    child.stdout?.on('data', look)
    void exited.then((code) => {
      clearTimeout(timer)
      fail(`ended with ${code} before it was ready`)
    })
  })
}

/** One answer of Prometheus's API, its data. Throws the error it says. */
export async function getData<T>(
  server: Pick<RunningServer, 'url'>,
  path: string,
  query: Readonly<Record<string, string>> = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<T> {
  const response = await fetch(`${server.url}${path}?${new URLSearchParams(query)}`, { headers })
  const answer = (await response.json()) as { readonly status: string; readonly data: T; readonly error?: string }
  if (answer.status !== 'success')
    throw new Error(`${path} answered ${response.status}: ${answer.error ?? JSON.stringify(answer)}`)
  return answer.data
}

/** Asks until the answer is right; throws the last reason after `timeoutMs`: a machine of two processors may be busy with two other tests. */
export async function eventually<T>(
  ask: () => Promise<T>,
  options: { readonly timeoutMs?: number; readonly everyMs?: number } = {},
): Promise<T> {
  const { timeoutMs = 60_000, everyMs = 100 } = options
  const endMs = Date.now() + timeoutMs
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (Date.now() > endMs) throw error
      await new Promise((done) => setTimeout(done, everyMs))
    }
  }
}
