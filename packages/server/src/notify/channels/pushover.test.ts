import { pushoverApi } from '@tidewatch/testkit/receivers/pushover.ts'
import { startStandIn } from '@tidewatch/testkit/receivers/stand-in.ts'
import { expect, it } from 'vitest'
import { alertOf, notificationOf, resolvedOf, send } from '../testing/send.ts'

const keys = { token: 'apptoken', user: 'userkey1' }

it('repeats an emergency until somebody confirms it, and tells an end quietly', async () => {
  await using pushover = await startStandIn(pushoverApi(keys))
  const options = {
    token: keys.token,
    user_key: keys.user,
    api_url: `${pushover.url}/1/messages.json`,
    retry: '5s',
    expire: '5h',
  }
  for (const one of [notificationOf(), notificationOf({ severity: 'medium' }), resolvedOf()])
    expect(await send('pushover', options, one)).toMatchObject({ outcome: 'delivered' })
  const [emergency, usual, end] = pushover.taken.map(({ body }) => Object.fromEntries(new URLSearchParams(body)))
  expect(emergency).toMatchObject({
    priority: '2',
    retry: '30',
    expire: '10800',
    title: 'CRITICAL: Error rate above 5 %',
  })
  expect(usual).toMatchObject({ priority: '0', url: 'https://watch.example.org/alerts/1' })
  expect(usual).not.toHaveProperty('retry')
  expect(end).toMatchObject({ priority: '0' })
})

it('takes the options of pushover_configs and keeps within the lengths', async () => {
  await using pushover = await startStandIn(pushoverApi(keys))
  const options = {
    token: keys.token,
    user_key: keys.user,
    api_url: `${pushover.url}/1/messages.json`,
    title: '{{ template "pushover.default.title" . }}',
    message: '{{ template "pushover.default.message" . }}',
    url: '{{ template "pushover.default.url" . }}',
    priority: '{{ if eq .Status "firing" }}2{{ else }}0{{ end }}',
    html: true,
    ttl: '1h',
  }
  const long = alertOf({}, { annotations: { summary: '<b>'.repeat(2000) } })
  expect(await send('pushover', options, notificationOf({ alerts: [long] }))).toMatchObject({ outcome: 'delivered' })
  expect(await send('pushover', { ...options, message: ' ' }, resolvedOf())).toMatchObject({ outcome: 'delivered' })
  expect(new URLSearchParams(pushover.taken[1]?.body).get('message')).toBe('(no details)')
})

it('fails for good with a wrong token', async () => {
  await using pushover = await startStandIn(pushoverApi(keys))
  const options = { token: 'another-token', user_key: keys.user, api_url: `${pushover.url}/1/messages.json` }
  expect(await send('pushover', options, notificationOf())).toMatchObject({ outcome: 'failed', status: 400 })
})
