// Where days of logs are archived, by the page.
import { type LogArchiveWish, type LogSettings, logArchiveWish } from '@tidewatch/api/log-settings.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { type AuditLog, defineRoute, type Route } from '../../http/port.ts'
import type { KeptArchive, LogSettingsBook } from './book.ts'
import { settingsPath } from './retention-routes.ts'

export interface ArchiveParts {
  /** Throws `http.invalid` for what is no archive. */
  check(archive: KeptArchive): void
  source(): Pick<LogSettings['archive'], 'from' | 'place'>
  seal(secret: string): string
}

export interface ArchiveRouteParts {
  readonly book: LogSettingsBook
  readonly archive: ArchiveParts
  readonly audit: AuditLog
}

const path = `${settingsPath}/archive`

export function createArchiveRoutes({ book, archive, audit }: ArchiveRouteParts): readonly Route[] {
  const record = (who: string, action: string, detail: unknown) =>
    audit.record({ who, action: `log_archive.${action}`, subject: 'archive.logs', detail })
  return [
    defineRoute({
      ...{ method: 'PUT', path, permission: 'admin', errors: 'tidewatch' },
      summary: 'Change where days of logs are archived; its secret is kept sealed and never answered',
      body: logArchiveWish,
      async handle({ body, identity }) {
        checkFile(archive)
        const before = book.kept.archive?.value
        const kept = keptOf(body, before, archive)
        archive.check(kept)
        await book.put('archive', kept, identity.name)
        await record(identity.name, 'change', {
          ...{ before: shown(before), after: shown(kept) },
          isNewSecret: body.s3?.secretAccessKey !== undefined,
        })
        return {}
      },
    }),
    defineRoute({
      ...{ method: 'DELETE', path, permission: 'admin', errors: 'tidewatch' },
      summary: 'Archive days of logs no more; what is in the archive stays there',
      async handle({ identity }) {
        checkFile(archive)
        const before = book.kept.archive?.value
        await book.put('archive', undefined, identity.name)
        await record(identity.name, 'remove', { before: shown(before) })
        return {}
      },
    }),
  ]
}

/** As the page may see it. */
export function shown(archive: KeptArchive | undefined): LogArchiveWish | undefined {
  if (archive === undefined) return undefined
  const { sealedSecret: _, ...rest } = archive
  return rest
}

/** The secret is kept apart, and stays where the same key is sent without one. */
function keptOf(wish: LogArchiveWish, before: KeptArchive | undefined, { seal }: ArchiveParts): KeptArchive {
  if (wish.s3 === undefined) return wish
  const { secretAccessKey, ...s3 } = wish.s3
  const isSameKey = s3.accessKeyId !== undefined && s3.accessKeyId === before?.s3?.accessKeyId
  const sealedSecret =
    secretAccessKey === undefined ? (isSameKey ? before.sealedSecret : undefined) : seal(secretAccessKey)
  return { ...wish, s3, ...(sealedSecret === undefined ? {} : { sealedSecret }) }
}

function checkFile({ source }: ArchiveParts): void {
  const { from, place } = source()
  if (from !== 'file') return
  throw new AppError('state.conflict', `${place ?? 'tidewatch.yml'} says archive.logs, which goes first.`, {
    fix: 'Change it there, or take it out of the file.',
  })
}
