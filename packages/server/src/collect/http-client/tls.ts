// tls_config, with its files read.
import type { TlsConfig } from '../http-config/port.ts'
import type { ConfigFiles } from './config-files.ts'
import type { TlsOptions } from './port.ts'

const versions = { TLS10: 'TLSv1', TLS11: 'TLSv1.1', TLS12: 'TLSv1.2', TLS13: 'TLSv1.3' } as const

/** Changes when one of the files does. */
export async function tlsStamp(tls: TlsConfig | undefined, files: ConfigFiles): Promise<string> {
  const names = [tls?.ca_file, tls?.cert_file, tls?.key_file].filter((file) => file !== undefined)
  return (await Promise.all(names.map((file) => files.changedMs(file)))).join(',')
}

export async function readTls(tls: TlsConfig | undefined, files: ConfigFiles): Promise<TlsOptions> {
  if (tls === undefined) return {}
  const text = async (inline: string | undefined, file: string | undefined) =>
    inline ?? (file === undefined ? undefined : await files.text(file))
  const [ca, cert, key] = await Promise.all([
    text(tls.ca, tls.ca_file),
    text(tls.cert, tls.cert_file),
    text(tls.key?.reveal(), tls.key_file),
  ])
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(tls.server_name === undefined ? {} : { servername: tls.server_name }),
    ...(tls.min_version === undefined ? {} : { minVersion: versions[tls.min_version] }),
    ...(tls.max_version === undefined ? {} : { maxVersion: versions[tls.max_version] }),
    rejectUnauthorized: !tls.insecure_skip_verify,
  }
}
