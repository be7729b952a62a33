import { teamsWorkflow } from '@tidewatch/testkit/receivers/msteams.ts'
import { startStandIn } from '@tidewatch/testkit/receivers/stand-in.ts'
import { expect, it } from 'vitest'
import { alertOf, notificationOf, resolvedOf, send } from '../testing/send.ts'

const path = '/workflows/1/triggers/manual/paths/invoke?sig=secretsecret'

it('sends an adaptive card with buttons, and the templates of msteamsv2_configs', async () => {
  await using teams = await startStandIn(teamsWorkflow(path))
  const options = { webhook_url: teams.url + path }
  expect(await send('msteamsv2', options, notificationOf())).toMatchObject({ outcome: 'delivered', status: 202 })
  const configured = {
    ...options,
    title: '{{ template "msteamsv2.default.title" . }}',
    text: '{{ template "msteamsv2.default.text" . }}',
  }
  const long = alertOf({ long: 'ä'.repeat(20_000) })
  expect(await send('msteamsv2', configured, resolvedOf({ alerts: [long] }))).toMatchObject({ outcome: 'delivered' })
  const [own, other] = teams.taken.map(({ body }) => JSON.parse(body).attachments[0].content)
  expect(own).toMatchObject({
    body: [{ color: 'Attention' }, {}],
    actions: [{ title: 'Show' }, { title: 'Acknowledge' }],
  })
  expect(other).toMatchObject({
    body: [{ color: 'Good', text: expect.stringContaining('[RESOLVED] HighErrorRate (') }, {}],
  })
})
