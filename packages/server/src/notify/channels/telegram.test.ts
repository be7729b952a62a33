import { startStandIn } from '@tidewatch/testkit/receivers/stand-in.ts'
import { telegramBot } from '@tidewatch/testkit/receivers/telegram.ts'
import { expect, it } from 'vitest'
import { alertOf, notificationOf, resolvedOf, send } from '../testing/send.ts'

const token = '123456:AAsecretsecret'

const bot = async () => {
  const telegram = await startStandIn(telegramBot(token, -100))
  const last = () =>
    JSON.parse(telegram.taken.at(-1)?.body ?? '{}') as { text: string; parse_mode?: string; reply_markup?: unknown }
  return {
    telegram,
    options: { api_url: telegram.url, bot_token: token, chat_id: -100 },
    last,
    [Symbol.asyncDispose]: () => telegram[Symbol.asyncDispose](),
  }
}

it('looks as the spec says: heading, message, details as a block of JSON, ISO time', async () => {
  await using it = await bot()
  expect(await send('telegram', it.options, notificationOf())).toMatchObject({
    outcome: 'delivered',
    detail: '200 ok, message 1',
  })
  expect(it.last().text).toBe(`*CRITICAL: HighErrorRate*

Error rate above 5 %
The API answers 12 % of requests with an error.

\`\`\`json
{
  "alertname": "HighErrorRate",
  "severity": "critical"
}
\`\`\`
2026-01-02T03:04:05.000Z`)
  expect(it.last().reply_markup).toEqual({
    inline_keyboard: [
      [
        { text: 'Acknowledge', url: 'https://watch.example.org/ack/abc' },
        { text: 'Silence', url: 'https://watch.example.org/silences/new' },
      ],
    ],
  })
})

it('escapes what labels and texts bring', async () => {
  await using it = await bot()
  const annotations = { summary: '*bold* _under_ `tick` [link](x) ```' }
  const alert = alertOf({ alertname: '*A_b*', query: '```' }, { annotations })
  expect(await send('telegram', it.options, notificationOf({ alerts: [alert] }))).toMatchObject({
    outcome: 'delivered',
  })
  expect(it.telegram.requests).toHaveLength(1)
})

it('keeps within 4096 characters whatever comes', async () => {
  await using it = await bot()
  const annotations = { summary: '_'.repeat(5000), description: '*'.repeat(9000) }
  const notification = notificationOf({ alerts: [alertOf({ long: '`'.repeat(9000) }, { annotations })] })
  expect(await send('telegram', it.options, notification)).toMatchObject({ outcome: 'delivered' })
  expect(it.telegram.requests).toHaveLength(1)
})

it.each(['HTML', 'Markdown', 'MarkdownV2', ''])(
  'cuts a long template in parse mode "%s" without breaking what is open',
  async (mode) => {
    await using it = await bot()
    const piece =
      { HTML: '<b>&lt;alert&gt; <i>x</i></b> ', Markdown: '*bold* _x_ ', MarkdownV2: '*bold _x_* ', '': 'plain ' }[
        mode
      ] ?? ''
    const message = piece.repeat(1000)
    expect(await send('telegram', { ...it.options, message, parse_mode: mode }, notificationOf())).toMatchObject({
      outcome: 'delivered',
    })
    expect(it.telegram.requests).toHaveLength(1)
    expect(it.last().text).toContain('…')
  },
)

it('sends plain words where the formatted message is refused', async () => {
  await using it = await bot()
  const options = { ...it.options, parse_mode: 'MarkdownV2', message: 'not. escaped!' }
  const result = await send('telegram', options, notificationOf())
  expect(result).toMatchObject({ outcome: 'delivered' })
  expect(result.detail).toContain('sent as plain text, since the formatted one was refused')
  expect(it.last()).not.toHaveProperty('parse_mode')
  expect(it.last().text).toContain('CRITICAL: HighErrorRate')
})

it('takes the default template of telegram_configs as HTML', async () => {
  await using it = await bot()
  const message = '{{ template "telegram.default.message" . }}'
  expect(await send('telegram', { ...it.options, message, parse_mode: 'HTML' }, resolvedOf())).toMatchObject({
    outcome: 'delivered',
  })
  expect(it.last().text).toContain('Alerts Resolved:')
})

it('shows no button to a chat where the link is only ours', async () => {
  await using it = await bot()
  const links = {
    alert: 'http://localhost:4900/a',
    acknowledge: 'http://localhost:4900/b',
    silence: 'http://localhost:4900/c',
  }
  await send('telegram', it.options, notificationOf({ links }))
  expect(it.last()).not.toHaveProperty('reply_markup')
})

it('waits as long as Telegram asks for, and keeps the token to itself', async () => {
  await using it = await bot()
  const body = JSON.stringify({
    ok: false,
    error_code: 429,
    description: `Too Many Requests at /bot${token}/`,
    parameters: { retry_after: 7 },
  })
  it.telegram.mishap({ status: 429, headers: { 'content-type': 'application/json' }, body })
  expect(await send('telegram', it.options, notificationOf())).toMatchObject({
    outcome: 'retry',
    pauseMs: 7000,
    reason: 'rateLimited',
    detail: '429 Too Many Requests at /bot[secret]/',
  })
})

it('fails for good where the chat is not found', async () => {
  await using it = await bot()
  expect(await send('telegram', { ...it.options, chat_id: 5 }, notificationOf())).toMatchObject({
    outcome: 'failed',
    reason: 'clientError',
    detail: '400 Bad Request: chat not found',
  })
})

it('carries the token of the link in the button where that acknowledges at once', async () => {
  await using it = await bot()
  const links = { ...notificationOf().links, acknowledge: 'https://watch.example.org/acknowledge?t=AWmXk7a_token' }
  await send('telegram', { ...it.options, acknowledge_here: true }, notificationOf({ links }))
  expect(it.last().reply_markup).toMatchObject({
    inline_keyboard: [[{ text: 'Acknowledge', callback_data: 'AWmXk7a_token' }, { text: 'Silence' }]],
  })
  const long = { ...links, acknowledge: `https://watch.example.org/acknowledge?t=${'x'.repeat(65)}` }
  await send('telegram', { ...it.options, acknowledge_here: true }, notificationOf({ links: long }))
  expect(it.last().reply_markup).toMatchObject({ inline_keyboard: [[{ url: long.acknowledge }, {}]] })
})
