// How long logs are kept, by the page: shown, tried, changed.
import {
  type LogRetentionPreview,
  type LogRetentionWish,
  type LogSettings,
  logRetentionChange,
  logRetentionPreview,
  logRetentionWish,
} from '@tidewatch/api/log-settings.ts'
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { type AuditLog, defineRoute, type Route } from '../../http/port.ts'
import type { StoredLogDay } from '../../store/port.ts'
import type { LogSettingsBook } from './book.ts'
import { costDays, type KeepingPlan, type LogShare, previewOf } from './preview.ts'

export const settingsPath = '/api/tidewatch/v1/logs/settings'

interface Waiting {
  readonly signal: AbortSignal
}

export interface RetentionParts {
  /** With these settings of the page, beneath what files say. Throws `http.invalid` for what is no setting. */
  plan(wish: LogRetentionWish): KeepingPlan
  /** As it is in force, with where each setting comes from. */
  inForce(own: LogRetentionWish): Omit<LogSettings['retention'], 'own' | 'changed'>
  /** What was acknowledged counts; oldest first. */
  days(options: Waiting): Promise<readonly StoredLogDay[]>
  /** Lines of these days by source and severity. */
  shares(daysMs: readonly number[], options: Waiting): Promise<readonly LogShare[]>
  isArchived(): boolean
}

export interface RetentionRouteParts {
  readonly book: LogSettingsBook
  readonly retention: RetentionParts
  readonly audit: AuditLog
  readonly clock: Clock
}

export function createRetentionRoutes(parts: RetentionRouteParts): readonly Route[] {
  const { book, audit } = parts
  return [
    defineRoute({
      ...{ method: 'POST', path: `${settingsPath}/retention/preview`, permission: 'view', errors: 'tidewatch' },
      summary: 'What other settings of how long logs are kept would cost, and what would go at once',
      body: logRetentionWish,
      response: logRetentionPreview,
      handle: async ({ body, signal }) => ({ body: await previewWish(parts, body, signal) }),
    }),
    defineRoute({
      ...{ method: 'PUT', path: `${settingsPath}/retention`, permission: 'admin', errors: 'tidewatch' },
      summary: 'Change how long logs are kept; what goes at once has to be confirmed',
      body: logRetentionChange,
      async handle({ body: { confirmedDays, ...wish }, identity, signal }) {
        const { drops } = await previewWish(parts, wish, signal)
        checkFiles(parts, wish)
        if (drops.days > confirmedDays) throw unconfirmed(drops, confirmedDays)
        const before = ownOf(book)
        await book.put('retention', Object.keys(wish).length === 0 ? undefined : wish, identity.name)
        await audit.record({
          ...{ who: identity.name, action: 'log_retention.change', subject: 'retention.logs' },
          detail: { before, after: wish, drops },
        })
        return {}
      },
    }),
  ]
}

export const ownOf = (book: LogSettingsBook): LogRetentionWish => book.kept.retention?.value ?? {}

async function previewWish(
  { book, retention, clock }: RetentionRouteParts,
  wish: LogRetentionWish,
  signal: AbortSignal,
): Promise<LogRetentionPreview> {
  const wished = retention.plan(wish)
  const now = retention.plan(ownOf(book))
  const days = await retention.days({ signal })
  const nowMs = clock.nowMs()
  const begins = [...new Set(costDays(days, now, nowMs).map((day) => day.dayMs))]
  const shares = begins.length === 0 ? [] : await retention.shares(begins, { signal })
  return previewOf({ days, shares, now, wished, nowMs, isArchived: retention.isArchived() })
}

/** A setting that a file goes before would be kept and do nothing. */
function checkFiles({ book, retention }: RetentionRouteParts, wish: LogRetentionWish): void {
  const own = ownOf(book)
  const inForce = retention.inForce(own)
  for (const key of ['age', 'size', 'classes'] as const) {
    const { from, place } = inForce[key]
    if (from !== 'file' || wish[key] === undefined || JSON.stringify(wish[key]) === JSON.stringify(own[key])) continue
    throw new AppError('state.conflict', `${place ?? 'tidewatch.yml'} says retention.logs.${key}, which goes first.`, {
      where: { key: `body.${key}` },
      fix: 'Change it there, or take it out of the file.',
    })
  }
}

const unconfirmed = ({ days, lines }: LogRetentionPreview['drops'], confirmed: number): AppError =>
  new AppError(
    'state.conflict',
    `${days} ${days === 1 ? 'day' : 'days'} of logs (${lines} lines) would go at once, and ${confirmed} are confirmed.`,
    {
      where: { key: 'body.confirmedDays' },
      fix: `Look at what goes (POST ${settingsPath}/retention/preview), then send its drops.days as confirmedDays.`,
    },
  )
