import { createHash } from 'node:crypto'
import { opsgenieAccount } from '@tidewatch/testkit/receivers/opsgenie.ts'
import { startStandIn } from '@tidewatch/testkit/receivers/stand-in.ts'
import { expect, it } from 'vitest'
import { alertOf, notificationOf, resolvedOf, send } from '../testing/send.ts'

const alias = createHash('sha256').update('{}:{alertname="HighErrorRate"}').digest('hex')

it('opens and closes one alert a group, by its alias', async () => {
  const account = opsgenieAccount('genie-key')
  await using opsgenie = await startStandIn(account.vendor)
  const options = { api_url: opsgenie.url, api_key: 'genie-key' }
  for (const one of [notificationOf(), notificationOf()])
    expect(await send('opsgenie', options, one)).toMatchObject({ outcome: 'delivered' })
  expect([...account.alerts]).toEqual([
    [alias, expect.objectContaining({ open: true, count: 2, message: 'Error rate above 5 %' })],
  ])
  expect(JSON.parse(opsgenie.taken[0]?.body ?? '')).toMatchObject({ priority: 'P1', details: { severity: 'critical' } })
  expect(await send('opsgenie', options, resolvedOf())).toMatchObject({ outcome: 'delivered' })
  expect(account.alerts.get(alias)?.open).toBe(false)
})

it('takes the options of opsgenie_configs, and updates what is open', async () => {
  const account = opsgenieAccount('genie-key')
  await using opsgenie = await startStandIn(account.vendor)
  const options = {
    api_url: `${opsgenie.url}/`,
    api_key: 'genie-key',
    message: '{{ template "opsgenie.default.message" . }}',
    description: '{{ .Receiver }}',
    details: { team: '{{ .Receiver }}' },
    responders: [
      { name: 'a, b', type: 'teams' },
      { name: '', type: 'team' },
      { username: 'u@example.org', type: 'user' },
    ],
    tags: 'one,, two',
    priority: 'P2',
    update_alerts: true,
  }
  expect(await send('opsgenie', options, notificationOf())).toMatchObject({ outcome: 'delivered' })
  expect(JSON.parse(opsgenie.taken[0]?.body ?? '')).toMatchObject({
    message: '[FIRING:1] HighErrorRate (critical)',
    details: { team: 'ops', alertname: 'HighErrorRate' },
    responders: [
      { name: 'a', type: 'team' },
      { name: 'b', type: 'team' },
      { username: 'u@example.org', type: 'user' },
    ],
    tags: ['one', 'two'],
    priority: 'P2',
  })
  expect(opsgenie.taken.map(({ method }) => method)).toEqual(['POST', 'PUT', 'PUT'])
})

it('keeps within the lengths that Opsgenie takes, and has what is not open any more for closed', async () => {
  await using opsgenie = await startStandIn(opsgenieAccount('genie-key').vendor)
  const options = { api_url: opsgenie.url, api_key: 'genie-key' }
  const annotations = { summary: 's'.repeat(500), description: 'd'.repeat(20_000) }
  expect(await send('opsgenie', options, notificationOf({ alerts: [alertOf({}, { annotations })] }))).toMatchObject({
    outcome: 'delivered',
  })
  expect(await send('opsgenie', options, resolvedOf({ groupKey: 'another' }))).toMatchObject({
    outcome: 'delivered',
    status: 404,
  })
  expect(await send('opsgenie', { ...options, api_key: 'wrong-key' }, notificationOf())).toMatchObject({
    outcome: 'failed',
    status: 401,
  })
})
