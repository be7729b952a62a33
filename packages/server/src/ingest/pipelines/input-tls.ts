import { AppError } from '@tidewatch/core/error.ts'
import type { InputDescription } from '@tidewatch/logstash/inputs.ts'

interface InputTls {
  readonly cert_file: string
  readonly key_file: string
  readonly client_ca_file?: string
}

const isOn = (text: string | undefined): boolean => text === 'true'

/** What the many names of Logstash's settings say; undefined where it speaks without TLS. */
export function tlsOf({ kind, settings, place }: InputDescription): InputTls | undefined {
  const one = (...names: readonly string[]): string | undefined =>
    names.flatMap((name) => settings.get(name)?.[0] ?? [])[0]
  if (!isOn(one('ssl_enabled', 'ssl_enable', 'ssl'))) return undefined
  const cert = one('ssl_certificate', 'ssl_cert')
  const key = one('ssl_key')
  if (cert === undefined || key === undefined)
    throw new AppError('config.invalid', `the input ${kind} speaks TLS without a certificate.`, {
      where: { line: place.line, column: place.column, key: kind },
      fix: 'Write ssl_certificate and ssl_key.',
    })
  const authority = one('ssl_certificate_authorities', 'ssl_cacert')
  const asks = one('ssl_client_authentication', 'ssl_verify_mode') ?? one('ssl_verify') ?? 'none'
  const isAsked = authority !== undefined && !['none', 'false', 'peer'].includes(asks)
  return { cert_file: cert, key_file: key, ...(isAsked ? { client_ca_file: authority } : {}) }
}
