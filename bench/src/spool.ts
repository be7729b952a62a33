// Frames into the spool: ours (many callers' frames in one write) against one write a frame. TMPDIR chooses the disk.
// node scripts/with-node.mjs node bench/src/spool.ts
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@tidewatch/core/clock.ts'
import { encodeFrame } from '@tidewatch/server/spool/frame.ts'
import type { SpoolSection } from '@tidewatch/server/spool/port.ts'
import { createSpool } from '@tidewatch/server/spool/spool.ts'

const dir = await mkdtemp(join(tmpdir(), 'bench-spool-'))
const signal = new AbortController().signal

interface Shape {
  readonly name: string
  readonly bytes: number
  readonly count: number
  readonly callers: number
}

const shapes: readonly Shape[] = [
  { name: 'remote write, 3,500 samples', bytes: 98_000, count: 4000, callers: 4 },
  { name: 'small, 1 kB', bytes: 1000, count: 60_000, callers: 64 },
]

async function callers(shape: Shape, append: (section: SpoolSection) => Promise<unknown>): Promise<string> {
  const section = { table: 'samples', parts: [Buffer.alloc(shape.bytes, 7)], rows: 1 }
  const cpu = process.cpuUsage()
  const begunMs = performance.now()
  let left = shape.count
  const caller = async (): Promise<void> => {
    while (left-- > 0) await append(section)
  }
  await Promise.all(Array.from({ length: shape.callers }, caller))
  const seconds = (performance.now() - begunMs) / 1000
  const { user, system } = process.cpuUsage(cpu)
  const perSecond = Math.round(shape.count / seconds).toLocaleString('en')
  const megabytes = ((shape.count * shape.bytes) / 1e6 / seconds).toFixed(0)
  return `${perSecond} frames/s, ${megabytes} MB/s, ${((user + system) / shape.count).toFixed(1)} µs of CPU a frame`
}

/** Confirms segments as they close, so that the disk does not fill. */
async function ours(shape: Shape, durability: 'group' | 'fsync'): Promise<string> {
  await using spool = await createSpool({
    dir: join(dir, `ours-${durability}-${shape.bytes}`),
    clock: systemClock,
    durability,
    readers: ['bench'],
    log: (_level, message, detail) => console.log(message, detail),
  })
  const reader = spool.reader('bench')
  const stop = new AbortController()
  const drained = (async () => {
    for (;;) await reader.confirm((await reader.next({ signal: stop.signal })).number)
  })().catch(() => undefined)
  const result = await callers(shape, (section) => spool.append([section]))
  stop.abort()
  await drained
  return result
}

async function plain(shape: Shape, sync: boolean): Promise<string> {
  await using file = await open(join(dir, `plain-${sync}-${shape.bytes}`), 'w')
  let at = 0
  return callers(shape, async (section) => {
    const frame = encodeFrame([section], Date.now(), {})
    const position = at
    at += frame.bytes
    await file.writev([frame.head, ...frame.parts], position)
    if (sync) await file.datasync()
  })
}

for (const shape of shapes) {
  console.log(`${shape.name}, ${shape.callers} callers at once`)
  console.log(`  ours, group synced      ${await ours(shape, 'group')}`)
  console.log(`  a write each, no sync   ${await plain(shape, false)}`)
  const synced = { ...shape, count: shape.count / 10 }
  console.log(`  ours, fsync             ${await ours(synced, 'fsync')}`)
  console.log(`  a write and sync each   ${await plain(synced, true)}`)
}

await using spool = await createSpool({
  dir: join(dir, 'flush'),
  clock: systemClock,
  durability: 'group',
  readers: ['bench'],
  log: () => {},
})
const flushes = 200_000
const begunMs = performance.now()
for (let i = 0; i < flushes; i++) await spool.flush(['samples', 'series'], { signal })
console.log(`flush with nothing to wait for: ${(((performance.now() - begunMs) * 1e6) / flushes).toFixed(0)} ns`)
await rm(dir, { recursive: true })
