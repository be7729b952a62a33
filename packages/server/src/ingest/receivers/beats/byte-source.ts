// Bytes by their number, from chunks as they come. What it hands out are views of chunks, which nobody writes to again.
import { AppError } from '@tidewatch/core/error.ts'

/** Who is told how many bytes are kept that are not whole yet. */
export interface Holder {
  hold(bytes: number): void
}

/** Several who keep bytes of one connection. */
export function holdersOf(connection: Holder): () => Holder {
  let all = 0
  return () => {
    let own = 0
    return {
      hold(bytes) {
        all += bytes - own
        own = bytes
        connection.hold(all)
      },
    }
  }
}

const nothing = new Uint8Array(0)

export class ByteSource implements AsyncDisposable {
  readonly #chunks: AsyncIterator<Uint8Array>
  readonly #holder: Holder
  #chunk: Uint8Array = nothing

  /** `holder` is told how many bytes wait for others. */
  constructor(chunks: AsyncIterable<Uint8Array>, holder: Holder) {
    this.#chunks = chunks[Symbol.asyncIterator]()
    this.#holder = holder
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#chunks.return?.()
  }

  /** So many bytes, or fewer at the end, which are still to be taken. */
  async peek(count: number): Promise<Uint8Array> {
    if (this.#chunk.length < count) await this.#fill(count)
    return this.#chunk.subarray(0, count)
  }

  /** Undefined at the end. Throws `ingest.bad_body` where it comes within them. */
  async take(count: number): Promise<Uint8Array | undefined> {
    if (this.#chunk.length < count) await this.#fill(count)
    const { length } = this.#chunk
    if (length === 0 && count > 0) return undefined
    if (length < count) throw cutOff()
    const taken = this.#chunk.subarray(0, count)
    this.#chunk = this.#chunk.subarray(count)
    return taken
  }

  /** So many bytes as they come. Throws `ingest.bad_body` where there are fewer. */
  async *pieces(count: number): AsyncGenerator<Uint8Array> {
    for (let left = count; left > 0; ) {
      if (this.#chunk.length === 0) await this.#fill(1)
      const piece = this.#chunk.subarray(0, left)
      if (piece.length === 0) throw cutOff()
      this.#chunk = this.#chunk.subarray(piece.length)
      left -= piece.length
      yield piece
    }
  }

  /** All that is left. */
  async *rest(): AsyncGenerator<Uint8Array> {
    for (;;) {
      if (this.#chunk.length === 0) await this.#fill(1)
      const chunk = this.#chunk
      if (chunk.length === 0) return
      this.#chunk = nothing
      yield chunk
    }
  }

  async #fill(count: number): Promise<void> {
    const parts = [this.#chunk]
    let length = this.#chunk.length
    while (length < count) {
      const { done, value } = await this.#chunks.next()
      if (done === true) break
      parts.push(value)
      length += value.length
      this.#holder.hold(length)
    }
    this.#chunk = parts.length === 2 && parts[0]?.length === 0 ? (parts[1] as Uint8Array) : Buffer.concat(parts)
    this.#holder.hold(0)
  }
}

const cutOff = (): AppError =>
  new AppError('ingest.bad_body', 'the bytes ended within a frame.', { fix: 'The sender sends it again by itself.' })
