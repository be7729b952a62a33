// Takes the data directory: checks that it can be used, waits for a former engine on it, opens the library.
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Session } from 'chdb'
import { renderConfig } from './config.ts'
import { log } from './log.ts'
import { forgetLostParts } from './lost-parts.ts'
import type { EngineOptions } from './options.ts'

/** Why the engine cannot start; the supervisor words it for people. */
export type StartFailure = 'locked' | 'disk_full' | 'read_only' | 'platform' | 'damaged'

export class CannotStart extends Error {
  override readonly name = 'CannotStart'
  readonly reason: StartFailure

  constructor(reason: StartFailure, message: string) {
    super(message)
    this.reason = reason
  }
}

/** Below this the engine refuses to start: it would fail in the middle of a merge instead. */
const minFreeBytes = 64 * 1024 * 1024
const retryEveryMs = 100

/** The library, loaded late so that a platform it is not built for gets a message instead of a stack. */
async function loadLibrary(): Promise<typeof import('chdb')> {
  try {
    return await import('chdb')
  } catch (caught) {
    const text = caught instanceof Error ? caught.message : String(caught)
    throw new CannotStart('platform', text)
  }
}

/** Opens the session that holds the directory. Rejects with CannotStart. */
export async function openDirectory(options: EngineOptions, signal: AbortSignal): Promise<Session> {
  const { dir, lockWaitMs } = options
  const dataDir = join(dir, 'data')
  probe(dataDir)
  const configPath = join(dir, 'config.xml')
  writeFile(configPath, renderConfig(options))
  const library = await loadLibrary()
  const deadline = performance.now() + lockWaitMs
  let told = false
  for (;;) {
    const holder = lockHolder(dataDir)
    if (holder === undefined) {
      try {
        const lost = forgetLostParts(dataDir)
        if (lost.length > 0) log('warn', 'forgot_lost_parts', { parts: lost })
        return new library.Session(dataDir, { connectionArgs: [`--config-file=${configPath}`] })
      } catch (caught) {
        // Somebody may have taken the lock in between; else the reason stands on stderr, the library keeps it from us.
        if (lockHolder(dataDir) === undefined && writtenHolder(dataDir) === undefined) throw asCannotStart(caught)
      }
    }
    if (!told) {
      told = true
      log('info', 'waiting_for_lock', { dataDir, pid: holder, forMs: lockWaitMs })
    }
    if (performance.now() >= deadline) {
      throw new CannotStart('locked', `${dataDir} is in use by process ${holder ?? 'unknown'}`)
    }
    await sleep(retryEveryMs, undefined, { signal })
  }
}

/** Writes and removes a file: says in our words what the engine would say in a crash. */
function probe(dataDir: string): void {
  const path = join(dataDir, '.probe')
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  writeFile(path, 'x')
  rmSync(path)
  const { bavail, bsize } = statfsSync(dataDir)
  if (bavail * bsize < minFreeBytes) {
    throw new CannotStart(
      'disk_full',
      `${dataDir} has ${bavail * bsize} bytes left, at least ${minFreeBytes} are needed`,
    )
  }
}

function writeFile(path: string, text: string): void {
  const file = openSync(path, 'w', 0o600)
  try {
    writeSync(file, text)
  } finally {
    closeSync(file)
  }
}

/** Whatever a start failed with, under the reason that says what to do about it. */
export function asCannotStart(caught: unknown): CannotStart {
  if (caught instanceof CannotStart) return caught
  const message = caught instanceof Error ? caught.message : String(caught)
  const code = caught instanceof Error && 'code' in caught ? caught.code : undefined
  if (code === 'ENOSPC' || code === 'EDQUOT' || /No space left|NOT_ENOUGH_SPACE/.test(message)) {
    return new CannotStart('disk_full', message)
  }
  if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM' || code === 'ENOTDIR') {
    return new CannotStart('read_only', message)
  }
  return new CannotStart('damaged', message)
}

/** The process that holds ClickHouse's lock on `status`, undefined where nobody does. */
function lockHolder(dataDir: string): number | undefined {
  const path = join(dataDir, 'status')
  if (!existsSync(path)) return undefined
  if (!existsSync('/proc/locks')) return writtenHolder(dataDir)
  const inode = statSync(path).ino
  const line = readFileSync('/proc/locks', 'utf8')
    .split('\n')
    .find((text) => text.includes(' FLOCK ') && text.includes(`:${inode} `))
  return line === undefined ? undefined : Number(line.trim().split(/\s+/)[4])
}

/** The process that wrote itself into `status`, if it is alive: for systems that list no locks, or list them under other numbers. */
function writtenHolder(dataDir: string): number | undefined {
  const path = join(dataDir, 'status')
  if (!existsSync(path)) return undefined
  const pid = Number(/^PID: (\d+)/m.exec(readFileSync(path, 'utf8'))?.[1] ?? Number.NaN)
  return Number.isInteger(pid) && pid !== process.pid && isAlive(pid) ? pid : undefined
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    // No such process, or not ours: then it is not a former engine of this directory.
    return false
  }
}
