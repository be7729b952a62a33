import { field, list, record, StructForm, type Values } from '@tidewatch/yaml/form.ts'
import type { Complain } from '@tidewatch/yaml/place.ts'
import { text, truth } from '@tidewatch/yaml/scalars.ts'
import { isGiven, notBoth, withSlash } from '../given.ts'
import { defineIntegration, fillHttp, httpKeys } from '../integration.ts'
import { hidden, template, templateFault, webUrl } from '../values.ts'

const responderTypes = ['team', 'teams', 'user', 'escalation', 'schedule']

const responder = new StructForm(
  { id: field(text), name: field(text), username: field(text), type: field(text) },
  {
    check(config, complain) {
      if (config.id === '' && config.name === '' && config.username === '')
        complain('', 'one of id, name and username must be given.')
      if (config.type.includes('{{')) {
        const fault = templateFault(config.type)
        if (fault !== undefined) complain('type', fault)
      } else if (!responderTypes.includes(config.type.toLowerCase()))
        complain(
          'type',
          `${JSON.stringify(config.type)} is no type of responder. Allowed: ${responderTypes.join(', ')}.`,
        )
    },
  },
)

const fields = {
  ...httpKeys(true),
  api_key: field(hidden),
  api_key_file: field(text),
  api_url: field(webUrl),
  message: template('{{ template "opsgenie.default.message" . }}'),
  description: template('{{ template "opsgenie.default.description" . }}'),
  source: template('{{ template "opsgenie.default.source" . }}'),
  details: field(record(text)),
  entity: template(),
  responders: field(list(responder)),
  actions: template(),
  tags: template(),
  note: template(),
  priority: template(),
  update_alerts: field(truth),
}

function check(config: Values<typeof fields>, complain: Complain): void {
  notBoth(config, 'api_key', 'api_key_file', complain)
}

export const opsgenie = defineIntegration(new StructForm(fields, { check }), (config, global, complain) => {
  fillHttp(config, global)
  config.api_url = withSlash(config.api_url ?? global.opsgenie_api_url)
  if (config.api_url === undefined) complain('api_url', 'missing; global has no opsgenie_api_url either.')
  config.api_key ??= global.opsgenie_api_key
  config.api_key_file ||= global.opsgenie_api_key_file
  if (!isGiven(config.api_key) && !isGiven(config.api_key_file))
    complain('api_key', 'missing; global has neither opsgenie_api_key nor opsgenie_api_key_file.')
})
