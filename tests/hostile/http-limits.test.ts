import { connect } from 'node:net'
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { defineRoute } from '../../packages/server/src/http/port.ts'
import { type ServedForTest, serveForTest } from '../../packages/server/src/http/testing/serve.ts'

const mb = 1 << 20
const json = '/api/tidewatch/v1/echo'

const routes = [
  defineRoute({
    method: 'POST',
    path: '/write',
    permission: 'ingest',
    errors: 'text',
    summary: '',
    bodyKind: 'bytes',
    snappy: true,
    limits: { maxBytes: 4 * mb, maxInflatedBytes: 8 * mb },
    handle: ({ body }) => ({ body: String((body as Uint8Array).length) }),
  }),
  defineRoute({
    method: 'POST',
    path: json,
    permission: 'view',
    errors: 'tidewatch',
    summary: '',
    body: z.record(z.string(), z.unknown()),
    handle: ({ body }) => ({ body: Object.keys(body) }),
  }),
  defineRoute({
    method: 'POST',
    path: '/form',
    permission: 'view',
    errors: 'prometheus',
    summary: '',
    bodyKind: 'form',
    body: z.record(z.string(), z.unknown()),
    handle: ({ body }) => ({ body: Object.keys(body) }),
  }),
]

let served: ServedForTest
beforeAll(async () => {
  served = await serveForTest(routes, {
    limits: { maxBytesInFlight: 32 * mb, receiveTimeoutMs: 700, headersTimeoutMs: 400 },
  })
})
afterAll(() => served[Symbol.asyncDispose]())

const post = (path: string, body: string | Uint8Array, headers: Record<string, string> = {}) =>
  served.call(path, { method: 'POST', body, headers })

/** What buffers took at most while the work ran, beyond what was there before, in bytes. */
async function peakOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.memoryUsage().arrayBuffers
  let peak = before
  const timer = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().arrayBuffers)
  }, 2)
  await work()
  clearInterval(timer)
  return peak - before
}

/** A snappy block that says it holds so much, as one literal and copies of it. */
function snappyBomb(claimed: number): Buffer {
  const head: number[] = []
  for (let rest = claimed; ; rest = Math.floor(rest / 128)) {
    head.push(rest >= 128 ? (rest % 128) + 128 : rest)
    if (rest < 128) break
  }
  // a literal of one byte, then copies of 64 bytes from one byte before
  const copies = Buffer.alloc(Math.ceil((claimed - 1) / 64) * 3)
  for (let i = 0; i < copies.length; i += 3) copies.set([0xfe, 0x01, 0x00], i)
  return Buffer.concat([Buffer.from(head), Buffer.from([0x00, 0x41]), copies])
}

describe('bombs', () => {
  const zeros = Buffer.alloc(128 * mb)
  test.each([
    ['gzip', () => gzipSync(zeros)],
    ['deflate', () => deflateSync(zeros)],
    ['br', () => brotliCompressSync(zeros)],
    ['zstd', () => zstdCompressSync(zeros)],
    ['snappy', () => snappyBomb(64 * mb)],
  ])('%s: answers 413 with the limit, in little memory, while others are served', async (encoding, make) => {
    const bomb = make()
    expect(bomb.length).toBeLessThan(4 * mb)
    const peak = await peakOf(async () => {
      const [answer, neighbour] = await Promise.all([
        post('/write', bomb, { 'content-encoding': encoding }),
        post('/write', 'hello'),
      ])
      expect([answer.status, neighbour.text]).toEqual([413, '5'])
      expect(answer.text).toContain(`maxInflatedBytes of ${8 * mb} bytes`)
    })
    expect(peak).toBeLessThan(40 * mb)
  })

  test('a snappy block that claims what its size cannot hold is refused before anything is reserved', async () => {
    const answer = await post('/write', Buffer.from([0x80, 0x80, 0x80, 0x04, 0x00, 0x41]), {
      'content-encoding': 'snappy',
    })
    expect([answer.status, answer.text]).toEqual([400, expect.stringContaining('the body is not whole snappy')])
  })

  test('many at once share one budget: some are told to come again, none is lost track of', async () => {
    const body = gzipSync(Buffer.alloc(7 * mb))
    const answers = await Promise.all(
      Array.from({ length: 24 }, () => post('/write', body, { 'content-encoding': 'gzip' })),
    )
    const statuses = answers.map(({ status }) => status)
    expect([...new Set(statuses)].every((status) => status === 200 || status === 429)).toBe(true)
    expect(statuses).toContain(200)
    for (const answer of answers) if (answer.status === 429) expect(answer.headers['retry-after']).toBe('1')
    expect((await post('/write', body, { 'content-encoding': 'gzip' })).text).toBe(String(7 * mb))
    expect((await served.call('/metrics')).text).toContain('tidewatch_http_body_bytes 0\n')
  })
})

describe('encodings', () => {
  test.each(['gzip', 'deflate', 'br', 'zstd', 'snappy'])('%s: what is not that answers 400', async (encoding) => {
    const answer = await post('/write', Buffer.from('\x07not compressed at all, but long enough to look at'), {
      'content-encoding': encoding,
    })
    expect([answer.status, answer.text]).toEqual([400, expect.stringContaining(`the body is not whole ${encoding}`)])
  })

  test.each(['gzip, gzip', 'compress', 'lzma', 'GZIP;q=1', 'snappy '.repeat(20)])(
    '%s: answers 415 with what is known',
    async (encoding) => {
      const answer = await post('/write', 'x', { 'content-encoding': encoding })
      expect([answer.status, answer.text]).toEqual([
        415,
        expect.stringContaining('Send one of gzip, deflate, br, zstd, snappy, or none.'),
      ])
    },
  )

  test('snappy is an encoding only where a protocol has it', async () => {
    expect((await post(json, 'x', { 'content-encoding': 'snappy' })).status).toBe(415)
  })
})

describe('bodies', () => {
  test('one that is declared too large is refused before it is read', async () => {
    const answer = await served.raw(`POST /write HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\nabc`)
    expect(answer).toMatch(/^HTTP\/1\.1 413 /)
    expect(answer).toContain(`maxBytes of ${4 * mb} bytes`)
  })

  test('one without end is cut off at the limit, and its sender reads why', async () => {
    const socket = connect(served.http.port, '127.0.0.1')
    socket.write('POST /write HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n')
    const chunk = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(65_536), Buffer.from('\r\n')])
    let text = ''
    const answered = new Promise<void>((resolve) => {
      socket.on('data', (data) => {
        text += data
        if (text.includes('\r\n\r\n')) resolve()
      })
    })
    socket.on('error', () => undefined)
    const closed = new Promise((resolve) => socket.on('close', resolve))
    const pour = (): void => {
      while (!socket.destroyed && socket.write(chunk));
    }
    socket.on('drain', pour)
    pour()
    await answered
    expect(text).toMatch(/^HTTP\/1\.1 413 /)
    await closed
  })

  test('one that ends too early answers 400', async () => {
    const answer = await served.raw('POST /write HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc')
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    expect(answer).toContain('the request ends before its body does')
  })

  test('JSON that is broken, deep or dangerous', async () => {
    const headers = { 'content-type': 'application/json' }
    for (const body of ['{', '[1,2', 'nul', '{"a":1}{', '\u0000', '{"a":\u0001}']) {
      const answer = await post(json, body, headers)
      expect([body, answer.status, (answer.json() as { error: { code: string } }).error.code]).toEqual([
        body,
        400,
        'http.invalid',
      ])
    }
    const deep = `{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`
    expect([200, 400]).toContain((await post(json, deep, headers)).status)
    const poison = await post(
      json,
      '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
      headers,
    )
    expect(poison.status).toBeLessThan(500)
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
    expect((await post(json, `{"a":"${'x'.repeat(2 * mb)}"}`, headers)).status).toBe(413)
  })

  test('forms that are broken, endless or dangerous', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    expect((await post('/form', '%zz=%ff&=&&&==', headers)).status).toBe(200)
    expect((await post('/form', '__proto__=x&constructor=y', headers)).status).toBe(200)
    expect((await post('/form', 'a&'.repeat(20_000), headers)).status).toBe(400)
    expect((await post('/form', Buffer.from([0x61, 0x3d, 0xff]), headers)).status).toBe(400)
    expect(({} as { x?: string }).x).toBeUndefined()
  })
})

describe('connections', () => {
  test('headers that are too large answer 431', async () => {
    const answer = await served.raw(`GET /-/healthy HTTP/1.1\r\nHost: localhost\r\nX-A: ${'a'.repeat(40_000)}\r\n\r\n`)
    expect(answer).toMatch(/^HTTP\/1\.1 431 /)
    expect(answer).toContain('32768 bytes')
  })

  test('what is not HTTP answers 400', async () => {
    for (const text of [
      '\x16\x03\x01\x02\x00\x01\x00',
      'hello\r\n\r\n',
      'GET / HTTP/9.9\r\n\r\n',
      'GET /\x00 HTTP/1.1\r\nHost: localhost\r\n\r\n',
    ]) {
      expect(await served.raw(text)).toMatch(/^HTTP\/1\.1 400 /)
    }
  })

  test('a length and chunks together, which proxies read differently, answer 400', async () => {
    const answer = await served.raw(
      'POST /write HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    )
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
  })

  test('senders that drip are let go of, and hold nobody up', async () => {
    const slow = Array.from({ length: 20 }, (_, i) =>
      served.raw(
        i % 2 === 0
          ? 'GET /-/healthy HTTP/1.1\r\nHost: local'
          : 'POST /write HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nab',
        { end: false },
      ),
    )
    expect((await served.call('/-/healthy')).status).toBe(200)
    for (const answer of await Promise.all(slow)) {
      expect(answer).toMatch(/^HTTP\/1\.1 408 /)
      expect(answer).toContain('did not arrive whole in time')
    }
  })

  test('paths that climb find nothing', async () => {
    for (const path of [
      '/../../etc/passwd',
      '/assets/..%2f..%2fetc/passwd',
      '/%2e%2e/%2e%2e/etc/passwd',
      '/..\\..\\etc\\passwd',
      '/\\etc\\passwd',
    ]) {
      const answer = await served.raw(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`, {
        end: false,
      })
      expect([path, answer.slice(0, 12)]).toEqual([path, expect.stringMatching(/^HTTP\/1.1 40[04]$/)])
      expect(answer).not.toContain('root:')
    }
  })

  test('two Host headers, or one that hides another name, are refused', async () => {
    const two = await served.raw('GET /-/healthy HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n')
    expect(two).toMatch(/^HTTP\/1\.1 400 /)
    for (const host of [
      'localhost@evil.example',
      'localhost.evil.example',
      'evil.example:localhost',
      'localhost,evil.example',
      '127.0.0.1.evil.example',
      '[::1',
      '',
    ]) {
      const answer = await served.raw(`GET /-/healthy HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`, {
        end: false,
      })
      expect([host, /^HTTP\/1\.1 (400|403) /.test(answer)]).toEqual([host, true])
    }
  })
})
