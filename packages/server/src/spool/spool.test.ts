import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AppError } from '@tidewatch/core/error.ts'
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { nodeDisk } from './disk.ts'
import type { SpoolReader, SpoolSection, SpoolSegment } from './port.ts'
import { createSpool, type Spool, type SpoolOptions } from './spool.ts'
import { FailingDisk } from './testing-disk.ts'

let dir: string
let clock: FakeClock
let logged: string[]
let opened: Spool[]

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'spool-'))
  clock = new FakeClock()
  logged = []
  opened = []
})
afterEach(async () => {
  for (const spool of opened) await spool[Symbol.asyncDispose]()
  await rm(dir, { recursive: true })
})

async function open(options: Partial<SpoolOptions> = {}): Promise<Spool> {
  const spool = await createSpool({
    dir,
    clock,
    durability: 'group',
    readers: ['store'],
    reserveBytes: 0,
    log: (level, message, detail) => logged.push(`${level} ${message} ${JSON.stringify(detail)}`),
    ...options,
  })
  opened.push(spool)
  return spool
}

const rows = (text: string, table = 'samples'): SpoolSection => ({
  table,
  parts: [Buffer.from(text)],
  rows: text.length,
})
const never = new AbortController().signal
const next = (reader: SpoolReader): Promise<SpoolSegment> => reader.next({ signal: never })

async function texts(segment: SpoolSegment): Promise<string[]> {
  const frames = await segment.frames()
  return frames.map(({ sections }) => sections.map(({ table, bytes }) => `${table}=${Buffer.from(bytes)}`).join(' '))
}

/** Confirms whatever comes, as a loader without a store would. */
async function drain(reader: SpoolReader, signal: AbortSignal): Promise<string[]> {
  const got: string[] = []
  try {
    for (;;) {
      const segment = await reader.next({ signal })
      got.push(...(await texts(segment)))
      await reader.confirm(segment.number)
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
  return got
}

const files = (): Promise<string[]> => readdir(join(dir, 'segments'))
const code = (error: unknown): string => AppError.from(error).code

test('a frame is read back with all its sections once its segment is closed', async () => {
  const spool = await open()
  await spool.append([rows('abc'), { table: 'series', parts: [Buffer.from('x'), Buffer.from('yz')], rows: 2 }])
  await spool.append([rows('def')])
  await age()
  const segment = await next(spool.reader('store'))
  expect(await texts(segment)).toEqual(['samples=abc series=xyz', 'samples=def'])
})

test('a segment is closed at its size, and is gone when it is confirmed', async () => {
  const spool = await open({ segmentBytes: 1000 })
  const reader = spool.reader('store')
  await spool.append([rows('a'.repeat(1200))])
  const first = await next(reader)
  await spool.append([rows('b')])
  expect((await files()).map((name) => name.split('.')[1])).toEqual(['seg', 'open'])
  await reader.confirm(first.number)
  expect((await files()).map((name) => name.split('.')[1])).toEqual(['open'])
  expect(spool.status()).toMatchObject({ segments: 1, full: false })
})

test('a segment stays until every reader has confirmed it, and a restart knows who has', async () => {
  const spool = await open({ readers: ['store', 'issues'], segmentBytes: 100 })
  await spool.append([rows('a'.repeat(100))])
  const store = spool.reader('store')
  await store.confirm((await next(store)).number)
  expect(spool.status().segments).toBe(1)
  await spool[Symbol.asyncDispose]()

  const again = await open({ readers: ['store', 'issues'], segmentBytes: 100 })
  const issues = again.reader('issues')
  const segment = await next(issues)
  expect(await texts(segment)).toEqual([`samples=${'a'.repeat(100)}`])
  await issues.confirm(segment.number)
  expect(again.status().segments).toBe(0)
})

test('numbers rise over restarts although every segment is gone and the clock went back', async () => {
  const spool = await open({ segmentBytes: 1 })
  await spool.append([rows('a')])
  const first = await next(spool.reader('store'))
  await spool.reader('store').confirm(first.number)
  await spool[Symbol.asyncDispose]()
  clock.jump(-86_400_000)
  const again = await open({ segmentBytes: 1 })
  await again.append([rows('b')])
  const second = await next(again.reader('store'))
  expect(second.number).toBeGreaterThan(first.number)
  expect(second.uid).not.toBe(first.uid)
})

test("a reader's place within a segment outlives a restart, and another segment has none", async () => {
  const spool = await open({ segmentBytes: 1 })
  await spool.append([rows('a')])
  const segment = await next(spool.reader('store'))
  await spool.reader('store').saveProgress(segment.number, 'half')
  await spool[Symbol.asyncDispose]()
  const reader = (await open()).reader('store')
  expect(reader.progress(segment.number)).toBe('half')
  await reader.confirm(segment.number)
  expect(reader.progress(segment.number)).toBeUndefined()
})

test('a torn tail is cut at the last whole frame and reported', async () => {
  const spool = await open()
  await spool.append([rows('whole')])
  await spool.append([rows('torn')])
  const [name] = (await files()) as [string]
  const { bytes } = spool.status()
  // what a kill leaves: the open file, cut in its last frame
  const copy = await nodeDisk.read(join(dir, 'segments', name))
  await spool[Symbol.asyncDispose]()
  const [closed] = (await files()) as [string]
  await rm(join(dir, 'segments', closed))
  await writeFile(join(dir, 'segments', name), copy)
  await truncate(join(dir, 'segments', name), bytes - 2)

  const again = await open()
  expect(await texts(await next(again.reader('store')))).toEqual(['samples=whole'])
  expect(again.status().cutBytes).toBeGreaterThan(0)
  expect(logged.join()).toContain('cut the damaged end')
})

test('a file that is no segment of ours is left out and reported', async () => {
  const spool = await open()
  await spool[Symbol.asyncDispose]()
  await writeFile(
    join(dir, 'segments', '1760000000000-00112233445566aa.open'),
    'nonsense, but long enough for a header',
  )
  const again = await open()
  expect(again.status()).toMatchObject({ segments: 0, cutBytes: 38 })
})

test('flush closes the segment that holds the table and waits until it is confirmed', async () => {
  const spool = await open()
  await spool.append([rows('a', 'logs')])
  await spool.append([rows('b', 'samples')])
  const stop = new AbortController()
  let flushed = 0
  const both = [1, 2].map(() => spool.flush(['samples'], { signal: never }).then(() => flushed++))
  const reader = spool.reader('store')
  const segment = await next(reader)
  expect(flushed).toBe(0)
  await reader.confirm(segment.number)
  await Promise.all(both)
  expect(flushed).toBe(2)
  stop.abort()
})

test('flush of tables without new rows closes nothing', async () => {
  const spool = await open()
  await spool.append([rows('a', 'logs')])
  await spool.flush(['samples'], { signal: never })
  expect((await files())[0]).toMatch(/\.open$/)
})

test('flush waits for what a former process left, whatever it holds, and not for what is long gone', async () => {
  const spool = await open()
  await spool.append([rows('a', 'logs')])
  await spool[Symbol.asyncDispose]()
  const again = await open()
  const stop = new AbortController()
  const drained = drain(again.reader('store'), stop.signal)
  await again.flush(['samples'], { signal: never })
  await again[Symbol.asyncDispose]()
  expect(again.status().segments).toBe(0)
  stop.abort()
  expect(await drained).toEqual(['logs=a'])
  await (await open()).flush(['samples'], { signal: never })
})

test('flush gives up when the reader has been in trouble for seconds, and when the caller goes away', async () => {
  const spool = await open()
  await spool.append([rows('a')])
  const caller = new AbortController()
  const left = spool.flush(['samples'], { signal: caller.signal })
  caller.abort(new Error('gone'))
  await expect(left).rejects.toThrow('gone')

  const reader = spool.reader('store')
  const waiting = spool.flush(['samples'], { signal: never })
  reader.reportTrouble('connection refused')
  await clock.advance(6000)
  reader.reportTrouble('connection refused')
  await expect(waiting.catch(code)).resolves.toBe('store.unavailable')

  await spool.append([rows('b')])
  await expect(spool.flush(['samples'], { signal: never }).catch(code)).resolves.toBe('store.unavailable')
  expect((await files()).map((name) => name.split('.')[1])).toEqual(['seg', 'open'])
})

test('the same body within ten minutes counts once, over a restart too, also when its segment is gone', async () => {
  const spool = await open()
  const send = (to: Spool) => to.append([rows('a')], { bodyHash: 'h1' })
  const together = await Promise.all([send(spool), send(spool)])
  expect(together.map(({ duplicate }) => duplicate)).toEqual([false, true])
  await age()
  const reader = spool.reader('store')
  const segment = await next(reader)
  expect(await texts(segment)).toEqual(['samples=a'])
  expect(await send(spool)).toEqual({ duplicate: true })
  await spool[Symbol.asyncDispose]()

  const withSegment = await open()
  expect(await send(withSegment)).toEqual({ duplicate: true })
  await withSegment.reader('store').confirm(segment.number)
  await withSegment[Symbol.asyncDispose]()
  expect((await files()).map((name) => name.split('.')[1])).toEqual(['bodies'])

  const without = await open()
  expect(await send(without)).toEqual({ duplicate: true })
  await clock.advance(601_000)
  expect(await send(without)).toEqual({ duplicate: false })
})

test('a body whose write failed is stored when it comes again', async () => {
  const disk = new FailingDisk()
  const spool = await open({ disk })
  disk.failWrites('ENOSPC')
  await expect(spool.append([rows('a')], { bodyHash: 'h1' }).catch(code)).resolves.toBe('spool.disk_full')
  disk.heal()
  await tick()
  expect(await spool.append([rows('a')], { bodyHash: 'h1' })).toEqual({ duplicate: false })
})

test('bodies are remembered up to the bound, the oldest forgotten first', async () => {
  const spool = await open({ maxBodies: 2 })
  for (const bodyHash of ['h1', 'h2', 'h3']) await spool.append([rows('a')], { bodyHash })
  expect(await spool.append([rows('a')], { bodyHash: 'h3' })).toEqual({ duplicate: true })
  expect(await spool.append([rows('a')], { bodyHash: 'h1' })).toEqual({ duplicate: false })
})

test('a full spool refuses before any work, and takes again when the store has caught up', async () => {
  const spool = await open({ maxBytes: 1000, segmentBytes: 500 })
  await spool.append([rows('a'.repeat(1000))])
  expect(() => spool.checkRoom()).toThrow(/reached its bound/)
  const refusal = await spool.append([rows('b')]).catch((error: unknown) => AppError.from(error))
  expect(refusal).toMatchObject({ code: 'spool.full', retryable: true, retryAfterSeconds: 5 })
  const reader = spool.reader('store')
  await reader.confirm((await next(reader)).number)
  await spool.append([rows('b')])
})

test('less than the reserve free on the disk refuses, and what was taken stays', async () => {
  const disk = new FailingDisk()
  const spool = await open({ disk, reserveBytes: 1000 })
  await spool.append([rows('a')])
  disk.freeBytes = 999
  await tick()
  expect(() => spool.checkRoom()).toThrow(/below the reserve/)
  expect(spool.status().full).toBe(true)
  disk.freeBytes = 1e9
  await tick()
  await spool.append([rows('b')])
  await age()
  expect(await texts(await next(spool.reader('store')))).toEqual(['samples=a', 'samples=b'])
})

test.each([
  ['ENOSPC', 'spool.disk_full'],
  ['EIO', 'spool.write_failed'],
  ['EROFS', 'spool.write_failed'],
])(
  '%s in the middle of a write leaves nothing of the frame, and writing goes on when it is over',
  async (errno, expected) => {
    const disk = new FailingDisk()
    const spool = await open({ disk })
    await spool.append([rows('before')])
    disk.failWrites(errno, { afterBytes: 30, truncateToo: errno === 'EIO' })
    await expect(spool.append([rows('half of me')]).catch(code)).resolves.toBe(expected)
    expect(() => spool.checkRoom()).toThrow()
    disk.heal()
    await tick()
    await spool.append([rows('after')])
    await age()
    expect(await texts(await next(spool.reader('store')))).toEqual(['samples=before', 'samples=after'])
  },
)

test('with durability fsync a frame is synced before it is acknowledged', async () => {
  const disk = new FailingDisk()
  const spool = await open({ disk, durability: 'fsync' })
  disk.events.length = 0
  await spool.append([rows('a')])
  expect(disk.events).toEqual(['create', 'write', 'write', 'sync'])
})

test('many appends at once become few writes', async () => {
  const disk = new FailingDisk()
  const spool = await open({ disk })
  await spool.append([rows('first')])
  disk.events.length = 0
  await Promise.all(Array.from({ length: 200 }, (_, i) => spool.append([rows(`row ${i}`)])))
  expect(disk.events.filter((event) => event === 'write').length).toBeLessThanOrEqual(2)
})

test('a request beyond the bound of a frame is refused for good', async () => {
  const spool = await open({ maxFrameBytes: 1000 })
  const refusal = await spool.append([rows('a'.repeat(2000))]).catch((error: unknown) => AppError.from(error))
  expect(refusal).toMatchObject({ code: 'spool.frame_too_large', retryable: false })
})

test('parts set aside are kept with their reason', async () => {
  const spool = await open()
  const part = { name: 'p-samples-0', table: 'samples', rows: 3, reason: 'no such type', bytes: [Buffer.from('bad')] }
  await spool.reader('store').setAside(part)
  expect(await readdir(join(dir, 'refused'))).toEqual(['p-samples-0.json', 'p-samples-0.native'])
  expect(spool.status().setAside).toBe(1)
})

test('a closed spool refuses', async () => {
  const spool = await open()
  await spool[Symbol.asyncDispose]()
  await expect(spool.append([rows('a')]).catch(code)).resolves.toBe('internal.stopping')
})

/** One turn of what the spool does each second: close what is old, ask the disk for its room. */
async function tick(): Promise<void> {
  await ticked()
  await clock.advance(1000)
  await ticked()
}

/** Lets the open segment become old enough to be closed. */
async function age(): Promise<void> {
  await ticked()
  await clock.advance(9500)
  await tick()
}

async function ticked(): Promise<void> {
  while (clock.sleeping === 0) await new Promise((resolve) => setImmediate(resolve))
}
