import { AppError } from '@tidewatch/core/error.ts'
import { z } from 'zod'
import { httpOptions, httpUrl, oneOf, plain, secret, template } from '../options.ts'
import { defineChannel, type HttpAnswer, type Notification, type SendContext, type SendResult } from '../port.ts'
import { cutHtml, cutMarkdown } from '../telegram-text.ts'
import { alertName, bodyText, cut, detailsOf, headline, isPublicLink, momentMs, stateWord } from '../wording.ts'

const schema = z
  .strictObject({
    api_url: httpUrl.default('https://api.telegram.org'),
    bot_token: secret.optional().meta({ title: 'Bot token', help: 'from @BotFather' }),
    bot_token_file: plain.optional(),
    chat_id: z
      .union([z.number().int(), z.string()])
      .transform((value) => (value === 0 || value === '' ? undefined : String(value)))
      .optional()
      .meta({ title: 'Chat id', help: 'groups have a negative one' }),
    chat_id_file: plain.optional(),
    message_thread_id: z.number().int().default(0),
    message: template.optional(),
    disable_notifications: z.boolean().default(false),
    parse_mode: z.enum(['Markdown', 'MarkdownV2', 'HTML', '']).optional(),
    acknowledge_here: z
      .boolean()
      .default(false)
      .meta({ title: 'Acknowledge by the button itself', help: 'needs acknowledge.telegram in tidewatch.yml' }),
    ...httpOptions,
  })
  .superRefine(oneOf('bot_token', 'bot_token_file'))
  .superRefine(oneOf('chat_id', 'chat_id_file'))

type Config = z.output<typeof schema>

/** https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this */
const perChat = { messages: 1, perMs: 1000 }
const perGroup = { messages: 20, perMs: 60_000 }

/** https://core.telegram.org/bots/api#sendmessage */
export const telegram = defineChannel({
  kind: 'telegram',
  title: 'Telegram',
  repeats: 'perhaps twice',
  config: schema,
  personal: { address: 'telegram', config: (config, chat) => ({ ...config, chat_id: chat, chat_id_file: undefined }) },
  address: (config) => [config.bot_token, config.bot_token_file, config.chat_id, config.chat_id_file],
  limits: ({ chat_id: chat }) => (chat?.startsWith('-') || chat?.startsWith('@') ? [perChat, perGroup] : [perChat]),
  environment: {
    variables: {
      TELEGRAM_OPS_CHAT_ID: 'id of the chat that is told',
      TELEGRAM_BOT_TOKEN: 'token of the bot, from @BotFather',
    },
    trigger: 'TELEGRAM_OPS_CHAT_ID',
    read: ({ TELEGRAM_OPS_CHAT_ID, TELEGRAM_BOT_TOKEN }) =>
      TELEGRAM_BOT_TOKEN
        ? { options: { chat_id: TELEGRAM_OPS_CHAT_ID, bot_token: TELEGRAM_BOT_TOKEN } }
        : { missing: ['TELEGRAM_BOT_TOKEN'] },
  },
  async send(notification, config, context) {
    const { secrets, http, signal } = context
    const token = (await secrets.read(config.bot_token, config.bot_token_file)) ?? ''
    const chat = config.chat_id ?? (await secrets.read(undefined, config.chat_id_file))
    if (chat === undefined || chat === '') throw new AppError('config.invalid', 'there is no chat_id.')
    const url = `${config.api_url.replace(/\/$/, '')}/bot${token}/sendMessage`
    const base = {
      chat_id: /^-?\d+$/.test(chat) ? Number(chat) : chat,
      ...(config.message_thread_id === 0 ? {} : { message_thread_id: config.message_thread_id }),
      ...(config.disable_notifications ? { disable_notification: true } : {}),
      link_preview_options: { is_disabled: true },
    }
    const { text, mode } = messageOf(notification, config, context)
    const rich = { ...base, text, ...(mode === '' ? {} : { parse_mode: mode }), ...buttonsOf(notification, config) }
    const answer = await http.send(url, { json: rich, signal })
    if (answer.status !== 400 || !/parse entities|BUTTON|inline keyboard/i.test(answer.answer))
      return understood(answer)
    // a page in plain words is better than none because of a mark in a label
    const simple = understood(
      await http.send(url, { json: { ...base, text: cut(plainText(notification), most) }, signal }),
    )
    return {
      ...simple,
      answer: `${simple.answer} (sent as plain text, since the formatted one was refused: ${cut(answer.answer, 300)})`,
    }
  },
})

/** Characters after entities are parsed. */
const most = 4096

const answerSchema = z.object({
  ok: z.boolean(),
  description: z.string().optional(),
  parameters: z.object({ retry_after: z.number().optional() }).optional(),
  result: z.object({ message_id: z.number() }).optional(),
})

function understood(answer: HttpAnswer): SendResult {
  let said: z.output<typeof answerSchema> | undefined
  try {
    said = answerSchema.safeParse(JSON.parse(answer.answer)).data
  } catch {
    return answer.status === 200 ? { ...answer, verdict: 'retry' } : answer
  }
  if (said === undefined) return answer
  const seconds = said.parameters?.retry_after
  const pauseMs = seconds === undefined ? answer.pauseMs : seconds * 1000
  return {
    status: answer.status,
    answer: said.ok ? `ok, message ${said.result?.message_id ?? 'unknown'}` : (said.description ?? 'not ok'),
    ...(answer.status === 200 && !said.ok ? { verdict: 'failed' as const } : {}),
    ...(pauseMs === undefined ? {} : { pauseMs }),
  }
}

function messageOf(
  notification: Notification,
  { message, parse_mode: mode = message === undefined ? 'Markdown' : 'HTML' }: Config,
  { templates, clock }: SendContext,
): { readonly text: string; readonly mode: string } {
  if (message === undefined && mode === 'Markdown') return { text: ownMarkdown(notification, clock.nowMs()), mode }
  if (message === undefined) return { text: cut(plainText(notification), most), mode: '' }
  if (mode === 'HTML') return { text: cutHtml(templates.html(message), most), mode }
  const text = templates.text(message)
  return { text: mode === '' ? cut(text, most) : cutMarkdown(text, most), mode }
}

/** Heading, message, details as a block of JSON, time; shortened before it is put together, so that no mark loses its other half. */
function ownMarkdown(notification: Notification, nowMs: number): string {
  const escaped = (text: string): string => text.replaceAll(/[_*`[]/g, '\\$&')
  const heading = cut(`${stateWord(notification)}: ${alertName(notification)}`, 200).replaceAll('*', '∗')
  const body = bodyText(notification)
  const text = body === headline(notification) ? body : `${headline(notification)}\n${body}`
  const details = cut(JSON.stringify(detailsOf(notification), undefined, 2).replaceAll('```', "'''"), 1800)
  const time = new Date(momentMs(notification, nowMs)).toISOString()
  return `*${heading}*\n\n${escaped(cut(text, 900))}\n\n\`\`\`json\n${details}\n\`\`\`\n${time}`
}

const plainText = (notification: Notification): string =>
  `${stateWord(notification)}: ${alertName(notification)}\n\n${headline(notification)}\n${bodyText(notification)}\n\n${notification.links.alert}`

/** Bytes that a button can carry. */
const mostButtonData = 64

function buttonsOf({ links, status, reason }: Notification, config: Config): object {
  if (status === 'resolved' || reason === 'test') return {}
  const isPublic = isPublicLink(links.acknowledge)
  const token = URL.parse(links.acknowledge)?.searchParams.get('t') ?? ''
  const isHere = config.acknowledge_here && token !== '' && Buffer.byteLength(token) <= mostButtonData
  // Telegram refuses the whole message where a button leads to a name that only this network knows
  const row = [
    ...(isHere ? [{ text: 'Acknowledge', callback_data: token }] : []),
    ...(!isHere && isPublic ? [{ text: 'Acknowledge', url: links.acknowledge }] : []),
    ...(isPublic ? [{ text: 'Silence', url: links.silence }] : []),
  ]
  return row.length === 0 ? {} : { reply_markup: { inline_keyboard: [row] } }
}
