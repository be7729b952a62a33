import { field, StructForm } from '@tidewatch/yaml/form.ts'
import { text } from '@tidewatch/yaml/scalars.ts'
import { exactlyOne } from '../given.ts'
import { defineIntegration, fillHttp, httpKeys } from '../integration.ts'
import { hiddenUrl, template } from '../values.ts'

export const msteams = defineIntegration(
  new StructForm(
    {
      ...httpKeys(true),
      webhook_url: field(hiddenUrl),
      webhook_url_file: field(text),
      title: template('{{ template "msteams.default.title" . }}'),
      summary: template('{{ template "msteams.default.summary" . }}'),
      text: template('{{ template "msteams.default.text" . }}'),
    },
    { check: (config, complain) => exactlyOne(config, 'webhook_url', 'webhook_url_file', complain) },
  ),
  fillHttp,
)
