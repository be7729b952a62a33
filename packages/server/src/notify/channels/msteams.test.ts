import { teamsConnector } from '@tidewatch/testkit/receivers/msteams.ts'
import { startStandIn } from '@tidewatch/testkit/receivers/stand-in.ts'
import { expect, it } from 'vitest'
import { alertOf, notificationOf, resolvedOf, send } from '../testing/send.ts'

const path = '/webhookb2/secretsecret'

it('sends a card, by default and with the templates of msteams_configs', async () => {
  await using teams = await startStandIn(teamsConnector(path))
  const options = { webhook_url: teams.url + path }
  expect(await send('msteams', options, notificationOf({ severity: 'medium' }))).toMatchObject({ outcome: 'delivered' })
  const configured = {
    ...options,
    title: '{{ template "msteams.default.title" . }}',
    summary: '{{ template "msteams.default.summary" . }}',
    text: '{{ template "msteams.default.text" . }}',
  }
  const long = alertOf({ long: 'ä'.repeat(20_000) })
  expect(await send('msteams', configured, resolvedOf({ alerts: [long] }))).toMatchObject({ outcome: 'delivered' })
  expect(teams.taken.map(({ body }) => JSON.parse(body).themeColor)).toEqual(['ff9800', '2DC72D'])
})

it('sees the error that a connector hides in an answer of 200', async () => {
  await using teams = await startStandIn(teamsConnector(path))
  teams.mishap({
    status: 200,
    body: 'Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429 with ContextId x',
  })
  expect(await send('msteams', { webhook_url: teams.url + path }, notificationOf())).toMatchObject({
    outcome: 'retry',
    status: 429,
  })
})
