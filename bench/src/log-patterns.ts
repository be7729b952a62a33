// Folding lines into templates. CPU time, the collector's included.
// node scripts/with-node.mjs node bench/src/log-patterns.ts [LINES.ndjson]  (lines of JSON with `message`; without it lines made up here)
import { existsSync, readFileSync } from 'node:fs'
import { createPatternMiner } from '@tidewatch/log-patterns/miner.ts'
import { printPattern } from '@tidewatch/log-patterns/pattern.ts'

function readBodies(path: string | undefined): string[] {
  if (path === undefined || !existsSync(path)) return Array.from({ length: 200_000 }, (_, i) => madeUp(i))
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
  return lines.map((line) => String((JSON.parse(line) as { message?: unknown }).message))
}

function madeUp(i: number): string {
  if (i % 5 === 0) return `cache hit ratio ${i % 100}.2% over ${i} lookups`
  if (i % 3 === 0) return `job settlement-${i} finished, ${i * 3} rows written`
  return `request completed GET /api/v1/orders in ${i % 97}.3 ms`
}

const bodies = readBodies(process.argv[2])
for (let round = 0; round < 5; round++) {
  const miner = createPatternMiner()
  const before = process.cpuUsage()
  bodies.forEach((body, i) => {
    miner.add(body, 9, i * 10)
  })
  const { user, system } = process.cpuUsage(before)
  console.log(`${(bodies.length / ((user + system) / 1e6) / 1000).toFixed(0)} thousand lines a second of CPU time`)
  if (round > 0) continue
  const { patterns } = miner.summary()
  console.log(`${patterns.length} templates; the most frequent:`)
  for (const pattern of patterns.slice(0, 12)) console.log(`${pattern.count}  ${printPattern(pattern, '<*>')}`)
}
