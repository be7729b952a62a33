import { z } from 'zod'
import { httpOptions, oneOf, plain, secretUrl, template } from '../options.ts'
import { defineChannel, type Notification } from '../port.ts'
import { alertName, bodyText, colourOf, cut, headline, stateWord } from '../wording.ts'

const schema = z
  .strictObject({
    webhook_url: secretUrl.optional().meta({ title: 'Webhook URL', help: 'channel → Integrations → Webhooks' }),
    webhook_url_file: plain.optional(),
    content: template.default(''),
    title: template.optional(),
    message: template.optional(),
    username: template.default(''),
    avatar_url: template.default(''),
    ...httpOptions,
  })
  .superRefine(oneOf('webhook_url', 'webhook_url_file'))

/** https://docs.discord.com/developers/resources/message#embed-object-embed-limits */
const longest = { title: 256, description: 4096, content: 2000, username: 80 }

/** Alertmanager's colours: red while something fires, green after. */
const plainColours = { firing: 0x992d22, resolved: 0x2ecc71 }

/** https://docs.discord.com/developers/resources/webhook#execute-webhook */
export const discord = defineChannel({
  kind: 'discord',
  title: 'Discord',
  repeats: 'perhaps twice',
  config: schema,
  address: (config) => [config.webhook_url, config.webhook_url_file],
  limits: () => [
    { messages: 5, perMs: 2000 },
    { messages: 30, perMs: 60_000 },
  ],
  async send(notification, config, { http, signal, secrets, templates }) {
    const url = new URL((await secrets.read(config.webhook_url, config.webhook_url_file)) ?? '')
    // with the answer the message is there; without it Discord says 204 before it looks
    url.searchParams.set('wait', 'true')
    const text = (template: string, most: number): string => cut(templates.text(template), most)
    const isOwn = config.title === undefined && config.message === undefined
    const title =
      config.title === undefined
        ? `${stateWord(notification)}: ${alertName(notification)}`
        : templates.text(config.title)
    const description = config.message === undefined ? ownText(notification) : templates.text(config.message)
    const optional = {
      content: text(config.content, longest.content),
      username: text(config.username, longest.username),
      avatar_url: templates.text(config.avatar_url),
    }
    const color = isOwn ? Number.parseInt(colourOf(notification).slice(1), 16) : plainColours[notification.status]
    const json = {
      ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== '')),
      embeds: [{ title: cut(title, longest.title), description: cut(description, longest.description), color }],
      // what stands in labels calls nobody
      allowed_mentions: { parse: config.content === '' ? [] : ['users', 'roles', 'everyone'] },
    }
    const answer = await http.send(url.href, { json, signal })
    return answer.status === 429 ? { ...answer, pauseMs: pauseOf(answer.answer) ?? answer.pauseMs } : answer
  },
})

const ownText = (notification: Notification): string => {
  const head = headline(notification)
  const body = bodyText(notification)
  return `${head === body ? '' : `${head}\n`}${body}\n\n[Alert](${notification.links.alert})`
}

const overrun = z.object({ retry_after: z.number().min(0) })

/** Finer than the header, which has whole seconds. */
function pauseOf(text: string): number | undefined {
  try {
    const seconds = overrun.safeParse(JSON.parse(text)).data?.retry_after
    return seconds === undefined ? undefined : Math.ceil(seconds * 1000)
  } catch {
    return undefined
  }
}
