// ClickHouse's Native format as a stream of blocks of typed arrays. Called once a block; fixed-width columns are copied as they lie.
import { AppError } from '@tidewatch/core/error.ts'

const fixedWidths: Readonly<Record<string, number>> = {
  UInt8: 1,
  Int8: 1,
  Bool: 1,
  UInt16: 2,
  Int16: 2,
  Date: 2,
  UInt32: 4,
  Int32: 4,
  Float32: 4,
  DateTime: 4,
  UInt64: 8,
  Int64: 8,
  Float64: 8,
}

type Column = Uint8Array | string[] | Uint8Array[] | StringMaps

/** Maps of several rows: row r has the entries from `ends[r - 1]` (or 0) to `ends[r]`. */
export interface StringMaps {
  readonly ends: Float64Array
  readonly keys: readonly string[]
  readonly values: readonly string[]
}

/** One block of an answer; columns by their names in the SELECT. */
export class NativeBlock {
  readonly rows: number
  readonly #columns: ReadonlyMap<string, Column>

  constructor(rows: number, columns: ReadonlyMap<string, Column>) {
    this.rows = rows
    this.#columns = columns
  }

  float64(name: string): Float64Array {
    return new Float64Array(this.#fixed(name).buffer)
  }
  uint32(name: string): Uint32Array {
    return new Uint32Array(this.#fixed(name).buffer)
  }
  /** 64-bit numbers as little-endian halves: low, high, low, high ... */
  halves(name: string): Uint32Array {
    return this.uint32(name)
  }
  strings(name: string): readonly string[] {
    const column = this.#columns.get(name)
    return isTexts(column) ? column : this.#missing(name)
  }
  /** Of a column that was asked for as bytes. */
  blobs(name: string): readonly Uint8Array[] {
    const column = this.#columns.get(name)
    return isBlobs(column) ? column : this.#missing(name)
  }
  maps(name: string): StringMaps {
    const column = this.#columns.get(name)
    return column !== undefined && 'ends' in column ? column : this.#missing(name)
  }

  #fixed(name: string): Uint8Array<ArrayBuffer> {
    const column = this.#columns.get(name)
    return column instanceof Uint8Array && column.buffer instanceof ArrayBuffer
      ? new Uint8Array(column.buffer)
      : this.#missing(name)
  }
  #missing(name: string): never {
    throw new AppError('internal.bug', `The store's answer has no column ${name} of this kind`)
  }
}

const isTexts = (column: Column | undefined): column is string[] =>
  Array.isArray(column) && (column.length === 0 || typeof column[0] === 'string')
const isBlobs = (column: Column | undefined): column is Uint8Array[] =>
  Array.isArray(column) && (column.length === 0 || column[0] instanceof Uint8Array)

/**
 * Decodes block after block as the bytes come; `chunks` is left where the caller stops. `blobs` names columns of the type String that are no text.
 * Throws `store.unavailable` for a torn answer.
 */
export async function* decodeNative(
  chunks: AsyncIterable<Uint8Array>,
  { blobs = [] }: { readonly blobs?: readonly string[] } = {},
): AsyncGenerator<NativeBlock> {
  const source = new ByteSource(chunks)
  try {
    while (await source.fill(1)) {
      const count = await source.varint()
      const rows = await source.varint()
      if (count > maxColumns || rows > maxRows) throw torn(`${count} columns and ${rows} rows`)
      const columns = new Map<string, Column>()
      for (let i = 0; i < count; i++) {
        const [name, type] = await source.strings(2)
        const isBlob = type === 'String' && blobs.includes(name as string)
        columns.set(
          name as string,
          isBlob ? await source.blobs(rows) : await decodeColumn(source, type as string, rows),
        )
      }
      if (rows > 0) yield new NativeBlock(rows, columns)
    }
  } finally {
    await source.close()
  }
}

// the engine's own blocks have some 65,000 rows; more is not an answer but bytes of something else
const maxColumns = 10_000
const maxRows = 10_000_000
const maxStringBytes = 1024 ** 3

async function decodeColumn(source: ByteSource, type: string, rows: number): Promise<Column> {
  const width = fixedWidths[type.startsWith('DateTime64') ? 'Int64' : type]
  if (width !== undefined) return source.bytes(rows * width)
  if (type === 'String') return source.strings(rows)
  if (type === 'LowCardinality(String)') return decodeLowCardinality(source, rows)
  if (type === 'Map(String, String)') {
    const ends = await source.uint64s(rows)
    const entries = rows === 0 ? 0 : (ends[rows - 1] as number)
    return { ends, keys: await source.strings(entries), values: await source.strings(entries) }
  }
  throw torn(`the type ${type.slice(0, 100)}`)
}

async function decodeLowCardinality(source: ByteSource, rows: number): Promise<string[]> {
  if (rows === 0) return []
  const [version, flags, keyCount] = await source.uint64s(3)
  const width = 1 << ((flags as number) & 0xff)
  if (version !== 1 || width > 4) throw torn(`a dictionary of version ${version} and width ${width}`)
  const keys = await source.strings(keyCount as number)
  const [count] = await source.uint64s(1)
  const { buffer } = await source.bytes((count as number) * width)
  const indexes = width === 1 ? new Uint8Array(buffer) : width === 2 ? new Uint16Array(buffer) : new Uint32Array(buffer)
  return Array.from(indexes, (index) => keys[index] as string)
}

function torn(found: string): AppError {
  return new AppError('store.unavailable', `The store's answer broke off or is not what was asked for (${found})`, {
    fix: 'Try again; if it stays, look at the log of the store',
  })
}

/** Bytes from chunks, refilled as they are used up. */
class ByteSource {
  readonly #chunks: AsyncIterator<Uint8Array>
  #bytes: Buffer = Buffer.alloc(0)
  #at = 0
  #ended = false

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]()
  }

  async close(): Promise<void> {
    if (!this.#ended) await this.#chunks.return?.()
  }

  /** Whether that many bytes are there without a gap, after reading on where needed. */
  async fill(count: number): Promise<boolean> {
    while (this.#bytes.length - this.#at < count) {
      const rest = this.#bytes.subarray(this.#at)
      const chunk = await this.#next()
      if (chunk === undefined) return false
      this.#bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      this.#at = 0
    }
    return true
  }

  async #next(): Promise<Buffer | undefined> {
    for (;;) {
      const { done, value } = await this.#chunks.next()
      if (done === true) {
        this.#ended = true
        return undefined
      }
      if (value.length > 0) return Buffer.from(value.buffer, value.byteOffset, value.length)
    }
  }

  async varint(): Promise<number> {
    for (;;) {
      const value = this.#varint()
      if (value >= 0) return value
      if (!(await this.fill(this.#bytes.length - this.#at + 1))) throw torn('an end within a number')
    }
  }

  /** -1 where the number is not whole yet. */
  #varint(): number {
    let value = 0
    let factor = 1
    for (let at = this.#at; at < this.#bytes.length; at++) {
      const byte = this.#bytes[at] as number
      value += (byte & 0x7f) * factor
      if (byte < 0x80) {
        this.#at = at + 1
        return value
      }
      factor *= 0x80
      if (factor > 2 ** 56) throw torn('a number without end')
    }
    return -1
  }

  /** A copy of its own, so that views of any width are aligned. */
  async bytes(count: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(count)
    for (let done = 0; done < count; ) {
      if (this.#at === this.#bytes.length && !(await this.fill(1))) throw torn(`an end after ${done} of ${count} bytes`)
      const piece = this.#bytes.subarray(this.#at, this.#at + count - done)
      bytes.set(piece, done)
      done += piece.length
      this.#at += piece.length
    }
    return bytes
  }

  async uint64s(count: number): Promise<Float64Array> {
    const halves = new Uint32Array((await this.bytes(count * 8)).buffer)
    return Float64Array.from(
      { length: count },
      (_, i) => (halves[i * 2] as number) + (halves[i * 2 + 1] as number) * 2 ** 32,
    )
  }

  strings(count: number): Promise<string[]> {
    return this.#pieces(count, (bytes, from, to) => bytes.toString('utf8', from, to))
  }

  /** Copies, so that the answer's bytes need not stay. */
  blobs(count: number): Promise<Uint8Array[]> {
    return this.#pieces(count, (bytes, from, to) => new Uint8Array(bytes.subarray(from, to)))
  }

  async #pieces<T>(count: number, take: (bytes: Buffer, from: number, to: number) => T): Promise<T[]> {
    const values: T[] = []
    while (values.length < count) {
      const before = this.#at
      const bytes = this.#varint()
      if (bytes > maxStringBytes) throw torn(`a text of ${bytes} bytes`)
      if (bytes >= 0 && this.#at + bytes <= this.#bytes.length) {
        values.push(take(this.#bytes, this.#at, this.#at + bytes))
        this.#at += bytes
        continue
      }
      const missing = bytes < 0 ? this.#bytes.length - before + 1 : this.#at - before + bytes
      this.#at = before
      if (!(await this.fill(missing))) throw torn(`an end after ${values.length} of ${count} texts`)
    }
    return values
  }
}
