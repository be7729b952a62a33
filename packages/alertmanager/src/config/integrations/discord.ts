import { field, StructForm } from '@tidewatch/yaml/form.ts'
import { text } from '@tidewatch/yaml/scalars.ts'
import { exactlyOne } from '../given.ts'
import { defineIntegration, fillHttp, httpKeys } from '../integration.ts'
import { hiddenUrl, template } from '../values.ts'

export const discord = defineIntegration(
  new StructForm(
    {
      ...httpKeys(true),
      webhook_url: field(hiddenUrl),
      webhook_url_file: field(text),
      content: template(),
      title: template('{{ template "discord.default.title" . }}'),
      message: template('{{ template "discord.default.message" . }}'),
      username: template(),
      avatar_url: template(),
    },
    { check: (config, complain) => exactlyOne(config, 'webhook_url', 'webhook_url_file', complain) },
  ),
  fillHttp,
)
