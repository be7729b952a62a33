import { field, list, optional, StructForm, type Values } from '@tidewatch/yaml/form.ts'
import type { Complain } from '@tidewatch/yaml/place.ts'
import { text, truth } from '@tidewatch/yaml/scalars.ts'
import { fallBack, isGiven, notBoth } from '../given.ts'
import { defineIntegration, fillHttp, httpKeys } from '../integration.ts'
import { hiddenUrl, template } from '../values.ts'

const attachmentField = new StructForm(
  { title: field(text), value: field(text), short: field(optional(truth)) },
  {
    check(config, complain) {
      for (const key of ['title', 'value'] as const) if (config[key] === '') complain(key, 'missing.')
    },
  },
)
const fieldList = () => field(list(attachmentField, { nullItem: 'this field is empty.' }))

const authorAndImages = {
  pretext: template(),
  author_name: template(),
  author_link: template(),
  author_icon: template(),
  fields: fieldList(),
  thumb_url: template(),
  footer: template(),
  footer_icon: template(),
  image_url: template(),
}

const attachment = new StructForm({
  fallback: template(),
  color: template(),
  text: template(),
  title: template(),
  title_link: template(),
  ...authorAndImages,
})

const priority = new StructForm({
  priority: field(text),
  requested_ack: field(truth),
  persistent_notifications: field(truth),
})

const fields = {
  ...httpKeys(true),
  webhook_url: field(hiddenUrl),
  webhook_url_file: field(text),
  channel: template(),
  username: template('{{ template "mattermost.default.username" . }}'),
  text: template('{{ template "mattermost.default.text" . }}'),
  fallback: template('{{ template "mattermost.default.fallback" . }}'),
  color: template('{{ template "mattermost.default.color" . }}'),
  title: template('{{ template "mattermost.default.title" . }}'),
  title_link: template('{{ template "mattermost.default.titlelink" . }}'),
  ...authorAndImages,
  icon_url: template(),
  icon_emoji: template(),
  attachments: field(list(attachment, { nullItem: 'this attachment is empty.' })),
  type: template(),
  props: field(optional(new StructForm({ card: field(text) }))),
  priority: field(optional(priority)),
}

function check(config: Values<typeof fields>, complain: Complain): void {
  notBoth(config, 'webhook_url', 'webhook_url_file', complain)
}

export const mattermost = defineIntegration(new StructForm(fields, { check }), (config, global, complain) => {
  fillHttp(config, global)
  const url = fallBack(
    [config.webhook_url, config.webhook_url_file],
    [global.mattermost_webhook_url, global.mattermost_webhook_url_file],
  )
  ;[config.webhook_url, config.webhook_url_file] = url
  if (!isGiven(config.webhook_url) && !isGiven(config.webhook_url_file))
    complain('webhook_url', 'missing; global has neither mattermost_webhook_url nor mattermost_webhook_url_file.')
})
