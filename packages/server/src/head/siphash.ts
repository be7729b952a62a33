/**
 * SipHash-2-4 (Aumasson, Bernstein 2012) in 32-bit operations: a keyed 64-bit hash nobody without the key can make collide.
 * Called once for each new series; the lookups before that go by the cheaper `LookupHash`.
 */
export class SipHash {
  /** The halves of the last hash, unsigned. */
  low = 0
  high = 0
  readonly #key = new Int32Array(4)

  /** `key` is 16 bytes. */
  constructor(key: Uint8Array) {
    if (key.length !== 16) throw new RangeError(`a SipHash key has 16 bytes, not ${key.length}`)
    const view = new DataView(key.buffer, key.byteOffset, 16)
    for (let i = 0; i < 4; i++) this.#key[i] = view.getInt32(i * 4, true)
  }

  /** Hashes bytes[start, end) into `low` and `high`. */
  hash(bytes: Uint8Array, start: number, end: number): void {
    const [k0, k1, k2, k3] = this.#key
    // v0 to v3 as low and high halves
    let v0 = k0 ^ 0x70736575
    let w0 = k1 ^ 0x736f6d65
    let v1 = k2 ^ 0x6e646f6d
    let w1 = k3 ^ 0x646f7261
    let v2 = k0 ^ 0x6e657261
    let w2 = k1 ^ 0x6c796765
    let v3 = k2 ^ 0x79746573
    let w3 = k3 ^ 0x74656462
    const words = ((end - start) >>> 3) + 1
    for (let i = 0; i <= words; i++) {
      const isEnd = i === words
      const at = start + i * 8
      const low = isEnd ? 0 : word(bytes, at, Math.min(4, end - at))
      const high = isEnd
        ? 0
        : word(bytes, at + 4, Math.min(4, end - at - 4)) | (i === words - 1 ? (end - start) << 24 : 0)
      v3 ^= low
      w3 ^= high
      if (isEnd) v2 ^= 0xff
      for (let round = isEnd ? 4 : 2; round > 0; round--) {
        let sum = (v0 >>> 0) + (v1 >>> 0)
        let t = sum | 0
        w0 = (w0 + w1 + (sum > 0xffffffff ? 1 : 0)) | 0
        const a1 = ((v1 << 13) | (w1 >>> 19)) ^ t
        w1 = ((w1 << 13) | (v1 >>> 19)) ^ w0
        v0 = w0
        w0 = t
        sum = (v2 >>> 0) + (v3 >>> 0)
        v2 = sum | 0
        w2 = (w2 + w3 + (sum > 0xffffffff ? 1 : 0)) | 0
        t = ((v3 << 16) | (w3 >>> 16)) ^ v2
        w3 = ((w3 << 16) | (v3 >>> 16)) ^ w2
        sum = (v0 >>> 0) + (t >>> 0)
        v0 = sum | 0
        w0 = (w0 + w3 + (sum > 0xffffffff ? 1 : 0)) | 0
        v3 = ((t << 21) | (w3 >>> 11)) ^ v0
        w3 = ((w3 << 21) | (t >>> 11)) ^ w0
        sum = (v2 >>> 0) + (a1 >>> 0)
        t = sum | 0
        w2 = (w2 + w1 + (sum > 0xffffffff ? 1 : 0)) | 0
        v1 = ((a1 << 17) | (w1 >>> 15)) ^ t
        w1 = ((w1 << 17) | (a1 >>> 15)) ^ w2
        v2 = w2
        w2 = t
      }
      v0 ^= low
      w0 ^= high
    }
    this.low = (v0 ^ v1 ^ v2 ^ v3) >>> 0
    this.high = (w0 ^ w1 ^ w2 ^ w3) >>> 0
  }
}

/** Up to four bytes, little-endian. */
function word(bytes: Uint8Array, at: number, count: number): number {
  let value = 0
  for (let i = 0; i < count; i++) value |= bytes[at + i] << (8 * i)
  return value
}
