import { field, StructForm, type Values } from '@tidewatch/yaml/form.ts'
import type { Complain } from '@tidewatch/yaml/place.ts'
import { text } from '@tidewatch/yaml/scalars.ts'
import { fallBack, isGiven, notBoth, withSlash } from '../given.ts'
import { defineIntegration, fillHttp, httpKeys } from '../integration.ts'
import { hidden, template, webUrl } from '../values.ts'

const fields = {
  ...httpKeys(false),
  api_secret: field(hidden),
  api_secret_file: field(text),
  corp_id: field(text),
  message: template('{{ template "wechat.default.message" . }}'),
  api_url: field(webUrl),
  to_user: template('{{ template "wechat.default.to_user" . }}'),
  to_party: template('{{ template "wechat.default.to_party" . }}'),
  to_tag: template('{{ template "wechat.default.to_tag" . }}'),
  agent_id: template('{{ template "wechat.default.agent_id" . }}'),
  message_type: field(text),
}

function check(config: Values<typeof fields>, complain: Complain): void {
  config.message_type ||= 'text'
  if (!['text', 'markdown'].includes(config.message_type))
    complain('message_type', `${JSON.stringify(config.message_type)} is no type of message. Allowed: text, markdown.`)
  notBoth(config, 'api_secret', 'api_secret_file', complain)
}

export const wechat = defineIntegration(new StructForm(fields, { check }), (config, global, complain) => {
  fillHttp(config, global)
  config.api_url = withSlash(config.api_url ?? global.wechat_api_url)
  if (config.api_url === undefined) complain('api_url', 'missing; global has no wechat_api_url either.')
  const secret = fallBack(
    [config.api_secret, config.api_secret_file],
    [global.wechat_api_secret, global.wechat_api_secret_file],
  )
  ;[config.api_secret, config.api_secret_file] = secret
  if (!isGiven(config.api_secret) && !isGiven(config.api_secret_file))
    complain('api_secret', 'missing; global has neither wechat_api_secret nor wechat_api_secret_file.')
  config.corp_id ||= global.wechat_api_corp_id
  if (config.corp_id === '') complain('corp_id', 'missing; global has no wechat_api_corp_id either.')
})
