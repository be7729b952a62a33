import { ntfyServer } from '@tidewatch/testkit/receivers/ntfy.ts'
import { startStandIn } from '@tidewatch/testkit/receivers/stand-in.ts'
import { expect, it } from 'vitest'
import { alertOf, notificationOf, resolvedOf, send } from '../testing/send.ts'

it('publishes with priority, tag, link and a button to acknowledge', async () => {
  await using ntfy = await startStandIn(ntfyServer('ops', 'tk_secret'))
  const options = { url: ntfy.url, topic: 'ops', token: 'tk_secret' }
  for (const one of [notificationOf(), resolvedOf()])
    expect(await send('ntfy', options, one)).toMatchObject({ outcome: 'delivered' })
  const [fires, ended] = ntfy.taken.map(({ body }) => JSON.parse(body))
  expect(fires).toMatchObject({
    title: 'CRITICAL: HighErrorRate',
    priority: 5,
    tags: ['rotating_light'],
    click: 'https://watch.example.org/alerts/1',
    actions: [{ action: 'view', label: 'Acknowledge' }],
  })
  expect(ended).toMatchObject({ title: 'RESOLVED: HighErrorRate', priority: 3, tags: ['white_check_mark'] })
})

it('keeps within the length, takes templates, and fails for good without the right token', async () => {
  await using ntfy = await startStandIn(ntfyServer('ops', 'tk_secret'))
  const long = alertOf({}, { annotations: { summary: 's', description: 'ä'.repeat(5000) } })
  const options = { url: ntfy.url, topic: 'ops', token: 'tk_secret', title: '{{ .Receiver }}', tags: 'a,b' }
  expect(await send('ntfy', options, notificationOf({ alerts: [long] }))).toMatchObject({ outcome: 'delivered' })
  expect(JSON.parse(ntfy.taken[0]?.body ?? '')).toMatchObject({ title: 'ops', tags: ['a', 'b'] })
  expect(await send('ntfy', { ...options, token: 'tk_wrong' }, notificationOf())).toMatchObject({
    outcome: 'failed',
    status: 401,
  })
})
