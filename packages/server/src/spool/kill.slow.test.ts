import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { systemClock } from '@tidewatch/core/clock.ts'
import { expect, test } from 'vitest'
import { createSpool } from './spool.ts'

const child = fileURLToPath(new URL('./kill.child.ts', import.meta.url))

/** Runs the writer until it has acknowledged some frames and a moment more, then kills it. */
async function killedWriter(dir: string, durability: string, first: number): Promise<number[]> {
  const writer = spawn(process.execPath, [child, dir, durability, String(first)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  const enough = 200 + Math.floor(Math.random() * 3000)
  writer.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString('latin1')
    if (output.length > enough) writer.kill('SIGKILL')
  })
  await once(writer, 'close')
  return output.split('\n').slice(0, -1).map(Number)
}

test.each(['group', 'fsync'])(
  'every frame acknowledged before a SIGKILL is there, whole and once (%s)',
  async (durability) => {
    const dir = await mkdtemp(join(tmpdir(), 'spool-kill-'))
    const acknowledged: number[] = []
    for (let round = 0; round < 4; round++) acknowledged.push(...(await killedWriter(dir, durability, round * 1e6)))

    const spool = await createSpool({
      dir,
      clock: systemClock,
      durability: 'group',
      readers: ['store'],
      reserveBytes: 0,
      log: () => {},
    })
    const there: number[] = []
    const reader = spool.reader('store')
    while (spool.status().segments > 0) {
      const segment = await reader.next({ signal: new AbortController().signal })
      for (const { sections } of await segment.frames()) {
        const bytes = Buffer.from(sections[0]?.bytes ?? [])
        const number = bytes.readDoubleLE()
        expect(bytes.length).toBe(10 + (number % 7) * 300)
        expect(bytes.subarray(8).every((byte) => byte === number % 251)).toBe(true)
        there.push(number)
      }
      await reader.confirm(segment.number)
    }
    expect(new Set(there).size).toBe(there.length)
    expect(acknowledged.length).toBeGreaterThan(100)
    expect(acknowledged.filter((number) => !there.includes(number))).toEqual([])
    await spool[Symbol.asyncDispose]()
    await rm(dir, { recursive: true })
  },
)
