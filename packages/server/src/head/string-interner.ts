/** Strings from bytes in shared memory; label names and values repeat, so the same string is given again without being made. */
export class StringInterner {
  readonly #hashes: Int32Array
  readonly #strings: (string | undefined)[]
  readonly #mask: number

  /** Remembers up to `capacity` strings (a power of two); a newer one takes an older one's place. */
  constructor(capacity = 16_384) {
    this.#hashes = new Int32Array(capacity)
    this.#strings = new Array(capacity).fill(undefined)
    this.#mask = capacity - 1
  }

  /** The UTF-8 text bytes[start, end). Only short ASCII texts are remembered. */
  read(bytes: Uint8Array, start: number, end: number): string {
    if (end - start > 64) return decode(bytes, start, end)
    let hash = 0x811c9dc5
    let bits = 0
    for (let i = start; i < end; i++) {
      const byte = bytes[i]
      bits |= byte
      hash = Math.imul(hash ^ byte, 0x01000193)
    }
    if (bits > 127) return decode(bytes, start, end)
    const place = (hash ^ (hash >>> 15)) & this.#mask
    const known = this.#strings[place]
    if (known !== undefined && this.#hashes[place] === hash && equals(known, bytes, start, end)) return known
    const made = decode(bytes, start, end)
    this.#strings[place] = made
    this.#hashes[place] = hash
    return made
  }
}

function equals(text: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) return false
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[start + i]) return false
  return true
}

const decode = (bytes: Uint8Array, start: number, end: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8')
