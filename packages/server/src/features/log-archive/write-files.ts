// Lines as files of NDJSON, compressed: one after the other on our own disk, until the archive has it and it was read back.
import { createHash, randomBytes } from 'node:crypto'
import { createWriteStream, type WriteStream } from 'node:fs'
import { mkdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { createZstdCompress, createZstdDecompress, type ZstdCompress } from 'node:zlib'
import { AppError } from '@tidewatch/core/error.ts'
import type { ArchivedFile } from './manifest.ts'
import type { ArchiveTarget, Waiting } from './target.ts'

/** What a file has of lines at most, about: as much is on our disk while it is on its way, compressed. */
const maxRawBytes = 512 * 2 ** 20
const newline = 10

export interface WriteOptions extends Waiting {
  readonly target: ArchiveTarget
  /** In the archive, with a slash at its end. */
  readonly folder: string
  /** What names of files begin with. */
  readonly stem: string
  /** Of our own, for the file on its way. */
  readonly scratchDir: string
  readonly maxRawBytes?: number
}

/** Writes whole lines into as many files as it takes; each is read back before the next. */
export async function writeFiles(
  lines: AsyncIterable<Uint8Array>,
  options: WriteOptions,
): Promise<readonly ArchivedFile[]> {
  await mkdir(options.scratchDir, { recursive: true, mode: 0o700 })
  const most = options.maxRawBytes ?? maxRawBytes
  const files: ArchivedFile[] = []
  let open: OpenFile | undefined
  try {
    for await (const chunk of lines) {
      options.signal.throwIfAborted()
      open ??= new OpenFile(options)
      // a file ends where a line does
      const cut = open.rawBytes + chunk.length > most ? chunk.lastIndexOf(newline) + 1 : 0
      await open.write(cut === 0 ? chunk : chunk.subarray(0, cut))
      if (cut === 0) continue
      files.push(await open.store())
      open = undefined
      if (cut === chunk.length) continue
      open = new OpenFile(options)
      await open.write(chunk.subarray(cut))
    }
    if (open !== undefined) files.push(await open.store())
    open = undefined
    return files
  } finally {
    await open?.discard()
  }
}

class OpenFile {
  readonly #options: WriteOptions
  readonly #name: string
  readonly #path: string
  readonly #compress: ZstdCompress = createZstdCompress()
  readonly #out: WriteStream
  readonly #hash = createHash('sha256')
  #lines = 0
  rawBytes = 0

  constructor(options: WriteOptions) {
    this.#options = options
    // never the name of one that is there: what a manifest names is not written over
    this.#name = `${options.stem}-${randomBytes(6).toString('hex')}.ndjson.zst`
    this.#path = join(options.scratchDir, this.#name)
    this.#out = createWriteStream(this.#path, { mode: 0o600 })
    this.#compress.on('data', (chunk: Buffer) => this.#hash.update(chunk))
    this.#compress.on('error', (error) => this.#out.destroy(error))
    // told by `write` and `store`
    this.#out.on('error', (error) => this.#compress.destroy(error))
    this.#compress.pipe(this.#out)
  }

  async write(chunk: Uint8Array): Promise<void> {
    for (let at = chunk.indexOf(newline); at !== -1; at = chunk.indexOf(newline, at + 1)) this.#lines++
    this.rawBytes += chunk.length
    await new Promise<void>((resolve, reject) => {
      this.#compress.write(chunk, (error) => (error == null ? resolve() : reject(error)))
    })
  }

  async store(): Promise<ArchivedFile> {
    const { target, folder, signal } = this.#options
    try {
      this.#compress.end()
      await finished(this.#out)
      const { size } = await stat(this.#path)
      const file = {
        ...{ name: this.#name, lines: this.#lines, bytes: size, rawBytes: this.rawBytes },
        sha256: this.#hash.digest('hex'),
      }
      await target.put(`${folder}${file.name}`, { path: this.#path, bytes: size, sha256: file.sha256 }, { signal })
      await checkFile(target, `${folder}${file.name}`, file, { signal })
      return file
    } finally {
      await rm(this.#path, { force: true })
    }
  }

  async discard(): Promise<void> {
    this.#compress.destroy()
    this.#out.destroy()
    await rm(this.#path, { force: true })
  }
}

/** Reads a file of the archive whole, and throws `archive.damaged` where it is not what was written. */
async function checkFile(target: ArchiveTarget, name: string, file: ArchivedFile, { signal }: Waiting): Promise<void> {
  const hash = createHash('sha256')
  for await (const chunk of target.read(name, { signal })) hash.update(chunk)
  if (hash.digest('hex') !== file.sha256) throw damaged(target, name)
}

/** Lines of an archived file as bytes, compared with its checksum at the end: who keeps what it reads has to read it all first. */
export async function* readFile(
  target: ArchiveTarget,
  name: string,
  file: ArchivedFile,
  { signal }: Waiting,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256')
  const hashed = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of target.read(name, { signal })) {
      hash.update(chunk)
      yield chunk
    }
  }
  const inflate = createZstdDecompress()
  const source = Readable.from(hashed(), { objectMode: false })
  source.on('error', (error) => inflate.destroy(error))
  source.pipe(inflate)
  try {
    yield* inflate as AsyncIterable<Uint8Array>
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof AppError) throw error
    throw damaged(target, name, error)
  } finally {
    source.destroy()
    inflate.destroy()
  }
  if (hash.digest('hex') !== file.sha256) throw damaged(target, name)
}

const damaged = ({ place }: ArchiveTarget, name: string, cause?: unknown): AppError =>
  new AppError('archive.damaged', `${name} in the archive ${place} is not what was written there.`, {
    cause,
    fix: 'Bring the file back from a copy. Where the store still has the day, remove its manifest: the day is written again',
  })
