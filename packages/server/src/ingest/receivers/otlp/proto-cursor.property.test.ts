import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ProtoCursor } from './proto-cursor.ts'

it('reads moments to the nanosecond', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 4_000_000_000_000_000_000n }), (ns) => {
      const bytes = Buffer.alloc(8)
      bytes.writeBigUInt64LE(ns)
      const moment = { ms: 0, restNs: 0 }
      new ProtoCursor(bytes).moment(8, moment)
      expect(BigInt(moment.ms) * 1_000_000n + BigInt(moment.restNs)).toBe(ns)
    }),
    { numRuns: 5000 },
  )
})
