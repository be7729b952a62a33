import { Labels } from '@tidewatch/core/labels.ts'

/** Labels in the form that series are known by: repeated `Label` fields of remote write, sorted. Empty values are left out. */
export function encodeLabels(labels: Labels | ReadonlyMap<string, string>): Buffer {
  const { flat } = labels instanceof Labels ? labels : Labels.from(labels)
  const parts: Buffer[] = []
  for (let i = 0; i < flat.length; i += 2) {
    const label = Buffer.concat([field(0x0a, Buffer.from(flat[i])), field(0x12, Buffer.from(flat[i + 1]))])
    parts.push(field(0x0a, label))
  }
  return Buffer.concat(parts)
}

function field(tag: number, content: Buffer): Buffer {
  const head = [tag]
  let length = content.length
  for (; length >= 128; length >>>= 7) head.push((length & 127) | 128)
  head.push(length)
  return Buffer.concat([Uint8Array.from(head), content])
}

/** The encoded labels of the series of one target by number, in one arena. */
export class EncodedLabelTable {
  #arena = Buffer.alloc(4096)
  #used = 0
  #starts = new Uint32Array(64)
  #ends = new Uint32Array(64)

  get arena(): Buffer {
    return this.#arena
  }
  start(slot: number): number {
    return this.#starts[slot]
  }
  end(slot: number): number {
    return this.#ends[slot]
  }
  /** A copy. */
  bytes(slot: number): Buffer {
    return Buffer.from(this.#arena.subarray(this.#starts[slot], this.#ends[slot]))
  }

  set(slot: number, encoded: Uint8Array): void {
    if (this.#used + encoded.length > this.#arena.length) {
      const arena = Buffer.alloc(Math.max(this.#used + encoded.length, this.#arena.length * 2))
      arena.set(this.#arena)
      this.#arena = arena
    }
    if (slot >= this.#starts.length) {
      this.#starts = grown(this.#starts, slot + 1)
      this.#ends = grown(this.#ends, slot + 1)
    }
    this.#arena.set(encoded, this.#used)
    this.#starts[slot] = this.#used
    this.#used += encoded.length
    this.#ends[slot] = this.#used
  }
}

function grown(array: Uint32Array, length: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(Math.max(length, array.length * 2))
  larger.set(array)
  return larger
}
