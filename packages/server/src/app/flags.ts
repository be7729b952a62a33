// What the server was started with, by the names of Prometheus's flags where one means the same, else by our own.
import { formatByteSize } from '@tidewatch/core/byte-size.ts'
import { formatDurationMs } from '@tidewatch/core/time.ts'
import type { ServeOptions } from '../config/port.ts'
import type { RetentionLimits } from '../store/port.ts'

/** For `/api/v1/status/flags`. Users and passwords in addresses are left out. */
export function flagValues(
  options: ServeOptions,
  { ageMs, sizeBytes }: RetentionLimits,
): Readonly<Record<string, string>> {
  const { host, port, role, tls } = options
  return {
    'config.file': options.configPath ?? '',
    'storage.tsdb.path': options.dataDir,
    'storage.tsdb.retention.time': ageMs === undefined ? '0s' : formatDurationMs(ageMs),
    'storage.tsdb.retention.size': formatByteSize(sizeBytes ?? 0),
    'web.listen-address': `${host.includes(':') ? `[${host}]` : host}:${port}`,
    'web.external-url': options.externalUrl ?? '',
    // each of these has a switch in Prometheus, and needs the right permission here
    'web.enable-admin-api': 'true',
    'web.enable-lifecycle': 'true',
    'web.enable-remote-write-receiver': 'true',
    'query.lookback-delta': '5m',
    auth: String(options.auth),
    'clickhouse-url': withoutUser(options.clickhouseUrl),
    'database-url': withoutUser(options.databaseUrl),
    durability: options.durability,
    'head-memory': String(options.headMemoryBytes),
    'reload-on-change': String(options.reloadOnChange),
    role: role.join(','),
    'tls-cert': tls?.certFile ?? '',
    'tls-key': tls?.keyFile ?? '',
  }
}

/** Host and path of an address; what signs in, and parameters, which may too, stay here. */
function withoutUser(text: string | undefined): string {
  if (text === undefined) return ''
  const { protocol, host, pathname } = new URL(text)
  return `${protocol}//${host}${pathname}`
}
