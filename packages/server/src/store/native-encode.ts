// Rows as blocks of ClickHouse's Native format (revision 0, as HTTP and files have it). Called once a request; fixed-width columns are memory
// copies. Source: ClickHouse, src/Formats/NativeWriter.cpp and src/DataTypes/Serializations.
//
//   block:  varint columns | varint rows | for each column: name | type | data      (names, types: varint length, UTF-8)

export interface NativeColumn {
  readonly name: string
  readonly type: string
  /** Bytes that `write` takes at most. */
  readonly maxBytes: number
  write(into: ByteSink): void
}

/** A column of fixed width: the bytes of a typed array, little-endian, as many as there are rows. */
export function fixedColumn(name: string, type: string, data: ArrayBufferView): NativeColumn {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  return { name, type, maxBytes: bytes.length, write: (into) => into.bytes(bytes) }
}

/**
 * A block of fixed-width columns as parts that are the columns' own bytes, with what stands before each: nothing is copied. The parts are valid
 * as long as the columns stay as they are.
 */
export function fixedBlock(
  columns: readonly { readonly name: string; readonly type: string; readonly data: ArrayBufferView }[],
  rows: number,
): Uint8Array[] {
  return columns.flatMap(({ name, type, data }, i) => {
    const head = new ByteSink((name.length + type.length) * 3 + 40)
    if (i === 0) {
      head.varint(columns.length)
      head.varint(rows)
    }
    head.string(name)
    head.string(type)
    return [head.take(), new Uint8Array(data.buffer, data.byteOffset, data.byteLength)]
  })
}

export function stringColumn(name: string, values: readonly string[]): NativeColumn {
  return { name, type: 'String', maxBytes: maxStringBytes(values), write: (into) => into.strings(values) }
}

/** Bytes that need not be text, in a column of the type String. */
export function bytesColumn(name: string, values: readonly Uint8Array[]): NativeColumn {
  return {
    name,
    type: 'String',
    maxBytes: values.reduce((sum, { length }) => sum + length + 5, 0),
    write(into) {
      for (const value of values) {
        into.varint(value.length)
        into.bytes(value)
      }
    },
  }
}

/** Repeated texts: each distinct one once, and a number for each row. */
export function lowCardinalityColumn(name: string, values: readonly string[]): NativeColumn {
  const places = new Map<string, number>()
  const indexes = Uint32Array.from(values, (value) => {
    const known = places.get(value)
    if (known !== undefined) return known
    places.set(value, places.size)
    return places.size - 1
  })
  const keys = [...places.keys()]
  return {
    name,
    type: 'LowCardinality(String)',
    maxBytes: 32 + maxStringBytes(keys) + indexes.byteLength,
    write(into) {
      if (values.length === 0) return
      into.uint64(1) // the dictionary's version: shared among granules or, as here, in each block
      into.uint64(lowCardinalityOwnKeys | lowCardinalityUint32)
      into.uint64(keys.length)
      into.strings(keys)
      into.uint64(values.length)
      into.bytes(new Uint8Array(indexes.buffer))
    },
  }
}

/** `Map(String, String)`; each row as key, value, key, value ... */
export function mapColumn(name: string, rows: readonly (readonly string[])[]): NativeColumn {
  const strings = rows.reduce((sum, row) => sum + maxStringBytes(row), 0)
  return {
    name,
    type: 'Map(String, String)',
    maxBytes: rows.length * 8 + strings,
    write(into) {
      let end = 0
      for (const row of rows) {
        end += row.length / 2
        into.uint64(end)
      }
      for (const row of rows) for (let i = 0; i < row.length; i += 2) into.string(row[i] as string)
      for (const row of rows) for (let i = 1; i < row.length; i += 2) into.string(row[i] as string)
    },
  }
}

/** Below it a length is one byte. */
const shortText = 128

// flags of a low cardinality column's block: the width of indexes, and that its keys come with it
const lowCardinalityUint32 = 2
const lowCardinalityOwnKeys = 1 << 9

/** One block. Every column has `rows` rows. */
export function encodeNative(columns: readonly NativeColumn[], rows: number): Uint8Array {
  let bytes = 20
  for (const { name, type, maxBytes } of columns) bytes += (name.length + type.length) * 3 + 20 + maxBytes
  const sink = new ByteSink(bytes)
  sink.varint(columns.length)
  sink.varint(rows)
  for (const column of columns) {
    sink.string(column.name)
    sink.string(column.type)
    column.write(sink)
  }
  return sink.take()
}

function maxStringBytes(values: readonly string[]): number {
  let bytes = 0
  // a UTF-16 unit takes at most three bytes of UTF-8
  for (const value of values) bytes += value.length * 3 + 5
  return bytes
}

/** Bytes of a known bound, written one after the other. */
export class ByteSink {
  readonly #bytes: Buffer
  #at = 0

  constructor(maxBytes: number) {
    this.#bytes = Buffer.allocUnsafe(maxBytes)
  }

  varint(value: number): void {
    let rest = value
    while (rest >= 0x80) {
      this.#bytes[this.#at++] = (rest % 0x80) | 0x80
      rest = Math.floor(rest / 0x80)
    }
    this.#bytes[this.#at++] = rest
  }

  uint64(value: number): void {
    this.#bytes.writeUInt32LE(value % 2 ** 32, this.#at)
    this.#bytes.writeUInt32LE(Math.floor(value / 2 ** 32), this.#at + 4)
    this.#at += 8
  }

  bytes(bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.#at)
    this.#at += bytes.length
  }

  string(value: string): void {
    if (value.length < shortText && this.#ascii(value)) return
    const bytes = Buffer.byteLength(value)
    this.varint(bytes)
    this.#bytes.write(value, this.#at, bytes)
    this.#at += bytes
  }

  /** Label names and values, nearly all: two calls into the runtime for each took 11 instead of 4.6 µs a series. */
  #ascii(value: string): boolean {
    const bytes = this.#bytes
    const start = this.#at + 1
    for (let i = 0; i < value.length; i++) {
      const unit = value.charCodeAt(i)
      if (unit >= 0x80) return false
      bytes[start + i] = unit
    }
    bytes[this.#at] = value.length
    this.#at = start + value.length
    return true
  }

  strings(values: readonly string[]): void {
    for (const value of values) this.string(value)
  }

  /** What was written; copied where much more was reserved, so that it does not keep the rest alive. */
  take(): Uint8Array {
    const used = this.#bytes.subarray(0, this.#at)
    return this.#at * 2 < this.#bytes.length ? Buffer.from(used) : used
  }
}
