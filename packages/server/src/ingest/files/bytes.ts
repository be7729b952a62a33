// Bytes of a file, plain or compressed, and what it is known by.
import { hash } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'

/** As many bytes of a file's beginning as tell it from others. */
export const maxFingerprintBytes = 1024

export interface ByteSource extends AsyncDisposable {
  /** As many as there are, at most `length`; positions only go on. */
  read(position: number, length: number): Promise<Uint8Array>
}

/** Keeps a file open: it is read to its end though it is renamed or deleted meanwhile. */
export class PlainBytes implements ByteSource {
  readonly handle: FileHandle

  constructor(handle: FileHandle) {
    this.handle = handle
  }

  static async open(path: string): Promise<PlainBytes> {
    // a pipe of that name would keep us waiting for somebody who writes
    return new PlainBytes(await open(path, constants.O_RDONLY | constants.O_NONBLOCK))
  }

  async read(position: number, length: number): Promise<Uint8Array> {
    const buffer = Buffer.allocUnsafe(length)
    let filled = 0
    while (filled < length) {
      const { bytesRead } = await this.handle.read(buffer, filled, length - filled, position + filled)
      if (bytesRead === 0) break
      filled += bytesRead
    }
    return buffer.subarray(0, filled)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.handle.close()
  }
}

/** The bytes that were compressed. */
export class GzipBytes implements ByteSource {
  readonly #chunks: AsyncIterator<Buffer>
  readonly #close: () => Promise<void>
  /** What was inflated and is not behind the position yet, which is where its first byte stands. */
  #rest: Buffer = Buffer.alloc(0)
  #position = 0

  /** Reads the file from its beginning; closes it in the end where it is told to. */
  constructor(handle: FileHandle, { closes }: { readonly closes: boolean }) {
    const file = Readable.from(chunksOf(handle), { objectMode: false })
    const inflated = createGunzip()
    // whoever reads is told by the iterator
    file.on('error', (error) => inflated.destroy(error))
    inflated.on('error', () => file.destroy())
    this.#chunks = file.pipe(inflated)[Symbol.asyncIterator]() as AsyncIterator<Buffer>
    this.#close = async () => {
      file.destroy()
      inflated.destroy()
      if (closes) await handle.close()
    }
  }

  async read(position: number, length: number): Promise<Uint8Array> {
    for (;;) {
      const before = position - this.#position
      if (before > 0) {
        const passed = Math.min(before, this.#rest.length)
        this.#rest = this.#rest.subarray(passed)
        this.#position += passed
      }
      if (this.#position === position && this.#rest.length >= length) break
      const { done, value } = await this.#chunks.next()
      if (done === true) break
      this.#rest = this.#rest.length === 0 ? value : Buffer.concat([this.#rest, value])
    }
    return this.#position === position ? this.#rest.subarray(0, length) : new Uint8Array(0)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close()
  }
}

export const fingerprintOf = (bytes: Uint8Array): string => hash('sha1', bytes, 'hex')

/** The file as it is stored, from its beginning. */
async function* chunksOf(handle: FileHandle): AsyncGenerator<Buffer> {
  for (let position = 0; ; ) {
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(chunkBytes), 0, chunkBytes, position)
    if (bytesRead === 0) return
    position += bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}

const chunkBytes = 1 << 16
