// What `serve` was told: flags first, then environment (TIDEWATCH_*), then defaults.
import { resolve } from 'node:path'
import { parseBytes } from '@tidewatch/core/byte-size.ts'
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import { nearest } from '@tidewatch/core/nearest.ts'
import { parseDurationMs } from '@tidewatch/core/time.ts'
import { durationAdvice } from '@tidewatch/yaml/duration-advice.ts'
import type { Role, ServeOptions } from './port.ts'

/** One flag of `serve`, also an environment variable: `--data-dir` is `TIDEWATCH_DATA_DIR`. */
export interface Flag {
  readonly name: string
  /** Undefined: a switch. */
  readonly argument: string | undefined
  readonly help: string
  readonly fallback?: string
}

export const serveFlags: readonly Flag[] = [
  {
    name: 'config',
    argument: 'FILE|DIR',
    help: 'a prometheus.yml, or a directory with it and the other files of a team',
  },
  {
    name: 'alertmanager-config',
    argument: 'FILE',
    help: 'an alertmanager.yml that is not among the files of --config',
  },
  { name: 'data-dir', argument: 'DIR', help: 'where everything is kept', fallback: './tidewatch-data' },
  { name: 'host', argument: 'ADDRESS', help: 'address to listen on', fallback: '127.0.0.1' },
  { name: 'port', argument: 'PORT', help: 'port to listen on; 0 takes a free one', fallback: '4900' },
  { name: 'no-auth', argument: undefined, help: 'no sign-in; only on a loopback address' },
  { name: 'external-url', argument: 'URL', help: 'how people reach this server; needed behind a proxy' },
  { name: 'retention', argument: 'DURATION|off', help: 'how long data is kept', fallback: '30d' },
  {
    name: 'durability',
    argument: 'group|fsync',
    help: 'when an answer is given: written (synced every second), or synced',
    fallback: 'group',
  },
  {
    name: 'head-memory',
    argument: 'SIZE',
    help: 'memory for the newest samples, which queries find without the store; 1MB to 800MB',
    fallback: '128MB',
  },
  { name: 'clickhouse-url', argument: 'URL', help: 'a ClickHouse server in place of the embedded engine' },
  { name: 'database-url', argument: 'URL', help: 'a Postgres for state in place of SQLite' },
  {
    name: 'role',
    argument: 'ROLES',
    help: 'all, or a comma-separated part of ingest,query,rules,probes',
    fallback: 'all',
  },
  { name: 'reload-on-change', argument: undefined, help: 'read the configuration again when a file of it changes' },
  { name: 'tls-cert', argument: 'FILE', help: 'serve HTTPS with this certificate (PEM)' },
  { name: 'tls-key', argument: 'FILE', help: 'and this key' },
]

const minHeadBytes = 2 ** 20
const maxHeadBytes = 800 * 2 ** 20

const roles: readonly Role[] = ['all', 'ingest', 'query', 'rules', 'probes']

/** Reads the flags of `serve`. Throws `config.invalid` that names the flag. */
export function readServeOptions(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): ServeOptions {
  const given = readFlags(args, serveFlags)
  const value = (name: string): string | undefined =>
    given.get(name) ?? env[envName(name)] ?? serveFlags.find((flag) => flag.name === name)?.fallback
  const isOn = (name: string): boolean =>
    given.has(name) || ['1', 'true', 'yes', 'on'].includes((env[envName(name)] ?? '').toLowerCase())
  return {
    alertmanagerConfigPath: readPath(value('alertmanager-config')),
    configPath: value('config') === undefined ? undefined : resolve(value('config') as string),
    dataDir: resolve(value('data-dir') as string),
    host: value('host') as string,
    port: readPort(value('port') as string),
    auth: !isOn('no-auth'),
    clickhouseUrl: readUrl('clickhouse-url', value('clickhouse-url'), ['http:', 'https:']),
    databaseUrl: readUrl('database-url', value('database-url'), ['postgres:', 'postgresql:']),
    role: readRoles(value('role') as string),
    retentionMs: readRetention(value('retention') as string),
    durability: readChoice('durability', value('durability') as string, ['group', 'fsync'] as const),
    headMemoryBytes: readHeadMemory(value('head-memory') as string),
    externalUrl: readUrl('external-url', value('external-url'), ['http:', 'https:']),
    reloadOnChange: isOn('reload-on-change'),
    tls: readTls(value('tls-cert'), value('tls-key')),
  }
}

export const envName = (flag: string): string => `TIDEWATCH_${flag.toUpperCase().replaceAll('-', '_')}`

/** Splits arguments into flags; `--a b` and `--a=b`. Throws for an unknown one, with the nearest right one. */
export function readFlags(args: readonly string[], flags: readonly Flag[]): Map<string, string> {
  const given = new Map<string, string>()
  for (let i = 0; i < args.length; i++) {
    const text = args[i] as string
    const match = /^--([^=]+)(?:=(.*))?$/s.exec(text)
    if (match === null) throw bad(text, 'is not a flag', 'Flags begin with two dashes.')
    const name = match[1] as string
    const flag = flags.find((known) => known.name === name)
    if (flag === undefined) throw unknownFlag(name, flags)
    if (flag.argument === undefined) {
      if (match[2] !== undefined) throw bad(`--${name}`, 'takes no value', `Write --${name} alone.`)
      given.set(name, '')
      continue
    }
    const value = match[2] ?? args[++i]
    if (value === undefined) throw bad(`--${name}`, 'needs a value', `Write --${name} ${flag.argument}.`)
    given.set(name, value)
  }
  return given
}

function unknownFlag(name: string, flags: readonly Flag[]): AppError {
  const meant = nearest(
    name,
    flags.map((flag) => flag.name),
  )
  return bad(`--${name}`, 'is not a flag', meant === undefined ? 'See: tidewatch --help' : `Did you mean --${meant}?`)
}

function bad(flag: string, message: string, fix: string): AppError {
  return new AppError('config.invalid', `${flag} ${message}.`, { where: { key: flag }, fix })
}

function readPort(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65_535)
    throw bad('--port', `is ${quoteValue(text)}, not a port`, 'Write a number from 0 to 65535.')
  return port
}

function readRetention(text: string): number | undefined {
  if (text === 'off') return undefined
  const ms = parseDurationMs(text)
  if (ms === undefined || ms === 0)
    throw bad('--retention', `is ${quoteValue(text)}, ${durationAdvice(text)}`, 'Or write off to keep everything.')
  return ms
}

function readHeadMemory(text: string): number {
  const bytes = parseBytes(text)
  if (bytes === undefined || bytes < minHeadBytes || bytes > maxHeadBytes)
    throw bad('--head-memory', `is ${quoteValue(text)}, not a size from 1MB to 800MB`, 'Write one such as 128MB.')
  return bytes
}

const readPath = (text: string | undefined): string | undefined => (text === undefined ? undefined : resolve(text))

function readRoles(text: string): Role[] {
  return text.split(',').map((part) => readChoice('role', part.trim(), roles))
}

function readChoice<T extends string>(name: string, text: string, choices: readonly T[]): T {
  const choice = choices.find((known) => known === text)
  if (choice === undefined) throw bad(`--${name}`, `is ${quoteValue(text)}`, `Allowed: ${choices.join(', ')}.`)
  return choice
}

function readUrl(name: string, text: string | undefined, protocols: readonly string[]): string | undefined {
  if (text === undefined || text === '') return undefined
  if (!URL.canParse(text) || !protocols.includes(new URL(text).protocol)) {
    throw bad(
      `--${name}`,
      'is not such a URL',
      `Write one that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
    )
  }
  return text
}

function readTls(certFile: string | undefined, keyFile: string | undefined): ServeOptions['tls'] {
  if (certFile === undefined && keyFile === undefined) return undefined
  if (certFile === undefined || keyFile === undefined)
    throw bad('--tls-cert', 'and --tls-key belong together', 'Give both.')
  return { certFile: resolve(certFile), keyFile: resolve(keyFile) }
}
