import { formatProblem } from '@tidewatch/core/error.ts'
import { Secret } from '@tidewatch/core/secret.ts'
import { describe, expect, test } from 'vitest'
import { readAlertmanagerConfig, unsupportedIntegrations } from './config.ts'
import type { AlertmanagerConfig, Integration, IntegrationType, ReadOptions } from './port.ts'

function read(text: string, options?: ReadOptions): AlertmanagerConfig {
  const result = readAlertmanagerConfig({ name: 'alertmanager.yml', text }, options)
  if (!result.ok) throw new Error(result.problems.map(formatProblem).join('\n'))
  return result.config
}

function problems(text: string): string[] {
  const result = readAlertmanagerConfig({ name: 'alertmanager.yml', text })
  return result.ok ? [] : result.problems.map(formatProblem)
}

function only<T extends IntegrationType>(config: AlertmanagerConfig, type: T): Extract<Integration, { type: T }> {
  const [first] = config.receivers.get('r')?.integrations ?? []
  if (first?.type !== type) throw new Error(`the first integration is ${first?.type}`)
  return first as Extract<Integration, { type: T }>
}

const withReceiver = (lines: string, global = '{}'): string =>
  `global: ${global}\nroute: {receiver: r}\nreceivers:\n- name: r\n${lines}`

describe('what is wrong is told with line, column, key, what was found and what is allowed', () => {
  test.each([
    ['route: {recevier: r}\n', 'alertmanager.yml:1:9 route.recevier: there is no such key. Did you mean receiver?'],
    [
      'route:\n  receiver: r\n  group_wait: 30\nreceivers: [{name: r}]\n',
      'alertmanager.yml:3:15 route.group_wait: "30" is not a duration. Write a unit: 30s.',
    ],
    [
      'route:\n  receiver: opss\nreceivers:\n- name: ops\n',
      'alertmanager.yml:2:3 route.receiver: there is no receiver "opss". Did you mean ops?',
    ],
    [
      'route:\n  receiver: r\n  routes:\n  - matchers:\n    - a=b\n    - c\nreceivers: [{name: r}]\n',
      'alertmanager.yml:6:7 route.routes[0].matchers[1]: "c" is not a matcher. Write a label name, one of = != =~ !~, and a value.',
    ],
    [
      'route:\n  receiver: r\n  routes:\n  - matchers: ["a=~\\"(\\""]\nreceivers: [{name: r}]\n',
      'alertmanager.yml:4:16 route.routes[0].matchers[0]: "(" is not an RE2 expression: error parsing regexp: missing closing ): `^(?:()$`.',
    ],
    [
      withReceiver('  telegram_configs:\n  - chat_id: 1\n    bot_token: t\n    parse_mode: Html\n'),
      'alertmanager.yml:8:5 receivers[0].telegram_configs[0].parse_mode: "Html" is no parse mode. Allowed: Markdown, MarkdownV2, HTML and "" for plain text.',
    ],
    [
      withReceiver('  webhook_configs:\n  - url: ftp://secret-token/x\n'),
      'alertmanager.yml:6:10 receivers[0].webhook_configs[0].url: this is not a URL of http or https.',
    ],
    [
      withReceiver('  email_configs:\n  - to: a@b\n'),
      'alertmanager.yml:6:5 receivers[0].email_configs[0].smarthost: missing; global has no smtp_smarthost either.',
    ],
    [
      'route: {receiver: r}\nreceivers: [{name: r}]\ntime_intervals:\n- name: t\n  time_intervals:\n  - location: europe/berlin\n',
      'alertmanager.yml:6:15 time_intervals[0].time_intervals[0].location: "europe/berlin" is not a time zone. Write one such as Europe/Berlin, or UTC.',
    ],
  ])('%s', (text, expected) => {
    expect(problems(text)).toContain(expected)
  })

  test('all of it at once', () => {
    expect(problems('global: {x: 1}\nroute: {y: 1}\nreceivers: [{z: 1}]\n')).toHaveLength(3)
  })

  test('a route that holds itself ends somewhere', () => {
    expect(problems('route: &a\n  receiver: r\n  routes: [*a]\nreceivers: [{name: r}]\n').join()).toContain('100 deep')
  })
})

describe('what global gives', () => {
  test('is taken where a receiver says nothing', () => {
    const global = '{smtp_smarthost: "m:25", smtp_from: a@b, smtp_auth_username: u, smtp_auth_password: p}'
    const { config, sendResolved } = only(read(withReceiver('  email_configs: [{to: x@y}]\n', global)), 'email')
    expect(config).toMatchObject({ smarthost: 'm:25', from: 'a@b', hello: 'localhost', require_tls: true })
    expect(config.auth_password?.reveal()).toBe('p')
    expect(sendResolved).toBe(false)
  })

  test('is left where a receiver has its own, the value and its file together', () => {
    const global = '{telegram_bot_token: all}'
    const lines = '  telegram_configs: [{chat_id: 1, bot_token_file: /own}]\n'
    const { config } = only(read(withReceiver(lines, global)), 'telegram')
    expect([config.bot_token, config.bot_token_file, config.api_url]).toEqual([
      undefined,
      '/own',
      'https://api.telegram.org',
    ])
  })

  test('makes an app of Slack out of a token', () => {
    const { config } = only(
      read(withReceiver('  slack_configs: [{channel: "#a"}]\n', '{slack_app_token: xoxb}')),
      'slack',
    )
    expect(config.api_url?.reveal()).toBe('https://slack.com/api/chat.postMessage')
    expect(config.http_config?.reveal().authorization).toMatchObject({ type: 'Bearer', credentials: 'xoxb' })
  })

  test('has an http_config whose files are relative to the configuration', () => {
    const lines =
      '  webhook_configs: [{url: "http://h", http_config: {tls_config: {ca_file: ca.pem}, authorization: {credentials_file: /t}}}]\n'
    const { config } = only(read(withReceiver(lines), { directory: '/etc/am' }), 'webhook')
    const http = config.http_config?.reveal()
    expect([http?.tls_config.ca_file, http?.authorization?.credentials_file]).toEqual(['/etc/am/ca.pem', '/t'])
  })
})

test('what is null where Alertmanager takes it counts as empty, names do not', () => {
  expect(read('route: {receiver: r}\nreceivers: [{name: r}]\ninhibit_rules: [null]\n').inhibitRules).toHaveLength(1)
  expect(problems('route: {receiver: r, group_by: [null]}\nreceivers: [{name: r}]\n')).toEqual([
    expect.stringContaining('route.group_by[0]: there is no name here.'),
  ])
})

test('a secret comes out by reveal alone', () => {
  const lines = `  slack_configs: [{api_url: "https://hooks/one-secret"}]
  webhook_configs: [{url: "http://h/two-secret", http_config: {basic_auth: {username: u, password: three-secret}}}]
  sns_configs: [{topic_arn: t, sigv4: {access_key: k, secret_key: four-secret}}]
`
  const config = read(withReceiver(lines))
  const shown = JSON.stringify([...config.receivers.values()]) + config.effectiveYaml
  expect(shown).not.toMatch(/-secret/)
  expect(only(config, 'webhook').config.url).toBeInstanceOf(Secret)
})

test('the effective file has every default and can be read again', () => {
  const config = read(
    withReceiver('  pagerduty_configs: [{routing_key: k}]\n  pushover_configs: [{token: t, user_key: u}]\n'),
  )
  expect(config.effectiveYaml).toContain('resolve_timeout: 5m')
  expect(config.effectiveYaml).toContain('routing_key: <secret>')
  expect(read(config.effectiveYaml).effectiveYaml).toBe(config.effectiveYaml)
})

test('types that cannot be sent to are named with their line', () => {
  const lines = '  webhook_configs: [{url: "http://h"}]\n  victorops_configs:\n  - {api_key: k, routing_key: r}\n'
  const found = unsupportedIntegrations(read(withReceiver(lines)), new Set(['webhook', 'email', 'ntfy']))
  expect(found.map(formatProblem)).toEqual([
    'alertmanager.yml:7:5 receivers[0].victorops_configs[0]: receiver "r" has victorops_configs, and Tidewatch cannot send to victorops. Supported: webhook_configs, email_configs. webhook_configs reaches what has an address.',
  ])
})
