import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { alertmanagerWebhook } from '@tidewatch/testkit/receivers/alertmanager-webhook.ts'
import { anything, startStandIn } from '@tidewatch/testkit/receivers/stand-in.ts'
import { repositoryRoot } from '@tidewatch/testkit/server.ts'
import { describe, expect, it } from 'vitest'
import { alertOf, FakeOutside, notificationOf, send } from '../testing/send.ts'

describe('the payload', () => {
  it('is that of Alertmanager, with the key in a header', async () => {
    await using receiver = await startStandIn(alertmanagerWebhook)
    expect(await send('webhook', { url: receiver.url }, notificationOf(), { key: 'row-7' })).toMatchObject({
      outcome: 'delivered',
    })
    expect(receiver.taken[0]?.headers['idempotency-key']).toBe('row-7')
    expect(JSON.parse(receiver.taken[0]?.body ?? '')).toMatchObject({
      version: '4',
      status: 'firing',
      receiver: 'ops',
      alerts: [{ startsAt: '2026-01-02T03:04:05Z', endsAt: '0001-01-01T00:00:00Z' }],
    })
  })

  it('has at most max_alerts and tells how many are left out', async () => {
    await using receiver = await startStandIn(alertmanagerWebhook)
    const alerts = ['a', 'b', 'c'].map((job) => alertOf({ job }))
    await send('webhook', { url: receiver.url, max_alerts: 2 }, notificationOf({ alerts, truncatedAlerts: 1 }))
    const sent = JSON.parse(receiver.taken[0]?.body ?? '')
    expect(sent.alerts).toHaveLength(2)
    expect(sent.truncatedAlerts).toBe(2)
  })

  it('may be another one', async () => {
    await using receiver = await startStandIn(anything)
    await send(
      'webhook',
      { url: receiver.url, payload: { text: '{{ .CommonLabels.alertname }}', list: [1] } },
      notificationOf(),
    )
    expect(JSON.parse(receiver.taken[0]?.body ?? '')).toEqual({ text: 'HighErrorRate', list: [1] })
  })
})

it('signs in as http_config says, with the address from a file', async () => {
  await using receiver = await startStandIn(alertmanagerWebhook)
  const outside = new FakeOutside()
  outside.files.set('/run/url', receiver.url)
  const http_config = { basic_auth: { username: 'u', password: 'p' } }
  expect(await send('webhook', { url_file: '/run/url', http_config }, notificationOf(), { outside })).toMatchObject({
    outcome: 'delivered',
  })
  expect(receiver.taken[0]?.headers.authorization).toBe(`Basic ${btoa('u:p')}`)
})

describe('what goes wrong', () => {
  it.each([
    [{ status: 400, body: 'bad' }, 'failed', 'clientError', undefined],
    [{ status: 404, body: '' }, 'failed', 'clientError', undefined],
    [{ status: 500, body: 'boom' }, 'retry', 'serverError', undefined],
    [{ status: 429, headers: { 'retry-after': '12' } }, 'retry', 'rateLimited', 12_000],
    [{ status: 503, headers: { 'retry-after': '3' } }, 'retry', 'serverError', 3000],
  ] as const)('%j is %s', async (answer, outcome, reason, pauseMs) => {
    await using receiver = await startStandIn(alertmanagerWebhook)
    receiver.mishap(answer)
    expect(await send('webhook', { url: receiver.url }, notificationOf())).toMatchObject({
      outcome,
      reason,
      pauseMs,
      isDoubtful: false,
    })
  })

  it('a receiver that hangs is left after the timeout, and may have the message', async () => {
    await using receiver = await startStandIn(alertmanagerWebhook)
    receiver.mishap('hang')
    expect(await send('webhook', { url: receiver.url, timeout: '100ms' }, notificationOf())).toMatchObject({
      outcome: 'retry',
      reason: 'contextDeadlineExceeded',
      detail: 'no whole answer within 100ms.',
      isDoubtful: true,
    })
  })

  it('a connection that breaks is tried again', async () => {
    await using receiver = await startStandIn(alertmanagerWebhook)
    // the client itself tries a broken connection twice
    receiver.mishap('close', 'close')
    expect(await send('webhook', { url: receiver.url }, notificationOf())).toMatchObject({
      outcome: 'retry',
      isDoubtful: true,
    })
  })

  it('where nobody listens the message is surely not there', async () => {
    const url = await (async () => {
      await using receiver = await startStandIn(anything)
      return receiver.url
    })()
    const result = await send('webhook', { url }, notificationOf())
    expect(result).toMatchObject({ outcome: 'retry', isDoubtful: false })
    expect(result.detail).toContain('cannot reach 127.0.0.1')
  })

  it('a certificate that nobody trusts ends it, unless the configuration does', async () => {
    const fixture = (name: string) => join(repositoryRoot, 'packages/server/src/collect/scrape/fixtures', name)
    const tls = { cert: readFileSync(fixture('target.crt'), 'utf8'), key: readFileSync(fixture('target.key'), 'utf8') }
    await using receiver = await startStandIn(alertmanagerWebhook, { tls })
    const refused = await send('webhook', { url: receiver.url }, notificationOf())
    expect(refused).toMatchObject({ outcome: 'retry' })
    expect(refused.detail).toMatch(/certificate/i)
    const http_config = { tls_config: { ca_file: fixture('target.crt'), server_name: 'target.test' } }
    expect(await send('webhook', { url: receiver.url, http_config }, notificationOf())).toMatchObject({
      outcome: 'delivered',
    })
  })

  it('a redirect that would lose the message is no delivery; one that keeps it is followed', async () => {
    await using target = await startStandIn(alertmanagerWebhook)
    await using receiver = await startStandIn(anything)
    receiver.mishap({ status: 302, headers: { location: `${target.url}/?token=secret` } })
    const result = await send('webhook', { url: receiver.url }, notificationOf())
    expect(result).toMatchObject({
      outcome: 'failed',
      detail: `302 a redirect to ${target.url}: name that address in the configuration`,
    })
    receiver.mishap({ status: 307, headers: { location: target.url } })
    expect(await send('webhook', { url: receiver.url }, notificationOf())).toMatchObject({ outcome: 'delivered' })
    expect(target.taken).toHaveLength(1)
  })
})
