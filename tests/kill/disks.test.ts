// A disk that fills up while data comes in: senders are told to wait, queries go on, and when there is room again all goes on by itself.
// And one that cannot be written at all.
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually, getData } from '@tidewatch/testkit/server.ts'
import { series, snappyBlock } from '@tidewatch/testkit/write-request.ts'
import { afterAll, expect, test } from 'vitest'
import { SteadyLoad } from './load.ts'
import { verifyByQuery } from './verify.ts'
import { refusedStart, Victim } from './victim.ts'

const isRoot = process.getuid?.() === 0
const small = mkdtempSync(join(tmpdir(), 'tidewatch-small-disk-'))
const readOnly = mkdtempSync(join(tmpdir(), 'tidewatch-read-only-'))
/** Where no disk can be mounted, the spool's own tests fill one that is made up. */
const canMount = isRoot && mountMemory(small, 'size=400m') && mountMemory(readOnly, 'ro')

function mountMemory(place: string, options: string): boolean {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', place]).status === 0
}

afterAll(() => {
  for (const place of [small, readOnly]) {
    if (isRoot) spawnSync('umount', ['-l', place])
    rmdirSync(place)
  }
})

const freeBytes = (): number => {
  const { bavail, bsize } = statfsSync(small)
  return bavail * bsize
}

test.runIf(canMount)(
  'a full disk answers 429 with when to come again, and recovers',
  { timeout: 180_000 },
  async () => {
    const ballast = join(small, 'ballast')
    await using victim = await Victim.start({ dataDir: join(small, 'data') })
    await using load = new SteadyLoad({ url: victim.url, metric: 'disk' })
    await load.more(40)
    writeFileSync(ballast, Buffer.alloc(freeBytes() - 4 * 2 ** 20))
    await eventually(async () => expect(load.refusals.get(429) ?? 0).toBeGreaterThan(0))

    const refused = await fetch(`${victim.url}/api/v1/write`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' },
      body: Uint8Array.from(snappyBlock(series({ __name__: 'refused' }, [[Date.now(), 1]]))),
    })
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await refused.text()).toMatch(/free on the disk.*--retention/s)
    const { result } = await getData<{ result: unknown[] }>(victim, '/api/v1/query', { query: 'count(disk)' })
    expect(result).toHaveLength(1)
    expect((await fetch(`${victim.url}/-/healthy`)).status).toBe(200)

    rmSync(ballast)
    await load.more(40)
    await load.finish()
    expect(await verifyByQuery(victim.url, 'disk', load.requests)).toMatchObject({ lost: [], doubled: [], unknown: [] })
  },
)

test.runIf(canMount || !isRoot)('a directory that cannot be written is refused with what to do', async () => {
  // a mode does not keep root out, a read-only disk does
  if (!isRoot) chmodSync(readOnly, 0o500)
  for (const dir of [readOnly, join(readOnly, 'data')]) {
    const text = await refusedStart(dir)
    expect(text).toMatch(/the data directory .* (is on a read-only file system|cannot be written by this user)\./)
    expect(text).toContain('--data-dir')
  }
})
