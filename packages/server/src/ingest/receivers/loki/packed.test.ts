import { field } from '@tidewatch/testkit/write-request.ts'
import { compressSync } from 'snappy'
import { expect, it } from 'vitest'
import { unpackPush } from './packed.ts'

const push = Buffer.concat(Array.from({ length: 20 }, () => field(1, field(1, '{app="shop"}'))))
const limit = 1 << 20

it('a push is itself, and what a block of snappy holds', async () => {
  expect(await unpackPush(push, limit)).toBe(push)
  expect(await unpackPush(compressSync(push), limit)).toEqual(push)
  // a block whose length reads like the tag of a field
  const short = field(1, field(1, '{a=1}')).subarray(0, 10)
  const ten = Buffer.concat([short, Buffer.alloc(10 - short.length)])
  expect(await unpackPush(compressSync(ten), limit)).toEqual(ten)
  expect((await unpackPush(Buffer.alloc(0), limit)).length).toBe(0)
})

it.each([
  [Buffer.from('hello'), 'more than 50'],
  [Buffer.from(' hello'), 'no block of snappy'],
  [Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f]), 'neither a push'],
  [Buffer.from([0x0b, 0xff, 0xff]), 'no block of snappy'],
  [compressSync(Buffer.alloc(100)), 'more than 50'],
])('%j is refused', async (body, message) => {
  await expect(unpackPush(body, 50)).rejects.toThrow(message)
})
