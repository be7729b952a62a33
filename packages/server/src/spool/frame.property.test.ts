import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type DecodedFrame, encodeFrame, encodeSegmentHeader, scanFrames } from './frame.ts'

const uid = '00112233445566aa'
const section = fc.record({
  table: fc.string({ minLength: 1, maxLength: 20 }).filter((name) => Buffer.byteLength(name) < 256),
  rows: fc.nat(1_000_000),
  parts: fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 3 }),
})
const request = fc.record({
  sections: fc.array(section, { maxLength: 4 }),
  atMs: fc.integer({ min: 0, max: 2 ** 42 }),
  bodyHash: fc.option(fc.string({ maxLength: 60 }), { nil: undefined }),
})

type Request = typeof request extends fc.Arbitrary<infer T> ? T : never

interface Seen {
  readonly sections: readonly { readonly table: string; readonly rows: number; readonly hex: string }[]
  readonly bodyHash: string | undefined
  readonly atMs: number
}

function seen(frame: DecodedFrame): Seen {
  const sections = frame.sections.map(({ table, rows, bytes }) => ({
    table,
    rows,
    hex: Buffer.from(bytes).toString('hex'),
  }))
  return { sections, bodyHash: frame.bodyHash, atMs: frame.atMs }
}

function written(requests: readonly Request[]) {
  const ends: number[] = []
  const buffers: Uint8Array[] = [encodeSegmentHeader(uid)]
  let length = 16
  for (const { sections, atMs, bodyHash } of requests) {
    const frame = encodeFrame(sections, atMs, { bodyHash })
    buffers.push(frame.head, ...frame.parts)
    length += frame.bytes
    ends.push(length)
  }
  const expected: Seen[] = requests.map(({ sections, atMs, bodyHash }) => ({
    sections: sections.map(({ table, rows, parts }) => ({ table, rows, hex: Buffer.concat(parts).toString('hex') })),
    bodyHash: bodyHash === '' ? undefined : bodyHash,
    atMs,
  }))
  return { bytes: Buffer.concat(buffers), ends, expected }
}

async function scanned(bytes: Buffer) {
  const frames: Seen[] = []
  const whole = await scanFrames(bytes, (frame) => frames.push(seen(frame)))
  return { frames, whole }
}

test('what was framed is read back', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(request, { maxLength: 6 }), async (requests) => {
      const { bytes, expected } = written(requests)
      const { frames, whole } = await scanned(bytes)
      expect(frames).toEqual(expected)
      expect(whole).toBe(bytes.length)
    }),
  )
})

test('a cut anywhere leaves exactly the frames before it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 6 }), fc.nat(), async (requests, where) => {
      const { bytes, ends, expected } = written(requests)
      const cut = 16 + (where % (bytes.length - 15))
      const { frames, whole } = await scanned(bytes.subarray(0, cut))
      const kept = ends.filter((end) => end <= cut).length
      expect(frames).toEqual(expected.slice(0, kept))
      expect(whole).toBe(kept === 0 ? 16 : ends[kept - 1])
    }),
  )
})

test('flipped bits never make a wrong frame, and all frames before them are there', async () => {
  const flips = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 7 })), { minLength: 1, maxLength: 3 })
  await fc.assert(
    fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 6 }), flips, async (requests, chosen) => {
      const { bytes, ends, expected } = written(requests)
      const damaged = Buffer.from(bytes)
      for (const [where, bit] of chosen) {
        const at = 16 + (where % (bytes.length - 16))
        damaged[at] = damaged.readUInt8(at) ^ (1 << bit)
      }
      const first = bytes.findIndex((byte, at) => byte !== damaged[at])
      const intact = first < 0 ? ends.length : ends.filter((end) => end <= first).length
      const { frames } = await scanned(damaged)
      expect(frames).toEqual(expected.slice(0, intact))
    }),
    { numRuns: 300 },
  )
})

test('random bytes are no frame', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (noise) => {
      const { frames, whole } = await scanned(Buffer.concat([encodeSegmentHeader(uid), noise]))
      expect(frames).toEqual([])
      expect(whole).toBe(16)
    }),
  )
})
