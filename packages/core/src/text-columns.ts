// Texts in columns of bytes, each with its length before it as ClickHouse's Native format has it: filled once a value, without an object for it
// (bench/src/ingest-logs.ts).

/** Copying so few bytes by hand is faster than making a view of them. */
const shortCopy = 48
const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Texts one after the other: varint length, UTF-8. Has an owner, who clears and reuses it. */
export class TextList {
  /** `length` bytes of it count. */
  bytes: Uint8Array
  length = 0
  /** How many texts there are. */
  count = 0
  #lastFrom = 0

  constructor(capacity = 1024) {
    this.bytes = new Uint8Array(capacity)
  }

  clear(): void {
    this.length = 0
    this.count = 0
  }

  /** Where the last text that was added alone begins; it ends at `length`. */
  get lastFrom(): number {
    return this.#lastFrom
  }

  lastText(): string {
    return decoder.decode(this.bytes.subarray(this.#lastFrom, this.length))
  }

  /** What was written, as it lies there: valid until the next change. */
  view(): Uint8Array {
    return this.bytes.subarray(0, this.length)
  }

  add(source: Uint8Array, from: number, to: number): void {
    const size = to - from
    this.reserve(size + 5)
    this.#writeLength(size)
    const { bytes } = this
    let at = this.length
    if (size <= shortCopy) for (let i = from; i < to; i++) bytes[at++] = source[i]
    else {
      bytes.set(source.subarray(from, to), at)
      at += size
    }
    this.length = at
    this.count++
  }

  addText(text: string): void {
    const units = text.length
    this.reserve(units * 3 + 5)
    const { bytes } = this
    const start = this.length
    if (units < 0x80) {
      let at = start + 1
      let i = 0
      for (; i < units; i++) {
        const unit = text.charCodeAt(i)
        if (unit >= 0x80) break
        bytes[at++] = unit
      }
      if (i === units) {
        bytes[start] = units
        this.#lastFrom = start + 1
        this.length = at
        this.count++
        return
      }
    }
    // the length's own width is known only after: written behind the widest, then moved
    const { written } = encoder.encodeInto(text, bytes.subarray(start + 5))
    this.#writeLength(written)
    bytes.copyWithin(this.length, start + 5, start + 5 + written)
    this.length += written
    this.count++
  }

  /**
   * The content of a JSON string (without its quotes) with its escapes resolved. Half of a surrogate pair alone becomes U+FFFD. The caller has
   * checked that the escapes are well formed.
   */
  addJson(source: Uint8Array, from: number, to: number): void {
    this.reserve(to - from + 5)
    const start = this.length
    // resolved it is never longer than written
    const end = unescapeJson(source, from, to, this.bytes, start + 5)
    const size = end - start - 5
    this.#writeLength(size)
    this.bytes.copyWithin(this.length, start + 5, end)
    this.length += size
    this.count++
  }

  addEmpty(count: number): void {
    if (count === 0) return
    this.reserve(count)
    this.bytes.fill(0, this.length, this.length + count)
    this.length += count
    this.count += count
  }

  /** Once more what stands from byte `from` to `to`, which are `count` texts. */
  repeat(from: number, to: number, count: number): void {
    this.reserve(to - from)
    this.bytes.copyWithin(this.length, from, to)
    this.length += to - from
    this.count += count
  }

  reserve(more: number): void {
    const needed = this.length + more
    if (needed <= this.bytes.length) return
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2))
    grown.set(this.bytes.subarray(0, this.length))
    this.bytes = grown
  }

  #writeLength(size: number): void {
    let rest = size
    while (rest >= 0x80) {
      this.bytes[this.length++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    this.bytes[this.length++] = rest
    this.#lastFrom = this.length
  }
}

/** A text for each row; a row that gets none has the empty one. */
export class TextColumn {
  readonly texts: TextList

  constructor(capacity?: number) {
    this.texts = new TextList(capacity)
  }

  clear(): void {
    this.texts.clear()
  }

  /** Whether the row has its text already. */
  has(row: number): boolean {
    return this.texts.count > row
  }

  set(row: number, source: Uint8Array, from: number, to: number): void {
    this.fill(row)
    this.texts.add(source, from, to)
  }

  setText(row: number, text: string): void {
    if (text === '') return
    this.fill(row)
    this.texts.addText(text)
  }

  setJson(row: number, source: Uint8Array, from: number, to: number): void {
    this.fill(row)
    this.texts.addJson(source, from, to)
  }

  /** Empty texts for the rows before `rows` that have none. */
  fill(rows: number): void {
    this.texts.addEmpty(rows - this.texts.count)
  }
}

/** Names and values for each row, in the order they are added; a row that gets none has the empty map. */
export class TextMapColumn {
  readonly names: TextList
  readonly values: TextList
  /** Where each row's entries end, counted from the first row's: pairs of words, low one first, as UInt64. */
  ends = new Uint32Array(512)
  #rows = 0
  // where the last row that has entries begins and ends, in bytes, and how many they are
  #namesFrom = 0
  #namesTo = 0
  #valuesFrom = 0
  #valuesTo = 0
  #repeats = 0

  constructor(capacity?: number) {
    this.names = new TextList(capacity)
    this.values = new TextList(capacity)
  }

  clear(): void {
    this.names.clear()
    this.values.clear()
    this.#rows = 0
    this.#namesTo = 0
    this.#valuesTo = 0
    this.#repeats = 0
  }

  /** What was added to names and values since the former row is this row's. */
  endRow(row: number): void {
    const before = this.#rows === 0 ? 0 : (this.ends[this.#rows * 2 - 2] as number)
    this.fill(row)
    this.#namesFrom = this.#namesTo
    this.#namesTo = this.names.length
    this.#valuesFrom = this.#valuesTo
    this.#valuesTo = this.values.length
    this.#repeats = this.names.count - before
    this.#addEnd(this.names.count)
  }

  /** The row has the same entries as the last row that was ended. */
  repeatRow(row: number): void {
    this.names.repeat(this.#namesFrom, this.#namesTo, this.#repeats)
    this.values.repeat(this.#valuesFrom, this.#valuesTo, this.#repeats)
    this.endRow(row)
  }

  /** Empty maps for the rows before `rows` that have none. */
  fill(rows: number): void {
    const before = this.#rows === 0 ? 0 : (this.ends[this.#rows * 2 - 2] as number)
    while (this.#rows < rows) this.#addEnd(before)
  }

  #addEnd(end: number): void {
    if (this.#rows * 2 === this.ends.length) {
      const grown = new Uint32Array(this.ends.length * 2)
      grown.set(this.ends)
      this.ends = grown
    }
    this.ends[this.#rows * 2] = end
    this.ends[this.#rows * 2 + 1] = 0
    this.#rows++
  }
}

/** Writes the resolved text to `into` from `at` on; gives where it ends. */
function unescapeJson(source: Uint8Array, from: number, to: number, into: Uint8Array, at: number): number {
  let out = at
  for (let i = from; i < to; i++) {
    const byte = source[i]
    if (byte !== 0x5c) {
      into[out++] = byte
      continue
    }
    const letter = source[++i]
    if (letter !== 0x75) {
      into[out++] = escapes[letter]
      continue
    }
    let code = hex4(source, i + 1)
    i += 4
    if (code >= 0xd800 && code < 0xdc00 && source[i + 1] === 0x5c && source[i + 2] === 0x75) {
      const low = hex4(source, i + 3)
      if (low >= 0xdc00 && low < 0xe000) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00)
        i += 6
      }
    }
    out = writeUtf8(code >= 0xd800 && code < 0xe000 ? 0xfffd : code, into, out)
  }
  return out
}

const escapes = new Uint8Array(256)
for (const [letter, byte] of [
  ['"', 0x22],
  ['\\', 0x5c],
  ['/', 0x2f],
  ['b', 8],
  ['f', 12],
  ['n', 10],
  ['r', 13],
  ['t', 9],
] as const)
  escapes[letter.charCodeAt(0)] = byte

/** Four hexadecimal digits, known to be such. */
function hex4(source: Uint8Array, at: number): number {
  let code = 0
  for (let i = at; i < at + 4; i++) {
    const byte = source[i]
    code = (code << 4) | (byte < 0x3a ? byte - 0x30 : (byte & 0xdf) - 0x37)
  }
  return code
}

function writeUtf8(code: number, into: Uint8Array, at: number): number {
  let out = at
  if (code < 0x80) into[out++] = code
  else if (code < 0x800) {
    into[out++] = 0xc0 | (code >> 6)
    into[out++] = 0x80 | (code & 0x3f)
  } else if (code < 0x10000) {
    into[out++] = 0xe0 | (code >> 12)
    into[out++] = 0x80 | ((code >> 6) & 0x3f)
    into[out++] = 0x80 | (code & 0x3f)
  } else {
    into[out++] = 0xf0 | (code >> 18)
    into[out++] = 0x80 | ((code >> 12) & 0x3f)
    into[out++] = 0x80 | ((code >> 6) & 0x3f)
    into[out++] = 0x80 | (code & 0x3f)
  }
  return out
}

/** Goes over the texts of a list in order: where in its bytes the one that `step` came to lies. */
export class TextWalk {
  from = 0
  to = 0

  step({ bytes }: TextList): void {
    let at = this.to
    let size = 0
    let shift = 0
    let byte: number
    do {
      byte = bytes[at++]
      size |= (byte & 0x7f) << shift
      shift += 7
    } while (byte >= 0x80)
    this.from = at
    this.to = at + size
  }
}
