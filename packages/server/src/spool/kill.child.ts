// For kill.slow.test.ts: writes frames as fast as it can and prints the number of each that was acknowledged. `dir durability first`.
import { writeSync } from 'node:fs'
import { systemClock } from '@tidewatch/core/clock.ts'
import { createSpool } from './spool.ts'

const [dir, durability, first] = process.argv.slice(2)
const spool = await createSpool({
  dir: dir ?? '',
  clock: systemClock,
  durability: durability === 'fsync' ? 'fsync' : 'group',
  readers: ['store'],
  reserveBytes: 0,
  segmentBytes: 100_000,
  log: () => {},
})
let next = Number(first)
await Promise.all(
  Array.from({ length: 8 }, async () => {
    for (;;) {
      const number = next++
      const bytes = Buffer.alloc(10 + (number % 7) * 300, number % 251)
      bytes.writeDoubleLE(number)
      await spool.append([{ table: 'samples', parts: [bytes], rows: 1 }])
      // synchronous: what was acknowledged is in the pipe before a kill can come between
      writeSync(1, `${number}\n`)
    }
  }),
)
