// The certificate in use, read again when its files change.
import { stat } from 'node:fs/promises'
import type { HealthPart, Logger, TaskGroup } from '../self/port.ts'
import { type Certificate, readCertificate, type TlsFiles } from './tls.ts'

const lookMs = 5000

export interface CertificateKeeper {
  current(): Certificate
  follow(apply: (certificate: Certificate) => void): void
  /** Throws `http.bad_certificate` and keeps the former one. */
  reload(): Promise<void>
}

export async function keepCertificate(
  files: TlsFiles,
  options: { readonly logger: Logger; readonly tasks: TaskGroup; readonly part: HealthPart },
): Promise<CertificateKeeper> {
  let certificate = await readCertificate(files)
  let stamp = await stampOf(files)
  const followers: ((certificate: Certificate) => void)[] = []
  const reload = async (): Promise<void> => {
    try {
      certificate = await readCertificate(files)
    } catch (error) {
      options.part.degraded('the new certificate cannot be used; the former one is still served')
      throw error
    }
    for (const apply of followers) apply(certificate)
    options.part.ready()
    options.logger.info('serving a new certificate', { file: files.certFile })
  }
  // looked at, not watched: certificates are often swapped behind a symbolic link, where watching sees nothing
  options.tasks.every('certificate', lookMs, async () => {
    const now = await stampOf(files)
    if (now === stamp) return
    stamp = now
    await reload()
  })
  return { current: () => certificate, follow: (apply) => followers.push(apply), reload }
}

/** Changes when one of the files does; '' while one is missing. */
async function stampOf({ certFile, keyFile, clientCaFile }: TlsFiles): Promise<string> {
  try {
    const files = [certFile, keyFile, ...(clientCaFile === undefined ? [] : [clientCaFile])]
    const stats = await Promise.all(files.map((file) => stat(file)))
    return stats.map(({ mtimeMs, ino, size }) => `${mtimeMs} ${ino} ${size}`).join(' ')
  } catch {
    // in the middle of a swap; the next look sees both
    return ''
  }
}
