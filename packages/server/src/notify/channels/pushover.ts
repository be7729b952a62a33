import { z } from 'zod'
import { duration, httpOptions, httpUrl, oneOf, plain, secret, template } from '../options.ts'
import { defineChannel, type MessageTemplates, type Notification } from '../port.ts'
import { bodyText, cut, headline, stateWord } from '../wording.ts'

const schema = z
  .strictObject({
    user_key: secret.optional().meta({ title: 'User or group key' }),
    user_key_file: plain.optional(),
    token: secret.optional().meta({ title: 'Application token' }),
    token_file: plain.optional(),
    api_url: httpUrl.default('https://api.pushover.net/1/messages.json'),
    title: template.optional(),
    message: template.optional(),
    url: template.optional(),
    url_title: template.default(''),
    device: template.default(''),
    sound: template.default(''),
    priority: template.optional(),
    retry: duration.default(60_000),
    expire: duration.default(3_600_000),
    ttl: duration.default(0),
    html: z.boolean().default(false),
    monospace: z.boolean().default(false),
    ...httpOptions,
  })
  .superRefine(oneOf('user_key', 'user_key_file'))
  .superRefine(oneOf('token', 'token_file'))
  .refine(({ html, monospace }) => !(html && monospace), 'html and monospace exclude one another.')

type Config = z.output<typeof schema>

/** https://pushover.net/api#limits */
const longest = { title: 250, message: 1024, url: 512, urlTitle: 100 }
/** https://pushover.net/api#priority: retry at least 30 s, expire at most 3 h. */
const leastRetrySeconds = 30
const mostExpireSeconds = 10_800

/** https://pushover.net/api */
export const pushover = defineChannel({
  kind: 'pushover',
  title: 'Pushover',
  repeats: 'perhaps twice',
  config: schema,
  address: (config) => [config.token, config.token_file],
  async send(notification, config, { http, signal, secrets, templates }) {
    const token = templates.text((await secrets.read(config.token, config.token_file)) ?? '')
    const user = templates.text((await secrets.read(config.user_key, config.user_key_file)) ?? '')
    return http.send(config.api_url, { form: { token, user, ...messageOf(notification, config, templates) }, signal })
  },
})

function messageOf(notification: Notification, config: Config, templates: MessageTemplates): Record<string, string> {
  const text = (template: string): string => templates.text(template)
  const title =
    config.title === undefined ? `${stateWord(notification)}: ${headline(notification)}` : text(config.title)
  const body =
    config.message === undefined
      ? bodyText(notification)
      : config.html
        ? templates.html(config.message)
        : text(config.message)
  const message = cut(body, longest.message).trim()
  const priority = (config.priority === undefined ? priorityOf(notification) : text(config.priority)).trim()
  const seconds = (ms: number): number => Math.floor(ms / 1000)
  return given({
    title: cut(title, longest.title),
    // an empty one is refused
    message: message === '' ? '(no details)' : message,
    url: cut(config.url === undefined ? notification.links.alert : text(config.url), longest.url),
    url_title: cut(text(config.url_title), longest.urlTitle),
    priority,
    ...(priority === '2'
      ? {
          retry: String(Math.max(leastRetrySeconds, seconds(config.retry))),
          expire: String(Math.min(mostExpireSeconds, seconds(config.expire))),
        }
      : {}),
    device: text(config.device),
    sound: text(config.sound),
    ttl: config.ttl >= 1000 && priority !== '2' ? String(seconds(config.ttl)) : '',
    html: config.html ? '1' : '',
    monospace: config.monospace ? '1' : '',
  })
}

/** An emergency repeats until somebody confirms it. */
function priorityOf({ status, severity }: Notification): string {
  if (status === 'resolved') return '0'
  return { critical: '2', high: '1', medium: '0', low: '-1' }[severity]
}

const given = (values: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''))
