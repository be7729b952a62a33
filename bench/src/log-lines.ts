// Lines as an application logs them, for benches that have no file of them, and a way in that keeps nothing.
import { createRedactor } from '@tidewatch/redact/redactor.ts'
import { createLogIntake } from '@tidewatch/server/ingest/logs/intake.ts'

export const redactor = createRedactor()

export const intake = createLogIntake({
  spool: { append: async () => ({ duplicate: false }), checkRoom: () => {} },
  clock: { nowMs: () => Date.parse('2026-11-21T12:00:00Z') } as never,
  ...{ redactor: () => redactor, onSecret: () => {} },
  encoder: { lines: (_project, { length }) => ({ table: 'logs', rows: length, parts: [] }) },
  keeping: () => ({ maxAgeMs: undefined, daysOf: () => 0, usesService: false }),
})

/** One JSON object, with its line feed. */
function madeUpLine(i: number): string {
  const id = (i * 2_654_435_761).toString(16).padStart(12, '0')
  const message = `payment pay_${id} captured, provider ref ${i}`
  const fields = { request_id: `req_${id}`, user_id: `u${i}`, route: '/api/v1/orders', status: 200, duration_ms: 9.8 }
  return `${JSON.stringify({ timestamp: '2026-11-21T00:10:00.432Z', level: 'info', service: 'orders', message, ...fields })}\n`
}

export const madeUpLines = (count: number): Buffer =>
  Buffer.from(Array.from({ length: count }, (_, i) => madeUpLine(i)).join(''))
