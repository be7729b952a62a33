// The commands beside a running server with sign-in on, as a person at a terminal uses them.
import { statSync } from 'node:fs'
import { eventually, type RunningServer, startServer } from '@tidewatch/testkit/server.ts'
import { series, snappyBlock } from '@tidewatch/testkit/write-request.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runTidewatch, type TempDir, tempDir } from './programs.ts'

const stack = new AsyncDisposableStack()
let dir: TempDir
let server: RunningServer
let reader: string

/** A command on the state of the running server. */
async function onState(...words: readonly string[]): Promise<string> {
  const { code, out, err } = await runTidewatch([...words, '--data-dir', server.dataDir])
  if (code !== 0) throw new Error(err)
  return out.trim()
}

const statusWith = async (secret: string, path = '/api/v1/query?query=1'): Promise<number> =>
  (await fetch(server.url + path, { headers: { authorization: `Bearer ${secret}` } })).status

beforeAll(async () => {
  dir = stack.use(tempDir())
  server = stack.use(await startServer({ auth: true }))
  reader = await onState('token', 'create', '--name', 'tests')
})
afterAll(() => stack.disposeAsync())

describe('check', () => {
  test('a good directory', async () => {
    dir.write('good/monitoring/prometheus.yml', 'rule_files: [rules/*.yml]\nscrape_configs:\n  - job_name: x\n')
    dir.write('good/monitoring/rules/a.yml', 'groups: [{ name: a, rules: [{ record: "a:b", expr: up }] }]\n')
    dir.write('good/tidewatch.yml', 'channels: [{ name: team, kind: webhook, url: "${HOOK}" }]\n')
    const hook = { HOOK: 'http://127.0.0.1:1/' }
    expect(await runTidewatch(['check', `${dir.path}/good`], hook)).toMatchObject({ code: 0, err: '' })
  })

  test('a bad directory: everything at once, with its place', async () => {
    dir.write('bad/prometheus.yml', 'global: { scrape_intervall: 5s }\nrule_files: [r.yml]\n')
    dir.write('bad/r.yml', 'groups:\n  - name: a\n    rules:\n      - alert: A\n        expr: sum(\n')
    dir.write('bad/tidewatch.yml', 'channels: [{ name: team, kind: webhok, url: "http://h/" }]\n')
    const { code, err } = await runTidewatch(['check', `${dir.path}/bad`])
    expect(code).toBe(1)
    expect(err).toMatch(/prometheus\.yml:1:\d+ .*scrape_interval/)
    expect(err).toMatch(/r\.yml:5:\d+ .*parse error/)
    expect(err).toMatch(/tidewatch\.yml:1:\d+ .*webhook/)
    expect(err).toContain('3 problems')
  })

  test('what is not there', async () => {
    const { code, err } = await runTidewatch(['check', `${dir.path}/nothing`])
    expect(code).toBe(1)
    expect(err).toContain(`${dir.path}/nothing`)
    expect(err).not.toContain('    at ')
  })
})

test('push metrics sends pages as they are, with labels of their own', async () => {
  const key = await onState('token', 'create', '--name', 'pages', '--scope', 'read,write')
  const page = dir.write('page.prom', '# TYPE jobs_total counter\njobs_total{kind="a b"} 3\njobs_total{kind="c"} NaN\n')
  const words = [
    'push',
    'metrics',
    '--label',
    'job=nightly',
    '--label=host=h1',
    '--url',
    server.url,
    '--token',
    key,
    page,
  ]
  expect(await runTidewatch(words)).toEqual({ code: 0, out: '2 samples stored.\n', err: '' })
  const found = await runTidewatch(['query', 'jobs_total', '--url', server.url, '--token', reader])
  expect(found.out).toContain('jobs_total{host="h1", job="nightly", kind="a b"}  3')
  const bad = dir.write('bad.prom', 'jobs_total{kind="a} 3\n')
  expect((await runTidewatch(['push', 'metrics', '--url', server.url, '--token', key, bad])).code).not.toBe(0)
})

describe('query', () => {
  const startMs = Math.floor(Date.now() / 60_000) * 60_000 - 300_000

  beforeAll(async () => {
    const writer = await onState('token', 'key', '--name', 'cli')
    const body = snappyBlock(
      series({ __name__: 'm', a: '1' }, [[startMs, 1.5]]),
      series({ __name__: 'm', a: 'two' }, [[startMs, 2]]),
    )
    // some senders leave Content-Encoding out: Prometheus takes every body here for snappy
    const headers = { authorization: `Bearer ${writer}`, 'content-type': 'application/x-protobuf' }
    const answer = await fetch(`${server.url}/api/v1/write`, { method: 'POST', headers, body: new Uint8Array(body) })
    expect([answer.status, await answer.text()]).toEqual([204, ''])
  })

  const query = (...words: readonly string[]) =>
    runTidewatch(['query', ...words, '--url', server.url], { TIDEWATCH_TOKEN: reader })

  test('as a table', async () => {
    const { code, out } = await query('sort(m)', '--time', String(startMs / 1000))
    expect([code, out]).toEqual([0, 'm{a="1"}    1.5\nm{a="two"}  2\n'])
  })

  test('as JSON, over a range', async () => {
    const range = ['--start', String(startMs / 1000), '--end', String(startMs / 1000 + 60), '--step', '30s']
    const { out } = await query('m{a="two"} * 2', ...range, '--output', 'json')
    const values = [0, 30, 60].map((after) => [startMs / 1000 + after, '4'])
    expect(JSON.parse(out).data).toEqual({ resultType: 'matrix', result: [{ metric: { a: 'two' }, values }] })
  })

  test('that is wrong, or of a server that wants to know who asks', async () => {
    const wrong = await query('sum(')
    expect(wrong.code).toBe(1)
    expect(wrong.err).toContain('parse error')
    const unknown = await runTidewatch(['query', '1', '--url', server.url])
    expect(unknown.code).toBe(1)
    expect(unknown.err).toContain('tidewatch token create')
  })
})

describe('token and user, beside the server', () => {
  test('a token works at once and stops when it is revoked', async () => {
    const secret = await onState('token', 'create', '--name', 'short', '--expires', '1h')
    expect(await statusWith(secret)).toBe(200)
    expect(await statusWith(secret, '/api/tidewatch/v1/users')).toBe(403)
    const line = (await onState('token', 'list')).split('\n').find((text) => text.includes('short'))
    expect(line).toMatch(/read {2}short {2}until \d{4}-/)
    expect(line).not.toContain(secret)
    await onState('token', 'revoke', line?.split(' ')[0] ?? '')
    await eventually(async () => expect(await statusWith(secret)).toBe(401))
    expect(await onState('token', 'list')).not.toContain('short')
  })

  test('a user signs in with a link, once, until disabled', async () => {
    const text = await onState('user', 'add', 'mara', '--role', 'editor', '--url', server.url)
    const token = /sign-in#token=(\S+)/.exec(text)?.[1]
    const signIn = () =>
      fetch(`${server.url}/api/tidewatch/v1/session/link`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: server.url },
        body: JSON.stringify({ token }),
      })
    const first = await signIn()
    expect(first.status).toBe(200)
    const cookie = first.headers
      .getSetCookie()
      .map((one) => one.split(';')[0])
      .join('; ')
    const whoAmI = () => fetch(`${server.url}/api/tidewatch/v1/session`, { headers: { cookie } })
    expect(await (await whoAmI()).json()).toMatchObject({ user: { name: 'mara', role: 'editor' } })
    expect((await signIn()).status).toBeGreaterThanOrEqual(401)
    expect(await onState('user', 'list')).toMatch(/mara {2}editor {2}last signed in/)
    await onState('user', 'disable', 'mara')
    await eventually(async () => expect(await (await whoAmI()).json()).toMatchObject({ user: null }))
    expect(await onState('user', 'list')).toContain('mara  editor  disabled')
  })

  test('what is wrong is said in one line', async () => {
    const { code, err } = await runTidewatch(['token', 'create', '--scope', 'reed', '--data-dir', server.dataDir])
    expect(code).toBe(1)
    expect(err).toContain('Allowed: read, write, edit, admin.')
    expect(err.trim().split('\n')).toHaveLength(1)
  })
})

test('state goes by dump and restore into a new data directory', async () => {
  const kept = await onState('token', 'create', '--name', 'kept')
  const file = `${dir.path}/state.dump`
  await onState('state', 'dump', file)
  // it holds the hashes of secrets
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const lost = await runTidewatch(['state', 'restore', `${file}.gone`, '--data-dir', `${dir.path}`])
  expect([lost.code, lost.err.trim().split('\n')]).toEqual([1, [expect.stringContaining('state.dump.gone')]])
  const refused = await runTidewatch(['state', 'restore', file, '--data-dir', server.dataDir])
  expect(refused.code).toBe(1)
  expect(refused.err).toMatch(/another Tidewatch|running/)

  const dataDir = `${dir.path}/moved`
  await using moved = await startServer({ auth: true, dataDir })
  await moved.stop()
  const occupied = await runTidewatch(['state', 'restore', file, '--data-dir', dataDir])
  expect(occupied.code).toBe(1)
  expect(occupied.err).toContain('--replace')
  const restored = await runTidewatch(['state', 'restore', file, '--replace', '--data-dir', dataDir])
  expect(restored).toMatchObject({ code: 0, out: expect.stringMatching(/\d+ rows restored/) })
  await using again = await startServer({ auth: true, dataDir })
  const headers = { authorization: `Bearer ${kept}` }
  expect((await fetch(`${again.url}/api/v1/query?query=1`, { headers })).status).toBe(200)
  expect(again.signInLink).toBeUndefined()
})
