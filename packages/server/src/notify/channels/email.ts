import { createHash } from 'node:crypto'
import { AppError } from '@tidewatch/core/error.ts'
import { createTransport, type SendMailOptions } from 'nodemailer'
import addressParser from 'nodemailer/lib/addressparser'
import { z } from 'zod'
import { tlsSchema } from '../../collect/http-config/port.ts'
import { duration, plain, secret, template } from '../options.ts'
import { defineChannel, type Notification, type SendContext, type SendResult } from '../port.ts'
import { bodyText, detailsOf, groupHash, headline, momentMs, stateWord } from '../wording.ts'

const schema = z.strictObject({
  to: template.meta({ title: 'To', help: 'addresses, with commas between them' }),
  from: template.meta({ title: 'From' }),
  smarthost: plain
    .pipe(z.string().regex(/^(?:\[[^\]]+\]|[^:[\]]+):\d{1,5}$/, 'not host:port. Write it as smtp.example.org:587'))
    .meta({ title: 'Mail server', help: 'smtp.example.org:587; 465 speaks TLS from the first byte' }),
  hello: plain.default('localhost'),
  auth_username: plain.optional().meta({ title: 'User' }),
  auth_password: secret.optional().meta({ title: 'Password' }),
  auth_password_file: plain.optional(),
  auth_secret: secret.optional().meta({ title: 'Secret for CRAM-MD5' }),
  auth_secret_file: plain.optional(),
  auth_identity: plain.optional(),
  headers: z.record(z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, 'not a name of a header'), template).default({}),
  subject: template.optional().meta({ title: 'Subject', help: '"[ALERT] …" when left out' }),
  html: template.default('{{ template "email.default.html" . }}'),
  text: template.optional(),
  require_tls: z.boolean().default(true).meta({ title: 'Refuse servers without STARTTLS' }),
  force_implicit_tls: z.boolean().optional(),
  tls_config: tlsSchema.optional(),
  threading: z
    .strictObject({
      enabled: z.boolean().default(false),
      thread_by_date: z.enum(['', 'none', 'daily']).default('daily'),
    })
    .prefault({}),
  timeout: duration.optional(),
})

type Config = z.output<typeof schema>

/** SMTP, RFC 5321. The Message-ID is the key: mail servers and readers show one id once. */
export const email = defineChannel({
  kind: 'email',
  title: 'Email',
  repeats: 'once',
  config: schema,
  personal: { address: 'email', config: (config, to) => ({ ...config, to }) },
  environment: {
    variables: {
      SMTP_HOST: 'mail server',
      SMTP_PORT: 'its port; 587 when left out',
      SMTP_USER: 'user at the mail server',
      SMTP_PASSWORD: 'password of that user',
      SMTP_FROM: 'sender; SMTP_USER when left out, where that is an address',
      SMTP_REQUIRE_TLS: 'false: a server without STARTTLS will do',
      ALERT_EMAIL_TO: 'who is told: addresses, with commas between them',
      ALERT_EMAIL: 'the same, for one address',
    },
    trigger: 'SMTP_HOST',
    read(env) {
      const to = env.ALERT_EMAIL_TO || env.ALERT_EMAIL
      if (!to) return { missing: ['ALERT_EMAIL_TO'] }
      const host = env.SMTP_HOST ?? ''
      const user = env.SMTP_USER || undefined
      const from = env.SMTP_FROM || (user?.includes('@') ? user : `tidewatch@${host}`)
      const options = {
        ...{ to, from, smarthost: `${host}:${env.SMTP_PORT || '587'}`, auth_username: user },
        ...{ auth_password: env.SMTP_PASSWORD || undefined, require_tls: env.SMTP_REQUIRE_TLS !== 'false' },
      }
      return { options }
    },
  },
  async send(notification, config, context) {
    const message = messageOf(notification, config, context)
    const transport = createTransport(await connectionOf(config, context))
    const stop = (): void => transport.close()
    context.signal.addEventListener('abort', stop, { once: true })
    try {
      return await deliver(recipients(config, context), context, (to) =>
        transport.sendMail({ ...message, envelope: { from: envelopeSender(config, context), to: [...to] } }),
      )
    } finally {
      context.signal.removeEventListener('abort', stop)
      transport.close()
    }
  },
})

const addressesIn = (text: string): string[] => addressParser(text, { flatten: true }).map(({ address }) => address)

function recipients({ to }: Config, { templates }: SendContext): string[] {
  const addresses = addressesIn(templates.text(to)).filter((address) => address.includes('@'))
  if (addresses.length === 0) throw new AppError('config.invalid', '`to` has no address of mail.')
  return [...new Set(addresses)]
}

function envelopeSender({ from }: Config, { templates }: SendContext): string {
  const [address, second] = addressesIn(templates.text(from))
  if (address === undefined || second !== undefined)
    throw new AppError('config.invalid', '`from` is not exactly one address of mail.')
  return address
}

async function connectionOf(config: Config, { secrets, tls, signal }: SendContext) {
  const match = /^\[?(.*?)\]?:(\d+)$/.exec(config.smarthost)
  const host = match?.[1] ?? ''
  const port = Number(match?.[2])
  const user = config.auth_username === '' ? undefined : config.auth_username
  const cram = user === undefined ? undefined : await secrets.read(config.auth_secret, config.auth_secret_file)
  const password = user === undefined ? undefined : await secrets.read(config.auth_password, config.auth_password_file)
  const isImplicit = config.force_implicit_tls ?? port === 465
  signal.throwIfAborted()
  return {
    ...{ host, port, name: config.hello || 'localhost', secure: isImplicit },
    requireTLS: config.require_tls && !isImplicit,
    ignoreTLS: !config.require_tls,
    tls: await tls(config.tls_config),
    // the signal ends what takes longer than the delivery may
    ...{ connectionTimeout: 30_000, greetingTimeout: 30_000, socketTimeout: 60_000 },
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(user === undefined ? {} : { auth: { user, pass: password ?? cram ?? '' } }),
    ...(cram !== undefined && password === undefined ? { authMethod: 'CRAM-MD5' } : {}),
  }
}

const doneSchema = z.object({ key: z.string(), done: z.array(z.string()) })

interface Sent {
  readonly response: string
  readonly accepted: readonly unknown[]
  readonly rejectedErrors?:
    | readonly { readonly recipient?: unknown; readonly responseCode?: unknown; readonly response?: unknown }[]
    | undefined
}

/** A recipient whom the server refuses keeps the mail from nobody else; one who is refused for now is tried again alone. */
async function deliver(
  all: readonly string[],
  { memory, idempotencyKey: key }: SendContext,
  send: (to: readonly string[]) => Promise<Sent>,
): Promise<SendResult> {
  const kept = await memory.read()
  const former = kept === undefined ? undefined : doneSchema.safeParse(JSON.parse(kept)).data
  const done = new Set(former?.key === key ? former.done : [])
  let sent: Sent
  try {
    sent = await send(all.filter((address) => !done.has(address)))
  } catch (error) {
    return refused(error)
  }
  const rejected = (sent.rejectedErrors ?? []).map(({ recipient, responseCode, response }) => ({
    recipient: String(recipient),
    code: Number(responseCode),
    response: String(response),
  }))
  const waiting = rejected.filter(({ code }) => code >= 400 && code < 500)
  const text = rejected.map(({ recipient, response }) => `not to ${recipient}: ${response}`).join('; ')
  const answer = text === '' ? sent.response : `${sent.response}; ${text}`
  if (waiting.length === 0) {
    if (former !== undefined) await memory.write(undefined)
    return { status: 250, answer }
  }
  const late = new Set(waiting.map(({ recipient }) => recipient))
  await memory.write(JSON.stringify({ key, done: all.filter((address) => !late.has(address)) }))
  return { status: 450, answer, verdict: 'retry' }
}

/** What the server said, or why it was not reached. 4xx of SMTP passes, and so may what is wrong with TLS or the password; a message or recipient that is refused with 5xx stays so. */
function refused(error: unknown): SendResult {
  const { responseCode, response, code, message } = error as Partial<
    Record<'responseCode' | 'response' | 'code' | 'message', unknown>
  >
  if (typeof responseCode === 'number') {
    const isFinal = responseCode >= 500 && (code === 'EENVELOPE' || code === 'EMESSAGE')
    return { status: responseCode, answer: String(response ?? message), verdict: isFinal ? 'failed' : 'retry' }
  }
  throw new AppError(
    'notify.failed',
    `the mail server was not reached or did not do as it should: ${String(message ?? error)}.`,
    {
      cause: error,
    },
  )
}

const idOf = (text: string, host: string): string =>
  `<${createHash('sha256').update(text).digest('hex').slice(0, 40)}@${host}>`

function messageOf(notification: Notification, config: Config, context: SendContext): SendMailOptions {
  const { templates, clock, idempotencyKey } = context
  const written = new Map(Object.entries(config.headers).map(([name, value]) => [name.toLowerCase(), { name, value }]))
  const header = (name: string): string | undefined => {
    const found = written.get(name)
    return found === undefined ? undefined : templates.text(found.value)
  }
  const host = envelopeSender(config, context).split('@').at(-1) ?? 'localhost'
  const own = new Set(['subject', 'to', 'from', 'message-id'])
  const headers = [...written]
    .filter(([name]) => !own.has(name))
    .map(([, { name, value }]) => ({ key: name, value: templates.text(value) }))
  const text = config.text === undefined ? ownText(notification, clock.nowMs()) : templates.text(config.text)
  const html = config.html === '' ? '' : templates.html(config.html)
  return {
    from: header('from') ?? templates.text(config.from),
    to: header('to') ?? templates.text(config.to),
    subject: (header('subject') ?? subjectOf(notification, config, templates)).replaceAll(/[\r\n]+/g, ' ').trim(),
    messageId: header('message-id') ?? idOf(idempotencyKey, host),
    date: new Date(clock.nowMs()),
    headers: [...headers, ...importance(notification)],
    ...(text === '' ? {} : { text }),
    ...(html === '' ? {} : { html }),
    ...threadOf(notification, config, { host, nowMs: clock.nowMs() }),
  }
}

function subjectOf(notification: Notification, { subject }: Config, templates: SendContext['templates']): string {
  if (subject !== undefined) return templates.text(subject)
  const word = notification.status === 'resolved' ? 'RESOLVED' : 'ALERT'
  return `[${word}] ${headline(notification)}`
}

/** All mails of a group hang on one root that is never sent, of the day or for ever, as Alertmanager threads them. */
function threadOf(
  { groupKey }: Notification,
  { threading }: Config,
  { host, nowMs }: { readonly host: string; readonly nowMs: number },
) {
  if (!threading.enabled) return {}
  const day = threading.thread_by_date === 'none' ? '' : `-${new Date(nowMs).toISOString().slice(0, 10)}`
  const root = `<alert-${groupHash(groupKey).slice(0, 40)}${day}@${host}>`
  return { references: root, inReplyTo: root }
}

const importance = ({ severity, status }: Notification): { readonly key: string; readonly value: string }[] =>
  severity === 'critical' && status === 'firing'
    ? [
        { key: 'X-Priority', value: '1' },
        { key: 'Importance', value: 'high' },
      ]
    : []

function ownText(notification: Notification, nowMs: number): string {
  const details = Object.entries(detailsOf(notification)).map(([name, value]) => `  ${name}: ${String(value)}`)
  const { alert, acknowledge, silence } = notification.links
  const links = [
    `Alert: ${alert}`,
    ...(notification.status === 'firing' ? [`Acknowledge: ${acknowledge}`, `Silence: ${silence}`] : []),
  ]
  const time = new Date(momentMs(notification, nowMs)).toISOString()
  return [
    `${stateWord(notification)}: ${headline(notification)}`,
    time,
    '',
    bodyText(notification),
    '',
    ...details,
    '',
    ...links,
    '',
  ].join('\n')
}
