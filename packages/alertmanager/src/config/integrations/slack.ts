import { Secret } from '@tidewatch/core/secret.ts'
import { field, list, optional, StructForm, type Values } from '@tidewatch/yaml/form.ts'
import type { Complain } from '@tidewatch/yaml/place.ts'
import { text, truth } from '@tidewatch/yaml/scalars.ts'
import { fallBack, isGiven, notBoth } from '../given.ts'
import type { GlobalValues } from '../global.ts'
import { defaultHttpConfig, hasAuthorization, withBearer } from '../http-config.ts'
import { defineIntegration, httpKeys } from '../integration.ts'
import { hidden, hiddenUrl, template, timeout, webUrl } from '../values.ts'

const confirmation = new StructForm(
  { text: field(text), title: field(text), ok_text: field(text), dismiss_text: field(text) },
  {
    check(config, complain) {
      if (config.text === '') complain('text', 'missing; it is the question.')
    },
  },
)

const action = new StructForm(
  {
    type: field(text),
    text: field(text),
    url: field(text),
    style: field(text),
    name: field(text),
    value: field(text),
    confirm: field(optional(confirmation)),
  },
  {
    check(config, complain) {
      if (config.type === '') complain('type', 'missing; button or select.')
      if (config.text === '') complain('text', 'missing; it is what people read.')
      if (config.url === '' && config.name === '') complain('name', 'missing; name or url must be given.')
      if (config.url === '') return
      // a link has no answer
      config.name = ''
      config.value = ''
      config.confirm = undefined
    },
  },
)

const slackField = new StructForm(
  { title: field(text), value: field(text), short: field(optional(truth)) },
  {
    check(config, complain) {
      for (const key of ['title', 'value'] as const) if (config[key] === '') complain(key, 'missing.')
    },
  },
)

const fields = {
  ...httpKeys(false),
  api_url: field(hiddenUrl),
  api_url_file: field(text),
  app_token: field(hidden),
  app_token_file: field(text),
  app_url: field(webUrl),
  channel: field(text),
  username: template('{{ template "slack.default.username" . }}'),
  color: template('{{ template "slack.default.color" . }}'),
  title: template('{{ template "slack.default.title" . }}'),
  title_link: template('{{ template "slack.default.titlelink" . }}'),
  pretext: template('{{ template "slack.default.pretext" . }}'),
  text: template('{{ template "slack.default.text" . }}'),
  message_text: template(),
  fields: field(list(slackField, { nullItem: 'this field is empty.' })),
  short_fields: field(truth),
  footer: template('{{ template "slack.default.footer" . }}'),
  fallback: template('{{ template "slack.default.fallback" . }}'),
  callback_id: template('{{ template "slack.default.callbackid" . }}'),
  icon_emoji: template('{{ template "slack.default.iconemoji" . }}'),
  icon_url: template('{{ template "slack.default.iconurl" . }}'),
  image_url: template(),
  thumb_url: template(),
  link_names: field(truth),
  mrkdwn_in: field(list(text)),
  actions: field(list(action, { nullItem: 'this action is empty.' })),
  /** A change of the group changes the message that is there in place of sending one more. */
  update_message: field(truth),
  timeout: field(timeout),
}

type Slack = Values<typeof fields>

/** The only address at which a message can be changed later. */
const postMessage = 'https://slack.com/api/chat.postMessage'

function check(config: Slack, complain: Complain): void {
  notBoth(config, 'api_url', 'api_url_file', complain)
  notBoth(config, 'app_token', 'app_token_file', complain)
  const token = isGiven(config.app_token) ? 'app_token' : 'app_token_file'
  const url = isGiven(config.api_url) ? 'api_url' : 'api_url_file'
  if (isGiven(config[token]) && isGiven(config[url])) notBoth(config, url, token, complain)
  // asked of the receiver itself, before `global` fills in: a token from there does not count
  if (config.update_message && config.api_url?.reveal() !== postMessage)
    complain(
      'update_message',
      'a message can be changed by bots alone.',
      `Set api_url to ${postMessage} and the token as http_config.authorization.credentials.`,
    )
}

function complete(config: Slack, global: GlobalValues, complain: Complain): void {
  config.app_url ??= global.slack_app_url
  // who writes an address or an authorization of its own does not want the token of all
  if (!hasAuthorization(config.http_config) && config.api_url === undefined) {
    const token = fallBack(
      [config.app_token, config.app_token_file],
      [global.slack_app_token, global.slack_app_token_file],
    )
    ;[config.app_token, config.app_token_file] = token
  }
  const url = fallBack([config.api_url, config.api_url_file], [global.slack_api_url, global.slack_api_url_file])
  ;[config.api_url, config.api_url_file] = url
  const hasToken = isGiven(config.app_token) || isGiven(config.app_token_file)
  if (!hasToken && !isGiven(config.api_url) && !isGiven(config.api_url_file))
    complain('api_url', 'missing; global has neither slack_api_url nor slack_app_token, nor a file of them.')
  config.http_config ??= global.http_config ?? defaultHttpConfig()
  if (hasToken) useToken(config, complain)
}

function useToken(config: Slack, complain: Complain): void {
  if (hasAuthorization(config.http_config))
    complain('app_token', 'cannot stand beside http_config.authorization.', 'Keep one of them.')
  const token = { text: config.app_token?.reveal() ?? '', file: config.app_token_file }
  config.http_config = withBearer(config.http_config ?? defaultHttpConfig(), token)
  config.api_url = config.app_url === undefined ? undefined : new Secret(config.app_url)
  config.api_url_file = ''
}

export const slack = defineIntegration(new StructForm(fields, { check }), complete)
