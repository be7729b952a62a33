import { z } from 'zod'
import { httpOptions, oneOf, plain, secretUrl, template } from '../options.ts'
import { defineChannel, type Notification } from '../port.ts'
import { teamsLimits, teamsWords } from '../teams.ts'
import { bodyText, headline, isPublicLink } from '../wording.ts'

const schema = z
  .strictObject({
    webhook_url: secretUrl.optional().meta({
      title: 'Webhook URL',
      help: 'channel → Workflows → "Post to a channel when a webhook request is received"',
    }),
    webhook_url_file: plain.optional(),
    title: template.optional(),
    text: template.optional(),
    ...httpOptions,
  })
  .superRefine(oneOf('webhook_url', 'webhook_url_file'))

/** An Adaptive Card for a workflow. https://learn.microsoft.com/en-us/connectors/teams/#adaptivecarditemschema */
export const msteamsv2 = defineChannel({
  kind: 'msteamsv2',
  title: 'Microsoft Teams (workflow)',
  repeats: 'perhaps twice',
  config: schema,
  address: (config) => [config.webhook_url, config.webhook_url_file],
  limits: teamsLimits,
  async send(notification, config, { http, signal, secrets, templates }) {
    const url = (await secrets.read(config.webhook_url, config.webhook_url_file)) ?? ''
    const { title, text, isOwn } = teamsWords(notification, config, { templates, usualText: ownText })
    const content = {
      $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
      type: 'AdaptiveCard',
      version: '1.2',
      body: [
        {
          ...{ type: 'TextBlock', text: title, weight: 'Bolder', size: 'Medium' },
          ...{ wrap: true, style: 'heading', color: isOwn ? colourWord(notification) : plainWord(notification) },
        },
        { type: 'TextBlock', text, wrap: true },
      ],
      ...(isOwn ? actionsOf(notification) : {}),
      msteams: { width: 'full' },
    }
    const contentType = 'application/vnd.microsoft.card.adaptive'
    const json = { type: 'message', attachments: [{ contentType, contentUrl: null, content }] }
    return http.send(url, { json, signal })
  },
})

const plainWord = ({ status }: Notification): string => (status === 'resolved' ? 'Good' : 'Attention')

/** Adaptive Cards have names for colours. */
function colourWord(notification: Notification): string {
  if (notification.status === 'resolved') return 'Good'
  return { critical: 'Attention', high: 'Attention', medium: 'Warning', low: 'Good' }[notification.severity]
}

function ownText(notification: Notification): string {
  const head = headline(notification)
  const body = bodyText(notification)
  return head === body ? body : `${head}\n\n${body}`
}

function actionsOf({ links, status }: Notification): object {
  const open = (title: string, url: string): object => ({ type: 'Action.OpenUrl', title, url })
  const actions = [
    ...(isPublicLink(links.alert) ? [open('Show', links.alert)] : []),
    ...(status === 'firing' && isPublicLink(links.acknowledge) ? [open('Acknowledge', links.acknowledge)] : []),
  ]
  return actions.length === 0 ? {} : { actions }
}
