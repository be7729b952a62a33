import { field, StructForm, type Values } from '@tidewatch/yaml/form.ts'
import type { Complain } from '@tidewatch/yaml/place.ts'
import { text, truth } from '@tidewatch/yaml/scalars.ts'
import { exactlyOne } from '../given.ts'
import { defineIntegration, fillHttp, httpKeys } from '../integration.ts'
import { goDuration, hidden, template } from '../values.ts'

const fields = {
  ...httpKeys(true),
  user_key: field(hidden),
  user_key_file: field(text),
  token: field(hidden),
  token_file: field(text),
  title: template('{{ template "pushover.default.title" . }}'),
  message: template('{{ template "pushover.default.message" . }}'),
  url: template('{{ template "pushover.default.url" . }}'),
  url_title: template(),
  device: template(),
  sound: template(),
  priority: template('{{ if eq .Status "firing" }}2{{ else }}0{{ end }}'),
  retry: field(goDuration, { initial: () => 60_000 }),
  expire: field(goDuration, { initial: () => 3_600_000 }),
  /** 0: messages stay. */
  ttl: field(goDuration),
  html: field(truth),
  monospace: field(truth),
}

function check(config: Values<typeof fields>, complain: Complain): void {
  exactlyOne(config, 'user_key', 'user_key_file', complain)
  exactlyOne(config, 'token', 'token_file', complain)
  if (config.html && config.monospace) complain('monospace', 'cannot stand beside html.', 'Keep one of them.')
}

export const pushover = defineIntegration(new StructForm(fields, { check }), fillHttp)
