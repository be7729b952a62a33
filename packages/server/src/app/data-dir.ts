// The data directory: one running Tidewatch owns it, and it knows which version wrote it.
import { accessSync, constants, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { AppError } from '@tidewatch/core/error.ts'

/** Raised when a directory written by this version can no longer be read by the one before. */
export const dataVersion = 1

/** A directory that this process owns until it is disposed of, or dies. */
export interface DataDir extends Disposable {
  readonly path: string
  /** Whether nothing was there before. */
  readonly isNew: boolean
  /** The version that wrote it last. */
  readonly version: number
}

/**
 * Takes a directory, made if need be. Throws `data_dir.locked`, `data_dir.newer`, `data_dir.read_only`.
 * The lock is SQLite's on a file of its own: the system lets go of it however the process ends.
 */
export function openDataDir(path: string): DataDir {
  makeWritable(path)
  const lock = takeLock(path)
  try {
    const version = readVersion(path)
    if (version !== undefined && version > dataVersion) {
      throw new AppError(
        'data_dir.newer',
        `${path} was written by a newer Tidewatch (data version ${version}, this one knows ${dataVersion}).`,
        {
          fix: 'Start the newer version, or restore a backup from before the upgrade into another --data-dir.',
        },
      )
    }
    writeVersion(path)
    return { path, isNew: version === undefined, version: version ?? dataVersion, [Symbol.dispose]: () => lock.close() }
  } catch (error) {
    lock.close()
    throw error
  }
}

function makeWritable(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOSPC')
      throw new AppError('spool.disk_full', `there is no room on the disk for ${path}.`, {
        cause,
        fix: 'Make room, or choose another --data-dir.',
      })
    const why =
      code === 'EROFS'
        ? 'is on a read-only file system'
        : code === 'ENOTDIR' || code === 'EEXIST'
          ? 'is a file'
          : 'cannot be written by this user'
    throw new AppError('data_dir.read_only', `the data directory ${path} ${why}.`, {
      cause,
      fix: 'Give the user write access, or choose another --data-dir.',
    })
  }
}

function takeLock(path: string): DatabaseSync {
  let lock: DatabaseSync | undefined
  try {
    lock = new DatabaseSync(join(path, 'lock.db'))
    lock.exec(
      'PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE; CREATE TABLE IF NOT EXISTS owner (pid INTEGER); COMMIT',
    )
    writeFileSync(join(path, 'owner.pid'), `${process.pid}\n`)
    return lock
  } catch (cause) {
    lock?.close()
    const message = (cause as Error).message
    if (/readonly|unable to open/.test(message)) {
      throw new AppError('data_dir.read_only', `the data directory ${path} cannot be written by this user.`, {
        cause,
        fix: 'Give the user write access, or choose another --data-dir.',
      })
    }
    if (!/locked|busy/.test(message)) throw cause
    throw new AppError('data_dir.locked', `another Tidewatch${ownerText(path)} is running on ${path}.`, {
      cause,
      fix: 'Stop that one first, or give this one another --data-dir and --port.',
    })
  }
}

function ownerText(path: string): string {
  const file = join(path, 'owner.pid')
  return existsSync(file) ? ` (process ${readFileSync(file, 'utf8').trim()})` : ''
}

function readVersion(path: string): number | undefined {
  const file = join(path, 'version.json')
  if (!existsSync(file)) return undefined
  const text = readFileSync(file, 'utf8')
  try {
    const { version } = JSON.parse(text) as { readonly version?: unknown }
    if (typeof version === 'number') return version
  } catch {
    // told below, as for a file without a version
  }
  throw new AppError('data_dir.newer', `${file} does not say which version wrote the directory.`, {
    where: { file },
    fix: 'Is this a data directory of Tidewatch? If so, restore the file from a backup.',
  })
}

function writeVersion(path: string): void {
  const file = join(path, 'version.json')
  const half = `${file}.new`
  writeFileSync(half, `${JSON.stringify({ version: dataVersion })}\n`)
  renameSync(half, file)
}
