// What the spool asks of the disk. Tests hand in one that fails.
import { open, readdir, readFile, rename, rm, stat, statfs, writeFile } from 'node:fs/promises'

/** One file being appended to. */
export interface SpoolFile {
  /** Writes all of the buffers at the position or throws. */
  write(buffers: readonly Uint8Array[], position: number): Promise<void>
  truncate(bytes: number): Promise<void>
  sync(): Promise<void>
  close(): Promise<void>
}

export interface SpoolDisk {
  create(path: string): Promise<SpoolFile>
  open(path: string): Promise<SpoolFile>
  read(path: string): Promise<Buffer>
  /** Replaces the file's content; a kill leaves the old or the new content, never a part. */
  replace(path: string, content: string | Uint8Array): Promise<void>
  rename(from: string, to: string): Promise<void>
  remove(path: string): Promise<void>
  /** Files that come or go meanwhile may be among them or not. */
  list(dir: string): Promise<readonly { readonly name: string; readonly bytes: number; readonly modifiedMs: number }[]>
  /** Makes names created or removed in the directory survive a power cut. */
  syncDirectory(dir: string): Promise<void>
  space(dir: string): Promise<{ readonly freeBytes: number; readonly totalBytes: number }>
}

export const nodeDisk: SpoolDisk = {
  create: (path) => openFile(path, 'wx'),
  open: (path) => openFile(path, 'r+'),
  read: (path) => readFile(path),
  async replace(path, content) {
    await writeFile(`${path}.new`, content)
    await rename(`${path}.new`, path)
  },
  rename,
  remove: (path) => rm(path, { force: true }),
  async list(dir) {
    const entries = []
    for (const name of await readdir(dir)) {
      const found = await stat(`${dir}/${name}`).catch(whereGone)
      if (found !== undefined) entries.push({ name, bytes: found.size, modifiedMs: found.mtimeMs })
    }
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1))
  },
  async syncDirectory(dir) {
    await using handle = await open(dir, 'r')
    await handle.sync()
  },
  async space(dir) {
    const { bavail, blocks, bsize } = await statfs(dir)
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize }
  },
}

/** What was there when names were read may have been removed or renamed since. */
function whereGone(error: unknown): undefined {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
}

async function openFile(path: string, flags: 'wx' | 'r+'): Promise<SpoolFile> {
  const handle = await open(path, flags, 0o600)
  return {
    async write(buffers, position) {
      const total = buffers.reduce((sum, buffer) => sum + buffer.length, 0)
      const { bytesWritten } = await handle.writev(buffers, position)
      if (bytesWritten === total) return
      // a short write is how a disk that fills up begins: writing the rest names the reason, or finishes
      const all = Buffer.concat(buffers)
      for (let done = bytesWritten; done < total; ) {
        done += (await handle.write(all, done, total - done, position + done)).bytesWritten
      }
    },
    truncate: (bytes) => handle.truncate(bytes),
    sync: () => handle.datasync(),
    close: () => handle.close(),
  }
}
