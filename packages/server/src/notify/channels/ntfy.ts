import { z } from 'zod'
import { httpOptions, httpUrl, list, plain, secret, template } from '../options.ts'
import { defineChannel, type Notification } from '../port.ts'
import { alertName, bodyText, cutBytes, headline, isPublicLink, stateWord } from '../wording.ts'

const schema = z.strictObject({
  url: httpUrl.default('https://ntfy.sh').meta({ title: 'Server' }),
  topic: template.meta({ title: 'Topic' }),
  token: secret.optional().meta({ title: 'Access token', help: 'ntfy → Account → Access tokens' }),
  token_file: plain.optional(),
  title: template.optional(),
  message: template.optional(),
  priority: template.optional().meta({ title: 'Priority', help: '1 to 5; by severity when left out' }),
  tags: list.optional(),
  click: template.optional(),
  ...httpOptions,
})

/** "If the message body is longer, it is treated as an attachment": https://docs.ntfy.sh/publish/#limitations */
const mostMessageBytes = 4000
const mostTitleBytes = 250

/** Published as JSON, so that titles may have any letters. https://docs.ntfy.sh/publish/#publish-as-json */
export const ntfy = defineChannel({
  kind: 'ntfy',
  title: 'ntfy',
  repeats: 'perhaps twice',
  config: schema,
  // ntfy.sh takes 60 at once, then one every 5 s
  address: (config) => [config.url, config.token, config.token_file],
  limits: () => [{ messages: 60, perMs: 300_000 }],
  async send(notification, config, { http, signal, secrets, templates }) {
    const token = await secrets.read(config.token, config.token_file)
    const text = (template: string | undefined, own: string): string =>
      template === undefined ? own : templates.text(template)
    const priority = Number(text(config.priority, String(priorityOf(notification))))
    const json = {
      topic: templates.text(config.topic),
      title: cutBytes(text(config.title, `${stateWord(notification)}: ${alertName(notification)}`), mostTitleBytes),
      message: cutBytes(text(config.message, ownText(notification)), mostMessageBytes),
      priority: Number.isInteger(priority) && priority >= 1 && priority <= 5 ? priority : 3,
      tags: config.tags?.map((tag) => templates.text(tag)) ?? [
        notification.status === 'resolved' ? 'white_check_mark' : tagOf(notification),
      ],
      click: text(config.click, notification.links.alert),
      ...actionsOf(notification),
    }
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    return http.send(`${config.url.replace(/\/$/, '')}/`, { json, headers, signal })
  },
})

function ownText(notification: Notification): string {
  const head = headline(notification)
  const body = bodyText(notification)
  return head === body ? body : `${head}\n${body}`
}

function priorityOf({ status, severity }: Notification): number {
  return status === 'resolved' ? 3 : { critical: 5, high: 4, medium: 3, low: 2 }[severity]
}

const tagOf = ({ severity }: Notification): string =>
  ({ critical: 'rotating_light', high: 'rotating_light', medium: 'warning', low: 'information_source' })[severity]

function actionsOf({ links, status }: Notification): object {
  if (status === 'resolved' || !isPublicLink(links.acknowledge)) return {}
  return { actions: [{ action: 'view', label: 'Acknowledge', url: links.acknowledge, clear: true }] }
}
