// The whole product with its state on Debian's PostgreSQL: it starts, takes keys from the command line, keeps alerts, and starts again.
import { startPostgres } from '@tidewatch/testkit/postgres.ts'
import { eventually, getData, startServer } from '@tidewatch/testkit/server.ts'
import { series, snappyBlock } from '@tidewatch/testkit/write-request.ts'
import { expect, test } from 'vitest'
import { runTidewatch, startStandIn, tempDir } from './programs.ts'

const rules = `
groups:
  - name: shop
    interval: 500ms
    rules:
      - alert: NoOrders
        expr: orders == 0
        for: 1s
        labels: { severity: critical }
`

interface Alerts {
  readonly alerts: readonly { readonly state: string; readonly activeAt: string }[]
}

test('the product runs on Postgres, over a restart', async () => {
  await using postgres = await startPostgres()
  using dir = tempDir()
  await using hook = await startStandIn(() => ({ status: 200 }))
  const databaseUrl = postgres.freshDatabase()
  const dataDir = `${dir.path}/data`
  dir.write('config/prometheus.yml', 'rule_files: [rules.yml]\n')
  dir.write('config/rules.yml', rules)
  dir.write('config/tidewatch.yml', `channels: [{ name: team, kind: webhook, url: '${hook.url}' }]\n`)
  const options = { auth: true, dataDir, args: ['--database-url', databaseUrl, '--config', `${dir.path}/config`] }
  const onState = async (...words: readonly string[]): Promise<string> => {
    const { code, out, err } = await runTidewatch([...words, '--data-dir', dataDir, '--database-url', databaseUrl])
    if (code !== 0) throw new Error(err)
    return out.trim()
  }
  let reader: Record<string, string>
  const alert = (server: { readonly url: string }) =>
    eventually(async () => {
      const { alerts } = await getData<Alerts>(server, '/api/v1/alerts', {}, reader)
      expect(alerts).toEqual([expect.objectContaining({ state: 'firing' })])
      return alerts[0]?.activeAt
    })

  let activeAt: string | undefined
  {
    await using server = await startServer(options)
    expect(server.signInLink).toContain('/sign-in#token=')
    reader = { authorization: `Bearer ${await onState('token', 'create')}` }
    const authorization = `Bearer ${await onState('token', 'key')}`
    const headers = { authorization, 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' }
    const body = new Uint8Array(snappyBlock(series({ __name__: 'orders' }, [[Date.now(), 0]])))
    expect((await fetch(`${server.url}/api/v1/write`, { method: 'POST', headers, body })).status).toBe(204)
    activeAt = await alert(server)
    await eventually(async () => expect(hook.received).toHaveLength(1))
    expect(await server.stop()).toBe(0)
  }
  expect(Number(postgres.execute(databaseUrl, 'select count(*) from alerting_rules'))).toBe(1)

  await using again = await startServer(options)
  expect(await alert(again)).toBe(activeAt)
  const told = await getData<{ readonly result: readonly object[] }>(
    again,
    '/api/v1/query',
    { query: 'ALERTS{alertname="NoOrders", alertstate="firing"}' },
    reader,
  )
  expect(told.result).toHaveLength(1)
  // it was told before the restart: nobody hears of it twice
  expect(hook.received).toHaveLength(1)
})
