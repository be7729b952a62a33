import { Labels } from '@tidewatch/core/labels.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fingerprintOf } from './fingerprint.ts'

/** FNV-1a as its authors write it (isthe.com/chongo/tech/comp/fnv), byte by byte with exact numbers. */
function slow(labels: Labels): string {
  let hash = 0xcbf29ce484222325n
  const bytes = labels.flat.flatMap((text) => [...new TextEncoder().encode(text), 0xff])
  for (const byte of bytes) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn
  return hash.toString(16).padStart(16, '0')
}

test('two halves of 32 bits give what one number of 64 bits gives', () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }))
  fc.assert(
    fc.property(fc.dictionary(text, text), (texts) => {
      const labels = Labels.from(texts)
      expect(fingerprintOf(labels)).toBe(slow(labels))
    }),
    { numRuns: 150 },
  )
})
