import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { type AddressInfo, connect, type Server, type Socket } from 'node:net'
import { AppError } from '@tidewatch/core/error.ts'
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { afterEach, describe, expect, it } from 'vitest'
import { httpSchema } from '../http-config/port.ts'
import { createHttpClient } from './client.ts'

const cleanUps: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

async function serve(listener: RequestListener): Promise<{ readonly url: URL; readonly server: Server }> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanUps.push(() => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  })
  return { url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`), server }
}

const clock = new FakeClock(Date.UTC(2026, 0, 1))

function client(config: Record<string, unknown>, env: Record<string, string> = {}) {
  const opened = createHttpClient(httpSchema.parse(config), { baseDir: '/', clock, env, userAgent: 'Tidewatch/9' })
  cleanUps.push(() => opened[Symbol.asyncDispose]())
  return opened
}

const limits = { timeoutMs: 60_000, maxBytes: 1 << 20 }
const text = (body: Uint8Array): string => Buffer.from(body).toString()

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

async function failure(promise: Promise<unknown>): Promise<AppError> {
  return await promise.then(
    () => new AppError('internal.bug', 'went well'),
    (error: unknown) => AppError.from(error),
  )
}

/** A server of tokens and one that wants them; `answer` says what the former does with each request. */
async function tokenPlace(answer: (form: URLSearchParams, basic: string) => [status: number, body: unknown]) {
  const asked: string[] = []
  const tokens = await serve((request, response) => {
    void bodyOf(request).then((body) => {
      const basic = Buffer.from(request.headers.authorization?.replace('Basic ', '') ?? '', 'base64').toString()
      asked.push(`${basic} ${body}`)
      const [status, content] = answer(new URLSearchParams(body), basic)
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(content))
    })
  })
  const seen: (string | undefined)[] = []
  const place = await serve((request, response) => {
    seen.push(request.headers.authorization)
    response.writeHead(request.headers.authorization === 'Bearer revoked' ? 401 : 200).end('x')
  })
  const oauth2 = { client_id: 'me', client_secret: 's/e', token_url: `${tokens.url.href}token`, scopes: ['a', 'b'] }
  return { asked, seen, url: place.url, oauth2 }
}

describe('oauth2', () => {
  it('fetches a token once, sends it, and fetches another when it ends', async () => {
    let count = 0
    const place = await tokenPlace(() => [200, { access_token: `t${++count}`, token_type: 'bearer', expires_in: 60 }])
    const http = client({ oauth2: { ...place.oauth2, endpoint_params: { audience: 'metrics' } } })
    await Promise.all([http.fetch(place.url, limits), http.fetch(place.url, limits)])
    await http.fetch(place.url, limits)
    expect(place.asked).toEqual(['me:s%2Fe grant_type=client_credentials&scope=a+b&audience=metrics'])
    clock.jump(51_000)
    await http.fetch(place.url, limits)
    expect(place.seen).toEqual(['Bearer t1', 'Bearer t1', 'Bearer t1', 'Bearer t2'])
  })

  it('sends id and secret in the body where the server wants that', async () => {
    const place = await tokenPlace((form, basic) =>
      basic === '' && form.get('client_secret') === 's/e'
        ? [200, { access_token: 'inside', token_type: 'Bearer' }]
        : [400, { error: 'invalid_client' }],
    )
    const http = client({ oauth2: place.oauth2 })
    await http.fetch(place.url, limits)
    expect(place.seen).toEqual(['Bearer inside'])
    expect(place.asked).toHaveLength(2)
  })

  it('drops a token that is refused, and says why there is none', async () => {
    let token = 'revoked'
    const place = await tokenPlace(() => (token === '' ? [403, { error: 'no' }] : [200, { access_token: token }]))
    const http = client({ oauth2: place.oauth2 })
    expect((await http.fetch(place.url, limits)).status).toBe(401)
    token = 'fresh'
    expect((await http.fetch(place.url, limits)).status).toBe(200)
    token = ''
    const error = await failure(client({ oauth2: place.oauth2 }).fetch(place.url, limits))
    expect(error.message).toMatch(/^no token from 127\.0\.0\.1:\d+: it answers 403 /)
    expect(error.message).not.toContain('s/e')
  })
})

/** A proxy that notes what goes through it: plain requests by their target, tunnels by CONNECT. */
async function proxyPlace() {
  const seen: string[] = []
  const proxy = await serve((request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers['proxy-authorization'] ?? ''}`.trim())
    response.end('from the proxy')
  })
  proxy.server.on('connect', (request: IncomingMessage, socket: Socket) => {
    seen.push(`CONNECT ${request.url} ${request.headers['x-tunnel'] ?? ''}`.trim())
    const [host = '', port = ''] = (request.url ?? '').split(':')
    const to = connect(Number(port), host, () => socket.write('HTTP/1.1 200 OK\r\n\r\n'))
    to.on('error', () => socket.destroy())
    socket.on('error', () => to.destroy())
    socket.pipe(to).pipe(socket)
  })
  return { seen, url: proxy.url }
}

describe('proxies', () => {
  it('are used for what no_proxy does not name, with their password', async () => {
    const proxy = await proxyPlace()
    const direct = await serve((_request, response) => response.end('direct'))
    const withUser = new URL(proxy.url)
    withUser.username = 'u'
    withUser.password = 'p'
    const all = client({ proxy_url: withUser.href })
    expect(text((await all.fetch(direct.url, limits)).body)).toBe('from the proxy')
    expect(proxy.seen).toEqual([`GET ${direct.url.href} Basic ${btoa('u:p')}`])
    const some = client({ proxy_url: proxy.url.href, no_proxy: 'example.org' })
    // this machine is always reached directly once there is a list
    expect(text((await some.fetch(direct.url, limits)).body)).toBe('direct')
    expect(text((await some.fetch(new URL('http://elsewhere.test/a'), limits)).body)).toBe('from the proxy')
    expect(proxy.seen).toHaveLength(2)
  })

  it('are tunnelled through to https, with proxy_connect_header', async () => {
    const proxy = await proxyPlace()
    const plain = await serve((_request, response) => response.end('no TLS here'))
    const http = client({ proxy_url: proxy.url.href, proxy_connect_header: { 'X-Tunnel': ['yes'] } })
    const secure = new URL(`https://127.0.0.1:${plain.url.port}/`)
    expect((await failure(http.fetch(secure, limits))).code).toBe('collect.unreachable')
    expect(proxy.seen).toEqual([`CONNECT 127.0.0.1:${plain.url.port} yes`])
  })

  it('come from the environment where the configuration says so', async () => {
    const proxy = await proxyPlace()
    const env = { HTTP_PROXY: proxy.url.host, NO_PROXY: '.inner.test' }
    const http = client({ proxy_from_environment: true }, env)
    expect(text((await http.fetch(new URL('http://outer.test/'), limits)).body)).toBe('from the proxy')
    expect((await failure(http.fetch(new URL('http://a.inner.test/'), limits))).code).toBe('collect.unreachable')
    expect((await failure(client({}, env).fetch(new URL('http://outer.test/'), limits))).code).toBe(
      'collect.unreachable',
    )
  })
})

describe('a request with a body', () => {
  it('is repeated by 307 and becomes a GET by 302', async () => {
    const seen: string[] = []
    const { url } = await serve((request, response) => {
      void bodyOf(request).then((body) => {
        seen.push(`${request.method} ${request.url} ${body}`.trim())
        const status = request.url === '/307' ? 307 : 302
        if (request.url === '/end') response.end()
        else response.writeHead(status, { location: '/end' }).end()
      })
    })
    const http = client({})
    for (const path of ['307', '302']) {
      await http.fetch(new URL(path, url), { ...limits, method: 'POST', body: Buffer.from('b') })
    }
    expect(seen).toEqual(['POST /307 b', 'POST /end b', 'POST /302 b', 'GET /end'])
  })

  it('ends by its timeout, on our clock', async () => {
    let arrived = (): void => {}
    const asked = new Promise<void>((resolve) => {
      arrived = resolve
    })
    const { url } = await serve(() => arrived())
    const answer = failure(client({}).fetch(url, { ...limits, timeoutMs: 5000 }))
    await asked
    await clock.advance(5000)
    expect(await answer).toMatchObject({ code: 'collect.timeout', message: 'no whole answer within 5s' })
  })
})
