// The embedded engine: a child process of the server that speaks ClickHouse's HTTP interface on a private socket.
// It lives as long as its stdin: the server's death closes it, however the server dies. `stop` on stdin ends it in order.
import { chmodSync, rmSync } from 'node:fs'
import type { Server } from 'node:http'
import { flushCompileCache } from 'node:module'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Session } from 'chdb'
import { openBodyDir } from './body.ts'
import { baseSettings } from './config.ts'
import { log } from './log.ts'
import { asCannotStart, openDirectory } from './open.ts'
import { type EngineOptions, parseOptions } from './options.ts'
import { SessionPool } from './pool.ts'
import { createEngineServer } from './server.ts'

/** The code the supervisor reads as "would fail again the same way", with the reason in the last line. */
const cannotStartCode = 3
const maxWaiting = 1000

const startedAt = performance.now()
const stopping = new AbortController()
followParent()
try {
  await serve(parseOptions(process.argv.slice(2)))
} catch (caught) {
  // Told to stop while it waited for the directory.
  if (stopping.signal.aborted) process.exit(0)
  const { reason, message } = asCannotStart(caught)
  log('error', 'cannot_start', { reason, message })
  process.exit(cannotStartCode)
}

/** Ends with the parent. Ctrl-C and a service manager's SIGTERM reach the whole group; the parent alone decides the order of the end. */
function followParent(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {})
  createInterface({ input: process.stdin })
    .on('line', (line) => line === 'stop' && stopping.abort())
    // Nobody is left to answer to, and the next start waits for the directory. A kill is what the tables are made for.
    .on('close', () => process.kill(process.pid, 'SIGKILL'))
}

async function serve(options: EngineOptions): Promise<void> {
  const control = await openDirectory(options, stopping.signal)
  const bodies = await openBodyDir(options.bodyDir)
  await control.queryAsync(`CREATE DATABASE IF NOT EXISTS \`${options.database}\``)
  const version = await readVersion(control)
  const pool = new SessionPool(control, {
    dataDir: `${options.dir}/data`,
    size: options.sessions,
    baseSettings: baseSettings(options),
    maxWaiting,
  })
  await pool.start()
  const server = createEngineServer({ pool, bodies, database: options.database, version })
  await listen(server, options.socketPath)
  // A killed process would leave the next one without it.
  flushCompileCache()
  log('info', 'ready', { version, pid: process.pid, startMs: Math.round(performance.now() - startedAt) })
  await new Promise((resolve) => stopping.signal.addEventListener('abort', resolve, { once: true }))
  await stop(server, pool, options)
}

async function readVersion(control: Session): Promise<string> {
  return (await control.queryAsync('SELECT version()', { format: 'TSV' })).text().trim()
}

async function listen(server: Server, socketPath: string): Promise<void> {
  rmSync(socketPath, { force: true })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(socketPath, resolve)
  })
  chmodSync(socketPath, 0o600)
}

/** Takes nothing new, lets run what runs for a while, closes the engine. */
async function stop(server: Server, pool: SessionPool, { stopWaitMs, socketPath }: EngineOptions): Promise<void> {
  log('info', 'stopping', { running: pool.running, waiting: pool.waiting })
  server.close()
  server.closeIdleConnections()
  const deadline = performance.now() + stopWaitMs
  while (pool.running + pool.waiting > 0 && performance.now() < deadline) await sleep(10)
  server.closeAllConnections()
  rmSync(socketPath, { force: true })
  while (pool.running > 0 && performance.now() < deadline + 1000) await sleep(10)
  // With a statement that will not end the engine cannot be closed, only left.
  if (pool.running > 0) process.kill(process.pid, 'SIGKILL')
  await pool.close()
  log('info', 'stopped')
  process.exit(0)
}
