import { discordWebhook } from '@tidewatch/testkit/receivers/discord.ts'
import { startStandIn } from '@tidewatch/testkit/receivers/stand-in.ts'
import { expect, it } from 'vitest'
import { alertOf, notificationOf, resolvedOf, send } from '../testing/send.ts'

const path = '/api/webhooks/1/secretsecret'

it('sends an embed in the colour of the severity, and calls nobody', async () => {
  await using discord = await startStandIn(discordWebhook(path))
  expect(await send('discord', { webhook_url: discord.url + path }, notificationOf())).toMatchObject({
    outcome: 'delivered',
    status: 200,
  })
  expect(JSON.parse(discord.taken[0]?.body ?? '')).toMatchObject({
    embeds: [{ title: 'CRITICAL: HighErrorRate', color: 0xff0000 }],
    allowed_mentions: { parse: [] },
  })
})

it('takes the options of discord_configs and keeps within the lengths', async () => {
  await using discord = await startStandIn(discordWebhook(path))
  const options = {
    webhook_url: discord.url + path,
    title: '{{ template "discord.default.title" . }}',
    message: '{{ template "discord.default.message" . }}',
    content: '@here',
    username: 'Watch',
  }
  const long = alertOf({ long: 'x'.repeat(9000) })
  expect(await send('discord', options, resolvedOf({ alerts: [long] }))).toMatchObject({ outcome: 'delivered' })
  expect(JSON.parse(discord.taken[0]?.body ?? '')).toMatchObject({
    content: '@here',
    username: 'Watch',
    embeds: [{ color: 0x2ecc71 }],
  })
})

it('waits as Discord asks for, to the millisecond, and ahead of time where its window is used up', async () => {
  await using discord = await startStandIn(discordWebhook(path))
  discord.mishap(
    {
      status: 429,
      headers: { 'retry-after': '1', 'content-type': 'application/json' },
      body: '{"message":"slow","retry_after":0.64,"global":false}',
    },
    { status: 200, headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset-after': '1.5' } },
  )
  const options = { webhook_url: discord.url + path }
  expect(await send('discord', options, notificationOf())).toMatchObject({ outcome: 'retry', pauseMs: 640 })
  expect(await send('discord', options, notificationOf())).toMatchObject({ outcome: 'delivered', pauseMs: 1500 })
})
