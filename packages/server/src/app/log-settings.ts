// Settings of logs that the page changes: what tidewatch.yml says goes before them, they go before flags and defaults.
import { basename } from 'node:path'
import type { LogRetentionWish, LogSettings } from '@tidewatch/api/log-settings.ts'
import { formatByteSize } from '@tidewatch/core/byte-size.ts'
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { formatDurationMs } from '@tidewatch/core/time.ts'
import type { z } from 'zod'
import type { ConfigFile } from '../config/port.ts'
import { lineOfKey } from '../config/yaml.ts'
import { LogSettingsBook } from '../features/log-settings/book.ts'
import type { KeepingPlan } from '../features/log-settings/preview.ts'
import type { RetentionParts } from '../features/log-settings/retention-routes.ts'
import { createLogSettingRows, type LogSettingsTables } from '../features/log-settings/state.ts'
import type { TaskGroup } from '../self/port.ts'
import type { StateStore } from '../state/port.ts'
import { type LogClass, logRetentionSchema, type WrittenLogRetention } from '../store/config.ts'
import { readLogShares } from '../store/logs/shares.ts'
import { readLogStorage } from '../store/logs/storage.ts'
import { createRenderTarget } from '../store/render.ts'
import { logsTable } from '../store/tables/logs.ts'
import type { Keeping } from './keeping.ts'
import { classFinder, keptDays } from './log-keeping.ts'
import type { Telemetry } from './telemetry.ts'

/** How soon a process knows what was changed in another one, ms. */
const refreshMs = 10_000

/** Before anything is dropped: what was kept of settings counts from the first moment on. */
export async function openLogSettings(
  state: StateStore,
  {
    clock,
    keeping,
    tasks,
  }: { readonly clock: Clock; readonly keeping: Pick<Keeping, 'settle'>; readonly tasks: TaskGroup },
): Promise<LogSettingsBook> {
  const book = new LogSettingsBook(createLogSettingRows(state.database<LogSettingsTables>()), clock)
  await book.refresh()
  let told: LogRetentionWish | undefined
  book.follow(({ retention }) => {
    if (retention?.value === told) return
    told = retention?.value
    keeping.settle(readRetention(told ?? {}))
  })
  tasks.every('log settings', refreshMs, () => book.refresh())
  return book
}

/** Throws `http.invalid` for the first thing that is wrong. */
function readRetention(wish: LogRetentionWish): WrittenLogRetention {
  const read = logRetentionSchema.safeParse(wish)
  if (read.success) return read.data
  throw invalid(read.error.issues[0] as z.core.$ZodIssue)
}

/** What a schema of tidewatch.yml says of what was sent. */
export function invalid(issue: z.core.$ZodIssue, path: readonly PropertyKey[] = []): AppError {
  const at = [...path, ...issue.path]
  if (issue.code === 'invalid_union') {
    // what is sent is the longer form of the two
    const inner = issue.errors.toSorted((a, b) => deepest(b) - deepest(a))[0]?.[0]
    if (inner !== undefined) return invalid(inner, at)
  }
  return new AppError('http.invalid', issue.message, { where: { key: ['body', ...at.map(String)].join('.') } })
}

const deepest = (issues: readonly z.core.$ZodIssue[]): number => Math.max(0, ...issues.map(({ path }) => path.length))

export interface RetentionSettingsOptions {
  readonly keeping: Keeping
  readonly files: () => readonly ConfigFile[]
  readonly telemetry: Pick<Telemetry, 'client' | 'cluster' | 'spool'>
  readonly isArchived: () => boolean
}

export function retentionParts({ keeping, files, telemetry, isArchived }: RetentionSettingsOptions): RetentionParts {
  const target = createRenderTarget(telemetry.cluster)
  return {
    isArchived,
    plan: (wish) => planOf(keeping, readRetention(wish)),
    inForce: (own) => inForce(keeping, readRetention(own), files()),
    async days(options) {
      await telemetry.spool.flush([logsTable.name], options)
      return await readLogStorage(telemetry.client, target, options)
    },
    shares: (daysMs, options) => readLogShares(telemetry.client, daysMs, options),
  }
}

function planOf(keeping: Pick<Keeping, 'logsWith'>, own: WrittenLogRetention): KeepingPlan {
  const { limits, classes } = keeping.logsWith(own)
  const { rules, usualDays } = keptDays(limits.ageMs, classes)
  return { limits, classes: rules, usualDays, classAt: classFinder(classes) }
}

function inForce(
  keeping: Pick<Keeping, 'logsWith' | 'writtenLogs'>,
  own: WrittenLogRetention,
  files: readonly ConfigFile[],
): ReturnType<RetentionParts['inForce']> {
  const { limits, classes } = keeping.logsWith(own)
  const written = keeping.writtenLogs
  const source = (key: 'age' | 'size' | 'classes', otherwise: 'flag' | 'none') =>
    written[key] !== undefined
      ? fileSource(files, ['retention', 'logs', key])
      : ({ from: own[key] === undefined ? otherwise : 'page' } as const)
  return {
    age: { value: limits.ageMs === undefined ? 'off' : formatDurationMs(limits.ageMs), ...source('age', 'flag') },
    size: {
      value: limits.sizeBytes === undefined ? 'off' : formatByteSize(limits.sizeBytes),
      ...source('size', 'none'),
    },
    classes: { value: classes.map(ruleOf), ...source('classes', 'none') },
  }
}

const ruleOf = ({ services, levels, age }: LogClass): LogSettings['retention']['classes']['value'][number] => ({
  ...(services.length === 0 ? {} : { service: [...services] }),
  ...(levels.length === 0 ? {} : { level: [...levels] }),
  age: age === 'off' ? 'off' : formatDurationMs(age),
})

/** Of a key of tidewatch.yml. */
export function fileSource(
  files: readonly ConfigFile[],
  path: readonly string[],
): { readonly from: 'file'; readonly place: string } {
  const file = files.find((one) => /^tidewatch\.ya?ml$/.test(basename(one.path)))
  const line = file === undefined ? undefined : lineOfKey(file, path)
  return { from: 'file', place: `${file?.name ?? 'tidewatch.yml'}${line === undefined ? '' : `:${line}`}` }
}
