// Incoming webhooks and the methods chat.postMessage and chat.update.
// https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks, https://docs.slack.dev/reference/methods/chat.postMessage
import { answering, type Fields, fields, json, jsonAnswer, known, list, must, text, url } from './checks.ts'
import type { SeenRequest, StandInAnswer, Vendor } from './stand-in.ts'

const messageFields = [
  'channel',
  'username',
  'icon_emoji',
  'icon_url',
  'link_names',
  'text',
  'attachments',
  'ts',
  'thread_ts',
  'reply_broadcast',
]
const attachmentFields = [
  'title',
  'title_link',
  'pretext',
  'text',
  'fallback',
  'callback_id',
  'fields',
  'actions',
  'image_url',
  'thumb_url',
  'footer',
  'ts',
  'color',
  'mrkdwn_in',
]

function checkMessage(message: Fields): void {
  known(message, messageFields, 'message')
  if (message.text !== undefined) text(message.text, 'text', { most: 40_000 })
  const attachments = list(message.attachments ?? [], 'attachments')
  must(message.text !== undefined || attachments.length > 0, 'no_text')
  must(attachments.length <= 100, 'too_many_attachments')
  for (const one of attachments) checkAttachment(fields(one, 'attachment'))
}

function checkAttachment(attachment: Fields): void {
  known(attachment, attachmentFields, 'attachment')
  if (attachment.title !== undefined) text(attachment.title, 'title', { most: 1024 })
  text(attachment.fallback, 'fallback')
  if (attachment.color !== undefined)
    must(/^#[0-9a-fA-F]{6}$|^(?:good|warning|danger)$/.test(text(attachment.color, 'color')), 'color is no colour')
  if (attachment.ts !== undefined)
    must(Number.isInteger(attachment.ts) && Number(attachment.ts) < 1e11, 'ts is not in seconds')
  if (attachment.title_link !== undefined) url(attachment.title_link, 'title_link')
  for (const one of list(attachment.fields ?? [], 'fields')) {
    const field = fields(one, 'field')
    known(field, ['title', 'value', 'short'], 'field')
    text(field.title, 'field.title', { least: 0 })
    must(typeof field.short === 'boolean', 'field.short is no truth value')
  }
  const actions = list(attachment.actions ?? [], 'actions')
  must(actions.length <= 5, 'an attachment has at most 5 actions')
  for (const one of actions) {
    const action = fields(one, 'action')
    known(action, ['type', 'text', 'url', 'style', 'name', 'value', 'confirm'], 'action')
    text(action.type, 'action.type')
    text(action.text, 'action.text')
    must(action.url !== undefined || action.name !== undefined, 'an action has neither url nor name')
  }
}

export function slackWebhook(path: string): Vendor {
  return (request) =>
    answering(
      () => {
        if (request.path !== path) return { status: 404, body: 'no_team' }
        must(request.method === 'POST', 'invalid_method')
        checkMessage(json(request))
        return { status: 200, headers: { 'content-type': 'text/html' }, body: 'ok' }
      },
      (why) => ({ status: 400, headers: { 'content-type': 'text/html' }, body: why }),
    )
}

export interface SlackMessage {
  readonly ts: string
  readonly thread: string | undefined
  message: Fields
}

export interface SlackTeam {
  readonly vendor: Vendor
  /** All messages of the channel, as they stand now. */
  readonly messages: readonly SlackMessage[]
  /** Somebody deletes them. */
  clear(): void
}

/** A workspace with one channel, known as `#ops` and by its id. */
export function slackTeam(token: string): SlackTeam {
  let messages: SlackMessage[] = []
  let count = 0
  const error = (code: string): StandInAnswer => jsonAnswer(200, { ok: false, error: code })
  const post = (message: Fields): StandInAnswer => {
    if (message.channel !== '#ops' && message.channel !== 'C0OPS') return error('channel_not_found')
    const ts = `1700000000.${String(++count).padStart(6, '0')}`
    messages.push({ ts, thread: message.thread_ts as string | undefined, message })
    return jsonAnswer(200, { ok: true, channel: 'C0OPS', ts, message })
  }
  const update = (message: Fields): StandInAnswer => {
    if (message.channel !== 'C0OPS') return error('channel_not_found')
    const found = messages.find(({ ts }) => ts === message.ts)
    if (found === undefined) return error('message_not_found')
    found.message = message
    return jsonAnswer(200, { ok: true, channel: 'C0OPS', ts: found.ts, text: '' })
  }
  const vendor = (request: SeenRequest): StandInAnswer =>
    answering(
      () => {
        if (request.headers.authorization !== `Bearer ${token}`) return error('invalid_auth')
        const message = json(request)
        checkMessage(message)
        text(message.channel, 'channel')
        if (request.path === '/api/chat.postMessage') return post(message)
        return request.path === '/api/chat.update' ? update(message) : error('unknown_method')
      },
      (why) => error(`invalid_arguments: ${why}`),
    )
  return {
    vendor,
    get messages() {
      return messages
    },
    clear: () => {
      messages = []
    },
  }
}
