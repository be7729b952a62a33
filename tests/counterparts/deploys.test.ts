// A service is deployed: what its lines say since, which they did not say before, is marked; what only moved numbers is not.
import { deploy as deploySchema, deploys as deploysSchema } from '@tidewatch/api/deploys.ts'
import { logPatterns } from '@tidewatch/api/logs.ts'
import { sendLogLines } from '@tidewatch/testkit/log-lines.ts'
import { eventually, getData, type RunningServer, startServer } from '@tidewatch/testkit/server.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'

let server: RunningServer
const minute = 60_000
const nowMs = Math.floor(Date.now() / 1000) * 1000
const deployedMs = nowMs - 20 * minute

beforeAll(async () => {
  server = await startServer()
})
afterAll(async () => await server[Symbol.asyncDispose]())

const post = (lines: readonly object[]): Promise<void> => sendLogLines(server.url, lines)

const linesOf = (
  count: number,
  { fromMs, ...fields }: { readonly fromMs: number } & Readonly<Record<string, unknown>>,
  message: (i: number) => string,
) =>
  Array.from({ length: count }, (_, i) => ({
    ...{ timestamp: new Date(fromMs + i * 5000).toISOString(), level: 'info', ...fields, message: message(i) },
  }))

async function patterns(more: Readonly<Record<string, string>> = {}) {
  const span = { fromMs: String(nowMs - 30 * minute), toMs: String(nowMs), language: 'kql', query: '' }
  const answer = await fetch(
    `${server.url}/api/tidewatch/v1/logs/patterns?${new URLSearchParams({ ...span, ...more })}`,
  )
  const text = await answer.text()
  expect(answer.status, text).toBe(200)
  return logPatterns.parse(JSON.parse(text))
}

async function deploys(more: Readonly<Record<string, string>> = {}) {
  const answer = await fetch(`${server.url}/api/tidewatch/v1/deploys?${new URLSearchParams(more)}`)
  expect(answer.status).toBe(200)
  return deploysSchema.parse(await answer.json()).deploys
}

const told = (body: object): Promise<Response> =>
  fetch(`${server.url}/api/tidewatch/v1/deploys`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

const marks = ({ patterns: all }: Awaited<ReturnType<typeof patterns>>) =>
  Object.fromEntries(all.map(({ template, before, since, isNew }) => [template, { before, since, isNew }]))

test('a release that lines name for the first time is a deploy, and patterns since then are marked', async () => {
  const old = { release: '1.0', service: 'shop', environment: 'live' }
  const fresh = { ...old, release: '1.1' }
  await post([
    ...linesOf(100, { ...old, fromMs: nowMs - 29 * minute }, (i) => `order ${i} took ${i * 3} ms`),
    // days ago, and not once since: the deploy did not bring it
    ...linesOf(2, { ...old, fromMs: nowMs - 40 * 60 * minute }, (i) => `nightly cleanup removed ${i} carts of guests`),
  ])
  await post([
    ...linesOf(100, { ...fresh, fromMs: deployedMs }, (i) => `order ${i + 7000} took ${i} ms`),
    ...linesOf(30, { ...fresh, level: 'error', fromMs: deployedMs + minute }, (i) => `coupon ${i} cannot be redeemed`),
    ...linesOf(1, { ...fresh, fromMs: deployedMs + minute }, () => 'nightly cleanup removed 12 carts of guests'),
    // of a service that was not deployed
    ...linesOf(20, { service: 'mail', fromMs: nowMs - 25 * minute }, (i) => `mail ${i} was sent`),
  ])
  expect(await deploys({ service: 'shop', fromMs: String(nowMs - 30 * minute) })).toMatchObject([
    { release: '1.1', environment: 'live', atMs: deployedMs, source: 'lines' },
  ])
  const found = await patterns()
  expect(marks(found)).toEqual({
    'order <*> took <*> ms': { before: 100, since: 100, isNew: false },
    'coupon <*> cannot be redeemed': { before: 0, since: 30, isNew: true },
    'nightly cleanup removed <*> carts of guests': { before: 0, since: 1, isNew: false },
    // since the span begins: it was not there in as long a time before
    'mail <*> was sent': { before: 0, since: 20, isNew: true },
  })
  expect(found.deploys.map(({ release }) => release)).toEqual(['1.1'])
  const coupon = found.patterns.find(({ template }) => template.startsWith('coupon'))
  expect(coupon?.deployId).toBe(found.deploys[0]?.id)
  for (const language of ['lucene', 'logql'])
    expect(marks(await patterns({ language })), language).toMatchObject({
      'coupon <*> cannot be redeemed': { isNew: true },
    })
})

test('somebody tells of a deploy, and chooses it', async () => {
  await post([
    ...linesOf(60, { service: 'search', fromMs: nowMs - 28 * minute }, (i) => `index ${i} was read`),
    ...linesOf(
      40,
      { service: 'search', fromMs: nowMs - 10 * minute },
      (i) => `index ${i} is damaged, read from replica ${i}`,
    ),
  ])
  const at = new Date(nowMs - 12 * minute).toISOString()
  const first = await told({ service: 'search', release: 'v7', at })
  expect(first.status).toBe(201)
  const { id } = deploySchema.parse(await first.json())
  expect((await told({ service: 'search', release: 'v7', at })).status).toBe(200)
  expect(await deploys({ service: 'search' })).toMatchObject([{ id, release: 'v7', source: 'told' }])
  const chosen = await patterns({ deploy: id })
  // lines of its service alone
  expect(marks(chosen)).toEqual({
    'index <*> was read': { before: 60, since: 0, isNew: false },
    'index <*> is damaged, read from replica <*>': { before: 0, since: 40, isNew: true },
  })
  expect(marks(await patterns({ deploy: 'none', query: 'service:search' }))).toMatchObject({
    'index <*> was read': { before: 0, since: 60, isNew: true },
  })
  // the span may lie behind the deploy
  const later = await patterns({ deploy: id, fromMs: String(nowMs - 11 * minute) })
  expect(marks(later)).toEqual({ 'index <*> is damaged, read from replica <*>': { before: 0, since: 40, isNew: true } })
})

test('what cannot be a deploy is refused with what would be one', async () => {
  const refused = await told({ service: 'search', release: 'v8', at: 'yesterday' })
  expect(refused.status).toBe(400)
  expect(await refused.text()).toContain('2026-11-22T14:05:00Z')
  expect((await told({ service: 'search', release: 'v8', at: '2001-01-01' })).status).toBe(400)
  expect((await told({ release: 'v8' })).status).toBe(400)
  const unknown = `${server.url}/api/tidewatch/v1/logs/patterns?fromMs=1&toMs=2&deploy=nothing`
  expect(await (await fetch(unknown)).text()).toContain('no deploy that is known')
})

test('lines are counted by service and level as a metric that is kept', async () => {
  await eventually(
    async () => {
      const { result } = await getData<{ result: { metric: Record<string, string>; value: [number, string] }[] }>(
        server,
        '/api/v1/query',
        { query: 'sum by (service, level) (tidewatch_log_lines_total)' },
      )
      const counts = Object.fromEntries(
        result.map(({ metric, value }) => [`${metric.service} ${metric.level}`, value[1]]),
      )
      expect(counts).toMatchObject({ 'shop info': '203', 'shop error': '30', 'mail info': '20', 'search info': '100' })
    },
    { timeoutMs: 180_000 },
  )
})
