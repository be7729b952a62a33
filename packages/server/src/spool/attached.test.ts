import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { SpoolReader } from './port.ts'
import { createSpool, type Spool } from './spool.ts'

let dir: string
let spool: Spool
const { signal } = new AbortController()

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'spool-attached-'))
  spool = await open()
})
afterEach(async () => {
  await spool[Symbol.asyncDispose]()
  await rm(dir, { recursive: true })
})

/** Each frame is a segment. */
const open = (): Promise<Spool> =>
  createSpool({
    dir,
    clock: new FakeClock(),
    durability: 'group',
    readers: ['store'],
    reserveBytes: 0,
    segmentBytes: 1,
    log: () => undefined,
  })

const append = (text: string) => spool.append([{ table: 'samples', parts: [Buffer.from(text)], rows: text.length }])

async function read(reader: SpoolReader): Promise<string> {
  const segment = await reader.next({ signal })
  const [frame] = await segment.frames()
  await reader.confirm(segment.number)
  return Buffer.from(frame?.sections[0]?.bytes ?? []).toString()
}

test('a reader that is attached later reads what comes after, and its segments stay for it over a restart', async () => {
  await append('a')
  const store = spool.reader('store')
  // an acknowledged frame's segment is open for a moment yet, and what is open is the new one's too
  await store.next({ signal })
  const other = await spool.attach('other')
  expect(spool.attached).toEqual(['other'])
  await append('b')
  expect([await read(store), await read(store)]).toEqual(['a', 'b'])
  expect(spool.status().segments).toBe(1)
  expect(other.heldBytes()).toBe(spool.status().bytes)
  expect(store.heldBytes()).toBe(0)
  await spool[Symbol.asyncDispose]()
  spool = await open()
  // before anybody attaches it again
  expect(spool.attached).toEqual(['other'])
  expect(spool.status().segments).toBe(1)
  expect(await read(await spool.attach('other'))).toBe('b')
  expect(spool.status().segments).toBe(0)
})

test('a reader that is detached keeps nothing, and begins anew', async () => {
  await spool.attach('other')
  await append('a')
  await read(spool.reader('store'))
  expect(spool.status().segments).toBe(1)
  await spool.detach('other')
  expect(spool.attached).toEqual([])
  expect(spool.status().segments).toBe(0)
  expect(await readdir(join(dir, 'readers'))).toEqual(['store.json'])
  const again = await spool.attach('other')
  await append('b')
  expect(await read(again)).toBe('b')
  // the one that the store's progress hangs on is not to be taken away
  await spool.detach('store')
  expect(await read(spool.reader('store'))).toBe('b')
})
