// Is told by the system of names that come and go in folders, where it can: files are opened the moment they are there, and need not wait for the next look.
// Nothing depends on it: what it misses (folders on the net, too many of them) the looks find.
import { type FSWatcher, watch } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from '../../self/port.ts'
import { PlainBytes } from './bytes.ts'

export interface CaughtFile {
  readonly path: string
  readonly bytes: PlainBytes
  readonly device: bigint
  readonly inode: bigint
  readonly modifiedMs: number
}

export interface DirectoryWatchParts {
  /** Whether a file of this name would be followed. */
  readonly wants: (path: string) => boolean
  /** Names came or went. */
  readonly onStir: () => void
  readonly logger: Logger
}

const maxFolders = 500
/** Open and not yet taken. */
const maxCaught = 200

export class DirectoryWatch implements AsyncDisposable {
  readonly #parts: DirectoryWatchParts
  readonly #watchers = new Map<string, FSWatcher>()
  readonly #opening = new Set<Promise<void>>()
  #caught: CaughtFile[] = []
  #isTold = false
  #isClosed = false

  constructor(parts: DirectoryWatchParts) {
    this.#parts = parts
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    for (const watcher of this.#watchers.values()) watcher.close()
    this.#watchers.clear()
    for (const { bytes } of await this.take()) await bytes[Symbol.asyncDispose]()
  }

  /** Watches these folders, and no others. */
  follow(folders: ReadonlySet<string>): void {
    for (const [folder, watcher] of this.#watchers) {
      if (folders.has(folder)) continue
      watcher.close()
      this.#watchers.delete(folder)
    }
    for (const folder of folders) {
      if (this.#watchers.size >= maxFolders) break
      if (!this.#watchers.has(folder)) this.#watch(folder)
    }
  }

  /** Files that came since, and those that are just being opened, the one that was written last at the end; whoever takes them closes them. */
  async take(): Promise<CaughtFile[]> {
    await Promise.all(this.#opening)
    const caught = this.#caught
    this.#caught = []
    return caught.sort((a, b) => a.modifiedMs - b.modifiedMs)
  }

  #watch(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, (event, name) => {
        if (event !== 'rename') return // it grew
        this.#parts.onStir()
        if (name !== null) this.#catch(join(folder, name))
      })
      // the folder is gone, or the system has no more to give: the next look tries again
      watcher.on('error', () => {
        watcher.close()
        this.#watchers.delete(folder)
      })
      this.#watchers.set(folder, watcher)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ENOENT' || code === 'ENOTDIR' || this.#isTold) return
      this.#isTold = true
      this.#parts.logger.warn('a folder cannot be watched; new files in it are found every two seconds', {
        folder,
        error,
      })
    }
  }

  #catch(path: string): void {
    if (!this.#parts.wants(path) || this.#caught.length + this.#opening.size >= maxCaught) return
    const opening = this.#open(path)
      // gone again, or not ours to read
      .catch(() => undefined)
      .finally(() => this.#opening.delete(opening))
    this.#opening.add(opening)
  }

  async #open(path: string): Promise<void> {
    const bytes = await PlainBytes.open(path)
    const status = await bytes.handle.stat({ bigint: true })
    if (!status.isFile() || this.#isClosed) {
      await bytes[Symbol.asyncDispose]()
      return
    }
    const { dev: device, ino: inode, mtimeMs } = status
    this.#caught.push({ path, bytes, device, inode, modifiedMs: Number(mtimeMs) })
    this.#parts.onStir()
  }
}
