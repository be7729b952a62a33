import { readAlertmanagerConfig } from '@tidewatch/alertmanager/config.ts'
import { describe, expect, it } from 'vitest'
import { channelsSection } from './config.ts'
import { environmentChannels, integrationOfEntry, joined } from './integrations.ts'
import { integrationOf } from './testing/send.ts'

function readOf(text: string) {
  const read = readAlertmanagerConfig({ name: 'alertmanager.yml', text })
  if (!read.ok) throw new Error(read.problems.map(({ message }) => message).join('\n'))
  return [...read.config.receivers.values()].flatMap(({ name, integrations }) =>
    integrations.map((entry) => integrationOfEntry(name, entry)),
  )
}

const all = `
global:
  smtp_smarthost: smtp.example.org:587
  smtp_from: watch@example.org
  smtp_auth_username: u
  smtp_auth_password: p
  slack_api_url: https://hooks.slack.com/services/x
  opsgenie_api_key: key
  telegram_bot_token: 1:a
  http_config:
    proxy_url: http://proxy.example.org:3128
    tls_config: { insecure_skip_verify: true, min_version: TLS12 }
    basic_auth: { username: u, password: p }
route: { receiver: all }
receivers:
  - name: all
    email_configs:
      - { to: 'a@example.org, b@example.org', headers: { X-Team: ops }, threading: { enabled: true, thread_by_date: daily } }
    slack_configs:
      - channel: '#ops'
        fields: [{ title: a, value: b, short: true }]
        actions: [{ type: button, text: go, url: 'https://x.example.org' }]
    pagerduty_configs:
      - { routing_key: r, details: { a: { b: '{{ .Status }}' } } }
      - { service_key: s }
    opsgenie_configs: [{ responders: [{ name: t, type: team }], details: { k: v } }]
    pushover_configs: [{ user_key: u, token: t, retry: 2m, url: '' }]
    telegram_configs: [{ chat_id: -1001234567890 }, { chat_id: 5, parse_mode: '' }]
    discord_configs: [{ webhook_url: 'https://discord.com/api/webhooks/1/x' }]
    msteams_configs: [{ webhook_url: 'https://example.webhook.office.com/x' }]
    msteamsv2_configs: [{ webhook_url: 'https://example.logic.azure.com/x' }]
    webhook_configs:
      - { url: 'https://example.org/hook', max_alerts: 5, timeout: 3s }
      - url: 'https://example.org/{{ .Receiver }}'
        payload: { text: '{{ .Status }}' }
        http_config:
          oauth2: { client_id: i, client_secret: s, token_url: 'https://auth.example.org' }
          http_headers: { X-A: { values: [a] } }
`

describe('alertmanager.yml', () => {
  it('has its entries taken, with what global gives', () => {
    const made = readOf(all)
    expect(made.flatMap((one) => (one.ok ? [] : [one.problem.message]))).toEqual([])
    const integrations = new Map(made.flatMap((one) => (one.ok ? [[one.integration.key, one.integration]] : [])))
    expect(integrations.size).toBe(13)
    expect(integrations.get('all/slack[0]')).toMatchObject({
      sendsResolved: false,
      origin: 'alertmanager.yml',
      config: {
        title: '{{ template "slack.default.title" . }}',
        http_config: { proxy_url: 'http://proxy.example.org:3128' },
      },
    })
    expect(integrations.get('all/email[0]')).toMatchObject({
      config: {
        headers: { Subject: '{{ template "email.default.subject" . }}', 'X-Team': 'ops' },
        require_tls: true,
        text: '',
      },
    })
    expect(integrations.get('all/webhook[0]')).toMatchObject({
      sendsResolved: true,
      config: { timeout: 3000, max_alerts: 5 },
    })
    expect(integrations.get('all/telegram[1]')).toMatchObject({ config: { chat_id: '5', parse_mode: '' } })
    expect(integrations.get('all/pushover[0]')).toMatchObject({ config: { retry: 120_000, url: '' } })
  })

  it('may have a bot of Slack by its token alone', () => {
    const [made] = readOf(`
global: { slack_app_token: xoxb-1 }
route: { receiver: a }
receivers: [{ name: a, slack_configs: [{ channel: '#ops' }] }]
`)
    expect(made).toMatchObject({
      ok: true,
      integration: { config: { update_message: false, http_config: { authorization: { type: 'Bearer' } } } },
    })
  })

  it('is refused by name where there is no such channel', () => {
    const [made] = readOf(`
route: { receiver: a }
receivers: [{ name: a, webex_configs: [{ room_id: r, http_config: { authorization: { credentials: c } } }] }]
`)
    expect(made).toMatchObject({
      ok: false,
      problem: {
        message: expect.stringContaining('webex_configs[0] of receiver "a": there is no channel of this type'),
      },
    })
  })
})

describe('environment variables alone', () => {
  it('set up mail, Slack, Telegram and SMS', () => {
    const { integrations, notices, problems } = environmentChannels({
      SLACK_WEBHOOK_URL: 'https://hooks.slack.com/services/x',
      SMTP_HOST: 'smtp.example.org',
      SMTP_PORT: '2525',
      SMTP_USER: 'watch@example.org',
      SMTP_PASSWORD: 'p',
      ALERT_EMAIL_TO: 'a@example.org, b@example.org',
      TELEGRAM_OPS_CHAT_ID: '-100',
      TELEGRAM_BOT_TOKEN: '1:a',
      TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
      TWILIO_AUTH_TOKEN: 't',
      TWILIO_PHONE_NUMBER: '+15005550006',
      TWILIO_ALERT_TO: '+436641111111',
      PAGERDUTY_ROUTING_KEY: 'r',
    })
    expect({ notices, problems }).toEqual({ notices: [], problems: [] })
    expect(integrations.map(({ key }) => key)).toEqual([
      'environment/email',
      'environment/pagerduty',
      'environment/slack',
      'environment/telegram',
      'environment/twilio',
    ])
    expect(integrations[0]).toMatchObject({ config: { smarthost: 'smtp.example.org:2525', from: 'watch@example.org' } })
  })

  it('are told of where they are half set up or wrong', () => {
    expect(environmentChannels({ SMTP_HOST: 'smtp.example.org', SLACK_WEBHOOK_URL: 'hooks' })).toMatchObject({
      integrations: [],
      notices: ['SMTP_HOST is set, but the channel email is not used: ALERT_EMAIL_TO missing.'],
      problems: [
        { message: expect.stringContaining('not a URL that begins with'), where: { key: 'SLACK_WEBHOOK_URL' } },
      ],
    })
    expect(environmentChannels({ ALERT_EMAIL: 'a@example.org' }).integrations).toEqual([])
  })

  it('give way to a channel of the same name in a file', () => {
    const written = integrationOf('slack', { api_url: 'https://hooks.slack.com/y' })
    const { integrations } = environmentChannels({ SLACK_WEBHOOK_URL: 'https://hooks.slack.com/x' })
    expect(joined([written], integrations)).toEqual([written])
  })
})

describe('what is wrong in tidewatch.yml', () => {
  const faultsOf = (...channels: readonly object[]) => {
    const read = channelsSection.schema.safeParse(channels)
    return read.success ? [] : read.error.issues.map(({ path, message, ...issue }) => [path.join('.'), message, issue])
  }

  it('is told with the key that was meant, and without the values of secrets', () => {
    const slack = { name: 'a', kind: 'slack', api_url: 'hooks.slack.com/secret', titel: 'x' }
    expect(faultsOf(slack)).toMatchObject([
      ['0.api_url', 'not a URL that begins with http:// or https://', { params: { hidesValue: true } }],
      ['0.titel', 'there is no such key. Did you mean title?', { params: { hidesValue: true } }],
    ])
  })

  it('shows what is no secret', () => {
    expect(
      faultsOf(
        { name: 'b', kind: 'pagerduty', routing_key: 'r', timeout: 10 },
        { name: 'c', kind: 'email', to: 'a@b.c', smarthost: 'x' },
      ),
    ).toMatchObject([
      ['0.timeout', 'not a duration. Write a unit: 10s', { params: { hidesValue: false } }],
      ['1.from', 'is missing.', {}],
      ['1.smarthost', 'not host:port. Write it as smtp.example.org:587', { params: { hidesValue: false } }],
    ])
  })

  it('includes rates that are none', () => {
    expect(faultsOf({ name: 'b', kind: 'log', rate_limit: 'fast' })).toMatchObject([
      ['0.rate_limit', 'not a rate. Write messages and time, such as 20/1m', {}],
    ])
    expect(faultsOf({ name: 'b', kind: 'log', rate_limit: ['1/s', '20/1m'] })).toEqual([])
  })
})
