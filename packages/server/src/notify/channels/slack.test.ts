import { slackTeam, slackWebhook } from '@tidewatch/testkit/receivers/slack.ts'
import { startStandIn } from '@tidewatch/testkit/receivers/stand-in.ts'
import { describe, expect, it } from 'vitest'
import { alertOf, FakeMemory, FakeOutside, integrationOf, notificationOf, resolvedOf, send } from '../testing/send.ts'

const path = '/services/T0/B0/secretsecret'

describe('by webhook', () => {
  it('looks as the spec says: title by severity, text, time in seconds, colour', async () => {
    await using slack = await startStandIn(slackWebhook(path))
    const result = await send('slack', { api_url: slack.url + path, channel: '#ops' }, notificationOf())
    expect(result).toMatchObject({ outcome: 'delivered', status: 200, detail: '200 ok' })
    expect(JSON.parse(slack.taken[0]?.body ?? '')).toMatchObject({
      channel: '#ops',
      username: 'Tidewatch',
      text: 'Error rate above 5 %',
      attachments: [
        {
          color: '#ff0000',
          title: 'CRITICAL Alert',
          text: 'The API answers 12 % of requests with an error.',
          ts: 1_767_323_045,
          actions: [
            { type: 'button', text: 'Acknowledge', url: 'https://watch.example.org/ack/abc' },
            { text: 'Silence' },
          ],
        },
      ],
    })
  })

  it.each([
    ['low', 'info', '#36a64f', 'INFO Alert'],
    ['medium', 'warning', '#ff9800', 'WARNING Alert'],
    ['high', 'error', '#ff0000', 'ERROR Alert'],
    ['critical', 'critical', '#ff0000', 'CRITICAL Alert'],
  ] as const)('paints %s (%s) %s', async (severity, written, color, title) => {
    await using slack = await startStandIn(slackWebhook(path))
    const notification = notificationOf({ severity, alerts: [alertOf({ severity: written })] })
    await send('slack', { api_url: slack.url + path }, notification)
    expect(JSON.parse(slack.taken[0]?.body ?? '').attachments[0]).toMatchObject({ color, title })
  })

  it('takes the templates, fields and actions of slack_configs', async () => {
    await using slack = await startStandIn(slackWebhook(path))
    const options = {
      api_url: slack.url + path,
      title: '{{ template "slack.default.title" . }}',
      text: '{{ range .Alerts }}{{ .Labels.alertname }}{{ end }}',
      color: '{{ if eq .Status "firing" }}danger{{ else }}good{{ end }}',
      fields: [
        { title: 'Severity', value: '{{ .CommonLabels.severity }}', short: true },
        { title: 'Job', value: 'x' },
      ],
      actions: [{ type: 'button', text: 'Runbook', url: 'https://runbooks.example.org', name: 'not with a url' }],
    }
    expect(await send('slack', options, notificationOf())).toMatchObject({ outcome: 'delivered' })
    expect(JSON.parse(slack.taken[0]?.body ?? '').attachments[0]).toEqual({
      title: '[FIRING:1] HighErrorRate (critical)',
      color: 'danger',
      text: 'HighErrorRate',
      fallback: 'CRITICAL Alert: Error rate above 5 %',
      callback_id: '',
      footer: '',
      mrkdwn_in: ['fallback', 'pretext', 'text'],
      fields: [
        { title: 'Severity', value: 'critical', short: true },
        { title: 'Job', value: 'x', short: false },
      ],
      actions: [{ type: 'button', text: 'Runbook', url: 'https://runbooks.example.org' }],
    })
  })

  it('does not take a 200 with other text than ok for a delivery, and tells no secret', async () => {
    await using slack = await startStandIn(slackWebhook(path))
    slack.mishap({
      status: 200,
      headers: { 'content-type': 'text/plain' },
      body: `invalid_token at ${slack.url}${path}`,
    })
    expect(await send('slack', { api_url: slack.url + path }, notificationOf())).toMatchObject({
      outcome: 'failed',
      detail: '200 invalid_token at [secret]',
    })
  })

  it('reads the address from a file each time', async () => {
    await using slack = await startStandIn(slackWebhook(path))
    const outside = new FakeOutside()
    outside.files.set('/run/slack', `${slack.url}${path}\n`)
    expect(await send('slack', { api_url_file: '/run/slack' }, notificationOf(), { outside })).toMatchObject({
      outcome: 'delivered',
    })
  })
})

describe('as a bot', () => {
  it('changes the first message and tells changes in its thread, and begins anew after the end', async () => {
    const team = slackTeam('xoxb-1')
    await using slack = await startStandIn(team.vendor)
    const memory = new FakeMemory()
    const options = { app_token: 'xoxb-1', app_url: `${slack.url}/api/chat.postMessage`, channel: '#ops' }
    for (const one of [notificationOf(), notificationOf({ reason: 'changed' }), resolvedOf()])
      expect(await send('slack', options, one, { memory })).toMatchObject({ outcome: 'delivered' })
    expect(team.messages.map(({ thread, message }) => [thread, message.reply_broadcast])).toEqual([
      [undefined, undefined],
      ['1700000000.000001', true],
      ['1700000000.000001', false],
    ])
    expect(team.messages[0]?.message).toMatchObject({
      attachments: [{ title: 'RESOLVED: CRITICAL Alert', color: '#36a64f' }],
    })
    await send('slack', options, notificationOf(), { memory })
    expect(team.messages.at(-1)?.thread).toBeUndefined()
  })

  it('sends a new message where the former one was deleted', async () => {
    const team = slackTeam('xoxb-1')
    await using slack = await startStandIn(team.vendor)
    const memory = new FakeMemory()
    const options = { app_token: 'xoxb-1', app_url: `${slack.url}/api/chat.postMessage`, channel: '#ops' }
    await send('slack', options, notificationOf(), { memory })
    team.clear()
    expect(await send('slack', options, notificationOf({ reason: 'changed' }), { memory })).toMatchObject({
      outcome: 'delivered',
    })
    expect(team.messages).toHaveLength(1)
  })

  it.each([
    ['invalid_auth', 'failed'],
    ['ratelimited', 'retry'],
    ['internal_error', 'retry'],
  ])('answers %s with 200, which is %s', async (error, outcome) => {
    await using slack = await startStandIn(slackTeam('xoxb-1').vendor)
    slack.mishap({
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ok: false, error }),
    })
    const options = { app_token: 'xoxb-1', app_url: `${slack.url}/api/chat.postMessage`, channel: '#ops' }
    expect(await send('slack', options, notificationOf())).toMatchObject({ outcome, detail: `200 ${error}` })
  })

  it('needs a channel, and no webhook beside the token', () => {
    expect(() => integrationOf('slack', { app_token: 'x', api_url: 'https://hooks.slack.com/x' })).toThrow(
      'app_token: a webhook and a token exclude one another.\nchannel: a bot needs a channel.',
    )
  })
})

it('has a button that calls back where that acknowledges at once', async () => {
  await using slack = await startStandIn(slackWebhook(path))
  await send('slack', { api_url: slack.url + path, acknowledge_here: true }, notificationOf())
  const [attachment] = (JSON.parse(slack.taken[0]?.body ?? '') as { readonly attachments: readonly object[] })
    .attachments
  expect(attachment).toMatchObject({
    callback_id: 'tidewatch',
    actions: [{ name: 'acknowledge', type: 'button', value: notificationOf().links.acknowledge }, {}],
  })
})
