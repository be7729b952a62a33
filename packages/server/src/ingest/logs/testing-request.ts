// A request whose lines are read back as they would be stored, for tests of what goes the short and the long way.
import { LogBatchPool } from '@tidewatch/core/log-batch.ts'
import type { LogRecord } from '@tidewatch/core/log-record.ts'
import type { Redactor } from '@tidewatch/redact/kinds.ts'
import { FieldTable } from './field-table.ts'
import { LineDecoder } from './line-decoder.ts'
import type { LogKeeping } from './port.ts'
import { RequestLines } from './request.ts'

/** When its lines arrive, ms. */
export const arrivedMs = Date.UTC(2026, 10, 22)

const pool = new LogBatchPool()
const decoder = new LineDecoder()

/** Finds nothing. `isSlow`: says that everything may hold something, so that each line goes the long way. */
export const trusting = (isSlow: boolean): Redactor => ({
  mayHold: () => isSlow,
  hidesName: () => isSlow,
  text: (value) => ({ value, found: [] }),
  record: (record) => ({ record, found: [] }),
})

interface FilledRequest {
  readonly records: readonly LogRecord[]
  /** Each line named its time, or had an id. */
  readonly isTimed: boolean
  /** So many of those that `addRecordLine` was given were taken. */
  readonly short: number
  /** All values of attributes as columns have them: each with its length before it. */
  readonly values: string
}

export function fillRequest(
  redactor: Redactor,
  fill: (request: RequestLines) => void,
  keeping: Partial<LogKeeping> = {},
): FilledRequest {
  const lease = pool.lease()
  using request = new RequestLines({
    ...{ project: 0 as never, sender: 'a test', decoder, lease, nowMs: arrivedMs, redactor },
    stats: { requests: 0, lines: 0, bytes: 0, duplicates: 0, badTimes: 0, redacted: 0, folded: 0, cut: 0 },
    fields: new FieldTable(),
    keeping: { maxAgeMs: undefined, daysOf: () => 0, usesService: false, ...keeping },
    onSecret: () => {},
    store: async () => ({ lines: 0, duplicate: false }),
  })
  let short = 0
  const addRecordLine = request.addRecordLine.bind(request)
  request.addRecordLine = (line, bytes) => {
    const isTaken = addRecordLine(line, bytes)
    if (isTaken) short++
    return isTaken
  }
  fill(request)
  const { isTimed, attributes } = lease.batch
  const values = Buffer.from(attributes.values.view()).toString('latin1')
  return { records: request.read(), isTimed, short, values }
}
