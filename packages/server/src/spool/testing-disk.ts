import { nodeDisk, type SpoolDisk, type SpoolFile } from './disk.ts'

/** For tests: the real disk, that fails where the test wants it. */
export class FailingDisk implements SpoolDisk {
  readonly events: string[] = []
  freeBytes = 1e12
  #failure: { readonly errno: string; readonly afterBytes: number; readonly truncateToo: boolean } | undefined

  failWrites(errno: string, { afterBytes = 0, truncateToo = false } = {}): void {
    this.#failure = { errno, afterBytes, truncateToo }
  }
  heal(): void {
    this.#failure = undefined
  }

  readonly read = nodeDisk.read
  readonly replace = nodeDisk.replace
  readonly rename = nodeDisk.rename
  readonly remove = nodeDisk.remove
  readonly list = nodeDisk.list
  readonly syncDirectory = nodeDisk.syncDirectory

  async create(path: string): Promise<SpoolFile> {
    this.events.push('create')
    return this.#wrap(await nodeDisk.create(path))
  }
  async open(path: string): Promise<SpoolFile> {
    return this.#wrap(await nodeDisk.open(path))
  }
  async space(): Promise<{ freeBytes: number; totalBytes: number }> {
    return { freeBytes: this.freeBytes, totalBytes: 1e12 }
  }

  #wrap(file: SpoolFile): SpoolFile {
    return {
      write: async (buffers, position) => {
        this.events.push('write')
        const failure = this.#failure
        if (failure === undefined) return file.write(buffers, position)
        await file.write([Buffer.concat(buffers).subarray(0, failure.afterBytes)], position)
        throw Object.assign(new Error(`${failure.errno}: write failed`), { code: failure.errno })
      },
      truncate: async (bytes) => {
        if (this.#failure?.truncateToo === true) throw new Error('EIO: truncate failed')
        await file.truncate(bytes)
      },
      sync: async () => {
        this.events.push('sync')
        await file.sync()
      },
      close: () => file.close(),
    }
  }
}
