// The archive as the page says it, where tidewatch.yml says none.
import { type ArchiveSettings, archiveSection, type LogArchiveSettings } from '../features/log-archive/config.ts'
import type { ArchiveParts } from '../features/log-settings/archive-routes.ts'
import type { KeptArchive, LogSettingsBook } from '../features/log-settings/book.ts'
import type { Sealer } from '../state/port.ts'
import type { Configuration } from './configuration.ts'
import { fileSource, invalid } from './log-settings.ts'

const place = 'log_settings/archive/secret_access_key'

/** Throws `http.invalid`. */
function readArchive(kept: KeptArchive, sealer: Pick<Sealer, 'open'>): LogArchiveSettings | undefined {
  const { sealedSecret, s3, ...rest } = kept
  const bucket =
    s3 === undefined
      ? undefined
      : {
          ...{ bucket: s3.bucket, region: s3.region, endpoint: s3.endpoint, prefix: s3.prefix },
          access_key_id: s3.accessKeyId,
          secret_access_key: sealedSecret === undefined ? undefined : sealer.open(sealedSecret, place),
        }
  const read = archiveSection.schema.safeParse({ logs: { ...rest, s3: bucket } })
  if (read.success) return read.data.logs
  const [issue] = read.error.issues
  if (issue === undefined) throw read.error
  throw invalid({ ...issue, path: issue.path.slice(1) })
}

export const archiveOfFile = ({ sections }: Pick<Configuration, 'sections'>): LogArchiveSettings | undefined =>
  (sections.get(archiveSection.key) as ArchiveSettings).logs

/** The same object until it changes. */
export function ownArchive(book: LogSettingsBook, sealer: Sealer): () => LogArchiveSettings | undefined {
  let known: KeptArchive | undefined
  let read: LogArchiveSettings | undefined
  return () => {
    const kept = book.kept.archive?.value
    if (kept !== known) read = kept === undefined ? undefined : readArchive(kept, sealer)
    known = kept
    return read
  }
}

export function archiveParts(
  { current }: { readonly current: () => Configuration },
  { book, sealer }: { readonly book: LogSettingsBook; readonly sealer: Sealer },
): ArchiveParts {
  return {
    check: (kept) => void readArchive(kept, sealer),
    source() {
      const configuration = current()
      if (archiveOfFile(configuration) !== undefined) return fileSource(configuration.files, ['archive', 'logs'])
      return { from: book.kept.archive === undefined ? 'none' : 'page' }
    },
    seal: (secret) => sealer.seal(secret, place),
  }
}
