// MurmurHash3, 32 bits, seed 0. Source: Austin Appleby, smhasher (public domain).

export function murmur3(text: string): number {
  const bytes = new TextEncoder().encode(text)
  let hash = 0
  const whole = bytes.length - (bytes.length % 4)
  for (let at = 0; at < whole; at += 4) {
    const block =
      byteAt(bytes, at) | (byteAt(bytes, at + 1) << 8) | (byteAt(bytes, at + 2) << 16) | (byteAt(bytes, at + 3) << 24)
    hash = Math.imul(rotate(hash ^ mix(block), 13), 5) + 0xe6546b64
  }
  let rest = 0
  for (let at = bytes.length - 1; at >= whole; at--) rest = (rest << 8) | byteAt(bytes, at)
  hash ^= whole < bytes.length ? mix(rest) : 0
  hash ^= bytes.length
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

const byteAt = (bytes: Uint8Array, at: number): number => bytes[at] ?? 0
const rotate = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits))
const mix = (block: number): number => Math.imul(rotate(Math.imul(block, 0xcc9e2d51), 15), 0x1b873593)
