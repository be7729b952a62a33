import { createHash } from 'node:crypto'
import { pagerDutyService } from '@tidewatch/testkit/receivers/pagerduty.ts'
import { startStandIn } from '@tidewatch/testkit/receivers/stand-in.ts'
import { expect, it } from 'vitest'
import { alertOf, notificationOf, resolvedOf, send } from '../testing/send.ts'

const key = 'R0routingkey'
const hash = createHash('sha256').update('{}:{alertname="HighErrorRate"}').digest('hex')

it('triggers and resolves one incident a group, by the hash of its key', async () => {
  const service = pagerDutyService(key)
  await using pagerduty = await startStandIn(service.vendor)
  const options = { routing_key: key, url: `${pagerduty.url}/v2/enqueue` }
  for (const one of [notificationOf(), notificationOf({ reason: 'repeat' }), resolvedOf()])
    expect(await send('pagerduty', options, one)).toMatchObject({ outcome: 'delivered', status: 202 })
  expect([...service.incidents.keys()]).toEqual([hash])
  expect(service.incidents.get(hash)?.events).toEqual(['trigger', 'trigger', 'resolve'])
  expect(JSON.parse(pagerduty.taken[0]?.body ?? '')).toMatchObject({
    client: 'Tidewatch',
    payload: {
      summary: 'CRITICAL: Error rate above 5 %',
      source: 'Tidewatch',
      severity: 'critical',
      custom_details: {
        num_firing: '1',
        num_resolved: '0',
        firing: [{ labels: { alertname: 'HighErrorRate' } }],
        resolved: [],
      },
    },
    links: [{ href: 'https://watch.example.org/alerts/1' }],
  })
})

it('takes the templates of pagerduty_configs, nested details and images', async () => {
  const service = pagerDutyService(key)
  await using pagerduty = await startStandIn(service.vendor)
  const options = {
    routing_key: key,
    url: `${pagerduty.url}/v2/enqueue`,
    description: '{{ template "pagerduty.default.description" .}}',
    severity: '{{ .CommonLabels.severity }}',
    class: '{{ .CommonLabels.alertname }}',
    details: { nested: { name: '{{ .Receiver }}' }, list: ['{{ .Status }}', 3] },
    images: [{ src: 'https://img.example.org/a.png' }, { src: '' }],
  }
  expect(await send('pagerduty', options, notificationOf())).toMatchObject({ outcome: 'delivered' })
  expect(JSON.parse(pagerduty.taken[0]?.body ?? '')).toMatchObject({
    payload: {
      summary: '[FIRING:1] HighErrorRate (critical)',
      class: 'HighErrorRate',
      custom_details: { nested: { name: 'ops' }, list: ['firing', 3] },
    },
    images: [{ src: 'https://img.example.org/a.png' }],
    links: [],
  })
})

it('leaves the details out where the event would be too long', async () => {
  const service = pagerDutyService(key)
  await using pagerduty = await startStandIn(service.vendor)
  const alert = alertOf({}, { annotations: { summary: 'x', dump: 'd'.repeat(600_000) } })
  const options = { routing_key: key, url: `${pagerduty.url}/v2/enqueue` }
  expect(await send('pagerduty', options, notificationOf({ alerts: [alert] }))).toMatchObject({ outcome: 'delivered' })
  expect(service.incidents.get(hash)?.details).toEqual({ error: expect.stringContaining('longer than 512 kB') })
})

it('speaks Events v1 to those who have a service key, and retries its 403', async () => {
  const service = pagerDutyService(key)
  await using pagerduty = await startStandIn(service.vendor)
  const options = { service_key: key, url: `${pagerduty.url}/generic/2010-04-15/create_event.json` }
  for (const one of [notificationOf(), resolvedOf()])
    expect(await send('pagerduty', options, one)).toMatchObject({ outcome: 'delivered' })
  expect(service.incidents.get(hash)?.events).toEqual(['trigger', 'resolve'])
  pagerduty.mishap({ status: 403, body: 'overrun' })
  expect(await send('pagerduty', options, notificationOf())).toMatchObject({ outcome: 'retry' })
})

it('retries 429 and gives up at once where the event is wrong', async () => {
  await using pagerduty = await startStandIn(pagerDutyService(key).vendor)
  const options = { routing_key: key, url: `${pagerduty.url}/v2/enqueue` }
  pagerduty.mishap({ status: 429, body: '' })
  expect(await send('pagerduty', options, notificationOf())).toMatchObject({ outcome: 'retry', reason: 'rateLimited' })
  expect(await send('pagerduty', { ...options, routing_key: 'another' }, notificationOf())).toMatchObject({
    outcome: 'failed',
    status: 400,
  })
})
