// Redaction: the scan that every line passes, and taking apart what it stops. CPU time, the collector's included.
// node scripts/with-node.mjs node bench/src/redact.ts [LINES.ndjson]  (without it lines made up here)
import { existsSync, readFileSync } from 'node:fs'
import { logRecord } from '@tidewatch/core/log-record.ts'
import { createRedactor } from '@tidewatch/redact/redactor.ts'
import { madeUpLines } from './log-lines.ts'

function readLines(path: string | undefined): Buffer {
  if (path !== undefined && existsSync(path)) return readFileSync(path)
  return madeUpLines(200_000)
}

const bytes = readLines(process.argv[2])
const starts = [0]
for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) starts.push(at + 1)
const redactor = createRedactor()

function measure(name: string, measuredBytes: number, work: () => number): void {
  const before = process.cpuUsage()
  const hits = work()
  const { user, system } = process.cpuUsage(before)
  console.log(`${name}: ${(measuredBytes / (user + system)).toFixed(0)} MB/s of CPU time, ${hits} hits`)
}

const records = starts
  .slice(0, 20_000)
  .map((start, i) => logRecord({ body: bytes.toString('utf8', start, starts[i + 1] ?? start) }))
const recordBytes = records.reduce((sum, { body }) => sum + body.length, 0)
const withSecret = records.map((record) => ({
  ...record,
  body: `${record.body} password=hunter2 from postgres://me:pw@db/x`,
}))

for (let round = 0; round < 5; round++) {
  measure('scan of lines', bytes.length, () => {
    let hits = 0
    for (let i = 0; i + 1 < starts.length; i++) if (redactor.mayHold(bytes, starts[i], starts[i + 1])) hits++
    return hits
  })
  measure(
    'records without a secret',
    recordBytes,
    () => records.filter((record) => redactor.record(record).found.length > 0).length,
  )
  measure(
    'records with two',
    recordBytes,
    () => withSecret.filter((record) => redactor.record(record).found.length > 0).length,
  )
}
