// `global`: what receivers fall back to.
import { field, optional, StructForm, type Values } from '@tidewatch/yaml/form.ts'
import type { Complain } from '@tidewatch/yaml/place.ts'
import { duration, text, truth } from '@tidewatch/yaml/scalars.ts'
import { isGiven, notBoth } from './given.ts'
import { defaultHttpConfig, httpConfig, tlsConfig } from './http-config.ts'
import { hidden, hiddenUrl, hostPort, webUrl } from './values.ts'

const url = (initial: string) => field(webUrl, { initial: () => initial })

const fields = {
  resolve_timeout: field(duration, { initial: () => 300_000 }),
  http_config: field(httpConfig, { initial: defaultHttpConfig }),
  jira_api_url: field(webUrl),
  smtp_from: field(text),
  smtp_hello: field(text, { initial: () => 'localhost' }),
  smtp_smarthost: field(hostPort),
  smtp_auth_username: field(text),
  smtp_auth_password: field(hidden),
  smtp_auth_password_file: field(text),
  smtp_auth_secret: field(hidden),
  smtp_auth_secret_file: field(text),
  smtp_auth_identity: field(text),
  smtp_require_tls: field(truth, { always: true, initial: () => true }),
  smtp_tls_config: field(tlsConfig),
  smtp_force_implicit_tls: field(optional(truth)),
  slack_api_url: field(hiddenUrl),
  slack_api_url_file: field(text),
  slack_app_token: field(hidden),
  slack_app_token_file: field(text),
  slack_app_url: url('https://slack.com/api/chat.postMessage'),
  pagerduty_url: url('https://events.pagerduty.com/v2/enqueue'),
  opsgenie_api_url: url('https://api.opsgenie.com/'),
  opsgenie_api_key: field(hidden),
  opsgenie_api_key_file: field(text),
  wechat_api_url: url('https://qyapi.weixin.qq.com/cgi-bin/'),
  wechat_api_secret: field(hidden),
  wechat_api_secret_file: field(text),
  wechat_api_corp_id: field(text),
  victorops_api_url: url('https://alert.victorops.com/integrations/generic/20131114/alert/'),
  victorops_api_key: field(hidden),
  victorops_api_key_file: field(text),
  telegram_api_url: url('https://api.telegram.org'),
  telegram_bot_token: field(hidden),
  telegram_bot_token_file: field(text),
  webex_api_url: url('https://webexapis.com/v1/messages'),
  rocketchat_api_url: url('https://open.rocket.chat/'),
  rocketchat_token: field(hidden),
  rocketchat_token_file: field(text),
  rocketchat_token_id: field(hidden),
  rocketchat_token_id_file: field(text),
  mattermost_webhook_url: field(hiddenUrl),
  mattermost_webhook_url_file: field(text),
}

/** Keys as in the file. Durations in ms. */
export type GlobalValues = Values<typeof fields>

const pairs = [
  ['slack_app_token', 'slack_app_token_file'],
  ['slack_api_url', 'slack_api_url_file'],
  ['opsgenie_api_key', 'opsgenie_api_key_file'],
  ['victorops_api_key', 'victorops_api_key_file'],
  ['telegram_bot_token', 'telegram_bot_token_file'],
  ['smtp_auth_password', 'smtp_auth_password_file'],
  ['smtp_auth_secret', 'smtp_auth_secret_file'],
  ['rocketchat_token', 'rocketchat_token_file'],
  ['rocketchat_token_id', 'rocketchat_token_id_file'],
  ['wechat_api_secret', 'wechat_api_secret_file'],
  ['mattermost_webhook_url', 'mattermost_webhook_url_file'],
] as const

function check(global: GlobalValues, complain: Complain): void {
  for (const [value, file] of pairs) notBoth(global, value, file, complain)
  const hasToken = isGiven(global.slack_app_token) || isGiven(global.slack_app_token_file)
  const hasUrl = isGiven(global.slack_api_url) || isGiven(global.slack_api_url_file)
  // before there were tokens people wrote their URL into slack_api_url and the token into http_config
  if (hasToken && hasUrl && global.slack_api_url?.reveal() !== global.slack_app_url)
    complain(
      isGiven(global.slack_app_token) ? 'slack_app_token' : 'slack_app_token_file',
      'cannot stand beside slack_api_url.',
      'Keep one of them.',
    )
}

export const globalForm = new StructForm(fields, { check })
