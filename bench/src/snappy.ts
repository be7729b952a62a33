// Inflating remote_write bodies: ours into memory that is used again against the binding, which allocates. CPU time, the collector's included.
// node scripts/with-node.mjs node bench/src/snappy.ts [BODIES.json]  (of the kit's `rwgen.mjs gen`; without it a body made up here)
import { existsSync, readFileSync } from 'node:fs'
import { SnappyBuffers, snappyLength } from '@tidewatch/server/http/snappy.ts'
import { compressSync, uncompressSync } from 'snappy'

const bodies = readBodies(process.argv[2])
const inflatedBytes = bodies.reduce((sum, body) => sum + (snappyLength(body) ?? 0), 0)
const buffers = new SnappyBuffers()

function readBodies(indexPath: string | undefined): Buffer[] {
  if (indexPath === undefined || !existsSync(indexPath)) return Array.from({ length: 200 }, (_, i) => madeUp(i))
  const { requests } = JSON.parse(readFileSync(indexPath, 'utf8')) as { requests: [number, number, number][] }
  const all = readFileSync(indexPath.replace(/\.json$/, ''))
  return requests.slice(0, 400).map(([, at, bytes]) => all.subarray(at, at + bytes))
}

/** Label texts that repeat with a number that does not, about as a request has them. */
function madeUp(seed: number): Buffer {
  const lines = Array.from(
    { length: 3000 },
    (_, i) => `__name__http_requests_total instance app-${i % 50}:9100 method GET route /api/v1/orders ${seed * i} `,
  )
  return Buffer.from(compressSync(Buffer.from(lines.join(''))))
}

function measure(name: string, inflate: (body: Buffer) => number): void {
  const before = process.cpuUsage()
  let bytes = 0
  const rounds = 10
  for (let round = 0; round < rounds; round++) for (const body of bodies) bytes += inflate(body)
  const { user, system } = process.cpuUsage(before)
  const megabytes = bytes / 1e6
  console.log(`${name}: ${(megabytes / ((user + system) / 1e6)).toFixed(0)} MB/s of CPU time`)
}

console.log(`${bodies.length} bodies, ${(inflatedBytes / 1e6).toFixed(0)} MB inflated`)
for (let round = 0; round < 3; round++) {
  measure('ours', (body) => {
    using lease = buffers.lease()
    return lease.inflate(body, snappyLength(body) ?? 0)?.length ?? 0
  })
  measure('binding', (body) => (uncompressSync(body) as Buffer).length)
}
