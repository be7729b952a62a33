// An intake that keeps what it is given, for the tests of who brings lines.
import { readLogBatch } from '@tidewatch/core/log-batch-reader.ts'
import type { LogRecord } from '@tidewatch/core/log-record.ts'
import { createRedactor } from '@tidewatch/redact/redactor.ts'
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { FakeSpool } from '../fakes.ts'
import { createLogIntake } from './intake.ts'
import type { LogIntake, LogKeeping, SecretFound } from './port.ts'

export interface FakeLogs {
  readonly intake: LogIntake
  readonly clock: FakeClock
  readonly spool: FakeSpool
  /** What was stored, in order. */
  readonly lines: LogRecord[]
  readonly secrets: SecretFound[]
}

/** The real intake over a spool that keeps frames in memory. */
export function fakeLogs(
  options: { readonly clock?: FakeClock; readonly spool?: FakeSpool; readonly keeping?: Partial<LogKeeping> } = {},
): FakeLogs {
  const { clock = new FakeClock(Date.UTC(2026, 5, 1, 12)), spool = new FakeSpool() } = options
  const redactor = createRedactor()
  const lines: LogRecord[] = []
  const secrets: SecretFound[] = []
  const intake = createLogIntake({
    ...{ spool, clock, redactor: () => redactor, onSecret: (secret) => void secrets.push(secret) },
    encoder: { lines: (_project, { length }) => ({ table: 'logs', rows: length, parts: [] }) },
    keeping: () => ({ maxAgeMs: undefined, daysOf: () => 0, usesService: false, ...options.keeping }),
  })
  intake.subscribe((_project, batch) => void lines.push(...readLogBatch(batch)))
  return { intake, clock, spool, lines, secrets }
}
