import { field, StructForm, type Values } from '@tidewatch/yaml/form.ts'
import type { Complain } from '@tidewatch/yaml/place.ts'
import { count, text } from '@tidewatch/yaml/scalars.ts'
import { exactlyOne, isGiven, notBoth } from '../given.ts'
import { hasAuthorization } from '../http-config.ts'
import { defineIntegration, fillHttp, httpKeys } from '../integration.ts'
import { hidden, timeout, webUrl } from '../values.ts'

const fields = {
  ...httpKeys(true),
  url: field(webUrl),
  url_file: field(text),
  alert_source_token: field(hidden),
  alert_source_token_file: field(text),
  /** 0: all. */
  max_alerts: field(count),
  timeout: field(timeout),
}

function check(config: Values<typeof fields>, complain: Complain): void {
  exactlyOne(config, 'url', 'url_file', complain)
  notBoth(config, 'alert_source_token', 'alert_source_token_file', complain)
  const hasToken = isGiven(config.alert_source_token) || isGiven(config.alert_source_token_file)
  const isAuthorized = hasAuthorization(config.http_config)
  if (hasToken && isAuthorized)
    complain('alert_source_token', 'cannot stand beside http_config.authorization.', 'Keep one of them.')
  // without an http_config of its own the one of global may have the token
  if (!hasToken && !isAuthorized && config.http_config !== undefined)
    complain('alert_source_token', 'missing; the token, a file of it, or http_config.authorization must be given.')
}

export const incidentio = defineIntegration(new StructForm(fields, { check }), fillHttp)
