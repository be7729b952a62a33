// Called for every alert that comes in; bench/src/inhibition.ts.
import type { Labels } from '@tidewatch/core/labels.ts'
import type { Fingerprint } from './port.ts'

const encoder = new TextEncoder()
const separator = 0xff

/** Holds nearly every label set; a larger one has a buffer of its own. */
const shared = new Uint8Array(16_384)

/** Names and values as UTF-8, each followed by 0xff; answers how many bytes that are. */
function encode(flat: readonly string[], bytes: Uint8Array): number {
  let at = 0
  for (const text of flat) {
    const start = at
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i)
      if (unit >= 0x80) {
        at = start + encoder.encodeInto(text, bytes.subarray(start)).written
        break
      }
      bytes[at++] = unit
    }
    bytes[at++] = separator
  }
  return at
}

function bufferFor(flat: readonly string[]): Uint8Array {
  let most = 0
  for (const text of flat) most += 3 * text.length + 1
  return most <= shared.length ? shared : new Uint8Array(most)
}

const hex = (part: number): string => part.toString(16).padStart(4, '0')

/**
 * FNV-1a of 64 bits over the sorted names and values, each followed by 0xff (prometheus/common model/signature.go), as 16 hex digits. Its state is
 * four parts of 16 bits, since products of those stay small integers: a third of the time of one bigint, and no garbage.
 */
export function fingerprintOf(labels: Labels): Fingerprint {
  const bytes = bufferFor(labels.flat)
  const length = encode(labels.flat, bytes)
  let [d, c, b, a] = [0xcbf2, 0x9ce4, 0x8422, 0x2325]
  for (let i = 0; i < length; i++) {
    a ^= bytes[i] as number
    // the prime is 2^40 + 0x1b3: a product by 0x1b3, and the lower parts 40 bits further up
    const x = a * 0x1b3
    const y = b * 0x1b3 + (x >>> 16)
    const z = c * 0x1b3 + (a << 8) + (y >>> 16)
    d = (d * 0x1b3 + (b << 8) + (z >>> 16)) & 0xffff
    c = z & 0xffff
    b = y & 0xffff
    a = x & 0xffff
  }
  return hex(d) + hex(c) + hex(b) + hex(a)
}
