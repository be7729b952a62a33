// What is kept of logs, for how long, and what it takes.
import type { LogStorage } from '@tidewatch/api/logs.ts'
import type { StoredLogColumn, StoredLogDay } from '../../../store/port.ts'

/** What the configuration in force says. */
export interface LogRetention {
  readonly rules: LogStorage['rules']
  /** For lines that no rule of their own keeps; 0 is without an end. */
  readonly usualDays: number
  readonly limitBytes: number | undefined
}

export interface StoredLogs {
  readonly days: readonly StoredLogDay[]
  readonly columns: readonly StoredLogColumn[]
}

/** Days kept for so long and longer are without an end: what `off` is written as. */
const endlessDays = 65_535

export function storageOf({ days, columns }: StoredLogs, { rules, usualDays, limitBytes }: LogRetention): LogStorage {
  const total = { lines: 0, bytes: 0, indexBytes: 0, rawBytes: 0 }
  const restored = { lines: 0, bytes: 0 }
  const classes = new Map<number, { days: number; lines: number; bytes: number }>()
  const perDay = new Map<number, { dayMs: number; lines: number; bytes: number }>()
  for (const { dayMs, keepDays, lines, bytes, indexBytes, rawBytes, restoredUntilMs } of days) {
    if (restoredUntilMs !== undefined) {
      restored.lines += lines
      restored.bytes += bytes
      continue
    }
    total.lines += lines
    total.bytes += bytes
    total.indexBytes += indexBytes
    total.rawBytes += rawBytes
    const kept = keepDays === 0 ? usualDays : keepDays === endlessDays ? 0 : keepDays
    const ofClass = classes.get(kept) ?? { days: kept, lines: 0, bytes: 0 }
    classes.set(kept, { ...ofClass, lines: ofClass.lines + lines, bytes: ofClass.bytes + bytes })
    const ofDay = perDay.get(dayMs) ?? { dayMs, lines: 0, bytes: 0 }
    perDay.set(dayMs, { ...ofDay, lines: ofDay.lines + lines, bytes: ofDay.bytes + bytes })
  }
  const [oldest] = perDay.keys()
  return {
    ...total,
    ...(oldest === undefined ? {} : { oldestMs: oldest }),
    classes: [...classes.values()].sort((a, b) => a.days - b.days),
    perDay: [...perDay.values()],
    ...{ restored, rules: [...rules, { services: [], levels: [], days: usualDays }] },
    ...(limitBytes === undefined ? {} : { limitBytes }),
    columns: columns.map(({ name, kind, bytes, rawBytes }) => ({ name, kind, bytes, rawBytes })),
  }
}
