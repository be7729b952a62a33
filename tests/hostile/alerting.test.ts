// What a broken or malicious caller does to Alertmanager's API v2, to acknowledgements and to the addresses that Slack, Telegram and Twilio call:
// the whole product with sign-in on. Whatever comes is refused with a reason, never with a fault of ours, and alerts go on.
import { createHmac } from 'node:crypto'
import { freePort } from '@tidewatch/testkit/free-port.ts'
import { eventually, type RunningServer, startServer } from '@tidewatch/testkit/server.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runTidewatch, type StandIn, startStandIn, tempDir } from '../counterparts/programs.ts'

const v2 = '/api/v2/alerts'
const silencesPath = '/api/v2/silences'
const taken = '/api/tidewatch/v1/alerts/acknowledgements'
const externalUrl = 'https://tidewatch.example'
const slackSecret = '0123456789abcdef0123456789abcdef'
const twilioToken = 'fedcba9876543210fedcba9876543210'
const telegramToken = 'a-token-of-telegram-0123'
const patience = { timeoutMs: 180_000 }

const stack = new AsyncDisposableStack()
let server: RunningServer
let address: string
let phone: StandIn
let writer: string
let editor: string

const tidewatchYml = (url: string): string => `
channels: [{ name: phone, kind: ntfy, receivers: [phone], url: '${url}', topic: alerts }]
acknowledge:
  slack: { signing_secret: ${slackSecret} }
  telegram: { secret_token: ${telegramToken} }
  twilio: { auth_token: ${twilioToken} }
`
const alertmanagerYml = `
route: { receiver: phone, group_by: [alertname], group_wait: 0s, group_interval: 1s }
receivers: [{ name: phone }]
`

async function tokenFor(scope: string): Promise<string> {
  const words = ['token', 'create', '--name', scope, '--scope', scope, '--data-dir', server.dataDir]
  const { code, out, err } = await runTidewatch(words)
  if (code !== 0) throw new Error(err)
  return out.trim()
}

beforeAll(async () => {
  const dir = stack.use(tempDir())
  phone = stack.use(await startStandIn(() => ({ status: 200, body: '{}' })))
  dir.write('config/tidewatch.yml', tidewatchYml(phone.url))
  dir.write('config/alertmanager.yml', alertmanagerYml)
  const args = ['--config', `${dir.path}/config`, '--external-url', externalUrl]
  const port = await freePort()
  server = stack.use(await startServer({ auth: true, port, args }))
  // its own address is not the one by which people reach it
  address = `http://127.0.0.1:${port}`
  writer = await tokenFor('write')
  editor = await tokenFor('edit')
})
afterAll(() => stack.disposeAsync())

interface Answered {
  readonly status: number
  readonly text: string
}

async function call(path: string, init: RequestInit & { readonly token?: string } = {}): Promise<Answered> {
  const { token, ...rest } = init
  const headers = new Headers(rest.headers)
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`)
  const response = await fetch(`${address}${path}`, { ...rest, headers, redirect: 'manual' })
  return { status: response.status, text: await response.text() }
}

const asJson = { 'content-type': 'application/json' }
const postText = (path: string, body: string, token?: string): Promise<Answered> =>
  call(path, { method: 'POST', body, headers: asJson, ...(token === undefined ? {} : { token }) })
const post = (path: string, body: unknown, token?: string): Promise<Answered> =>
  postText(path, JSON.stringify(body), token)

const named = (alertname: string, labels: Readonly<Record<string, string>> = {}) => ({
  labels: { alertname, ...labels },
})
const many = (count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`label_${i}`, 'x']))

/** Refused as what the caller did wrong, with a text that says it. */
function expectRefused({ status, text }: Answered, wanted: readonly number[] = [400]): void {
  expect([wanted.includes(status), status, text.slice(0, 200)]).toEqual([true, status, expect.stringMatching(/\w{3}/)])
  expect(text.length).toBeLessThan(20_000)
  expect(text).not.toMatch(/\bat .+\.ts:\d+/)
}

describe("Alertmanager's API", () => {
  test.each([
    ['no list', { labels: { alertname: 'A' } }],
    ['a text', 'alerts'],
    ['nothing', null],
    ['a list of nothing', [null]],
    ['a list of lists', [[named('A')]]],
    ['labels that are a list', [{ labels: ['alertname', 'A'] }]],
    ['labels that are a number', [{ labels: 7 }]],
    ['a value that is a number', [{ labels: { alertname: 1 } }]],
    ['a value that is an object', [{ labels: { alertname: { toString: 'A' } } }]],
    ['no label', [{ labels: {} }]],
    ['an empty name', [{ labels: { '': 'x' } }]],
    ['half of a pair of surrogates', [named('A', { broken: '\ud800' })]],
    ['10 000 labels', [named('A', many(10_000))]],
    ['10 000 annotations', [{ ...named('A'), annotations: many(10_000) }]],
    ['a value of a megabyte', [named('A', { long: 'x'.repeat(1 << 20) })]],
    ['a time that is none', [{ ...named('A'), startsAt: 'yesterday' }]],
    ['a time that is a number', [{ ...named('A'), endsAt: 1e300 }]],
    ['an end before the start', [{ ...named('A'), startsAt: '2026-01-02T00:00:00Z', endsAt: '2026-01-01T00:00:00Z' }]],
    ['a generatorURL that is a list', [{ ...named('A'), generatorURL: [] }]],
    ['too many alerts', Array.from({ length: 20_001 }, (_, i) => named('A', { i: String(i) }))],
  ])('%s is refused', async (_name, body) => {
    expectRefused(await post(v2, body, writer), [400, 413, 422])
  })

  test('JSON that is cut, deep, or larger than the limit is refused, also packed', async () => {
    expectRefused(await postText(v2, '[{"labels":{"alertname":"A"', writer))
    expectRefused(await postText(v2, '['.repeat(100_000), writer))
    expectRefused(await postText(v2, `${'[{"labels":'.repeat(50_000)}1${'}]'.repeat(50_000)}`, writer))
    expectRefused(await postText(v2, `["${'x'.repeat(17 << 20)}"]`, writer), [413])
  })

  test('what a prototype could be poisoned with is a label like any other, or refused', async () => {
    const poison =
      '[{"labels":{"alertname":"Poison","__proto__":"x","constructor":"y"},"annotations":{"__proto__":"z"}}]'
    const answer = await postText(v2, poison, writer)
    expect([200, 400]).toContain(answer.status)
    expect(Object.getPrototypeOf({}).x).toBeUndefined()
    expect((await call(v2, { token: editor })).status).toBe(200)
  })

  test('of a list with good and bad ones the good are taken, and the bad are told', async () => {
    const answer = await post(v2, [named('Mixed'), { labels: {} }, named('Mixed', { broken: '\udc00' })], writer)
    expectRefused(answer)
    expect(answer.text).toContain('alert 1')
    expect(answer.text).toContain('alert 2')
    const listed = JSON.parse((await call(`${v2}?filter=alertname=Mixed`, { token: editor })).text)
    expect(listed).toHaveLength(1)
  })

  test('times at the ends of what there is are taken', async () => {
    const edges = [
      { ...named('Edge', { i: '1' }), startsAt: '0001-01-01T00:00:00Z', endsAt: '9999-12-31T23:59:59.999Z' },
      { ...named('Edge', { i: '2' }), startsAt: '9999-12-31T23:59:59Z' },
    ]
    const answer = await post(v2, edges, writer)
    expect([200, 400]).toContain(answer.status)
    expect((await call('/api/v2/alerts/groups', { token: editor })).status).toBe(200)
  })

  test('filters that are no matchers, or that would take for ever, are refused', async () => {
    const asks = ['filter={', 'filter=%00', `filter=a=~"${'('.repeat(200)}"`, 'receiver=(', 'active=perhaps']
    for (const query of asks) expectRefused(await call(`${v2}?${query}`, { token: editor }))
    const slow = await call(`${v2}?filter=${encodeURIComponent('alertname=~"(a+)+(a+)+(a+)+$"')}`, { token: editor })
    expect([200, 400]).toContain(slow.status)
  })

  test.each([
    ['no matchers', { matchers: [] }],
    ['matchers that match all', { matchers: [{ name: 'a', value: '.*', isRegex: true }] }],
    ['a matcher that is a text', { matchers: ['a=b'] }],
    ['a value that is an object', { matchers: [{ name: 'a', value: {}, isRegex: false }] }],
    ['an expression that is none', { matchers: [{ name: 'a', value: '(', isRegex: true }] }],
    ['sets that are no lists', { matcherSets: 'x' }],
    ['a comment of a megabyte', { comment: 'x'.repeat(1 << 20) }],
    ['annotations that are numbers', { annotations: { a: 1 } }],
    ['an end that is over', { endsAt: '2020-01-01T00:00:00Z' }],
    ['an id that is not there', { id: '../../etc/passwd' }],
  ])('a silence with %s is refused', async (_name, change) => {
    const silence = {
      matchers: [{ name: 'alertname', value: 'A', isRegex: false, isEqual: true }],
      startsAt: new Date().toISOString(),
      endsAt: new Date(Date.now() + 3_600_000).toISOString(),
      ...{ createdBy: 'tests', comment: 'hostile' },
      ...change,
    }
    expectRefused(await post(silencesPath, silence, editor), [400, 404, 413, 422])
  })
})

describe('without the right to', () => {
  test('nobody who is not signed in posts, silences, takes, gives back or reads', async () => {
    const alert = [named('Forged')]
    expectRefused(await post(v2, alert), [401])
    expectRefused(await post('/api/v1/alerts', alert), [401])
    expectRefused(await post('/api/tidewatch/v1/alerts', { name: 'Forged', severity: 'low', message: 'x' }), [401])
    expectRefused(await post(silencesPath, {}), [401])
    expectRefused(await call(`${silencesPath.slice(0, -1)}/x`, { method: 'DELETE' }), [401])
    expectRefused(await post(taken, { fingerprints: ['0'.repeat(16)] }), [401])
    expectRefused(await call(`${taken}/${'0'.repeat(16)}`, { method: 'DELETE' }), [401])
    for (const path of [v2, silencesPath, taken, '/api/v2/alerts/groups', '/api/v2/status'])
      expectRefused(await call(path), [401])
    expectRefused(await post(v2, alert, `${writer}x`), [401])
  })

  test('a key that may write neither reads, silences nor takes; one that may edit posts no alerts', async () => {
    expectRefused(await call(v2, { token: writer }), [403])
    expectRefused(await post(silencesPath, {}, writer), [403])
    expectRefused(await post(taken, { fingerprints: ['0'.repeat(16)] }, writer), [403])
    expectRefused(await post(v2, [named('Forged')], editor), [403])
  })
})

describe('taking alerts', () => {
  test.each([
    ['nothing', {}],
    ['both', { fingerprints: ['0'.repeat(16)], groupKey: 'x' }],
    ['no list', { fingerprints: '0'.repeat(16) }],
    ['no fingerprints', { fingerprints: ['../x'] }],
    ['too many', { fingerprints: Array.from({ length: 10_001 }, () => '0'.repeat(16)) }],
    ['a long note', { groupKey: 'x', note: 'x'.repeat(1001) }],
    ['a key of its own making', { groupKey: 'x', by: 'the chief' }],
    ['a group that is not there', { groupKey: '{}:{alertname="Nothing"}' }],
    ['an alert that is not there', { fingerprints: ['0'.repeat(16)] }],
  ])('%s is refused', async (_name, body) => {
    expectRefused(await post(taken, body, editor), [400, 404])
  })

  test('a link that was changed in any place, or that belongs to nothing, does nothing', async () => {
    await post(v2, [named('Linked')], writer)
    const token = await eventually(async () => {
      const message = phone.received.find(({ body }) => body.includes('Linked'))
      const link = /acknowledge\?t=([\w-]+)/.exec(message?.body ?? '')?.[1]
      if (link === undefined) throw new Error(`no link came: ${message?.body}`)
      return link
    }, patience)
    const before = await call(taken, { token: editor })
    const swapped = (at: number): string =>
      `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`
    const forged = [
      // the last letter may carry bits that are no part of the bytes
      ...Array.from({ length: token.length - 1 }, (_, at) => swapped(at)),
      ...['', 'x', token.slice(1), `${token}A`, 'A'.repeat(200), '%00', `../${token}`],
    ]
    for (const t of forged) {
      const body = new URLSearchParams({ t, name: 'mallory' })
      const { status, text } = await call('/acknowledge', { method: 'POST', body })
      expect([t, status]).toEqual([t, 403])
      expect(text).not.toContain('mallory')
    }
    expectRefused(await call('/acknowledge', { method: 'POST', body: new URLSearchParams() }))
    expectRefused(await call('/acknowledge', { method: 'POST', body: 'x'.repeat(10_000) }), [400, 413, 415])
    // looking changes nothing
    expect((await call(`/acknowledge?t=${token}`)).status).toBe(200)
    expect((await call(taken, { token: editor })).text).toBe(before.text)
    const evil = '<script>alert(1)</script>'
    const right = await call('/acknowledge', { method: 'POST', body: new URLSearchParams({ t: token, name: evil }) })
    expect(right.status).toBe(200)
    expect(right.text).not.toContain(evil)
    expect((await call(taken, { token: editor })).text).toContain('alert(1)')
  })
})

describe('calls of chats and telephones that are none', () => {
  const nowSeconds = (): number => Math.floor(Date.now() / 1000)
  const slackCall = (body: string, atSeconds: number, secret: string): Promise<Answered> => {
    const signature = createHmac('sha256', secret).update(`v0:${atSeconds}:${body}`).digest('hex')
    const headers = { 'x-slack-request-timestamp': String(atSeconds), 'x-slack-signature': `v0=${signature}` }
    return call(`${taken}/slack`, { method: 'POST', body, headers })
  }
  const button = `payload=${encodeURIComponent(
    JSON.stringify({ type: 'block_actions', user: { id: 'U1' }, actions: [{ value: 'x' }] }),
  )}`

  test('Slack: without a signature, with another, of yesterday, or heard before', async () => {
    expectRefused(await call(`${taken}/slack`, { method: 'POST', body: button }), [403])
    expectRefused(await slackCall(button, nowSeconds(), 'x'.repeat(32)), [403])
    expectRefused(await slackCall(button, nowSeconds() - 86_400, slackSecret), [403])
    expectRefused(await slackCall(button, Number.NaN, slackSecret), [403])
    const atSeconds = nowSeconds()
    // it is Slack's, and the link in it is not ours
    expect((await slackCall(button, atSeconds, slackSecret)).text).toContain('was not made by this server')
    expectRefused(await slackCall(button, atSeconds, slackSecret), [403])
    for (const body of ['', 'payload=', 'payload={', 'payload=[]', `payload=${'['.repeat(50_000)}`])
      expectRefused(await slackCall(body, nowSeconds(), slackSecret))
    expectRefused(await slackCall('x'.repeat(300_000), nowSeconds(), slackSecret), [413])
  })

  test('Telegram: without the secret, with another, or what is no update', async () => {
    const send = (body: string, secret?: string): Promise<Answered> =>
      call(`${taken}/telegram`, {
        ...{ method: 'POST', body },
        headers: { ...asJson, ...(secret === undefined ? {} : { 'x-telegram-bot-api-secret-token': secret }) },
      })
    expectRefused(await send('{}'), [403])
    expectRefused(await send('{}', `${telegramToken}x`), [403])
    for (const body of ['', '{', '[]', '{"update_id":"x"}', '{"update_id":1,"callback_query":{"id":7}}'])
      expectRefused(await send(body, telegramToken))
    expect((await send('{"update_id":1}', telegramToken)).status).toBe(200)
  })

  test('Twilio: without a signature, of another body, heard before, or of a stranger', async () => {
    const fields = { MessageSid: 'SM1', From: '+491700000000', Body: 'ack <b>' }
    const signatureOf = (signed: Readonly<Record<string, string>>): string => {
      const joined = Object.entries(signed).toSorted(([a], [b]) => (a < b ? -1 : 1))
      const text = `${externalUrl}${taken}/twilio${joined.flat().join('')}`
      return createHmac('sha1', twilioToken).update(text).digest('base64')
    }
    const send = (body: Readonly<Record<string, string>>, signature: string): Promise<Answered> =>
      call(`${taken}/twilio`, {
        ...{ method: 'POST', body: new URLSearchParams(body), headers: { 'x-twilio-signature': signature } },
      })
    expectRefused(await send(fields, ''), [403])
    expectRefused(await send({ ...fields, From: '+49170' }, signatureOf(fields)), [403])
    const heard = await send(fields, signatureOf(fields))
    expect(heard).toMatchObject({ status: 200, text: expect.stringContaining('not in the on-call list') })
    expectRefused(await send(fields, signatureOf(fields)), [403])
  })
})

test('after all of it alerts are taken and told, and nothing was a fault of ours', async () => {
  expect((await post(v2, [named('StillHere')], writer)).status).toBe(200)
  await eventually(async () => {
    if (!phone.received.some(({ body }) => body.includes('StillHere'))) throw new Error('nobody was told')
  }, patience)
  expect(server.output()).not.toMatch(/internal\.(?:bug|unexpected)|TypeError|RangeError|unhandled/i)
})
