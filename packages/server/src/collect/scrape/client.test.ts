import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { gzipSync } from 'node:zlib'
import { systemClock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { afterEach, describe, expect, it } from 'vitest'
import { scrapeConfigSchema } from '../config.ts'
import { acceptHeader, createScrapeClient } from './client.ts'
import { resolveScrapeJobs } from './job.ts'

const cleanUps: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

async function serve(listener: RequestListener): Promise<URL> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanUps.push(() => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  })
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`)
}

function client(config: Record<string, unknown> = {}, baseDir = '/') {
  const checked = scrapeConfigSchema.parse({ job_name: 'j', ...config })
  const [job] = resolveScrapeJobs({ scrape_interval: 15_000 }, [checked], baseDir)
  const opened = createScrapeClient(job, { version: '9', clock: systemClock, env: {} })
  cleanUps.push(() => opened[Symbol.asyncDispose]())
  return opened
}

const options = (signal = new AbortController().signal) => ({ timeoutMs: 10_000, signal })

async function failure(promise: Promise<unknown>): Promise<AppError> {
  const error = await promise.then(
    () => new Error('went well'),
    (caught: unknown) => caught,
  )
  if (error instanceof AppError) return error
  throw error
}

describe('asking a target', () => {
  it('sends what Prometheus sends and inflates gzip', async () => {
    let seen: IncomingMessage['headers'] = {}
    const url = await serve((request, response) => {
      seen = request.headers
      response.writeHead(200, { 'content-type': 'text/plain', 'content-encoding': 'gzip' }).end(gzipSync('a 1\n'))
    })
    const answer = await client().get(url, options())
    expect(Buffer.from(answer.body).toString()).toBe('a 1\n')
    expect(answer.contentType).toBe('text/plain')
    expect(seen).toMatchObject({
      'accept-encoding': 'gzip',
      'user-agent': 'Tidewatch/9',
      'x-prometheus-scrape-timeout-seconds': '10',
      accept:
        'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
    })
    const all = ['PrometheusProto', 'OpenMetricsText1.0.0', 'OpenMetricsText0.0.1', 'PrometheusText1.0.0'] as const
    expect(acceptHeader([...all, 'PrometheusText0.0.4'], 'dots')).toBe(
      'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,application/openmetrics-text;version=1.0.0;escaping=dots;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=dots;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1',
    )
  })

  it.each<[string, Record<string, unknown>, string | undefined]>([
    ['basic_auth', { basic_auth: { username: 'u', password: 'p' } }, `Basic ${btoa('u:p')}`],
    ['authorization', { authorization: { credentials: 'c' } }, 'Bearer c'],
    ['another type', { authorization: { type: 'Token', credentials_file: 'secret' } }, 'Token from-file'],
    ['bearer_token_file', { bearer_token_file: 'secret' }, 'Bearer from-file'],
    ['password_file', { basic_auth: { username: 'u', password_file: 'secret' } }, `Basic ${btoa('u:from-file')}`],
    ['http_headers', { http_headers: { authorization: { secrets: ['s'] } } }, 's'],
    ['nothing', {}, undefined],
  ])('signs in by %s', async (_name, config, wanted) => {
    const directory = mkdtempSync(join(tmpdir(), 'tidewatch-client-'))
    cleanUps.push(() => rmSync(directory, { recursive: true }))
    writeFileSync(join(directory, 'secret'), 'from-file\n')
    let seen: string | undefined
    const url = await serve((request, response) => {
      seen = request.headers.authorization
      response.end()
    })
    await client(config, directory).get(url, options())
    expect(seen).toBe(wanted)
  })

  it('follows redirects, but takes credentials to no other server', async () => {
    const seen: (string | undefined)[] = []
    const other = await serve((request, response) => {
      seen.push(request.headers.authorization)
      response.end('a 1\n')
    })
    const url = await serve((request, response) => {
      seen.push(request.headers.authorization)
      const location = request.url === '/metrics' ? '/here' : other.href
      response.writeHead(302, { location }).end()
    })
    const answer = await client({ authorization: { credentials: 'c' } }).get(url, options())
    expect(Buffer.from(answer.body).toString()).toBe('a 1\n')
    expect(seen).toEqual(['Bearer c', 'Bearer c', undefined])
    const stays = await failure(client({ follow_redirects: false }).get(url, options()))
    expect(stays.message).toBe('server returned HTTP status 302')
  })

  it('says why there is no answer', async () => {
    const loop = await serve((_request, response) => response.writeHead(301, { location: '/metrics' }).end())
    const broken = await serve((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end('no gzip'),
    )
    const cut = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('a 1\n')
      setImmediate(() => response.destroy())
    })
    const strange = await serve((_request, response) => response.writeHead(200, { 'content-encoding': 'br' }).end('x'))
    const down = await serve((_request, response) => response.writeHead(503).end('busy'))
    const off = await serve((_request, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end())
    const messages: string[] = []
    for (const url of [loop, broken, cut, strange, down, off, new URL('http://127.0.0.1:1/')]) {
      messages.push((await failure(client().get(url, options()))).message.replace(/:\d{4,5}/g, ':PORT'))
    }
    expect(messages.join('\n')).toMatchInlineSnapshot(`
      "the target answers with more than 10 redirects
      the answer broke off or is no gzip: incorrect header check
      the answer broke off or is no gzip: other side closed
      the target answers with Content-Encoding "br"; gzip was offered
      server returned HTTP status 503
      the target redirects to "file:///etc/passwd", which is no http URL
      cannot reach 127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1"
    `)
    const missing = await failure(client({ bearer_token_file: '/not/there' }).get(down, options()))
    expect(missing.code).toBe('config.unreadable')
  })

  it('stops an endless body and a bomb at body_size_limit', async () => {
    let written = 0
    const endless = await serve((_request, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(1 << 16, 'a'))) written += 1 << 16
      }
      response.on('drain', more)
      more()
    })
    const bomb = await serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(50 << 20)))
    })
    const limited = client({ body_size_limit: '1MB' })
    for (const url of [endless, bomb]) {
      const error = await failure(limited.get(url, options()))
      expect(error).toMatchObject({ code: 'collect.limit', message: 'the answer is longer than 1048576 bytes' })
    }
    expect(written).toBeLessThan(16 << 20)
  })

  it('ends at once with the reason of its signal: before, in and after the headers', async () => {
    for (const start of [() => {}, (response: ServerResponse) => response.writeHead(200).write('a 1\n')]) {
      let arrived = (): void => {}
      const asked = new Promise<void>((resolve) => {
        arrived = resolve
      })
      const url = await serve((_request, response) => {
        start(response)
        arrived()
      })
      const abort = new AbortController()
      const answer = failure(client().get(url, options(abort.signal)))
      await asked
      abort.abort(new AppError('collect.timeout', 'too long'))
      expect(await answer).toMatchObject({ code: 'collect.timeout' })
    }
  })

  it('asks again where a kept connection was closed by the other side', async () => {
    let requests = 0
    const url = await serve((request, response) => {
      requests++
      if (requests === 2) request.socket.destroy()
      else response.end(`a ${requests}\n`)
    })
    const kept = client()
    await kept.get(url, options())
    expect(Buffer.from((await kept.get(url, options())).body).toString()).toBe('a 3\n')
  })

  it('checks the certificate as tls_config says, and shows its own', async () => {
    const fixtures = join(import.meta.dirname, 'fixtures')
    const [cert, key] = ['target.crt', 'target.key'].map((name) => readFileSync(join(fixtures, name)))
    const server = createTlsServer(
      { cert, key, ca: cert, requestCert: true, rejectUnauthorized: false },
      (request, response) => {
        const { authorized } = request.socket as TLSSocket
        response.end(`client ${authorized ? 1 : 0}\n`)
      },
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    cleanUps.push(() => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    })
    const url = new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`)
    const ask = async (tls: Record<string, unknown>) =>
      await client({ scheme: 'https', tls_config: tls }, fixtures)
        .get(url, options())
        .then(
          (answer) => Buffer.from(answer.body).toString().trim(),
          (error: Error) => error.message.replace(/:\d{4,5}/g, ':PORT'),
        )
    const own = { cert_file: 'target.crt', key_file: 'target.key' }
    expect([
      await ask({}),
      await ask({ insecure_skip_verify: true }),
      await ask({ ca_file: 'target.crt' }),
      await ask({ ca_file: 'target.crt', server_name: 'target.test' }),
      await ask({ ca: String(cert), server_name: 'target.test', ...own }),
      await ask({ ca_file: 'missing.crt' }),
      await ask({ insecure_skip_verify: true, max_version: 'TLS12' }),
    ]).toMatchInlineSnapshot(`
      [
        "cannot reach 127.0.0.1:PORT: self-signed certificate; if the root CA is installed locally, try running Node.js with --use-system-ca",
        "client 0",
        "cannot reach 127.0.0.1:PORT: Hostname/IP does not match certificate's altnames: IP: 127.0.0.1 is not in the cert's list: ",
        "client 0",
        "client 1",
        "the file "missing.crt" of the configuration cannot be read",
        "client 0",
      ]
    `)
  })
})
