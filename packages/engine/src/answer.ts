// One answer as ClickHouse gives it: headers with the first block, blocks as they come, an exception in the middle marked and the connection broken.
import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { Transform, Writable } from 'node:stream'
import { createBrotliCompress, createDeflate, createGzip, createZstdCompress } from 'node:zlib'
import { EngineException, statusOf } from './exception.ts'
import type { Encoding } from './request.ts'

export interface AnswerOptions {
  readonly queryId: string
  readonly format: string
  readonly encoding: Encoding | undefined
  /** Hold the answer back until it is complete, so that a late exception still gets its status. */
  readonly waitEndOfQuery: boolean
  /** ClickHouse's version, for the end of exception texts. */
  readonly version: string
}

/** Held back before the headers go out, as ClickHouse does: a small answer gets its summary, an early exception its status. */
const heldBytes = 1024 * 1024
/** Of an answer that is held back until its end. */
const maxHeldBytes = 64 * 1024 * 1024

export class Answer {
  readonly #response: ServerResponse
  readonly #options: AnswerOptions
  readonly #tag = randomBytes(8).toString('hex')
  readonly #held: Uint8Array[] = []
  #heldBytes = 0
  #out: Writable | undefined
  #packer: Transform | undefined

  constructor(response: ServerResponse, options: AnswerOptions) {
    this.#response = response
    this.#options = options
  }

  /** Resolves when the client has room for more; rejects when it went away. */
  async chunk(bytes: Uint8Array): Promise<void> {
    if (this.#out !== undefined) {
      await write(this.#out, bytes)
      return
    }
    this.#held.push(bytes)
    this.#heldBytes += bytes.byteLength
    if (!this.#options.waitEndOfQuery) {
      if (this.#heldBytes >= heldBytes) await this.#release({})
    } else if (this.#heldBytes > maxHeldBytes) {
      const text = `The answer is larger than the ${maxHeldBytes} bytes that wait_end_of_query=1 can hold back`
      throw new EngineException(396, 'TOO_MANY_ROWS_OR_BYTES', text)
    }
  }

  /** The end of a good answer. The summary goes into the headers where they are not under way yet. */
  async finish(summary: Readonly<Record<string, string>>): Promise<void> {
    const out = this.#out ?? (await this.#release(summary))
    out.end()
  }

  fail(exception: EngineException): void {
    const text = `${exception.message} (version ${this.#options.version} (official build))\n`
    if (this.#out !== undefined) {
      this.#failInBody(this.#out, text)
      return
    }
    if (this.#response.destroyed) return
    this.#response.writeHead(statusOf(exception), {
      ...this.#headers(),
      'Content-Type': 'text/plain; charset=UTF-8',
      'X-ClickHouse-Exception-Code': String(exception.exceptionCode),
    })
    this.#response.end(text)
  }

  /** The block that clients since 25.11 look for at a stream's end, and no final chunk, so that nobody takes the answer for complete. */
  #failInBody(out: Writable, text: string): void {
    const response = this.#response
    const hangUp = (): void => {
      response.socket?.end()
    }
    const block = `\r\n__exception__\r\n${this.#tag}\r\n${text}${Buffer.byteLength(text)} ${this.#tag}\r\n__exception__\r\n`
    if (out === response) {
      response.write(block, hangUp)
      return
    }
    // The pipe would end the response, and with that write the final chunk.
    this.#packer?.unpipe(response)
    this.#packer?.on('data', (bytes: Uint8Array) => response.write(bytes))
    this.#packer?.on('end', hangUp)
    this.#packer?.resume()
    out.end(block)
  }

  async #release(summary: Readonly<Record<string, string>>): Promise<Writable> {
    const out = this.#begin(summary)
    this.#out = out
    for (const bytes of this.#held.splice(0)) await write(out, bytes)
    return out
  }

  #begin(summary: Readonly<Record<string, string>>): Writable {
    const { encoding } = this.#options
    const response = this.#response
    response.writeHead(200, {
      ...this.#headers(),
      'Content-Type': contentType(this.#options.format),
      'X-ClickHouse-Format': this.#options.format,
      'X-ClickHouse-Summary': JSON.stringify(summary),
      ...(encoding === undefined ? {} : { 'Content-Encoding': encoding }),
    })
    if (encoding === undefined) return response
    const packer = createPacker(encoding)
    this.#packer = packer
    packer.pipe(response)
    response.once('close', () => packer.destroy())
    return packer
  }

  #headers(): Record<string, string> {
    return {
      'X-ClickHouse-Query-Id': this.#options.queryId,
      'X-ClickHouse-Timezone': 'UTC',
      'X-ClickHouse-Exception-Tag': this.#tag,
    }
  }
}

function createPacker(encoding: Encoding): Transform {
  switch (encoding) {
    case 'gzip':
      return createGzip({ level: 1 })
    case 'deflate':
      return createDeflate({ level: 1 })
    case 'br':
      return createBrotliCompress()
    case 'zstd':
      return createZstdCompress()
  }
}

function write(out: Writable, bytes: Uint8Array): Promise<void> {
  if (out.destroyed) return Promise.reject(clientGone())
  if (out.write(bytes)) return Promise.resolve()
  return new Promise((resolve, reject) => {
    const settle = (how: () => void) => (): void => {
      out.off('drain', onDrain)
      out.off('close', onClose)
      how()
    }
    const onDrain = settle(resolve)
    const onClose = settle(() => reject(clientGone()))
    out.once('drain', onDrain)
    out.once('close', onClose)
  })
}

function clientGone(): EngineException {
  return new EngineException(210, 'NETWORK_ERROR', 'The client has gone away')
}

function contentType(format: string): string {
  const name = format.toLowerCase()
  if (name === 'native' || name.startsWith('rowbinary')) return 'application/octet-stream'
  if (name.startsWith('json')) {
    return name.includes('eachrow') ? 'application/x-ndjson; charset=UTF-8' : 'application/json; charset=UTF-8'
  }
  if (name.startsWith('tabseparated') || name.startsWith('tsv')) return 'text/tab-separated-values; charset=UTF-8'
  if (name.startsWith('csv')) return 'text/csv; charset=UTF-8; header=absent'
  return 'text/plain; charset=UTF-8'
}
