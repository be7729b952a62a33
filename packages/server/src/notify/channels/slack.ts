import { z } from 'zod'
import { httpOptions, httpUrl, list, plain, secret, secretUrl, template } from '../options.ts'
import { defineChannel, type HttpAnswer, type Notification, type SendContext, type SendResult } from '../port.ts'
import { bodyText, colourOf, cut, headline, isPublicLink, momentMs, severityWord } from '../wording.ts'

const postMessage = 'https://slack.com/api/chat.postMessage'

const confirmation = z.strictObject({
  text: template,
  title: template.optional(),
  ok_text: template.optional(),
  dismiss_text: template.optional(),
})
const action = z.strictObject({
  type: template,
  text: template,
  url: template.optional(),
  style: template.optional(),
  name: template.optional(),
  value: template.optional(),
  confirm: confirmation.optional(),
})
const field = z.strictObject({ title: template, value: template, short: z.boolean().optional() })

const schema = z
  .strictObject({
    api_url: secretUrl.optional().meta({ title: 'Webhook URL', help: 'Slack → your app → Incoming webhooks' }),
    api_url_file: plain.optional(),
    app_token: secret.optional().meta({ title: 'Bot token', help: 'xoxb-…, with the scope chat:write' }),
    app_token_file: plain.optional(),
    app_url: httpUrl.default(postMessage),
    channel: template.optional().meta({ title: 'Channel', help: 'for a bot: #name or id' }),
    username: template.optional(),
    color: template.optional(),
    title: template.optional(),
    title_link: template.optional(),
    pretext: template.optional(),
    text: template.optional(),
    message_text: template.optional(),
    fields: z.array(field).default([]),
    short_fields: z.boolean().default(false),
    footer: template.optional(),
    fallback: template.optional(),
    callback_id: template.optional(),
    icon_emoji: template.optional(),
    icon_url: template.optional(),
    image_url: template.optional(),
    thumb_url: template.optional(),
    link_names: z.boolean().default(false),
    mrkdwn_in: list.default([]),
    actions: z.array(action).default([]),
    acknowledge_here: z
      .boolean()
      .default(false)
      .meta({ title: 'Acknowledge by the button itself', help: 'needs interactivity of the app to be set up' }),
    update_message: z.boolean().optional().meta({ title: 'Change the message that is there' }),
    post_updates_to_thread: z.boolean().optional().meta({ title: 'Answer in its thread when something changes' }),
    ...httpOptions,
  })
  .superRefine((options, context) => {
    const { api_url, api_url_file, app_token, app_token_file, channel } = options
    const isWebhook = api_url !== undefined || api_url_file !== undefined
    const isBot = app_token !== undefined || app_token_file !== undefined
    const say = (path: string, message: string): void => context.addIssue({ code: 'custom', path: [path], message })
    if (!isWebhook && !isBot) say('api_url', 'one of api_url, api_url_file, app_token, app_token_file is needed.')
    if (isWebhook && isBot) say('app_token', 'a webhook and a token exclude one another.')
    if (isBot && (channel ?? '') === '') say('channel', 'a bot needs a channel.')
  })

type Config = z.output<typeof schema>

/** Incoming webhooks and chat.postMessage. https://docs.slack.dev/reference/methods/chat.postMessage */
export const slack = defineChannel({
  kind: 'slack',
  title: 'Slack',
  repeats: 'perhaps twice',
  config: schema,
  personal: {
    address: 'slack',
    config: (config, member) =>
      config.app_token === undefined && config.app_token_file === undefined
        ? undefined
        : { ...config, channel: member },
  },
  // "one message per second per channel" is what Slack takes
  address: (config) => [config.api_url, config.api_url_file, config.app_token, config.app_token_file, config.channel],
  limits: () => [{ messages: 1, perMs: 1000 }],
  environment: {
    variables: { SLACK_WEBHOOK_URL: 'URL of an incoming webhook' },
    trigger: 'SLACK_WEBHOOK_URL',
    read: ({ SLACK_WEBHOOK_URL }) => ({ options: { api_url: SLACK_WEBHOOK_URL } }),
  },
  async send(notification, config, context) {
    const token = await context.secrets.read(config.app_token, config.app_token_file)
    const url =
      token === undefined ? ((await context.secrets.read(config.api_url, config.api_url_file)) ?? '') : config.app_url
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const post = async (to: string, json: object): Promise<Answer> =>
      understood(await context.http.send(to, { json, headers, signal: context.signal }))
    const message = messageOf(notification, config, context)
    const method = /\/chat\.postMessage$/.exec(url)
    if (method === null) return post(url, message)
    const own = token !== undefined
    return toBot(notification, message, context, {
      post: (name, json) => post(`${url.slice(0, method.index)}/${name}`, json),
      updates: config.update_message ?? own,
      threads: config.post_updates_to_thread ?? (own && config.update_message === undefined),
    })
  },
})

interface Answer extends SendResult {
  readonly error?: string
  readonly channel?: string
  readonly ts?: string
}

interface Bot {
  post(method: string, json: object): Promise<Answer>
  readonly updates: boolean
  readonly threads: boolean
}

/** Errors that say that the message to change is not there any more, or cannot be changed. */
const goneErrors = new Set(['message_not_found', 'edit_window_closed', 'cant_update_message', 'channel_not_found'])

/** The first message of a group is changed by what follows, and people are told in its thread; after the end a new one begins. */
async function toBot(
  notification: Notification,
  message: object,
  { memory }: SendContext,
  { post, updates, threads }: Bot,
): Promise<Answer> {
  const former = updates || threads ? readPlace(await memory.read()) : undefined
  const isOver = notification.status === 'resolved'
  if (former !== undefined) {
    const place = { channel: former.channel }
    const changed = updates ? await post('chat.update', { ...message, ...place, ts: former.ts }) : undefined
    const isGone = changed?.error !== undefined && goneErrors.has(changed.error)
    if (!isGone) {
      if (changed !== undefined && changed.verdict !== 'delivered') return changed
      const reply = { ...message, ...place, thread_ts: former.ts, reply_broadcast: !isOver }
      const answer = threads ? await post('chat.postMessage', reply) : changed
      if (isOver && answer?.verdict === 'delivered') await memory.write(undefined)
      if (answer !== undefined) return answer
    }
  }
  const answer = await post('chat.postMessage', message)
  if (answer.verdict === 'delivered' && answer.ts !== undefined && answer.channel !== undefined && (updates || threads))
    await memory.write(isOver ? undefined : JSON.stringify({ channel: answer.channel, ts: answer.ts }))
  return answer
}

const placeSchema = z.object({ channel: z.string(), ts: z.string() })

function readPlace(text: string | undefined): z.output<typeof placeSchema> | undefined {
  if (text === undefined) return undefined
  return placeSchema.safeParse(JSON.parse(text)).data
}

const answerSchema = z.object({
  ok: z.boolean(),
  error: z.string().optional(),
  channel: z.string().optional(),
  ts: z.string().optional(),
})

const passing = new Set([
  'ratelimited',
  'rate_limited',
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
])

/** Slack answers 200 to what it refuses, too: JSON by methods, other text than `ok` by webhooks. */
function understood(answer: HttpAnswer): Answer {
  const { status, pauseMs } = answer
  if (status < 200 || status > 299) return answer
  const shown = { status, ...(pauseMs === undefined ? {} : { pauseMs }) }
  if (answer.header('content-type')?.startsWith('application/json') !== true) {
    const isOk = answer.answer === 'ok' || answer.answer === ''
    return { ...shown, answer: answer.answer, verdict: isOk ? 'delivered' : 'failed' }
  }
  const said = answerSchema.safeParse(parsed(answer.answer)).data
  if (said === undefined) return { ...shown, answer: answer.answer, verdict: 'retry' }
  const { ok, error, channel, ts } = said
  const place = { ...(channel === undefined ? {} : { channel }), ...(ts === undefined ? {} : { ts }) }
  if (ok) return { ...shown, ...place, answer: `ok, ts ${ts ?? 'unknown'}`, verdict: 'delivered' }
  return {
    ...shown,
    answer: error ?? 'not ok',
    error: error ?? '',
    verdict: passing.has(error ?? '') ? 'retry' : 'failed',
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Slack cuts titles there. */
const longestTitle = 1024
const longestText = 40_000

function messageOf(notification: Notification, config: Config, { templates, clock }: SendContext): object {
  const render = (text: string | undefined): string | undefined =>
    text === undefined ? undefined : templates.text(text)
  const look = config.title === undefined && config.text === undefined
  const text = render(config.text) ?? bodyText(notification)
  const attachment = {
    ...given({
      title: cut(render(config.title) ?? titleOf(notification), longestTitle),
      title_link:
        render(config.title_link) ??
        (look && isPublicLink(notification.links.alert) ? notification.links.alert : undefined),
      pretext: render(config.pretext),
      image_url: render(config.image_url),
      thumb_url: render(config.thumb_url),
      color: render(config.color) ?? colourOf(notification),
    }),
    text: cut(text, longestText),
    fallback: render(config.fallback) ?? `${titleOf(notification)}: ${headline(notification)}`,
    callback_id: render(config.callback_id) ?? (config.acknowledge_here ? 'tidewatch' : ''),
    footer: render(config.footer) ?? '',
    ...(look ? { ts: Math.floor(momentMs(notification, clock.nowMs()) / 1000) } : {}),
    mrkdwn_in: config.mrkdwn_in.length > 0 ? config.mrkdwn_in : ['fallback', 'pretext', 'text'],
    ...fieldsOf(config, templates),
    ...actionsOf(notification, config, templates, look),
  }
  return {
    ...given({
      channel: render(config.channel),
      username: render(config.username) ?? (look ? 'Tidewatch' : undefined),
      icon_emoji: render(config.icon_emoji),
      icon_url: render(config.icon_url),
      text: render(config.message_text) ?? (look ? headline(notification) : undefined),
    }),
    ...(config.link_names ? { link_names: true } : {}),
    attachments: [attachment],
  }
}

/** `WARNING Alert`. */
const titleOf = (notification: Notification): string =>
  `${notification.status === 'resolved' ? 'RESOLVED: ' : ''}${severityWord(notification).toUpperCase()} Alert`

/** Without what is empty. */
const given = (texts: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(texts).flatMap(([key, text]) => (text === undefined || text === '' ? [] : [[key, text]])),
  )

function fieldsOf({ fields, short_fields: short }: Config, templates: SendContext['templates']): object {
  if (fields.length === 0) return {}
  return {
    fields: fields.map((one) => ({
      title: templates.text(one.title),
      value: templates.text(one.value),
      short: one.short ?? short,
    })),
  }
}

function actionsOf(
  notification: Notification,
  { actions, acknowledge_here: isHere }: Config,
  templates: SendContext['templates'],
  look: boolean,
): object {
  const render = (texts: Readonly<Record<string, string | undefined>>): Record<string, string> =>
    given(Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, text && templates.text(text)])))
  if (actions.length > 0)
    return {
      actions: actions.map(({ confirm, ...texts }) => ({
        ...render(texts.url ? { ...texts, name: undefined, value: undefined } : texts),
        ...(confirm === undefined || texts.url ? {} : { confirm: render(confirm) }),
      })),
    }
  const { links, status } = notification
  if (!look || status === 'resolved' || !isPublicLink(links.acknowledge)) return {}
  return {
    actions: [
      {
        ...{ type: 'button', text: 'Acknowledge', style: 'primary' },
        ...(isHere ? { name: 'acknowledge', value: links.acknowledge } : { url: links.acknowledge }),
      },
      { type: 'button', text: 'Silence', url: links.silence },
    ],
  }
}
