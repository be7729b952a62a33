// Called for every alert that comes in and for every group of every route; bench/src/inhibition.ts.
import type { Labels } from '@tidewatch/core/labels.ts'
import type { Fingerprint } from './port.ts'

// FNV-1a of 64 bits, its state in four parts of 16 bits: products of 16 and 9 bits stay below 2^31, where integers are fast.
// The prime is 2^40 + 0x1b3, so a multiplication is one by 0x1b3 and a shift by 40 bits, of which 24 bits remain in the upper half.
let high = 0
let low = 0

function reset(): void {
  high = 0xcbf29ce4
  low = 0x84222325
}

function addByte(byte: number): void {
  low = (low ^ byte) >>> 0
  const product = (low & 0xffff) * 0x1b3
  const upper = (low >>> 16) * 0x1b3 + (product >>> 16)
  // low × 2^40 comes into the upper half by 8 bits; what is above 64 bits is lost
  high = (Math.imul(high, 0x1b3) + (low << 8) + (upper >>> 16)) >>> 0
  low = ((upper << 16) | (product & 0xffff)) >>> 0
}

function addText(text: string): void {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) addByte(unit)
    else if (unit < 0x800) {
      addByte(0xc0 | (unit >> 6))
      addByte(0x80 | (unit & 0x3f))
    } else i += addWide(text, i, unit)
  }
}

/** Three or four bytes of UTF-8; answers how many further units of the text they took. */
function addWide(text: string, at: number, unit: number): number {
  const next = unit >= 0xd800 && unit <= 0xdbff ? text.charCodeAt(at + 1) : Number.NaN
  const isPair = next >= 0xdc00 && next <= 0xdfff
  if (!isPair) {
    // half of a pair has no UTF-8: the sign for that, as TextEncoder writes it
    const known = unit >= 0xd800 && unit <= 0xdfff ? 0xfffd : unit
    addByte(0xe0 | (known >> 12))
    addByte(0x80 | ((known >> 6) & 0x3f))
    addByte(0x80 | (known & 0x3f))
    return 0
  }
  const code = ((unit - 0xd800) << 10) + (next - 0xdc00) + 0x10000
  addByte(0xf0 | (code >> 18))
  addByte(0x80 | ((code >> 12) & 0x3f))
  addByte(0x80 | ((code >> 6) & 0x3f))
  addByte(0x80 | (code & 0x3f))
  return 1
}

const hex = (half: number): string => half.toString(16).padStart(8, '0')

/** FNV-1a of 64 bits over the sorted names and values, each followed by 0xff (prometheus/common model/signature.go), as 16 hex digits. */
export function fingerprintOf(labels: Labels): Fingerprint {
  reset()
  for (const text of labels.flat) {
    addText(text)
    addByte(0xff)
  }
  return hex(high) + hex(low)
}
