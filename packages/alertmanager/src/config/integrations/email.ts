import { field, optional, record, StructForm, type Values } from '@tidewatch/yaml/form.ts'
import type { Complain } from '@tidewatch/yaml/place.ts'
import { text, truth } from '@tidewatch/yaml/scalars.ts'
import { fallBack } from '../given.ts'
import type { GlobalValues } from '../global.ts'
import { tlsConfig } from '../http-config.ts'
import { defineIntegration, sendResolved } from '../integration.ts'
import { hidden, hostPort, template } from '../values.ts'

const threading = new StructForm({ enabled: field(truth), thread_by_date: field(text) })

const fields = {
  send_resolved: sendResolved(false),
  to: field(text),
  from: field(text),
  hello: field(text),
  smarthost: field(hostPort),
  auth_username: field(text),
  auth_password: field(hidden),
  auth_password_file: field(text),
  auth_secret: field(hidden),
  auth_secret_file: field(text),
  auth_identity: field(text),
  headers: field(record(text)),
  html: template('{{ template "email.default.html" . }}'),
  text: template(),
  require_tls: field(optional(truth)),
  tls_config: field(tlsConfig),
  /** Undefined: by the port, 465 speaks TLS from the first byte. */
  force_implicit_tls: field(optional(truth)),
  threading: field(threading),
}

type Email = Values<typeof fields>

/** `content-type` to `Content-Type`; what is no header name stays, as Go's textproto has it. */
function canonicalName(name: string): string {
  if (!/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(name)) return name
  return name
    .toLowerCase()
    .replace(/(^|-)([a-z])/g, (_, before: string, letter: string) => before + letter.toUpperCase())
}

function check(config: Email, complain: Complain): void {
  if (config.to === '') complain('to', 'missing; the mail goes there.')
  const headers = new Map<string, string>()
  for (const [name, value] of config.headers ?? []) {
    const canonical = canonicalName(name)
    if (headers.has(canonical))
      complain(
        'headers',
        `${JSON.stringify(canonical)} stands here twice; letters large or small are the same.`,
        'Keep one of them.',
      )
    headers.set(canonical, value)
  }
  config.headers = headers
  if (!config.threading.enabled) return
  for (const name of ['References', 'In-Reply-To'])
    if (headers.has(name)) complain('headers', `${name} is set by threading.`, 'Take it out, or switch threading off.')
  if (!['none', 'daily'].includes(config.threading.thread_by_date))
    complain('threading', 'thread_by_date must be none or daily.')
}

function complete(config: Email, global: GlobalValues, complain: Complain): void {
  config.tls_config ??= global.smtp_tls_config
  config.smarthost ||= global.smtp_smarthost
  if (config.smarthost === '') complain('smarthost', 'missing; global has no smtp_smarthost either.')
  config.from ||= global.smtp_from
  if (config.from === '') complain('from', 'missing; global has no smtp_from either.')
  config.hello ||= global.smtp_hello
  config.auth_username ||= global.smtp_auth_username
  const password = fallBack(
    [config.auth_password, config.auth_password_file],
    [global.smtp_auth_password, global.smtp_auth_password_file],
  )
  ;[config.auth_password, config.auth_password_file] = password
  config.auth_secret ??= global.smtp_auth_secret
  config.auth_secret_file ||= global.smtp_auth_secret_file
  config.auth_identity ||= global.smtp_auth_identity
  config.require_tls ??= global.smtp_require_tls
  config.force_implicit_tls ??= global.smtp_force_implicit_tls
}

export const email = defineIntegration(new StructForm(fields, { check }), complete)
