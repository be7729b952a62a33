import { field, list, optional, StructForm, type Values } from '@tidewatch/yaml/form.ts'
import type { Complain } from '@tidewatch/yaml/place.ts'
import { text, truth } from '@tidewatch/yaml/scalars.ts'
import { isGiven, notBoth } from '../given.ts'
import { defineIntegration, fillHttp, httpKeys } from '../integration.ts'
import { hidden, template, webUrl } from '../values.ts'

const attachmentField = new StructForm({ short: field(optional(truth)), title: field(text), value: field(text) })

// these keys are the names of Go's fields in small letters: Alertmanager gave them none for YAML
const action = new StructForm({
  type: field(text),
  text: field(text),
  url: field(text),
  imageurl: field(text),
  iswebview: field(truth),
  webviewheightratio: field(text),
  msg: field(text),
  msginchatwindow: field(truth),
  msgprocessingtype: field(text),
})

const fields = {
  ...httpKeys(false),
  api_url: field(webUrl),
  token_id: field(hidden),
  token_id_file: field(text),
  token: field(hidden),
  token_file: field(text),
  channel: template(),
  color: template('{{ if eq .Status "firing" }}red{{ else }}green{{ end }}'),
  title: template('{{ template "rocketchat.default.title" . }}'),
  title_link: template('{{ template "rocketchat.default.titlelink" . }}'),
  text: template('{{ template "rocketchat.default.text" . }}'),
  fields: field(list(attachmentField, { nullItem: 'this field is empty.' })),
  short_fields: field(truth),
  emoji: template('{{ template "rocketchat.default.emoji" . }}'),
  icon_url: template('{{ template "rocketchat.default.iconurl" . }}'),
  image_url: template(),
  thumb_url: template(),
  link_names: field(truth),
  actions: field(list(action, { nullItem: 'this action is empty.' })),
}

function check(config: Values<typeof fields>, complain: Complain): void {
  notBoth(config, 'token', 'token_file', complain)
  notBoth(config, 'token_id', 'token_id_file', complain)
}

export const rocketchat = defineIntegration(new StructForm(fields, { check }), (config, global, complain) => {
  fillHttp(config, global)
  config.api_url ??= global.rocketchat_api_url
  config.token_id ??= global.rocketchat_token_id
  config.token_id_file ||= global.rocketchat_token_id_file
  if (!isGiven(config.token_id) && !isGiven(config.token_id_file))
    complain('token_id', 'missing; global has neither rocketchat_token_id nor rocketchat_token_id_file.')
  config.token ??= global.rocketchat_token
  config.token_file ||= global.rocketchat_token_file
  if (!isGiven(config.token) && !isGiven(config.token_file))
    complain('token', 'missing; global has neither rocketchat_token nor rocketchat_token_file.')
})
