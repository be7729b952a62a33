// A kill while a message is with the receiver: it is sent again under the same key. A receiver that knows the key has it once; where there is
// none, the delivery log says that it was told perhaps twice.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pagerDutyService } from '@tidewatch/testkit/receivers/pagerduty.ts'
import { startStandIn } from '@tidewatch/testkit/receivers/stand-in.ts'
import { telegramBot } from '@tidewatch/testkit/receivers/telegram.ts'
import { eventually, type RunningServer, startServer } from '@tidewatch/testkit/server.ts'
import { expect, test } from 'vitest'

interface Logged {
  readonly integration: string
  readonly outcome: string
  readonly perhapsTwice: boolean
  readonly notification: string
}

const deliveriesOf = async ({ url }: RunningServer): Promise<readonly Logged[]> => {
  const response = await fetch(`${url}/api/tidewatch/v1/notify/deliveries`)
  return ((await response.json()) as { readonly deliveries: readonly Logged[] }).deliveries
}

test('a send that a kill has cut off is repeated under its key', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'tidewatch-kill-notify-'))
  const service = pagerDutyService('routing-key-1')
  await using pagerduty = await startStandIn(service.vendor)
  await using telegram = await startStandIn(telegramBot('1:token', 5))
  // they have heard it, and their answer never comes
  pagerduty.mishap('hang')
  telegram.mishap('hang')
  writeFileSync(
    join(dir, 'tidewatch.yml'),
    `channels:
  - { name: keyed, kind: pagerduty, routing_key: routing-key-1, url: '${pagerduty.url}/v2/enqueue', timeout: 1m }
  - { name: keyless, kind: telegram, bot_token: '1:token', chat_id: 5, api_url: '${telegram.url}', timeout: 1m }
`,
  )
  const args = ['--config', dir]
  const dataDir = join(dir, 'data')
  try {
    {
      await using server = await startServer({ args, dataDir })
      const alert = { labels: { alertname: 'Cut', severity: 'critical' }, annotations: { summary: 'cut off' } }
      const posted = await fetch(`${server.url}/api/v2/alerts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify([alert]),
      })
      expect(posted.status).toBe(200)
      await Promise.all([pagerduty.seen(1), telegram.seen(1)])
      await server.kill()
    }
    await using server = await startServer({ args, dataDir })
    const delivered = await eventually(
      async () => {
        const all = (await deliveriesOf(server)).filter(({ outcome }) => outcome === 'delivered')
        expect(new Set(all.map(({ integration }) => integration))).toEqual(
          new Set(['channels/keyed', 'channels/keyless']),
        )
        return all
      },
      { timeoutMs: 180_000 },
    )
    const [first, again] = pagerduty.requests.map(({ body }) => JSON.parse(body) as { readonly dedup_key: string })
    expect(again?.dedup_key).toBe(first?.dedup_key)
    expect(service.incidents.size).toBe(1)
    expect(telegram.requests).toHaveLength(2)
    const doubt = Object.fromEntries(delivered.map(({ integration, perhapsTwice }) => [integration, perhapsTwice]))
    expect(doubt).toEqual({ 'channels/keyed': false, 'channels/keyless': true })
  } finally {
    rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
  }
})
