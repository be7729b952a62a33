// Snappy's block format, inflated into memory that is used again. Called once a request, its loops once some bytes; bench/src/snappy.ts.
// The binding allocates each body anew, outside the heap: with 555 kB a request the collector of garbage took a third of ingestion's CPU time.
// Format: https://github.com/google/snappy/blob/main/format_description.txt

/** Literals from here on are copied by the runtime; shorter ones are done before the call would be made. */
const longLiteral = 40
/** Copies are written in words of 8 bytes and may overshoot by that many. */
const slackBytes = 8
const maxKeptBytes = 4 << 20
const maxIdle = 4

/** The inflated length that a snappy block claims: a varint of at most 32 bits. */
export function snappyLength(block: Uint8Array): number | undefined {
  let length = 0
  for (let i = 0; i < 5; i++) {
    const byte = block[i]
    if (byte === undefined) return undefined
    length += (byte & 0x7f) * 2 ** (7 * i)
    if (byte < 0x80) return length <= 0xffff_ffff ? length : undefined
  }
  return undefined
}

/** Memory to inflate into. */
export interface SnappyMemory {
  readonly bytes: Uint8Array
  readonly view: DataView
}

/** Lends memory out, a few pieces of which are kept for later. */
export class SnappyBuffers {
  // two lists, since what is received is a sixth of what it becomes: one of them would always be too small
  readonly #received: SnappyMemory[] = []
  readonly #inflated: SnappyMemory[] = []

  lease(): SnappyLease {
    return new SnappyLease(this.#received, this.#inflated)
  }
}

/** One request's memory: what was joined and inflated is valid until this is disposed. */
export class SnappyLease implements Disposable {
  readonly #received: MemoryPlace
  readonly #inflated: MemoryPlace

  constructor(received: SnappyMemory[], inflated: SnappyMemory[]) {
    this.#received = new MemoryPlace(received)
    this.#inflated = new MemoryPlace(inflated)
  }

  /** A body's pieces as one. */
  join(pieces: readonly Uint8Array[], length: number): Uint8Array {
    const { bytes } = this.#received.take(length)
    let at = 0
    for (const piece of pieces) {
      bytes.set(piece, at)
      at += piece.length
    }
    return bytes.subarray(0, length)
  }

  /** The whole block, which claims to have `length` bytes once inflated; undefined where it has not. */
  inflate(block: Uint8Array, length: number): Uint8Array | undefined {
    const memory = this.#inflated.take(length)
    return inflateInto(block, memory, length) ? memory.bytes.subarray(0, length) : undefined
  }

  [Symbol.dispose](): void {
    this.#received.giveBack()
    this.#inflated.giveBack()
  }
}

/** Memory out of a list of idle pieces, for one use. */
class MemoryPlace {
  readonly #idle: SnappyMemory[]
  #memory: SnappyMemory | undefined

  constructor(idle: SnappyMemory[]) {
    this.#idle = idle
  }

  take(length: number): SnappyMemory {
    const memory = this.#idle.pop()
    const isEnough = memory !== undefined && memory.bytes.length >= length + slackBytes
    this.#memory = isEnough ? memory : allocate(length)
    return this.#memory
  }

  giveBack(): void {
    const memory = this.#memory
    this.#memory = undefined
    if (memory !== undefined && this.#idle.length < maxIdle && memory.bytes.length <= maxKeptBytes)
      this.#idle.push(memory)
  }
}

function allocate(length: number): SnappyMemory {
  // a little more, so that bodies of about one size find it large enough
  const bytes = new Uint8Array(length + (length >>> 2) + slackBytes)
  return { bytes, view: new DataView(bytes.buffer) }
}

/** Whether the block is whole and of that length; what lies in the memory afterwards is its own bytes alone. */
function inflateInto(block: Uint8Array, memory: SnappyMemory, length: number): boolean {
  const { bytes } = memory
  const end = block.length
  let from = 0
  while (block[from++] >= 0x80);
  let at = 0
  while (from < end) {
    const tag = block[from++]
    const kind = tag & 3
    if (kind === 0) {
      let count = (tag >>> 2) + 1
      if (count > 60) {
        const extra = count - 60
        count = 1 + littleEndian(block, from, extra)
        from += extra
      }
      if (from + count > end || at + count > length) return false
      if (count < longLiteral) for (const stop = at + count; at < stop; ) bytes[at++] = block[from++]
      else {
        bytes.set(block.subarray(from, from + count), at)
        at += count
        from += count
      }
      continue
    }
    const extra = kind === 3 ? 4 : kind
    if (from + extra > end) return false
    const count = kind === 1 ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1
    const low = block[from]
    const offset =
      kind === 1 ? ((tag >>> 5) << 8) | low : kind === 2 ? low | (block[from + 1] << 8) : littleEndian(block, from, 4)
    from += extra
    if (offset === 0 || offset > at || at + count > length) return false
    copy(memory, at, offset, count)
    at += count
  }
  return from === end && at === length
}

/** Repeats `count` bytes from `offset` bytes before. */
function copy({ bytes, view }: SnappyMemory, at: number, offset: number, count: number): void {
  const stop = at + count
  let from = at - offset
  if (offset < 8) {
    for (let to = at; to < stop; ) bytes[to++] = bytes[from++]
    return
  }
  for (let to = at; to < stop; to += 8, from += 8) {
    view.setInt32(to, view.getInt32(from, true), true)
    view.setInt32(to + 4, view.getInt32(from + 4, true), true)
  }
}

/** An unsigned number of some bytes; NaN, which no check lets pass, where they are not there. */
function littleEndian(block: Uint8Array, at: number, count: number): number {
  let value = 0
  for (let k = count - 1; k >= 0; k--) value = value * 256 + block[at + k]
  return value
}
