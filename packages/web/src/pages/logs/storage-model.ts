// What lines cost, from what the store counts. No React here.
import type { ArchivedDay } from '@tidewatch/api/log-archive.ts'
import type { logStorage } from '@tidewatch/api/logs.ts'
import type { z } from 'zod'
import type { Snippet } from '../../ui/code-block.tsx'

export interface LogCost {
  readonly bytesPerLine: number | undefined
  /** As they came, over what is kept. */
  readonly timesSmaller: number | undefined
  /** Of the newest whole days, at most seven. */
  readonly bytesPerDay: number | undefined
}

const daysCounted = 7

export function costOf({
  lines,
  bytes,
  rawBytes,
  perDay,
}: Pick<z.infer<typeof logStorage>, 'lines' | 'bytes' | 'rawBytes' | 'perDay'>): LogCost {
  // the last day is not over, and the first may have begun in the middle
  const whole = perDay
    .toSorted((a, b) => a.dayMs - b.dayMs)
    .slice(1, -1)
    .slice(-daysCounted)
  return {
    bytesPerLine: lines === 0 ? undefined : bytes / lines,
    timesSmaller: bytes === 0 || rawBytes === 0 ? undefined : rawBytes / bytes,
    bytesPerDay: whole.length === 0 ? undefined : whole.reduce((sum, day) => sum + day.bytes, 0) / whole.length,
  }
}

export const daysText = (days: number): string => `${days} ${days === 1 ? 'day' : 'days'}`

/** For how long lines are kept; 0 is without an end. */
export const keptText = ({ days }: { readonly days: number }): string =>
  days === 0 ? 'without an end' : daysText(days)

/** What messages take on disk. */
export const bodyBytesOf = ({ columns }: Pick<z.infer<typeof logStorage>, 'columns'>): number =>
  columns.find(({ kind, name }) => kind === 'column' && name === 'body')?.bytes ?? 0

type Rule = Pick<z.infer<typeof logStorage>['rules'][number], 'services' | 'levels'>

/** Whose lines a rule is about. */
export function ruleText({ services, levels }: Rule): string {
  if (services.length === 0 && levels.length === 0) return 'all other lines'
  const whose = services.length === 0 ? 'all services' : services.join(', ')
  return levels.length === 0 ? whose : `${levels.join(', ')} of ${whose}`
}

/** Whether a search finds the lines of an archived day. */
export function restoredText({ isStored, restored }: Pick<ArchivedDay, 'isStored' | 'restored'>): string {
  if (restored === undefined) return isStored ? 'yes, not gone yet' : 'no'
  const { stage, lines, ofLines, untilMs, message } = restored
  switch (stage) {
    case 'done':
    case 'stored':
      return `yes, until ${new Date(untilMs).toISOString().slice(0, 10)}`
    case 'failed':
      return `could not be restored: ${message}`
    case 'waiting':
    case 'loading':
      return ofLines === 0 ? 'being restored' : `being restored, ${Math.floor((lines / ofLines) * 100)} %`
    default:
      return stage satisfies never
  }
}

/** How retention is written. */
export const storageSnippets: readonly Snippet[] = [
  {
    title: 'Retention',
    text: `# tidewatch.yml: days are dropped whole, the oldest first
retention:
  logs:
    age: 30d    # or off, which keeps them without an end
    size: 50GB  # on disk, as counted above
    classes:    # the first counts that a line is in
      - { level: debug, age: 3d }
      - { service: [audit, "sign-*"], age: 1y }
`,
  },
  {
    title: 'Archive',
    text: `# tidewatch.yml: days that are over, before they go
archive:
  logs:
    folder: /srv/archive   # or s3: { bucket, region, endpoint, prefix, access_key_id, secret_access_key }
    after: 6h              # after the end of a day in UTC
`,
  },
]
