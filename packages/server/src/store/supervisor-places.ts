// Where the engine's directory, socket and bodies are: in the data directory, unless its path is too long or has characters the engine reads as patterns.
import { createHash } from 'node:crypto'
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { AppError } from '@tidewatch/core/error.ts'

export interface EnginePlaces {
  readonly dir: string
  readonly bodyDir: string
  readonly socketPath: string
  /** Removes what stands outside of the data directory. */
  remove(): void
}

/** A unix socket's address has 108 bytes, the last one zero. */
const maxSocketBytes = 107
/** Characters of a pattern in the engine's `file()`: a path with one would match nothing, and an insert lose its rows without an error. */
const patternCharacters = /[*?{}[\]]/

/** Makes `<dataDir>/engine` and, if need be, a private directory in /tmp. Throws `data_dir.read_only` or `data_dir.full`. */
export function makePlaces(dataDir: string): EnginePlaces {
  const dir = join(resolve(dataDir), 'engine')
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 })
    chmodSync(dir, 0o700)
  } catch (caught) {
    throw placeFailure(dir, caught)
  }
  const socketPath = join(dir, 'socket')
  const plain = !patternCharacters.test(dir)
  const short = Buffer.byteLength(socketPath) <= maxSocketBytes
  if (plain && short) return { dir, bodyDir: join(dir, 'bodies'), socketPath, remove: () => {} }
  const outside = privateDir(dir)
  return {
    dir,
    bodyDir: join(plain ? dir : outside, 'bodies'),
    socketPath: join(outside, 'socket'),
    remove: () => rmSync(outside, { recursive: true, force: true }),
  }
}

/** The same one at each start, so that kills leave no trail of them; another where somebody else has made it. */
function privateDir(dir: string): string {
  const uid = process.getuid?.() ?? 0
  const path = `/tmp/tidewatch-${uid}-${createHash('sha256').update(dir).digest('hex').slice(0, 12)}`
  try {
    mkdirSync(path, { mode: 0o700 })
    return path
  } catch {
    // It is there, or /tmp is not for us: the next lines tell which.
    const found = lstatSync(path, { throwIfNoEntry: false })
    const ours = found?.isDirectory() === true && found.uid === uid && (found.mode & 0o077) === 0
    return ours ? path : mkdtempSync('/tmp/tidewatch-')
  }
}

function placeFailure(dir: string, caught: unknown): AppError {
  const code = caught instanceof Error && 'code' in caught ? String(caught.code) : ''
  const cause = { cause: caught }
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new AppError('data_dir.full', `No room to make ${dir}.`, { fix: 'Free space on its disk.', ...cause })
  }
  const fix = 'Give the user that runs Tidewatch write access to it, or name another one with --data-dir.'
  return new AppError('data_dir.read_only', `Cannot write the data directory ${dir} (${code}).`, { fix, ...cause })
}
