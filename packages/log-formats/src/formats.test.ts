import { describe, expect, it } from 'vitest'
import { DockerJsonLines } from './docker.ts'
import { parseGelf } from './gelf.ts'
import { GelfChunks } from './gelf-chunks.ts'
import { parseAccessLine } from './http-server/access.ts'
import { parseApacheErrorLine, parseNginxErrorLine } from './http-server/errors.ts'
import { parseUvicornLine } from './http-server/uvicorn.ts'
import { epochInstantNs, isoInstantNs, yearlessInstantNs } from './instant.ts'
import { parseJournalLine } from './journald.ts'
import { logfmtPairs, parseLogfmt } from './logfmt.ts'

const atNs = (iso: string): bigint => BigInt(Date.parse(iso)) * 1_000_000n
const attributes = (record: { readonly attributes?: ReadonlyMap<string, unknown> } | undefined) =>
  Object.fromEntries(record?.attributes ?? [])

describe('access logs', () => {
  it('common', () => {
    const line = '127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /a.gif?x=1&y HTTP/1.0" 200 2326'
    const record = parseAccessLine(line)
    expect(record).toMatchObject({ timeNs: atNs('2000-10-10T20:55:36Z'), severity: 9, body: line, user: 'frank' })
    expect(attributes(record)).toEqual({
      'source.address': '127.0.0.1',
      'http.request.method': 'GET',
      'url.original': '/a.gif?x=1&y',
      'url.path': '/a.gif',
      'url.query': 'x=1&y',
      'http.version': '1.0',
      'http.response.status_code': 200,
      'http.response.body.bytes': 2326,
    })
  })

  it('combined, with escaped quotes and more behind', () => {
    const line = String.raw`::1 - - [12/Mar/2024:06:25:01 +0000] "POST /login HTTP/2.0" 502 - "https://e.org/" "say \"hi\"" "10.0.0.9" 0.042`
    const record = parseAccessLine(line)
    expect(record?.severity).toBe(17)
    expect(record?.user).toBeUndefined()
    expect(attributes(record)).toMatchObject({
      'http.request.referrer': 'https://e.org/',
      'user_agent.original': 'say "hi"',
      'access.more': ['10.0.0.9', '0.042'],
    })
  })

  it.each(['shop.example:443', 'shop.example'])('virtual host %s', (vhost) => {
    const line = `${vhost} 10.0.0.1 - - [12/Mar/2024:06:25:01 +0000] "GET / HTTP/1.1" 404 5 "-" "-"`
    const record = parseAccessLine(line)
    expect(record?.severity).toBe(13)
    expect(attributes(record)).toMatchObject({ 'url.domain': vhost, 'source.address': '10.0.0.1' })
  })

  it('keeps what is no request', () => {
    const line = String.raw`1.2.3.4 - - [12/Mar/2024:06:25:01 +0000] "\x16\x03\x01" 400 157 "-" "-"`
    expect(attributes(parseAccessLine(line))).toMatchObject({ 'http.request.line': String.raw`\x16\x03\x01` })
  })

  it.each(['', 'hello', 'a [b] "c', '1.2.3.4 - - [no time] "GET / HTTP/1.1" 200 1', `x [${'] "'.repeat(1000)}`])(
    'is none: %s',
    (line) => expect(parseAccessLine(line)).toBeUndefined(),
  )
})

it('uvicorn', () => {
  const access = parseUvicornLine('INFO:     127.0.0.1:51022 - "GET /items?q=1 HTTP/1.1" 500 Internal Server Error')
  expect(access).toMatchObject({ severity: 17, severityText: 'INFO' })
  expect(attributes(access)).toMatchObject({ 'source.address': '127.0.0.1:51022', 'url.path': '/items' })
  expect(parseUvicornLine('WARNING:  StatReload detected changes')).toMatchObject({
    severity: 13,
    body: 'StatReload detected changes',
  })
  expect(parseUvicornLine('INFO hello')).toBeUndefined()
})

it('nginx errors', () => {
  const record = parseNginxErrorLine(
    '2025/06/15 11:00:00 [error] 7#8: *9 open() "/x" failed (2: No such file), client: 10.0.0.1, server: shop, request: "GET /x HTTP/1.1", upstream: "http://u/x", host: "shop.example"',
  )
  expect(record).toMatchObject({ timeNs: atNs('2025-06-15T11:00:00Z'), severity: 17, severityText: 'error' })
  expect(attributes(record)).toMatchObject({
    'process.pid': 7,
    'nginx.connection': '9',
    'source.address': '10.0.0.1',
    'server.address': 'shop',
    'url.original': '/x',
    'nginx.upstream': 'http://u/x',
    'url.domain': 'shop.example',
  })
  const local = parseNginxErrorLine('2025/06/15 11:00:00 [emerg] 1#1: bind() failed', { zone: 'Europe/Berlin' })
  expect(local).toMatchObject({ timeNs: atNs('2025-06-15T09:00:00Z'), severity: 23, body: 'bind() failed' })
})

it('Apache errors', () => {
  const record = parseApacheErrorLine(
    '[Wed Oct 11 14:32:52.123456 2000] [core:error] [pid 35708:tid 4328636416] [client 72.15.99.187:1234] AH00128: File does not exist: /x',
  )
  expect(record).toMatchObject({ severity: 17, body: 'AH00128: File does not exist: /x' })
  expect(record?.timeNs).toBe(atNs('2000-10-11T14:32:52Z') + 123_456_000n)
  expect(attributes(record)).toEqual({
    'apache.module': 'core',
    'process.pid': 35708,
    'process.thread.id': '4328636416',
    'source.address': '72.15.99.187:1234',
    'event.code': 'AH00128',
  })
  expect(parseApacheErrorLine('[Wed Oct 11 14:32:52 2000] [warn] [client ::1] x')).toMatchObject({
    severity: 13,
    body: 'x',
  })
  expect(parseApacheErrorLine('[x] y')).toBeUndefined()
})

describe('logfmt', () => {
  it('pairs', () => {
    expect(logfmtPairs('a=1 b="x \\"y\\"\\n" c= d "e" =f g="open')).toEqual([
      ['a', '1'],
      ['b', 'x "y"\n'],
      ['c', ''],
      ['d', true],
      ['"e"', true],
      ['g', 'open'],
    ])
  })

  it('a record', () => {
    const record = parseLogfmt('ts=2025-06-15T11:00:00.5Z level=warn msg="slow query" trace_id=abc took=12ms cached')
    expect(record).toMatchObject({
      timeNs: atNs('2025-06-15T11:00:00.5Z'),
      ...{ severity: 13, severityText: 'warn', body: 'slow query', traceId: 'abc' },
    })
    expect(attributes(record)).toEqual({ took: '12ms', cached: true })
    expect(parseLogfmt('just words = no')).toBeUndefined()
  })
})

describe('Docker', () => {
  const entry = (log: string, stream = 'stdout') =>
    JSON.stringify({ log, stream, time: '2025-06-15T11:00:00.123456789Z', attrs: { app: 'shop' } })

  it('joins parts, each stream its own', () => {
    const lines = new DockerJsonLines({ maxLineLength: 1000 })
    expect(lines.push(entry('one '))).toBeUndefined()
    expect(lines.push(entry('err\n', 'stderr'))?.body).toBe('err')
    const record = lines.push(entry('two\n'))
    expect(record).toEqual({
      timeNs: atNs('2025-06-15T11:00:00Z') + 123_456_789n,
      body: 'one two',
      resource: new Map([['container.label.app', 'shop']]),
      attributes: new Map([['log.iostream', 'stdout']]),
    })
    lines.push(entry('rest'))
    expect(lines.flush().map(({ body }) => body)).toEqual(['rest'])
  })

  it('cuts what is too long and keeps what is no entry', () => {
    const lines = new DockerJsonLines({ maxLineLength: 10 })
    for (let part = 0; part < 10; part++) lines.push(entry('abcdef'))
    expect(lines.push(entry('\n'))?.body).toBe('abcdefabcd')
    expect(lines.push('{"log":"cut')).toEqual({ body: '{"log":"cut' })
  })
})

it('journald', () => {
  const line = JSON.stringify({
    __CURSOR: 's=1',
    __REALTIME_TIMESTAMP: '1750000000000000',
    _SOURCE_REALTIME_TIMESTAMP: '1749999999999999',
    PRIORITY: '3',
    MESSAGE: [0x5a, 0xc3, 0xbc, 0x1b],
    SYSLOG_IDENTIFIER: 'sshd',
    _PID: '7',
    _HOSTNAME: 'web-1',
    _SYSTEMD_UNIT: 'ssh.service',
    TAGS: ['a', 'b'],
    HUGE: null,
  })
  const entry = parseJournalLine(line)
  expect(entry?.cursor).toBe('s=1')
  expect(entry?.record).toEqual({
    timeNs: 1749999999999999000n,
    severity: 17,
    severityText: 'err',
    body: 'Zü\u001b',
    service: 'sshd',
    resource: new Map([
      ['host.name', 'web-1'],
      ['systemd.unit', 'ssh.service'],
    ]),
    attributes: new Map<string, unknown>([
      ['process.pid', '7'],
      ['journald.tags', ['a', 'b']],
    ]),
  })
  expect(parseJournalLine('{}')).toBeUndefined()
  expect(parseJournalLine('nonsense')).toBeUndefined()
})

describe('GELF', () => {
  it('a record', () => {
    const record = parseGelf(
      '{"version":"1.1","host":"h","short_message":"boom","full_message":"boom\\nat x","timestamp":1385053862.3072,"level":3,"_user_id":9001,"_info":{"a":1},"_trace_id":"t"}',
    )
    expect(record).toMatchObject({
      ...{ timeNs: 1385053862307200000n, severity: 17, severityText: 'err', body: 'boom', user: '9001', traceId: 't' },
      resource: new Map([['host.name', 'h']]),
    })
    expect(typeof record === 'string' ? record : attributes(record)).toEqual({
      info: '{"a":1}',
      full_message: 'boom\nat x',
    })
  })

  it('says why it is none', () => {
    expect(parseGelf('{')).toMatch(/^not JSON/)
    expect(parseGelf('[]')).toBe('not a JSON object')
    expect(parseGelf('{"host":"h"}')).toBe('without short_message')
  })

  const piece = (id: number, number: number, count: number, text: string) =>
    Uint8Array.from([0x1e, 0x0f, id, 0, 0, 0, 0, 0, 0, 0, number, count, ...new TextEncoder().encode(text)])
  const limits = { maxMessages: 2, maxBytes: 20, maxAgeMs: 5000 }

  it('pieces in any order', () => {
    const chunks = new GelfChunks(limits)
    expect(chunks.push(piece(1, 2, 3, 'c'), 'a', 0)).toBeUndefined()
    expect(chunks.push(piece(1, 0, 3, 'a'), 'a', 0)).toBeUndefined()
    expect(chunks.push(piece(1, 0, 3, 'a'), 'a', 0)).toBeUndefined()
    expect(chunks.push(piece(1, 1, 3, 'x'), 'b', 0)).toBeUndefined()
    expect(new TextDecoder().decode(chunks.push(piece(1, 1, 3, 'b'), 'a', 0))).toBe('abc')
    expect(chunks.waitingBytes).toBe(1)
  })

  it('has limits', () => {
    const chunks = new GelfChunks(limits)
    for (let id = 0; id < 10; id++) chunks.push(piece(id, 0, 2, 'abcd'), 'a', id)
    expect(chunks.lostMessages).toBe(8)
    chunks.push(piece(20, 0, 2, 'x'.repeat(30)), 'a', 10)
    expect(chunks.waitingBytes).toBe(0)
    chunks.push(piece(30, 0, 2, 'abcd'), 'a', 100)
    chunks.expire(5101)
    expect([chunks.waitingBytes, chunks.lostMessages]).toEqual([0, 12])
    for (const bad of [
      piece(1, 2, 2, 'x'),
      piece(1, 0, 0, 'x'),
      piece(1, 0, 129, 'x'),
      piece(1, 0, 1, ''),
      new Uint8Array(3),
    ])
      chunks.push(bad, 'a', 0)
    expect(chunks.badPieces).toBe(5)
  })
})

describe('instants', () => {
  it('of numbers', () => {
    const at = 1_385_053_862n * 1_000_000_000n
    for (const value of [1385053862, '1385053862', 1385053862000, 1385053862000000, '1385053862000000000'])
      expect(epochInstantNs(value)).toBe(at)
    expect(epochInstantNs('1385053862.307')).toBe(at + 307_000_000n)
    for (const value of ['', 'x', '12', '-1', '1e9']) expect(epochInstantNs(value)).toBeUndefined()
  })

  it('of texts', () => {
    expect(isoInstantNs('2025-06-15 11:00:00,5')).toBe(atNs('2025-06-15T11:00:00.5Z'))
    expect(isoInstantNs('2025-02-30T00:00:00Z')).toBeUndefined()
  })

  it('without a year', () => {
    const time = (month: number, day: number) => ({ month, day, hour: 0, minute: 0, second: 0 })
    const year = (month: number, day: number, now: string) => {
      const found = yearlessInstantNs(time(month, day), { nowMs: Date.parse(now) })
      return found === undefined ? undefined : new Date(Number(found / 1_000_000n)).getUTCFullYear()
    }
    expect(year(1, 1, '2025-12-31T23:59:00Z')).toBe(2026)
    expect(year(1, 5, '2025-12-15T00:00:00Z')).toBe(2025)
    expect(year(12, 31, '2026-01-01T00:01:00Z')).toBe(2025)
    expect(year(2, 29, '2025-03-01T00:00:00Z')).toBe(2024)
  })
})
