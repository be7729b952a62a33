import { field, StructForm } from '@tidewatch/yaml/form.ts'
import { text } from '@tidewatch/yaml/scalars.ts'
import { exactlyOne } from '../given.ts'
import { defineIntegration, fillHttp, httpKeys } from '../integration.ts'
import { hiddenUrl, template } from '../values.ts'

/** Teams by the webhooks of its flows, which took the place of connectors. */
export const msteamsv2 = defineIntegration(
  new StructForm(
    {
      ...httpKeys(true),
      webhook_url: field(hiddenUrl),
      webhook_url_file: field(text),
      title: template('{{ template "msteamsv2.default.title" . }}'),
      text: template('{{ template "msteamsv2.default.text" . }}'),
    },
    { check: (config, complain) => exactlyOne(config, 'webhook_url', 'webhook_url_file', complain) },
  ),
  fillHttp,
)
