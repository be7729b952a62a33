// JSON lines from a body to columns, stage by stage, beside JSON.parse of the same lines. CPU time a line, the collector's included; stages are
// interleaved, and the best of the rounds counts.
// node scripts/with-node.mjs node bench/src/ingest-logs.ts [LINES.ndjson]  (its first 12 MB; without it lines made up here)
import { closeSync, openSync, readSync } from 'node:fs'
import { LogBatch } from '@tidewatch/core/log-batch.ts'
import { defaultProject } from '@tidewatch/core/matcher.ts'
import { FieldTable } from '@tidewatch/server/ingest/logs/field-table.ts'
import { LineDecoder } from '@tidewatch/server/ingest/logs/line-decoder.ts'
import { mayHoldSecret } from '@tidewatch/server/ingest/logs/secret-screen.ts'
import { readNdjson } from '@tidewatch/server/ingest/receivers/logs/lines.ts'
import { problemsOf } from '@tidewatch/server/ingest/receivers/logs/problems.ts'
import { intake, madeUpLines, redactor } from './log-lines.ts'

const maxBytes = 12_000_000
const bodyBytes = 1 << 20
const rounds = 30

function readLines(path: string | undefined): Buffer {
  if (path === undefined) return madeUpLines(50_000)
  const bytes = Buffer.allocUnsafe(maxBytes)
  const file = openSync(path, 'r')
  const length = readSync(file, bytes, 0, maxBytes, 0)
  closeSync(file)
  return bytes.subarray(0, bytes.lastIndexOf(0x0a, length - 1) + 1)
}

const bytes = readLines(process.argv[2])
const starts = [0]
for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) starts.push(at + 1)
const lines = starts.length - 1
const decoder = new LineDecoder()
const { scanner } = decoder
const fields = new FieldTable()
const batch = new LogBatch()

const eachLine = (work: (from: number, to: number) => unknown): void => {
  for (let i = 0; i < lines; i++) work(starts[i] as number, (starts[i + 1] as number) - 1)
}

const stages: Readonly<Record<string, () => void>> = {
  'JSON.parse': () => eachLine((from, to) => JSON.parse(bytes.toString('latin1', from, to))),
  scan: () => eachLine((from, to) => scanner.scan(bytes, from, to)),
  '+ name': () => eachLine((from, to) => scanner.scan(bytes, from, to) && decoder.name(bytes, fields)),
  '+ screen': () =>
    eachLine(
      (from, to) =>
        scanner.scan(bytes, from, to) && decoder.name(bytes, fields) && mayHoldSecret(bytes, decoder, fields, redactor),
    ),
  '+ write': () =>
    eachLine((from, to) => {
      if (!scanner.scan(bytes, from, to) || !decoder.name(bytes, fields)) return
      if (mayHoldSecret(bytes, decoder, fields, redactor)) return
      if (batch.length === 16_384) batch.clear()
      decoder.write(batch, bytes, fields)
      batch.endRow()
    }),
  'a request': () => {
    for (let from = 0; from < bytes.length; ) {
      const to = from + bodyBytes >= bytes.length ? bytes.length : bytes.lastIndexOf(0x0a, from + bodyBytes) + 1
      using request = intake.begin({ project: defaultProject, sender: 'bench' })
      for (const _ of readNdjson(request, bytes.subarray(from, to), problemsOf()));
      from = to
    }
  },
}

const best = new Map<string, number>()
for (let round = 0; round < rounds; round++) {
  for (const [name, work] of Object.entries(stages)) {
    const before = process.cpuUsage()
    work()
    const { user, system } = process.cpuUsage(before)
    best.set(name, Math.min(best.get(name) ?? Number.POSITIVE_INFINITY, (user + system) / lines))
  }
}
const parse = best.get('JSON.parse') as number
console.log(`${lines} lines of ${(bytes.length / lines).toFixed(0)} bytes`)
for (const [name, micros] of best) {
  console.log(
    `${name.padEnd(12)} ${micros.toFixed(2)} µs a line, ${(bytes.length / lines / micros).toFixed(0)} MB/s, ${(micros / parse).toFixed(2)} of JSON.parse`,
  )
}
