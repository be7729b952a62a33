// Debian's programs that the tests put beside the product: each on a free port, in its own temporary directory, ended with its owner.

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { freePort } from '@tidewatch/testkit/free-port.ts'
import { eventually, repositoryRoot, shortLived } from '@tidewatch/testkit/server.ts'

export interface TempDir extends Disposable {
  readonly path: string
  /** Writes a file below it; returns its path. */
  write(name: string, text: string): string
}

export function tempDir(): TempDir {
  const path = mkdtempSync(join(tmpdir(), 'tidewatch-counterparts-'))
  return {
    path,
    write(name, text) {
      const file = join(path, name)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, text)
      return file
    },
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }),
  }
}

export interface Program extends AsyncDisposable {
  /** `127.0.0.1:port`. */
  readonly address: string
  readonly url: string
  output(): string
  stop(): Promise<void>
}

/** Starts a program and waits until `readyPath` of its address answers 200. */
async function startProgram(
  command: string,
  args: readonly string[],
  { port, readyPath }: { readonly port: number; readonly readyPath: string },
): Promise<Program> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8')
    stream.on('data', (text: string) => {
      output += text
    })
  }
  const failed = new Promise<never>((_resolve, reject) => child.on('error', reject))
  failed.catch(() => undefined)
  const url = `http://127.0.0.1:${port}`
  const stop = (): Promise<void> => end(child)
  try {
    await Promise.race([
      failed,
      eventually(async () => {
        if (child.exitCode !== null) return
        const { status } = await fetch(url + readyPath)
        if (status !== 200) throw new Error(`${command} is not ready: ${status}`)
      }),
    ])
    if (child.exitCode !== null) throw new Error(`${command} ended with ${child.exitCode}: ${output}`)
  } catch (error) {
    await stop()
    throw error
  }
  return { address: `127.0.0.1:${port}`, url, output: () => output, stop, [Symbol.asyncDispose]: stop }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000)
  await ended
  clearTimeout(timer)
}

/** Debian's prometheus-node-exporter over this machine. */
export async function startNodeExporter(options: { readonly port?: number } = {}): Promise<Program> {
  const port = options.port ?? (await freePort())
  return startProgram('prometheus-node-exporter', [`--web.listen-address=127.0.0.1:${port}`, '--log.level=error'], {
    port,
    readyPath: '/metrics',
  })
}

/** Debian's prometheus. The configuration may name its own address as PROMETHEUS. */
export async function startPrometheus(
  config: string,
  {
    dir,
    flags = [],
    ...options
  }: { readonly dir: TempDir; readonly flags?: readonly string[]; readonly port?: number },
): Promise<Program> {
  const port = options.port ?? (await freePort())
  const file = dir.write('counterpart/prometheus.yml', config.replaceAll('PROMETHEUS', `127.0.0.1:${port}`))
  const args = [
    `--config.file=${file}`,
    `--storage.tsdb.path=${join(dir.path, 'counterpart', 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=warn',
    ...flags,
  ]
  return startProgram('prometheus', args, { port, readyPath: '/-/ready' })
}

/** Debian's victoria-metrics, which drops what is the same sample twice. */
export async function startVictoriaMetrics({ dir }: { readonly dir: TempDir }): Promise<Program> {
  const port = await freePort()
  const args = [
    `-storageDataPath=${join(dir.path, 'victoria-metrics')}`,
    `-httpListenAddr=127.0.0.1:${port}`,
    '-dedup.minScrapeInterval=1ms',
    '-search.latencyOffset=0s',
    '-loggerLevel=ERROR',
  ]
  return startProgram('victoria-metrics', args, { port, readyPath: '/health' })
}

export interface Received {
  readonly method: string
  readonly url: URL
  readonly headers: IncomingMessage['headers']
  readonly body: string
  readonly atMs: number
}

export interface StandIn extends AsyncDisposable {
  readonly url: string
  readonly address: string
  /** Every request so far. */
  readonly received: readonly Received[]
}

/** A server that keeps what it gets and answers as told. */
export async function startStandIn(
  answer: (request: Received, count: number) => { readonly status: number; readonly body?: string },
): Promise<StandIn> {
  const received: Received[] = []
  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const one: Received = {
      method: request.method ?? '',
      url: new URL(request.url ?? '/', 'http://stand-in'),
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
      atMs: Date.now(),
    }
    received.push(one)
    const { status, body } = answer(one, received.length)
    response.writeHead(status, { 'content-type': 'text/plain; version=0.0.4' }).end(body)
  }
  const server = createServer((request, response) => {
    receive(request, response).catch((error: unknown) => response.destroy(error as Error))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    address: `127.0.0.1:${port}`,
    received,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs a program to its end. */
export function run(
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Ran> {
  const env = { ...process.env, ...options.env }
  return new Promise((resolve, reject) => {
    execFile(
      command,
      args,
      { ...options, env, encoding: 'utf8', timeout: 240_000, maxBuffer: 64 << 20 },
      (error, out, err) => {
        if (error !== null && typeof error.code !== 'number')
          reject(new Error(`${command} ${args[0]}: ${error.message}`))
        else resolve({ code: error === null ? 0 : Number(error.code), out, err })
      },
    )
  })
}

/** `tidewatch` with these arguments. */
export function runTidewatch(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const main = join(repositoryRoot, 'packages', 'server', 'src', 'cli', 'main.ts')
  return run(process.execPath, [...shortLived, main, ...args], { env })
}
