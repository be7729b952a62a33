import { field, record, StructForm, type Values } from '@tidewatch/yaml/form.ts'
import type { Complain } from '@tidewatch/yaml/place.ts'
import { text } from '@tidewatch/yaml/scalars.ts'
import { isGiven, notBoth, withSlash } from '../given.ts'
import { defineIntegration, fillHttp, httpKeys } from '../integration.ts'
import { hidden, template, webUrl } from '../values.ts'

const fields = {
  ...httpKeys(true),
  api_key: field(hidden),
  api_key_file: field(text),
  api_url: field(webUrl),
  routing_key: field(text),
  message_type: template('CRITICAL'),
  state_message: template('{{ template "victorops.default.state_message" . }}'),
  entity_display_name: template('{{ template "victorops.default.entity_display_name" . }}'),
  monitoring_tool: template('{{ template "victorops.default.monitoring_tool" . }}'),
  custom_fields: field(record(text)),
}

const reserved = [
  'routing_key',
  'message_type',
  'state_message',
  'entity_display_name',
  'monitoring_tool',
  'entity_id',
  'entity_state',
]

function check(config: Values<typeof fields>, complain: Complain): void {
  if (config.routing_key === '') complain('routing_key', 'missing.')
  notBoth(config, 'api_key', 'api_key_file', complain)
  for (const name of reserved)
    if (config.custom_fields?.has(name)) complain('custom_fields', `${name} is a field that every message has already.`)
}

export const victorops = defineIntegration(new StructForm(fields, { check }), (config, global, complain) => {
  fillHttp(config, global)
  config.api_url = withSlash(config.api_url ?? global.victorops_api_url)
  if (config.api_url === undefined) complain('api_url', 'missing; global has no victorops_api_url either.')
  config.api_key ??= global.victorops_api_key
  config.api_key_file ||= global.victorops_api_key_file
  if (!isGiven(config.api_key) && !isGiven(config.api_key_file))
    complain('api_key', 'missing; global has neither victorops_api_key nor victorops_api_key_file.')
})
