// Channels of the whole product: set up by a file and by the environment alone, tried, failing, given up, sent again.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { alertmanagerWebhook } from '@tidewatch/testkit/receivers/alertmanager-webhook.ts'
import { slackWebhook } from '@tidewatch/testkit/receivers/slack.ts'
import { type StandIn, startStandIn } from '@tidewatch/testkit/receivers/stand-in.ts'
import { eventually, type RunningServer, repositoryRoot, startServer } from '@tidewatch/testkit/server.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'

const main = join(repositoryRoot, 'packages', 'server', 'src', 'cli', 'main.ts')
const dir = mkdtempSync(join(tmpdir(), 'tidewatch-notify-'))
const slackPath = '/services/T0/B0/secretsecret'
let hook: StandIn
let slack: StandIn
let server: RunningServer

beforeAll(async () => {
  hook = await startStandIn(alertmanagerWebhook)
  slack = await startStandIn(slackWebhook(slackPath))
  writeFileSync(join(dir, 'tidewatch.yml'), `channels:\n  - { name: hook, kind: webhook, url: '${hook.url}' }\n`)
  server = await startServer({ args: ['--config', dir], env: { SLACK_WEBHOOK_URL: slack.url + slackPath } })
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await Promise.all([hook[Symbol.asyncDispose](), slack[Symbol.asyncDispose]()])
  rmSync(dir, { recursive: true })
})

const api = async <T>(path: string, body?: unknown): Promise<T> => {
  const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  const response = await fetch(`${server.url}/api/tidewatch/v1/notify/${path}`, body === undefined ? {} : post)
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  return (await response.json()) as T
}

async function fire(alertname: string): Promise<void> {
  const alert = { labels: { alertname, severity: 'critical' }, annotations: { summary: alertname } }
  const headers = { 'content-type': 'application/json' }
  const posted = await fetch(`${server.url}/api/v2/alerts`, { method: 'POST', headers, body: JSON.stringify([alert]) })
  expect(posted.status).toBe(200)
}

test('tidewatch notify test tries them all and says what the receivers answered', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [main, 'notify', 'test', '--url', server.url])
  expect(stdout).toMatch(/channels\/hook {2}delivered in \d+ ms: 200/)
  expect(stdout).toMatch(/environment\/slack {2}delivered in \d+ ms: 200 ok/)
  expect(JSON.parse(slack.taken[0]?.body ?? '')).toMatchObject({ text: 'This is a test from Tidewatch.' })
  const log = await promisify(execFile)(process.execPath, [main, 'notify', 'log', '--url', server.url])
  expect(log.stdout).toContain('environment/slack  delivered (attempt 1)  200 ok')
  expect(log.stdout + stdout).not.toContain('secretsecret')
})

test('a test of a channel that refuses ends with an error', async () => {
  slack.mishap({ status: 403, body: 'invalid_token' })
  const run = promisify(execFile)(process.execPath, [main, 'notify', 'test', 'slack', '--url', server.url])
  await expect(run).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('failed in') })
})

test('an alert reaches channels of the file and of the environment; what is refused is kept, and sent again on demand', async () => {
  hook.mishap({ status: 400, body: 'no' })
  await fire('Refused')
  const letters = await eventually(async () => {
    const { deadLetters } = await api<{ deadLetters: { id: string; integration: string; detail: string }[] }>(
      'dead-letters',
    )
    expect(deadLetters).toMatchObject([{ integration: 'channels/hook', detail: '400 no' }])
    return deadLetters
  })
  await eventually(async () => expect(slack.taken.some(({ body }) => body.includes('Refused'))).toBe(true))
  // an attempt is counted once its answer was read and kept, which is after the receiver has it
  await eventually(async () =>
    expect(await api('integrations')).toMatchObject({
      integrations: [
        { key: 'channels/hook', state: 'failing', failed: 1, origin: 'tidewatch.yml' },
        { key: 'environment/slack', state: 'working', failed: 0, origin: 'environment' },
      ],
    }),
  )
  const before = hook.taken.length
  expect(await api('dead-letters/resend', { ids: letters.map(({ id }) => id) })).toEqual({ count: 1 })
  await eventually(async () => expect(hook.taken).toHaveLength(before + 1))
  expect(hook.taken.at(-1)?.headers['idempotency-key']).toBe(letters[0]?.id)
  await eventually(async () => expect(await api('dead-letters')).toMatchObject({ deadLetters: [] }))
})

test('its kinds with options and environment variables, and its metrics, are told', async () => {
  const { channels } = await api<{ channels: { kind: string; options: object; environment: object }[] }>('channels')
  expect(channels.map(({ kind }) => kind)).toContain('pagerduty')
  const slackKind = channels.find(({ kind }) => kind === 'slack')
  expect(slackKind).toMatchObject({
    environment: { SLACK_WEBHOOK_URL: expect.any(String) },
    options: { type: 'object' },
  })
  const metrics = await (await fetch(`${server.url}/metrics`)).text()
  expect(metrics).toMatch(/alertmanager_notifications_total\{integration="webhook"\} [1-9]/)
  expect(metrics).toMatch(/alertmanager_notifications_failed_total\{integration="webhook",reason="clientError"\} 1/)
  expect(metrics).toMatch(/alertmanager_notification_latency_seconds_bucket\{integration="slack",le="\+Inf"\} [1-9]/)
})
