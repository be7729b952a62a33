// Finds what belongs to bytes without making a key of them.

/** Reused by its owner: to be read at once. */
export interface ByteRange {
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
}

interface Entry<T> {
  readonly bytes: Uint8Array
  readonly value: T
}

export class ByteTable<T> {
  readonly #byHash = new Map<number, Entry<T>[]>()

  get(range: ByteRange): T | undefined {
    const entries = this.#byHash.get(hashOf(range))
    if (entries === undefined) return undefined
    for (const entry of entries) if (isSame(entry.bytes, range)) return entry.value
    return undefined
  }

  /** Keeps a copy of the bytes. */
  set(range: ByteRange, value: T): void {
    const entry = { bytes: range.bytes.slice(range.start, range.end), value }
    const hash = hashOf(range)
    const entries = this.#byHash.get(hash)
    if (entries === undefined) this.#byHash.set(hash, [entry])
    // a sender who makes hashes meet gets no long list of his own to search
    else if (entries.length < 8) entries.push(entry)
    else entries[entry.bytes.length % 8] = entry
  }

  clear(): void {
    this.#byHash.clear()
  }
}

/** FNV-1a. */
function hashOf({ bytes, start, end }: ByteRange): number {
  let hash = 0x811c9dc5
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at], 0x01000193)
  return hash
}

function isSame(known: Uint8Array, { bytes, start, end }: ByteRange): boolean {
  if (known.length !== end - start) return false
  for (let i = 0; i < known.length; i++) if (known[i] !== bytes[start + i]) return false
  return true
}
