// One life of the engine's process: how it is started, what its lines say, how it is ended.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Logger, LogLevel } from '../self/port.ts'
import type { EnginePlaces } from './supervisor-places.ts'

export interface EngineSettings {
  readonly database: string
  /** Statements that run at the same time. */
  readonly sessions: number
  readonly memoryBytes: number
  /** How long a start waits for a former engine on the directory. */
  readonly lockWaitMs: number
  /** How long a stop waits for running inserts. */
  readonly stopWaitMs: number
}

export interface EngineExit {
  readonly code: number | null
  readonly signal: string | null
  /** `cannot_start`'s, where the engine named one. */
  readonly failure: { readonly reason: string; readonly message: string } | undefined
  /** What the library itself printed last: the reason of a crash, where there is one. */
  readonly lastWords: string | undefined
}

export interface EngineProcess {
  readonly pid: number | undefined
  /** Settles when the process has ended; never rejects. */
  readonly exit: Promise<EngineExit>
  /** Asks it to end in order. */
  stop(): void
  kill(): void
}

export interface EngineReady {
  readonly version: string
  readonly startMs: number
}

/** For a heap in each thread of a program that mostly passes bytes on: 307 instead of 381 MB after 2,800 small queries on three sessions. */
const heapFlags = ['--max-semi-space-size=1', '--optimize-for-size']
/** Threads for what is not a statement: files, DNS and compression of the HTTP side. */
const otherPoolThreads = 4

/** Starts the program with an environment of its own, so that no secret of the server's is in it. */
export function startEngine(
  places: EnginePlaces,
  settings: EngineSettings,
  { logger, onReady }: { readonly logger: Logger; readonly onReady: (ready: EngineReady) => void },
): EngineProcess {
  const child = spawn(process.execPath, [...heapFlags, programPath(), ...flags(places, settings)], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: environment(places, settings),
  })
  let failure: EngineExit['failure']
  let lastWords: string | undefined
  const hear = (line: string): void => {
    const event = parseLine(line)
    if (event === undefined) {
      // The library waits in a loop for a lock, with the same words each time.
      if (line !== lastWords) logger.warn('engine: printed', { line: line.slice(0, 2000) })
      lastWords = line.slice(0, 2000)
      return
    }
    const { level, event: name, ...fields } = event
    logger[level](`engine: ${name.replaceAll('_', ' ')}`, fields)
    if (name === 'ready') onReady({ version: String(fields.version), startMs: Number(fields.startMs) })
    if (name === 'cannot_start') failure = { reason: String(fields.reason), message: String(fields.message) }
  }
  for (const input of [child.stdout, child.stderr]) createInterface({ input }).on('line', hear)
  // A write to a process that has just died; its exit says the rest.
  child.stdin.on('error', () => {})
  return {
    pid: child.pid,
    exit: exitOf(child, () => ({ failure, lastWords })),
    stop: () => child.stdin.write('stop\n'),
    kill: () => child.kill('SIGKILL'),
  }
}

function exitOf(
  child: ChildProcessWithoutNullStreams,
  words: () => Omit<EngineExit, 'code' | 'signal'>,
): Promise<EngineExit> {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      if (child.pid === undefined) resolve({ code: null, signal: null, ...words(), lastWords: error.message })
    })
    // `close`, not `exit`: what it printed last is read by then.
    child.once('close', (code, signal) => resolve({ code, signal, ...words() }))
  })
}

function programPath(): string {
  return fileURLToPath(import.meta.resolve('@tidewatch/engine/main.ts'))
}

function flags(places: EnginePlaces, settings: EngineSettings): string[] {
  return [
    ['--dir', places.dir],
    ['--body-dir', places.bodyDir],
    ['--socket', places.socketPath],
    ['--database', settings.database],
    ['--sessions', String(settings.sessions)],
    ['--memory-bytes', String(settings.memoryBytes)],
    ['--lock-wait-ms', String(settings.lockWaitMs)],
    ['--stop-wait-ms', String(settings.stopWaitMs)],
  ].flat()
}

function environment(places: EnginePlaces, settings: EngineSettings): Record<string, string> {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'LD_LIBRARY_PATH']
  return {
    ...Object.fromEntries(kept.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]))),
    // Texts of time are in it; anything else shifts them.
    TZ: 'UTC',
    // Stripping types takes 12 MB in each thread that does it; from the cache it is not done again.
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(places.dir, 'compile-cache'),
    // Memory goes back to the system after half a second: 272 instead of 313 MB after a load of 14 M samples, at no cost.
    JE_MALLOC_CONF: 'dirty_decay_ms:500,muzzy_decay_ms:0',
    // Blocks of an answer go back to the system when they are freed: 305 instead of 339 MB after 180 MB were streamed.
    MALLOC_ARENA_MAX: '2',
    MALLOC_MMAP_THRESHOLD_: '131072',
    MALLOC_TRIM_THRESHOLD_: '131072',
    // Each running statement holds a thread of the pool; one more for KILL QUERY, or a full pool could not be freed.
    UV_THREADPOOL_SIZE: String(settings.sessions + 1 + otherPoolThreads),
  }
}

function parseLine(line: string): ({ level: LogLevel; event: string } & Record<string, unknown>) | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    const { level, event, ...fields }: Record<string, unknown> = JSON.parse(line)
    if (typeof event !== 'string') return undefined
    const known = level === 'debug' || level === 'info' || level === 'warn' ? level : 'error'
    return { ...fields, level: known, event }
  } catch {
    // Not ours: the library prints what it likes.
    return undefined
  }
}
