import { z } from 'zod'
import { httpOptions, oneOf, plain, secretUrl, template } from '../options.ts'
import { defineChannel } from '../port.ts'
import { alertName, bodyText, colourOf, cutBytes, headline, stateWord } from '../wording.ts'

const schema = z
  .strictObject({
    webhook_url: secretUrl
      .optional()
      .meta({ title: 'Webhook URL', help: 'of an Office 365 connector, which Microsoft is switching off' }),
    webhook_url_file: plain.optional(),
    title: template.optional(),
    summary: template.optional(),
    text: template.optional(),
    ...httpOptions,
  })
  .superRefine(oneOf('webhook_url', 'webhook_url_file'))

/** "The maximum message size is 28 KB"; room for what is around the text. */
const mostTextBytes = 24_000
const mostTitleBytes = 1000

/** Alertmanager's colours: red while something fires, green after. */
const plainColours = { firing: '8C1A1A', resolved: '2DC72D' }

/** A MessageCard. https://learn.microsoft.com/en-us/outlook/actionable-messages/message-card-reference */
export const msteams = defineChannel({
  kind: 'msteams',
  title: 'Microsoft Teams (connector)',
  repeats: 'perhaps twice',
  config: schema,
  limits: () => [{ messages: 4, perMs: 1000 }],
  async send(notification, config, { http, signal, secrets, templates }) {
    const url = (await secrets.read(config.webhook_url, config.webhook_url_file)) ?? ''
    const isOwn = config.title === undefined && config.text === undefined
    const title =
      config.title === undefined
        ? `${stateWord(notification)}: ${alertName(notification)}`
        : templates.text(config.title)
    const text = config.text === undefined ? bodyText(notification) : templates.text(config.text)
    const json = {
      '@context': 'http://schema.org/extensions',
      '@type': 'MessageCard',
      title: cutBytes(title, mostTitleBytes),
      summary:
        cutBytes(
          config.summary === undefined ? headline(notification) : templates.text(config.summary),
          mostTitleBytes,
        ) || title,
      text: cutBytes(text, mostTextBytes),
      themeColor: isOwn ? colourOf(notification).slice(1) : plainColours[notification.status],
    }
    const answer = await http.send(url, { json, signal })
    // connectors answer 200 to what they could not deliver, with the status of it in the text
    const hidden = /HTTP error (\d{3})/.exec(answer.answer)?.[1]
    return answer.status === 200 && hidden !== undefined ? { ...answer, status: Number(hidden) } : answer
  },
})
