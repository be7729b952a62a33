import { z } from 'zod'
import { httpOptions, oneOf, plain, secretUrl, template } from '../options.ts'
import { defineChannel } from '../port.ts'
import { mostTitleBytes, teamsLimits, teamsWords } from '../teams.ts'
import { bodyText, colourOf, cutBytes, headline } from '../wording.ts'

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

/** Alertmanager's colours: red while something fires, green after. */
const plainColours = { firing: '8C1A1A', resolved: '2DC72D' }

/** A MessageCard. https://learn.microsoft.com/en-us/outlook/actionable-messages/message-card-reference */
export const msteams = defineChannel({
  kind: 'msteams',
  title: 'Microsoft Teams (connector)',
  repeats: 'perhaps twice',
  config: schema,
  address: (config) => [config.webhook_url, config.webhook_url_file],
  limits: teamsLimits,
  async send(notification, config, { http, signal, secrets, templates }) {
    const url = (await secrets.read(config.webhook_url, config.webhook_url_file)) ?? ''
    const { title, text, isOwn } = teamsWords(notification, config, { templates, usualText: bodyText })
    const json = {
      '@context': 'http://schema.org/extensions',
      '@type': 'MessageCard',
      title,
      summary:
        cutBytes(
          config.summary === undefined ? headline(notification) : templates.text(config.summary),
          mostTitleBytes,
        ) || title,
      text,
      themeColor: isOwn ? colourOf(notification).slice(1) : plainColours[notification.status],
    }
    const answer = await http.send(url, { json, signal })
    // connectors answer 200 to what they could not deliver, with the status of it in the text
    const hidden = /HTTP error (\d{3})/.exec(answer.answer)?.[1]
    return answer.status === 200 && hidden !== undefined ? { ...answer, status: Number(hidden) } : answer
  },
})
