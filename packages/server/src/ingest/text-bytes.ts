import { isUtf8 } from 'node:buffer'

const encoder = new TextEncoder()
/** Copying so few by hand is faster than making a view of them. */
const shortCopy = 48
const digits = Buffer.from('0123456789abcdef')

/** Texts of one line, as bytes that lie together; used again for the next. Called for each text (bench/src/ingest-log-formats.ts). */
export class TextBytes {
  bytes = new Uint8Array(1 << 12)
  length = 0

  clear(): void {
    this.length = 0
  }

  /** Where it ends. */
  write(text: string): number {
    this.#reserve(text.length * 3)
    const { bytes } = this
    if (text.length <= shortCopy) {
      let at = this.length
      let i = 0
      for (; i < text.length; i++) {
        const unit = text.charCodeAt(i)
        if (unit >= 0x80) break
        bytes[at++] = unit
      }
      if (i === text.length) {
        this.length = at
        return at
      }
    }
    this.length += encoder.encodeInto(text, bytes.subarray(this.length)).written
    return this.length
  }

  /** Bytes of another that should be UTF-8; false where they are not. */
  copy(source: Uint8Array, from: number, to: number): boolean {
    this.#reserve(to - from)
    const { bytes } = this
    if (to - from > shortCopy) {
      const view = source.subarray(from, to)
      bytes.set(view, this.length)
      this.length += to - from
      return isUtf8(view)
    }
    let at = this.length
    let all = 0
    for (let i = from; i < to; i++) {
      const byte = source[i]
      all |= byte
      bytes[at++] = byte
    }
    this.length = at
    return all < 0x80 || isUtf8(source.subarray(from, to))
  }

  /** Bytes of another as hexadecimal digits. */
  hex(source: Uint8Array, from: number, to: number): void {
    this.#reserve((to - from) * 2)
    for (let i = from; i < to; i++) {
      const byte = source[i]
      this.bytes[this.length++] = digits[byte >> 4]
      this.bytes[this.length++] = digits[byte & 15]
    }
  }

  #reserve(more: number): void {
    const needed = this.length + more
    if (needed <= this.bytes.length) return
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2))
    grown.set(this.bytes.subarray(0, this.length))
    this.bytes = grown
  }
}
