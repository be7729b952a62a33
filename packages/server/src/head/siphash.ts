/**
 * SipHash-2-4 (Aumasson, Bernstein 2012) in 32-bit operations: a keyed 64-bit hash nobody without the key can make collide.
 * Called once for each new series; the lookups before that go by the cheaper `LookupHash`.
 */
export class SipHash {
  /** The halves of the last hash, unsigned. */
  low = 0
  high = 0
  readonly #key = new Int32Array(4)
  /** v0 to v3 as low and high halves. */
  readonly #v = new Int32Array(8)

  /** `key` is 16 bytes. */
  constructor(key: Uint8Array) {
    if (key.length !== 16) throw new RangeError(`a SipHash key has 16 bytes, not ${key.length}`)
    const view = new DataView(key.buffer, key.byteOffset, 16)
    for (let i = 0; i < 4; i++) this.#key[i] = view.getInt32(i * 4, true)
  }

  /** Hashes bytes[start, end) into `low` and `high`. */
  hash(bytes: Uint8Array, start: number, end: number): void {
    const v = this.#v
    const key = this.#key
    v[0] = key[0] ^ 0x70736575
    v[1] = key[1] ^ 0x736f6d65
    v[2] = key[2] ^ 0x6e646f6d
    v[3] = key[3] ^ 0x646f7261
    v[4] = key[0] ^ 0x6e657261
    v[5] = key[1] ^ 0x6c796765
    v[6] = key[2] ^ 0x79746573
    v[7] = key[3] ^ 0x74656462
    const whole = start + ((end - start) & ~7)
    for (let at = start; at < whole; at += 8) this.#compress(word(bytes, at, 4), word(bytes, at + 4, 4))
    const rest = end - whole
    const tail = (end - start) << 24
    this.#compress(word(bytes, whole, Math.min(rest, 4)), word(bytes, whole + 4, Math.max(rest - 4, 0)) | tail)
    v[4] ^= 0xff
    for (let i = 0; i < 4; i++) this.#round()
    this.low = (v[0] ^ v[2] ^ v[4] ^ v[6]) >>> 0
    this.high = (v[1] ^ v[3] ^ v[5] ^ v[7]) >>> 0
  }

  #compress(low: number, high: number): void {
    const v = this.#v
    v[6] ^= low
    v[7] ^= high
    this.#round()
    this.#round()
    v[0] ^= low
    v[1] ^= high
  }

  #round(): void {
    const v = this.#v
    this.#mix(0, 2, 13)
    rotate(v, 0, 32)
    this.#mix(4, 6, 16)
    this.#mix(0, 6, 21)
    this.#mix(4, 2, 17)
    rotate(v, 4, 32)
  }

  /** v[a] += v[b]; v[b] = rotl(v[b], bits) ^ v[a] */
  #mix(a: number, b: number, bits: number): void {
    const v = this.#v
    const low = (v[a] >>> 0) + (v[b] >>> 0)
    v[a] = low
    v[a + 1] = v[a + 1] + v[b + 1] + (low > 0xffffffff ? 1 : 0)
    rotate(v, b, bits)
    v[b] ^= v[a]
    v[b + 1] ^= v[a + 1]
  }
}

function rotate(v: Int32Array, at: number, bits: number): void {
  const low = v[at]
  const high = v[at + 1]
  if (bits === 32) {
    v[at] = high
    v[at + 1] = low
    return
  }
  v[at] = (low << bits) | (high >>> (32 - bits))
  v[at + 1] = (high << bits) | (low >>> (32 - bits))
}

/** Up to four bytes, little-endian. */
function word(bytes: Uint8Array, at: number, count: number): number {
  let value = 0
  for (let i = 0; i < count; i++) value |= bytes[at + i] << (8 * i)
  return value
}
