// The archive of logs over HTTP: what it has, a day of it as NDJSON, and days back into the store.
import { Readable } from 'node:stream'
import { type ArchivedDay, type LogArchiveState, logArchive, logRestoreWish } from '@tidewatch/api/log-archive.ts'
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import { z } from 'zod'
import { type AuditLog, defineRoute, type Identity, type Route } from '../../http/port.ts'
import type { LogArchiveStore } from '../../store/port.ts'
import type { LogArchiveSettings } from './config.ts'
import type { LogArchive } from './log-archive.ts'
import { type ArchivedPart, dayName, dayOf, folderOf, type Manifest } from './manifest.ts'
import type { LogArchiveRows, LogRestore } from './state.ts'
import type { ArchiveTarget } from './target.ts'
import { readFile } from './write-files.ts'

const path = '/api/tidewatch/v1/logs/archive'
const params = z.object({ day: z.string().max(20) })

export interface LogArchiveRouteParts {
  readonly archive: LogArchive
  readonly store: LogArchiveStore
  readonly rows: LogArchiveRows
  readonly settings: () => LogArchiveSettings | undefined
  readonly audit: AuditLog
}

export function createLogArchiveRoutes(parts: LogArchiveRouteParts): readonly Route[] {
  const { archive, audit } = parts
  return [
    defineRoute({
      ...{ method: 'GET', path, permission: 'view', errors: 'tidewatch' },
      summary: 'Archived days of logs, which of them are restored, and whether archiving works',
      response: logArchive,
      handle: async ({ identity, signal }) => ({ body: await stateOf(parts, identity, signal) }),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${path}/:day/lines`, permission: 'view', errors: 'tidewatch' },
      summary: 'All lines of an archived day as NDJSON, without restoring it',
      params,
      timeoutMs: Number.POSITIVE_INFINITY,
      async handle({ params: { day }, identity, signal }) {
        const dayMs = readDay(day)
        const { manifest, target } = await archive.day(dayMs, { signal })
        const seen = manifest.parts.filter(({ project }) => maySee(identity, project))
        return {
          headers: { 'content-type': 'application/x-ndjson' },
          body: Readable.from(linesOf(seen, { target, dayMs, signal }), { objectMode: false }),
        }
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${path}/:day/restore`, permission: 'admin', errors: 'tidewatch' },
      summary: 'Bring an archived day of logs back into the store for some days',
      params,
      body: logRestoreWish,
      async handle({ params: { day }, body: { days }, identity, signal }) {
        const restore = await archive.restore(readDay(day), days, { by: identity.name, signal })
        await audit.record({ who: identity.name, action: 'log_archive.restore', subject: day, detail: { days } })
        return { status: 202, body: { day, untilMs: restore.untilMs } }
      },
    }),
    defineRoute({
      ...{ method: 'DELETE', path: `${path}/:day/restore`, permission: 'admin', errors: 'tidewatch' },
      summary: 'Drop what was restored of a day of logs; the archive keeps it',
      params,
      async handle({ params: { day }, identity, signal }) {
        await archive.dropRestored(readDay(day), { signal })
        await audit.record({ who: identity.name, action: 'log_archive.drop_restored', subject: day })
        return {}
      },
    }),
  ]
}

function readDay(text: string): number {
  const dayMs = dayOf(text)
  if (dayMs !== undefined) return dayMs
  throw new AppError('http.invalid', `${quoteValue(text)} is not a day.`, {
    where: { key: 'params.day' },
    fix: 'Write it in UTC, such as 2026-11-20',
  })
}

const maySee = ({ projects }: Identity, project: ProjectId): boolean => projects === 'all' || projects.has(project)

async function* linesOf(
  parts: readonly ArchivedPart[],
  { target, dayMs, signal }: { readonly target: ArchiveTarget; readonly dayMs: number; readonly signal: AbortSignal },
): AsyncGenerator<Uint8Array> {
  for (const { files } of parts)
    for (const file of files) yield* readFile(target, `${folderOf(dayMs)}${file.name}`, file, { signal })
}

async function stateOf(
  { archive, store, rows, settings }: LogArchiveRouteParts,
  identity: Identity,
  signal: AbortSignal,
): Promise<LogArchiveState> {
  const trouble = await rows.trouble()
  const { afterMs, holdMs } = settings() ?? {}
  const place = await archive.place()
  const { waitingDays } = archive.stats
  const read = await archive.days({ signal }).catch((error: unknown) => AppError.from(error))
  const isUnread = read instanceof AppError
  const stored = new Set((await store.days({ signal })).map(({ dayMs }) => dayMs))
  const restores = await restoresOf(store, rows, signal)
  const manifests = isUnread || read === undefined ? new Map<number, Manifest>() : read
  const days = [...new Set([...manifests.keys(), ...restores.keys()])]
    .sort((a, b) => b - a)
    .map((dayMs) =>
      dayOfState(dayMs, manifests.get(dayMs), { identity, isStored: stored.has(dayMs), restore: restores.get(dayMs) }),
    )
  return {
    ...(place === undefined ? {} : { place }),
    ...(afterMs === undefined ? {} : { afterMs }),
    ...(holdMs === undefined ? {} : { holdMs }),
    ...(trouble === undefined || place === undefined ? {} : { trouble }),
    ...(isUnread ? { unread: read.message } : {}),
    ...(waitingDays === undefined ? {} : { waitingDays }),
    lines: days.reduce((sum, { lines }) => sum + lines, 0),
    bytes: days.reduce((sum, { bytes }) => sum + bytes, 0),
    days,
  }
}

type Restored = NonNullable<ArchivedDay['restored']>

/** By day: what is on its way or there by our rows, and what is there without one. */
async function restoresOf(
  store: LogArchiveStore,
  rows: LogArchiveRows,
  signal: AbortSignal,
): Promise<ReadonlyMap<number, Restored>> {
  const known = new Map<number, Restored>()
  for (const { dayMs, untilMs, lines } of await store.restored({ signal }))
    known.set(dayMs, { stage: 'stored', lines, ofLines: lines, untilMs, by: '', message: '' })
  for (const restore of await rows.restores()) known.set(restore.dayMs, restoredOf(restore))
  return known
}

const restoredOf = ({ stage, lines, untilMs, by, message, files }: LogRestore): Restored => ({
  ...{ stage, lines, untilMs, by, message },
  ofLines: files.reduce((sum, file) => sum + file.lines, 0),
})

function dayOfState(
  dayMs: number,
  manifest: Manifest | undefined,
  {
    identity,
    isStored,
    restore,
  }: { readonly identity: Identity; readonly isStored: boolean; readonly restore: Restored | undefined },
): ArchivedDay {
  const parts = (manifest?.parts ?? []).filter(({ project }) => maySee(identity, project))
  const files = parts.flatMap((part) => part.files)
  const sum = (of: 'lines' | 'bytes' | 'rawBytes'): number => files.reduce((total, file) => total + file[of], 0)
  return {
    ...{ day: dayName(dayMs), dayMs, lines: sum('lines'), bytes: sum('bytes'), rawBytes: sum('rawBytes') },
    ...{ files: files.length, writtenMs: manifest?.writtenMs ?? 0, isStored },
    ...(restore === undefined ? {} : { restored: restore }),
  }
}
