import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { AppError } from '@tidewatch/core/error.ts'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { anonymous } from './guard.ts'
import { defineRoute, type Route } from './port.ts'
import { everything, serveForTest } from './testing/serve.ts'

const hello = defineRoute({
  method: 'GET',
  path: '/hello',
  permission: 'view',
  errors: 'tidewatch',
  summary: 'Hello.',
  handle: () => ({ body: { hello: 'world' } }),
})

const echo = defineRoute({
  method: 'POST',
  path: '/api/tidewatch/v1/echo/:count',
  permission: 'edit',
  errors: 'tidewatch',
  summary: 'Echo.',
  params: z.strictObject({ count: z.coerce.number().int() }),
  query: z.object({ tag: z.union([z.string(), z.array(z.string())]).optional() }),
  body: z.strictObject({ text: z.string() }),
  handle: ({ params, query, body }) => ({ body: { params, query, body } }),
})

const form = defineRoute({
  method: 'POST',
  path: '/api/v1/query',
  permission: 'view',
  errors: 'prometheus',
  cors: true,
  bodyKind: 'form',
  summary: 'Form.',
  body: z.object({
    query: z.string({ error: 'is missing' }),
    'match[]': z.union([z.string(), z.array(z.string())]).optional(),
  }),
  handle: ({ body }) => ({ body }),
})

const failing = (error: unknown, errors: Route['errors'] = 'tidewatch'): Route =>
  defineRoute({
    method: 'GET',
    path: `/fail/${errors}`,
    permission: 'view',
    errors,
    summary: 'Fails.',
    handle: () => {
      throw error
    },
  })

describe('answers', () => {
  test('sends JSON with a request id and headers that protect', async () => {
    await using served = await serveForTest([hello])
    const answer = await served.call('/hello', { headers: { 'x-request-id': 'abc-1' } })
    expect(answer.json()).toEqual({ hello: 'world' })
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json',
      'x-request-id': 'abc-1',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    })
    const other = await served.call('/hello', { headers: { 'x-request-id': 'not ok!' } })
    expect(other.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('checks params, query and body by their schemas', async () => {
    await using served = await serveForTest([echo])
    const post = (path: string, body: string, type = 'application/json') =>
      served.call(path, { method: 'POST', body, headers: { 'content-type': type } })
    const good = await post('/api/tidewatch/v1/echo/3?tag=a&tag=b', '{"text":"ü"}')
    expect(good.json()).toEqual({ params: { count: 3 }, query: { tag: ['a', 'b'] }, body: { text: 'ü' } })
    const wrong = await post('/api/tidewatch/v1/echo/3', '{"text":5,"more":1}', 'application/json; charset=utf-8')
    expect(wrong.status).toBe(400)
    expect(wrong.json()).toMatchObject({
      error: { code: 'http.invalid', where: { key: 'body.text' }, requestId: expect.any(String) },
    })
    expect((await post('/api/tidewatch/v1/echo/x', '{"text":""}')).json()).toMatchObject({
      error: { where: { key: 'params.count' } },
    })
    expect((await post('/api/tidewatch/v1/echo/1', '{"text":')).json()).toMatchObject({
      error: { code: 'http.invalid', where: { key: 'body' } },
    })
    expect((await post('/api/tidewatch/v1/echo/1', '')).status).toBe(400)
    expect((await post('/api/tidewatch/v1/echo/1', 'text=1', 'application/x-www-form-urlencoded')).status).toBe(415)
    expect((await post('/api/tidewatch/v1/echo/1', '{}', 'nonsense')).json()).toMatchObject({
      error: { code: 'http.media_type' },
    })
    expect((await post('/api/tidewatch/v1/echo/1', Buffer.from([0x22, 0xff, 0x22]).toString('latin1'))).status).toBe(
      400,
    )
  })

  test('reads a form with the query behind it', async () => {
    await using served = await serveForTest([form])
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const answer = await served.call('/api/v1/query?match[]=b&match[]=c', {
      method: 'POST',
      headers,
      body: 'query=up+%2B+1&match[]=a',
    })
    expect(answer.json()).toEqual({ query: 'up + 1', 'match[]': ['a', 'b', 'c'] })
    const missing = await served.call('/api/v1/query', { method: 'POST', headers, body: '' })
    expect(missing.status).toBe(400)
    expect(missing.json()).toEqual({
      status: 'error',
      errorType: 'bad_data',
      error: 'invalid parameter "query": is missing',
    })
    const many = await served.call('/api/v1/query', { method: 'POST', headers, body: 'a=1&'.repeat(20_000) })
    expect(many.json()).toMatchObject({ error: expect.stringContaining('the limit is 10000') })
  })

  test('HEAD answers as GET without the body, OPTIONS names what is possible', async () => {
    await using served = await serveForTest([hello, echo, form])
    const head = await served.call('/hello', { method: 'HEAD' })
    expect([head.status, head.headers['content-length'], head.text]).toEqual([200, '17', ''])
    const options = await served.call('/hello', { method: 'OPTIONS' })
    expect([options.status, options.headers.allow]).toEqual([204, 'GET, HEAD, OPTIONS'])
    expect(options.headers['access-control-allow-origin']).toBeUndefined()
    const preflight = await served.call('/api/v1/query', {
      method: 'OPTIONS',
      headers: { origin: 'https://grafana.example', 'access-control-request-headers': 'content-type, x-a' },
    })
    expect(preflight.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'content-type, x-a',
    })
    const wrong = await served.call('/hello', { method: 'DELETE' })
    expect(wrong.status).toBe(405)
    expect(wrong.json()).toMatchObject({ error: { code: 'http.method', fix: 'Use one of GET, HEAD, OPTIONS.' } })
  })

  test('compresses what is large for those who take it', async () => {
    const text = 'tidewatch '.repeat(1000)
    const large = defineRoute({
      method: 'GET',
      path: '/large',
      permission: 'view',
      errors: 'text',
      summary: '',
      handle: () => ({ body: text }),
    })
    const stream = defineRoute({
      method: 'GET',
      path: '/stream',
      permission: 'view',
      errors: 'text',
      summary: '',
      handle: () => ({ headers: { 'content-type': 'text/plain' }, body: Readable.from([text, text]) }),
    })
    await using served = await serveForTest([large, stream])
    const get = (path: string, encoding: string) => served.call(path, { headers: { 'accept-encoding': encoding } })
    const br = await get('/large', 'gzip, deflate, br')
    expect([br.headers['content-encoding'], br.headers.vary, brotliDecompressSync(br.bytes).toString()]).toEqual([
      'br',
      'accept-encoding',
      text,
    ])
    expect(gunzipSync((await get('/large', 'gzip')).bytes).toString()).toBe(text)
    expect((await get('/large', 'identity')).text).toBe(text)
    expect((await get('/large', 'gzip;q=0')).text).toBe(text)
    expect(gunzipSync((await get('/stream', 'gzip')).bytes).toString()).toBe(text + text)
  })
})

describe('errors', () => {
  test('have the shape of the route and the status of their kind', async () => {
    const full = new AppError('spool.full', 'the spool is full.', { retryAfterSeconds: 7, fix: 'Wait.' })
    await using served = await serveForTest([failing(full), failing(full, 'prometheus'), failing(full, 'text')])
    const answer = await served.call('/fail/tidewatch')
    expect([answer.status, answer.headers['retry-after']]).toEqual([429, '7'])
    expect(answer.json()).toMatchObject({ error: { code: 'spool.full', message: 'the spool is full.', fix: 'Wait.' } })
    expect((await served.call('/fail/prometheus')).json()).toEqual({
      status: 'error',
      errorType: 'unavailable',
      error: 'the spool is full. Wait.',
    })
    expect((await served.call('/fail/text')).text).toBe('the spool is full. Wait.\n')
  })

  test('a bug is told by its request id alone and logged whole', async () => {
    await using served = await serveForTest([failing(new Error('password is hunter2'))])
    const answer = await served.call('/fail/tidewatch', { headers: { 'x-request-id': 'r1' } })
    expect(answer.status).toBe(500)
    expect(answer.text).not.toContain('hunter2')
    expect(answer.json()).toMatchObject({ error: { code: 'internal.bug', requestId: 'r1' } })
    expect(served.log.find((line) => line.includes('"r1"'))).toContain('hunter2')
  })

  test('an unknown path is answered in the shape of its neighbours', async () => {
    await using served = await serveForTest([])
    expect((await served.call('/api/v1/nothing')).json()).toMatchObject({ status: 'error', errorType: 'not_found' })
    expect((await served.call('/-/nothing')).text).toContain('there is nothing at GET "/-/nothing".')
    expect((await served.call('/api/tidewatch/v1/nothing')).json()).toMatchObject({ error: { code: 'http.not_found' } })
    expect((await served.call('/%zz')).json()).toMatchObject({ error: { code: 'http.malformed' } })
  })
})

describe('access', () => {
  const signedOut = { identify: async () => new AppError('access.signed_out', 'sign in.') }

  test('nothing but public routes answers who is not signed in', async () => {
    await using served = await serveForTest([hello, echo, form], { authenticator: signedOut })
    const answer = await served.call('/hello')
    expect([answer.status, answer.headers['www-authenticate']]).toEqual([401, 'Bearer realm="Tidewatch"'])
    expect((await served.call('/metrics')).status).toBe(401)
    expect((await served.call('/-/healthy')).status).toBe(200)
    for (const route of served.http.routes.filter(({ permission }) => permission !== 'public')) {
      const answered = await served.call(route.path.replace(':count', '1'), { method: route.method })
      expect([route.path, answered.status]).toEqual([route.path, 401])
    }
  })

  test('says which permission is missing', async () => {
    const viewer = { ...everything, name: 'ada', permissions: new Set(['public', 'view'] as const) }
    await using served = await serveForTest([hello, echo], { authenticator: { identify: async () => viewer } })
    const answer = await served.call('/api/tidewatch/v1/echo/1', { method: 'POST', body: '{"text":""}' })
    expect(answer.status).toBe(403)
    expect(answer.json()).toMatchObject({
      error: { code: 'access.denied', message: 'ada may not do this: it needs the permission edit.' },
    })
  })

  test('refuses names that are not ours', async () => {
    await using served = await serveForTest([hello], { externalUrl: 'https://watch.example' })
    const ask = async (host: string) => (await served.call('/hello', { headers: { host } })).status
    expect(await ask('evil.example')).toBe(403)
    expect(await ask('localhost:1')).toBe(200)
    expect(await ask('a.localhost')).toBe(200)
    expect(await ask('[::1]:4900')).toBe(200)
    expect(await ask('watch.example')).toBe(200)
    expect(await ask('192.0.2.1')).toBe(403)
    expect(await ask('watch.example.evil.example')).toBe(403)
    const bad = await served.call('/-/healthy', { headers: { host: 'evil.example' } })
    expect(bad.text).toContain('--external-url')
  })

  test('refuses changes by pages of others, and their cookies where anyone may read', async () => {
    const seen: unknown[] = []
    const authenticator = {
      identify: async ({ crossOrigin, headers }: { crossOrigin: boolean; headers: Record<string, unknown> }) => {
        seen.push([crossOrigin, headers.cookie])
        return crossOrigin ? anonymous : everything
      },
    }
    await using served = await serveForTest([echo, form], { authenticator, externalUrl: 'https://watch.example' })
    const post = (origin: string, more: Record<string, string> = {}) =>
      served.call('/api/tidewatch/v1/echo/1', { method: 'POST', body: '{"text":""}', headers: { origin, ...more } })
    expect((await post('https://evil.example')).json()).toMatchObject({ error: { code: 'http.bad_origin' } })
    expect((await post('null')).status).toBe(403)
    expect((await post(`http://127.0.0.1:${served.http.port}`)).status).toBe(200)
    expect((await post('https://watch.example')).status).toBe(200)
    expect(
      (
        await served.call('/api/tidewatch/v1/echo/1', {
          method: 'POST',
          body: '{"text":""}',
          headers: { 'sec-fetch-site': 'cross-site' },
        })
      ).status,
    ).toBe(403)
    seen.length = 0
    const open = await served.call('/api/v1/query', {
      method: 'POST',
      body: 'query=1',
      headers: { origin: 'https://evil.example', cookie: 'a=b', 'content-type': 'application/x-www-form-urlencoded' },
    })
    expect([open.status, open.headers['access-control-allow-origin'], seen]).toEqual([401, '*', [[true, undefined]]])
  })
})

describe('time', () => {
  const waiting = (signals: AbortSignal[], entered: () => void): Route =>
    defineRoute({
      method: 'GET',
      path: '/wait',
      permission: 'view',
      errors: 'tidewatch',
      summary: '',
      timeoutMs: 3000,
      handle: ({ signal }) => {
        signals.push(signal)
        entered()
        return new Promise(() => undefined)
      },
    })

  test('ends a request whose time is over, whether or not its handler listens', async () => {
    const entered = Promise.withResolvers<void>()
    const signals: AbortSignal[] = []
    await using served = await serveForTest([waiting(signals, entered.resolve)])
    const answered = served.call('/wait')
    await entered.promise
    await served.clock.advance(3500)
    const answer = await answered
    expect([answer.status, signals[0]?.aborted]).toEqual([503, true])
    expect(answer.json()).toMatchObject({
      error: { code: 'http.timeout', message: 'the request took longer than its limit of 3 s.' },
    })
  })

  test('fires the signal when the caller goes away', async () => {
    const entered = Promise.withResolvers<void>()
    const signals: AbortSignal[] = []
    await using served = await serveForTest([waiting(signals, entered.resolve)])
    const request = httpRequest({ port: served.http.port, path: '/wait' }).on('error', () => undefined)
    request.end()
    await entered.promise
    const fired = new Promise((resolve) => signals[0]?.addEventListener('abort', resolve))
    request.destroy()
    await fired
    expect(signals[0]?.reason).toMatchObject({ code: 'internal.cancelled' })
  })

  test('a stop lets requests finish, then ends what does not', async () => {
    const entered = Promise.withResolvers<void>()
    const gate = Promise.withResolvers<void>()
    const slow = defineRoute({
      method: 'GET',
      path: '/slow',
      permission: 'view',
      errors: 'text',
      summary: '',
      handle: async () => {
        entered.resolve()
        await gate.promise
        return { body: 'done' }
      },
    })
    const stuck = Promise.withResolvers<void>()
    await using served = await serveForTest([slow, waiting([], stuck.resolve)])
    const first = served.call('/slow')
    const second = served.call('/wait')
    await Promise.all([entered.promise, stuck.promise])
    const stopped = served.http[Symbol.asyncDispose]()
    gate.resolve()
    const done = await first
    expect([done.text, done.headers.connection]).toEqual(['done', 'close'])
    await served.clock.advance(2600)
    expect((await second).json()).toMatchObject({ error: { code: 'internal.stopping' } })
    await stopped
  })
})

describe('the server itself', () => {
  test('says whether it is ready and why not', async () => {
    const { createHealth } = await import('../self/health.ts')
    const { createLogger } = await import('../self/logger.ts')
    const { createMetrics } = await import('../self/metrics.ts')
    const { systemClock } = await import('@tidewatch/core/clock.ts')
    const logger = createLogger({ clock: systemClock, format: 'json', level: 'error', write: () => undefined })
    const metrics = createMetrics({ logger })
    const health = createHealth({ clock: systemClock, logger, metrics })
    const engine = health.part('engine')
    await using served = await serveForTest([], { health, metrics })
    const ready = await served.call('/-/ready')
    expect([ready.status, ready.text]).toEqual([503, 'Tidewatch is not ready. engine: starting\n'])
    engine.degraded('slow disk')
    expect((await served.call('/-/ready')).status).toBe(200)
    expect((await served.call('/health')).json()).toMatchObject({
      status: 'degraded',
      ready: true,
      parts: [{ name: 'engine', reason: 'slow disk' }, { name: 'http' }],
    })
    await served.call('/-/ready')
    expect((await served.call('/metrics')).text).toContain(
      'tidewatch_http_requests_total{method="GET",route="/-/ready",status="200"} 2\n',
    )
  })

  test('describes its API in OpenAPI 3.1', async () => {
    await using served = await serveForTest([echo])
    const described = (await served.call('/api/tidewatch/v1/openapi.json')).json()
    expect(described).toMatchObject({
      openapi: '3.1.0',
      paths: {
        '/api/tidewatch/v1/echo/{count}': {
          post: {
            parameters: [
              { name: 'count', in: 'path' },
              { name: 'tag', in: 'query', required: false },
            ],
            requestBody: {
              content: { 'application/json': { schema: { required: ['text'], additionalProperties: false } } },
            },
            'x-permission': 'edit',
          },
        },
      },
    })
  })

  test('says which port is taken', async () => {
    await using served = await serveForTest([])
    await expect(serveForTest([], { port: served.http.port })).rejects.toMatchObject({
      code: 'http.cannot_listen',
      message: `port ${served.http.port} on 127.0.0.1 is taken by another program.`,
    })
  })
})

describe('the page', () => {
  const html = { accept: 'text/html,*/*' }
  test('is served compressed, cached by name, and for its own paths', async () => {
    const webDir = await mkdtemp(join(tmpdir(), 'tidewatch-page-'))
    try {
      await mkdir(join(webDir, 'assets'))
      await writeFile(join(webDir, 'index.html'), '<html><script>let a = 1</script></html>')
      await writeFile(join(webDir, 'assets/a-123.js'), 'code')
      await writeFile(join(webDir, 'assets/a-123.js.br'), 'brotli')
      await writeFile(join(webDir, 'assets/a-123.js.gz'), 'gzipped')
      const index = defineRoute({
        method: 'GET',
        path: '/:index',
        permission: 'view',
        errors: 'text',
        summary: '',
        handle: () => ({ body: 'an index' }),
      })
      await using served = await serveForTest([index], { webDir })
      const page = await served.call('/', { headers: html })
      expect(page.text).toContain('let a')
      expect(page.headers).toMatchObject({ 'cache-control': 'no-cache', 'content-type': 'text/html; charset=utf-8' })
      expect(page.headers['content-security-policy']).toMatch(/script-src 'self' 'sha256-[^']+';/)
      expect((await served.call('/alerts/17', { headers: html })).text).toContain('let a')
      expect((await served.call('/logs', { headers: html })).text).toContain('let a')
      expect((await served.call('/logs')).text).toBe('an index')
      expect(
        (await served.call('/', { headers: { ...html, 'if-none-match': String(page.headers.etag) } })).status,
      ).toBe(304)
      const asset = await served.call('/assets/a-123.js', { headers: { 'accept-encoding': 'gzip, br' } })
      expect([asset.text, asset.headers['content-encoding'], asset.headers['cache-control']]).toEqual([
        'brotli',
        'br',
        'public, max-age=31536000, immutable',
      ])
      expect((await served.call('/assets/a-123.js', { headers: { 'accept-encoding': 'gzip' } })).text).toBe('gzipped')
      expect((await served.call('/assets/a-123.js')).text).toBe('code')
      expect((await served.call('/api/v1/nothing', { headers: html })).status).toBe(404)
      for (const path of ['/../server.ts', '/assets/../../x', '//etc/passwd', '/assets/%2e%2e/%2e%2e/etc/passwd']) {
        expect([path, (await served.call(path)).status]).toEqual([path, 404])
      }
    } finally {
      await rm(webDir, { recursive: true })
    }
  })

  test('says how to build it where it is not built', async () => {
    await using served = await serveForTest([])
    const answer = await served.call('/', { headers: html })
    expect(answer.status).toBe(503)
    expect(answer.text).toContain('npm run build')
    expect((await served.call('/')).status).toBe(404)
  })
})
