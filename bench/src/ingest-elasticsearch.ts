// Bulk requests beside the same lines as NDJSON, both up to the spool: what actions and items cost. CPU time, the collector's included.
// node scripts/with-node.mjs node bench/src/ingest-elasticsearch.ts [LINES.ndjson]  (without it lines made up here)
import { existsSync, readFileSync } from 'node:fs'
import { systemClock } from '@tidewatch/core/clock.ts'
import { defaultProject } from '@tidewatch/core/matcher.ts'
import { createRedactor } from '@tidewatch/redact/redactor.ts'
import { createLogIntake } from '@tidewatch/server/ingest/logs/intake.ts'
import { ActionReader } from '@tidewatch/server/ingest/receivers/elasticsearch/action.ts'
import { type BulkItems, readBulk } from '@tidewatch/server/ingest/receivers/elasticsearch/bulk.ts'
import { writeBulkAnswer } from '@tidewatch/server/ingest/receivers/elasticsearch/bulk-answer.ts'
import { Documents } from '@tidewatch/server/ingest/receivers/elasticsearch/documents.ts'
import { KnownIds } from '@tidewatch/server/ingest/receivers/elasticsearch/known-ids.ts'
import { readNdjson } from '@tidewatch/server/ingest/receivers/logs/lines.ts'
import { problemsOf } from '@tidewatch/server/ingest/receivers/logs/problems.ts'
import { createLogTableEncoder } from '@tidewatch/server/store/log-encoder.ts'

const linesPerRequest = 5000
const maxLines = 100_000

function readLines(path: string | undefined): string[] {
  if (path !== undefined && existsSync(path)) return readFileSync(path, 'utf8').split('\n', maxLines)
  return Array.from({ length: maxLines }, (_, i) => {
    const id = (i * 2654435761).toString(16).padStart(12, '0')
    const message = `payment pay_${id} captured, provider ref ${i}`
    const fields = { request_id: `req_${id}`, user_id: `u${i}`, route: '/api/v1/orders', status: 200, duration_ms: 9.8 }
    return JSON.stringify({ timestamp: new Date().toISOString(), level: 'info', service: 'orders', message, ...fields })
  })
}

const redactor = createRedactor()
const intake = createLogIntake({
  spool: { checkRoom: () => undefined, append: async () => ({ duplicate: false }) },
  encoder: createLogTableEncoder(),
  clock: systemClock,
  redactor: () => redactor,
  keeping: () => ({ maxAgeMs: undefined, daysOf: () => 0, usesService: false }),
  onSecret: () => undefined,
})
const lines = readLines(process.argv[2]).filter((line) => line !== '')
const requests = Array.from({ length: Math.ceil(lines.length / linesPerRequest) }, (_, i) =>
  lines.slice(i * linesPerRequest, (i + 1) * linesPerRequest),
)
const ndjson = requests.map((all) => Buffer.from(all.map((line) => `${line}\n`).join('')))
const bulk = requests.map((all) => Buffer.from(all.map((line) => `{"create":{"_index":"a"}}\n${line}\n`).join('')))
const ids = new KnownIds(systemClock)
const begin = () => intake.begin({ project: defaultProject, sender: 'bench' })

async function takeNdjson(body: Uint8Array): Promise<void> {
  using request = begin()
  for (const _ of readNdjson(request, body, problemsOf()));
  await request.store({ body })
}

async function takeBulk(body: Uint8Array): Promise<void> {
  using request = begin()
  const items: BulkItems = { actions: [], outcomes: [] }
  const reader = new ActionReader({ index: undefined, requiresAlias: false, namesPipeline: false })
  const documents = new Documents(request, {
    ...{ project: defaultProject, ids, epochs: new Map(), nowMs: Date.now(), preview: undefined },
  })
  for (const _ of readBulk(body, { reader, documents, isAlias: () => false }, items));
  const stored = await request.store({ body, target: 'bulk ' })
  const into: Uint8Array[] = []
  for (const _ of writeBulkAnswer({ ...items, stored, tookMs: 1, filter: undefined, newId: () => '' }, into));
  Buffer.concat(into)
}

async function measure(name: string, bodies: readonly Uint8Array[], take: (body: Uint8Array) => Promise<void>) {
  const before = process.cpuUsage()
  for (const body of bodies) await take(body)
  const { user, system } = process.cpuUsage(before)
  console.log(`${name}: ${((user + system) / lines.length).toFixed(2)} µs of CPU time a line`)
}

for (let round = 0; round < 4; round++) {
  await measure('NDJSON', ndjson, takeNdjson)
  await measure('_bulk, answered', bulk, takeBulk)
}
