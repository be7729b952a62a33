import { field, StructForm } from '@tidewatch/yaml/form.ts'
import { text } from '@tidewatch/yaml/scalars.ts'
import { hasAuthorization } from '../http-config.ts'
import { defineIntegration, fillHttp, httpKeys } from '../integration.ts'
import { template, webUrl } from '../values.ts'

export const webex = defineIntegration(
  new StructForm(
    {
      ...httpKeys(true),
      api_url: field(webUrl),
      message: template('{{ template "webex.default.message" . }}'),
      room_id: field(text),
    },
    {
      check(config, complain) {
        if (config.room_id === '') complain('room_id', 'missing.')
        if (!hasAuthorization(config.http_config))
          complain('http_config', "needs authorization: the bot's token.", 'Set http_config.authorization.credentials.')
      },
    },
  ),
  (config, global, complain) => {
    fillHttp(config, global)
    config.api_url ??= global.webex_api_url
    if (config.api_url === undefined) complain('api_url', 'missing; global has no webex_api_url either.')
  },
)
