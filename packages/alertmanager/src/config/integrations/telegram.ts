import { field, StructForm, type Values } from '@tidewatch/yaml/form.ts'
import type { Complain } from '@tidewatch/yaml/place.ts'
import { integer, text, truth } from '@tidewatch/yaml/scalars.ts'
import { fallBack, isGiven, notBoth } from '../given.ts'
import { defineIntegration, fillHttp, httpKeys } from '../integration.ts'
import { hidden, template, timeout, webUrl } from '../values.ts'

const parseModes = ['Markdown', 'MarkdownV2', 'HTML']

const fields = {
  ...httpKeys(true),
  api_url: field(webUrl),
  bot_token: field(hidden),
  bot_token_file: field(text),
  /** 0: not given. */
  chat_id: field(integer),
  chat_id_file: field(text),
  message_thread_id: field(integer),
  message: template('{{ template "telegram.default.message" . }}'),
  disable_notifications: field(truth),
  /** Empty: plain text. */
  parse_mode: template('HTML'),
  timeout: field(timeout),
}

function check(config: Values<typeof fields>, complain: Complain): void {
  notBoth(config, 'bot_token', 'bot_token_file', complain)
  if (config.chat_id === 0 && config.chat_id_file === '')
    complain('chat_id', 'missing; chat_id or chat_id_file must be given.')
  if (config.chat_id !== 0 && config.chat_id_file !== '')
    complain('chat_id_file', 'cannot stand beside chat_id.', 'Keep one of them.')
  if (config.parse_mode !== '' && !parseModes.includes(config.parse_mode))
    complain(
      'parse_mode',
      `${JSON.stringify(config.parse_mode)} is no parse mode. Allowed: ${parseModes.join(', ')} and "" for plain text.`,
    )
}

export const telegram = defineIntegration(new StructForm(fields, { check }), (config, global, complain) => {
  fillHttp(config, global)
  config.api_url ??= global.telegram_api_url
  const token = fallBack(
    [config.bot_token, config.bot_token_file],
    [global.telegram_bot_token, global.telegram_bot_token_file],
  )
  ;[config.bot_token, config.bot_token_file] = token
  if (!isGiven(config.bot_token) && !isGiven(config.bot_token_file))
    complain('bot_token', 'missing; global has neither telegram_bot_token nor telegram_bot_token_file.')
})
