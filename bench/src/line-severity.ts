// How severe lines of text are, from their bytes. CPU time.
// node scripts/with-node.mjs node bench/src/line-severity.ts [LINES]  (lines of text; without it lines made up here)
import { existsSync, readFileSync } from 'node:fs'
import { severityInLine } from '@tidewatch/log-formats/line-severity.ts'

const madeUp = [
  '2026-11-21T12:00:01.123Z  INFO 1234 --- [main] c.e.App : started in 3.2 s',
  'request completed GET /api/v1/orders in 97.3 ms with status 200 for the user 12345',
  '127.0.0.1 - - [21/Nov/2026:12:00:01 +0000] "GET /orders HTTP/1.1" 200 5123 "-" "curl/8.9"',
  'ts=2026-11-21T12:00:01.123Z caller=manager.go:1234 component="rule manager" level=info msg="done"',
]
const path = process.argv[2]
const text =
  path === undefined || !existsSync(path)
    ? Array.from({ length: 200_000 }, (_, i) => madeUp[i % madeUp.length]).join('\n')
    : readFileSync(path)
const bytes = Buffer.from(text)
for (let round = 0; round < 5; round++) {
  let lines = 0
  let known = 0
  const before = process.cpuUsage()
  for (let from = 0; from < bytes.length; lines++) {
    const end = bytes.indexOf(10, from)
    const to = end < 0 ? bytes.length : end
    if (severityInLine(bytes, from, to) > 0) known++
    from = to + 1
  }
  const { user, system } = process.cpuUsage(before)
  console.log(`${(((user + system) * 1000) / lines).toFixed(0)} ns a line, ${known} of ${lines} say it`)
}
