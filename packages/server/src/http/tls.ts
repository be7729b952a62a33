import { readFile } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'
import { AppError } from '@tidewatch/core/error.ts'

export interface TlsFiles {
  readonly certFile: string
  readonly keyFile: string
  /** Of those who sign the certificates that clients have to show. */
  readonly clientCaFile?: string
}

export interface Certificate {
  readonly cert: string
  readonly key: string
  readonly ca?: string
}

/** Certificate chain and key, which belong together. Throws `http.bad_certificate` that names the file. */
export async function readCertificate({ certFile, keyFile, clientCaFile }: TlsFiles): Promise<Certificate> {
  const cert = await read(certFile, 'certificate')
  const key = await read(keyFile, 'key')
  const clients = clientCaFile === undefined ? {} : { ca: await read(clientCaFile, 'certificate of authorities') }
  try {
    createSecureContext({ cert, key, ...clients })
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    throw new AppError('http.bad_certificate', `${certFile} and ${keyFile} cannot be used: ${detail}`, {
      where: { file: certFile },
      fix: 'Give a PEM certificate chain and the key that belongs to it.',
      cause: error,
    })
  }
  return { cert, key, ...clients }
}

async function read(file: string, what: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new AppError('http.bad_certificate', `the ${what} ${file} cannot be read.`, {
      where: { file },
      fix: 'Check the path and its permissions.',
      cause: error,
    })
  }
}
