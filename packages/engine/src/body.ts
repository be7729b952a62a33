// A request's body: an insert's rows go to a file that the engine reads, more SQL to a string. Both bounded, both unpacked. Files of answers lie
// beside those of bodies.
import { createWriteStream } from 'node:fs'
import { mkdir, readdir, rm } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { type Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib'
import { EngineException } from './exception.ts'

/** Statements in one body; longer ones are no statements. */
export const maxSqlBytes = 16 * 1024 * 1024
/** Rows of one insert, unpacked. */
const maxRowsBytes = 4 * 1024 * 1024 * 1024

export interface BodyFile extends AsyncDisposable {
  readonly path: string
  readonly bytes: number
}

export interface AnswerFile extends AsyncDisposable {
  readonly path: string
  /** It belongs to somebody else, who removes it. */
  handOver(): void
}

/** The directory of bodies; what a former process left in it is removed. */
export async function openBodyDir(dir: string): Promise<BodyDir> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  for (const name of await readdir(dir)) await rm(join(dir, name), { recursive: true })
  return new BodyDir(dir)
}

export class BodyDir {
  readonly #dir: string
  #next = 1

  constructor(dir: string) {
    this.#dir = dir
  }

  /** A name for an answer's file, of which none is there yet. It goes with its owner, unless it was handed over. */
  answerFile(): AnswerFile {
    const path = join(this.#dir, `${this.#next++}.answer`)
    let isOurs = true
    return {
      path,
      handOver: () => {
        isOurs = false
      },
      [Symbol.asyncDispose]: async () => {
        if (isOurs) await rm(path, { force: true })
      },
    }
  }

  /** Resolves when the whole body is there; a body cut short rejects, so that no part of it is inserted. The file goes with its owner. */
  async store(request: IncomingMessage): Promise<BodyFile> {
    const path = join(this.#dir, `${this.#next++}.rows`)
    const remove = (): Promise<void> => rm(path, { force: true })
    const limit = new Limit(maxRowsBytes)
    try {
      await pipeline([...unpacked(request), limit, createWriteStream(path, { mode: 0o600, highWaterMark: 1 << 20 })])
    } catch (caught) {
      await remove()
      throw bodyFailure(caught)
    }
    return { path, bytes: limit.bytes, [Symbol.asyncDispose]: remove }
  }
}

/** The body as SQL. */
export async function readSql(request: IncomingMessage): Promise<string> {
  const limit = new Limit(maxSqlBytes)
  const chunks: Uint8Array[] = []
  try {
    await pipeline([
      ...unpacked(request),
      limit,
      async (source: AsyncIterable<Uint8Array>): Promise<void> => {
        for await (const chunk of source) chunks.push(chunk)
      },
    ] as Parameters<typeof pipeline>[0] & Readable[])
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
  } catch (caught) {
    throw bodyFailure(caught)
  }
}

class Limit extends Transform {
  bytes = 0
  readonly #max: number

  constructor(max: number) {
    super()
    this.#max = max
  }

  override _transform(
    chunk: Uint8Array,
    _encoding: string,
    done: (error: Error | null, chunk?: Uint8Array) => void,
  ): void {
    this.bytes += chunk.byteLength
    if (this.bytes > this.#max) {
      done(new EngineException(62, 'QUERY_IS_TOO_LARGE', `The body is larger than ${this.#max} bytes`))
    } else {
      done(null, chunk)
    }
  }
}

function unpacked(request: IncomingMessage): Readable[] {
  const encoding = request.headers['content-encoding'] ?? 'identity'
  switch (encoding) {
    case 'identity':
      return [request]
    case 'gzip':
    case 'x-gzip':
      return [request, createGunzip()]
    case 'deflate':
      return [request, createInflate()]
    case 'br':
      return [request, createBrotliDecompress()]
    case 'zstd':
      return [request, createZstdDecompress()]
    default:
      throw new EngineException(
        89,
        'UNKNOWN_COMPRESSION_METHOD',
        `Unknown compression method: ${encoding.slice(0, 40)}`,
      )
  }
}

function bodyFailure(caught: unknown): EngineException {
  if (caught instanceof EngineException) return caught
  const error = caught instanceof Error ? caught : new Error(String(caught))
  const code = 'code' in error ? String(error.code) : ''
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new EngineException(243, 'NOT_ENOUGH_SPACE', `Cannot write an insert's rows: ${error.message}`)
  }
  if (code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE') {
    return new EngineException(210, 'NETWORK_ERROR', 'The connection ended within the body')
  }
  return new EngineException(33, 'CANNOT_READ_ALL_DATA', `Cannot read the body: ${error.message}`)
}
