// Buttons and replies: Slack, Telegram and Twilio call us, each proves itself in its own way, and all end in the same function.
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { escapeMarkup } from '@tidewatch/core/markup.ts'
import type { Secret } from '@tidewatch/core/secret.ts'
import { z } from 'zod'
import { type Answer, defineRoute, type RequestContext, type Route } from '../../http/port.ts'
import type { Acknowledgement, Acknowledgements } from '../port.ts'
import type { AcknowledgeLinks } from './links.ts'
import { tokenOf } from './links.ts'
import { acknowledgementsPath } from './routes.ts'

/** What proves that a call is Slack's, Telegram's or Twilio's; undefined: not set up, and refused. */
export interface ReplySecrets {
  readonly slack: Secret | undefined
  readonly telegram: Secret | undefined
  /** The bot that is asked for its updates, where Telegram cannot call us. */
  readonly telegramBot: TelegramBot | undefined
  readonly twilio: Secret | undefined
}

export interface TelegramBot {
  readonly token: Secret
  /** Without a slash at its end. */
  readonly apiUrl: string
}

/** Whom an address belongs to, and what they were called for: on-call knows. */
export interface KnownPeople {
  find(kind: 'slack' | 'telegram' | 'phone', address: string): string | undefined
  /** The groups for which the person is being called now. */
  openGroups(person: string): readonly string[]
}

export interface ReplyParts {
  readonly secrets: () => ReplySecrets
  readonly people: () => KnownPeople
  readonly links: () => AcknowledgeLinks
  readonly acknowledgements: () => Acknowledgements
  readonly clock: Clock
  readonly externalUrl: () => string
}

/** Slack's button payload carries the whole message. */
const limits = { maxBytes: 256 * 1024, maxInflatedBytes: 512 * 1024 }
/** As old as a call of Slack's may be, as it advises itself. */
const slackToleranceMs = 300_000

export function createReplyRoutes(parts: ReplyParts): readonly Route[] {
  const seen = new SeenCalls(parts.clock)
  const route = (name: string, summary: string, handle: (context: RequestContext) => Promise<Answer>): Route =>
    defineRoute({
      method: 'POST',
      path: `${acknowledgementsPath}/${name}`,
      permission: 'public',
      errors: 'tidewatch',
      summary,
      bodyKind: 'bytes',
      limits,
      handle,
    })
  return [
    route('slack', "Slack's interactivity: the button of a message.", (context) => fromSlack(parts, seen, context)),
    route('telegram', "Telegram's webhook: the button of a message.", (context) => fromTelegram(parts, seen, context)),
    route('twilio', "Twilio's webhook: a text message with ack.", (context) => fromTwilio(parts, seen, context)),
  ]
}

/** A call that was heard is not heard again: what is signed stays valid for whoever has recorded it. */
class SeenCalls {
  readonly #clock: Clock
  readonly #until = new Map<string, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** False where it was there already. */
  add(call: string, forMs: number): boolean {
    const nowMs = this.#clock.nowMs()
    for (const [known, untilMs] of this.#until)
      if (untilMs < nowMs || this.#until.size > 10_000) this.#until.delete(known)
    if (this.#until.has(call)) return false
    this.#until.set(call, nowMs + forMs)
    return true
  }
}

const notSetUp = (who: string, key: string): AppError =>
  new AppError('access.denied', `${who} is not set up here.`, { fix: `Set acknowledge.${key} in tidewatch.yml.` })
const forged = (who: string): AppError =>
  new AppError('access.denied', `this call is not ${who}'s, or it was changed on the way.`, {
    fix: 'Compare the secret in tidewatch.yml with the one there.',
  })
const again = (): AppError => new AppError('access.denied', 'this call was heard before.')

function isSame(given: unknown, right: string): boolean {
  if (typeof given !== 'string') return false
  const a = Buffer.from(given)
  const b = Buffer.from(right)
  return a.length === b.length && timingSafeEqual(a, b)
}

const textOf = (body: unknown): string => new TextDecoder().decode(body as Uint8Array)

function parse<T>(schema: z.ZodType<T>, text: string): T {
  try {
    return schema.parse(JSON.parse(text))
  } catch (cause) {
    throw new AppError('http.invalid', 'the body is not of the form that is documented for it.', { cause })
  }
}

const slackPayload = z.object({
  type: z.string(),
  user: z.object({
    id: z.string().max(100),
    username: z.string().max(200).optional(),
    name: z.string().max(200).optional(),
  }),
  actions: z.array(z.object({ action_id: z.string().optional(), value: z.string().max(2000).optional() })).max(25),
})

/** https://docs.slack.dev/authentication/verifying-requests-from-slack */
async function fromSlack(parts: ReplyParts, seen: SeenCalls, { body, headers }: RequestContext): Promise<Answer> {
  const { slack: secret } = parts.secrets()
  if (secret === undefined) throw notSetUp('Slack', 'slack.signing_secret')
  const text = textOf(body)
  const sentAt = String(headers['x-slack-request-timestamp'] ?? '')
  const ageMs = Math.abs(parts.clock.nowMs() - Number(sentAt) * 1000)
  if (!/^\d{1,12}$/.test(sentAt) || ageMs > slackToleranceMs) throw forged('Slack')
  const signature = createHmac('sha256', secret.reveal()).update(`v0:${sentAt}:${text}`).digest('hex')
  if (!isSame(headers['x-slack-signature'], `v0=${signature}`)) throw forged('Slack')
  if (!seen.add(`slack ${signature}`, 2 * slackToleranceMs)) throw again()
  const { type, user, actions } = parse(slackPayload, new URLSearchParams(text).get('payload') ?? '')
  const value = actions.find(({ value: one }) => one !== undefined)?.value
  // other buttons of the same app, and buttons that are links, are none of ours
  if ((type !== 'block_actions' && type !== 'interactive_message') || value === undefined) return { body: '' }
  const name = parts.people().find('slack', user.id) ?? user.username ?? user.name ?? user.id
  const said = await sayTaken(parts, tokenOf(value), { by: name, via: 'slack' })
  return { body: { response_type: 'in_channel', replace_original: false, text: said } }
}

export const telegramUpdate = z.object({
  update_id: z.int(),
  callback_query: z
    .object({
      id: z.string().max(100),
      from: z.object({
        id: z.int(),
        username: z.string().max(100).optional(),
        first_name: z.string().max(200).optional(),
      }),
      data: z.string().max(64).optional(),
    })
    .optional(),
})

/** https://core.telegram.org/bots/api#setwebhook with `secret_token`; the answer is a call of the bot's. */
async function fromTelegram(parts: ReplyParts, seen: SeenCalls, { body, headers }: RequestContext): Promise<Answer> {
  const { telegram: secret } = parts.secrets()
  if (secret === undefined) throw notSetUp('Telegram', 'telegram.secret_token')
  if (!isSame(headers['x-telegram-bot-api-secret-token'], secret.reveal())) throw forged('Telegram')
  const update = parse(telegramUpdate, textOf(body))
  // Telegram sends an update again until it hears 200
  if (!seen.add(`telegram ${update.update_id}`, 86_400_000)) return { body: '' }
  const answer = await takeByTelegram(parts, update)
  return { body: answer === undefined ? '' : { method: 'answerCallbackQuery', ...answer } }
}

/** What the bot answers to the press of a button (https://core.telegram.org/bots/api#answercallbackquery); undefined: it was no button of ours. */
export async function takeByTelegram(
  parts: Pick<ReplyParts, 'people' | 'links'>,
  { callback_query: query }: z.infer<typeof telegramUpdate>,
): Promise<object | undefined> {
  if (query?.data === undefined) return undefined
  const { id, username, first_name: firstName } = query.from
  const name = parts.people().find('telegram', String(id)) ?? username ?? firstName ?? String(id)
  const text = await sayTaken(parts, tokenOf(query.data), { by: name, via: 'telegram' })
  return { callback_query_id: query.id, text: text.slice(0, 200), show_alert: true }
}

/** What the button's owner reads; a link that is too old is told, not refused. */
async function sayTaken(
  { links }: Pick<ReplyParts, 'links'>,
  token: string,
  who: { readonly by: string; readonly via: string },
): Promise<string> {
  try {
    const { added, taken, firing, by } = await links().take(token, { ...who, note: '' })
    return firing.length === 0 ? 'It is over: nothing of it fires any more.' : saidOf(added, taken, by)
  } catch (error) {
    if (error instanceof AppError && error.code === 'access.link_expired') return `${error.message} ${error.fix ?? ''}`
    throw error
  }
}

function saidOf(added: readonly Acknowledgement[], taken: readonly Acknowledgement[], by: string): string {
  const alerts = (count: number): string => (count === 1 ? '1 alert' : `${count} alerts`)
  if (added.length > 0) return `${by} took ${alerts(added.length)}.`
  return `${[...new Set(taken.map((one) => one.by))].join(', ')} had taken it before.`
}

const xmlHeaders = { 'content-type': 'text/xml; charset=utf-8' }

/** https://www.twilio.com/docs/usage/security#validating-requests: HMAC-SHA1 over the URL and the sorted fields. */
async function fromTwilio(parts: ReplyParts, seen: SeenCalls, { body, headers }: RequestContext): Promise<Answer> {
  const { twilio: secret } = parts.secrets()
  if (secret === undefined) throw notSetUp('Twilio', 'twilio.auth_token')
  const fields = [...new URLSearchParams(textOf(body))]
  const sorted = fields.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([name, value]) => `${name}${value}`)
  const signed = `${parts.externalUrl()}${acknowledgementsPath}/twilio${sorted.join('')}`
  const signature = createHmac('sha1', secret.reveal()).update(signed).digest('base64')
  if (!isSame(headers['x-twilio-signature'], signature)) throw forged('Twilio')
  const field = (name: string): string => fields.find(([one]) => one === name)?.[1] ?? ''
  if (!seen.add(`twilio ${field('MessageSid')}`, 86_400_000)) throw again()
  const text = await takeByText(parts, field('From'), field('Body'))
  return {
    headers: xmlHeaders,
    body: `<?xml version="1.0" encoding="UTF-8"?><Response><Message>${escapeMarkup(text)}</Message></Response>`,
  }
}

/** `ack` and what stands behind it as a note. Only whom we call ourselves is known, and only for what they are called. */
async function takeByText({ people, acknowledgements }: ReplyParts, from: string, text: string): Promise<string> {
  const person = people().find('phone', from)
  if (person === undefined) return 'This number is not in the on-call list.'
  const match = /^\s*(?:ack|acknowledge|ok|yes|take)\b[\s:.,!-]*(.*)$/isu.exec(text)
  if (match === null) return 'Reply ACK to take the alerts you were called for.'
  const note = match[1] ?? ''
  const who = { by: person, via: 'sms', note }
  let count = 0
  for (const groupKey of people().openGroups(person)) {
    const added = await acknowledgements()
      .acknowledge({ groupKey }, who)
      .catch((error: unknown) => {
        // a group that ended meanwhile
        if (error instanceof AppError && error.code === 'state.not_found') return []
        throw error
      })
    count += added.length
  }
  return count === 0
    ? 'Nothing waits for you: it has ended, or somebody took it.'
    : `You took ${count} alert(s), ${person}.`
}
