import { describe, expect, test } from 'vitest'
import { acceptedEncoding, isCompressible } from './compress.ts'
import { createOriginCheck } from './origin.ts'

describe('names of this server', () => {
  const ask = (options: { host: string; externalUrl?: string }, host: string, localAddress = '192.0.2.7'): boolean => {
    const check = createOriginCheck({ externalUrl: undefined, isTls: false, ...options })
    try {
      check.checkHost({ method: 'GET', headers: { host }, rawHeaders: ['Host', host], localAddress })
      return true
    } catch {
      return false
    }
  }

  test('are loopback, the address listened on and the external one, with any port', () => {
    for (const host of [
      'localhost',
      'LOCALHOST:80',
      'app.localhost',
      '127.0.0.1:4900',
      '127.9.9.9',
      '[::1]:4900',
      'box.lan:4900',
    ]) {
      expect([host, ask({ host: 'box.lan' }, host)]).toEqual([host, true])
    }
    expect(ask({ host: '0.0.0.0', externalUrl: 'https://watch.example:8443/x' }, 'watch.example')).toBe(true)
  })

  test('are any address where all are listened on, since an address cannot be rebound', () => {
    expect(ask({ host: '0.0.0.0' }, '203.0.113.9:4900')).toBe(true)
    expect(ask({ host: '127.0.0.1' }, '203.0.113.9:4900')).toBe(false)
    expect(ask({ host: '192.0.2.7' }, '192.0.2.7', '::ffff:192.0.2.7')).toBe(true)
  })

  test('are no others', () => {
    for (const host of [
      'evil.example',
      'localhost.evil.example',
      'xlocalhost',
      '127.0.0.1.evil.example',
      'a b',
      '',
      '[::1',
      '2130706433',
    ]) {
      expect([host, ask({ host: '0.0.0.0' }, host)]).toEqual([host, false])
    }
  })
})

describe('encodings of answers', () => {
  test('the best that the caller takes', () => {
    const cases: [string | undefined, string | undefined][] = [
      [undefined, undefined],
      ['', undefined],
      ['gzip', 'gzip'],
      ['x-gzip', 'gzip'],
      ['gzip, deflate, br;q=0.1', 'br'],
      ['br;q=0, gzip;q=1.0', 'gzip'],
      ['*', 'br'],
      ['*, br;q=0', 'gzip'],
      ['*;q=0', undefined],
      ['identity', undefined],
    ]
    for (const [accept, expected] of cases) expect([accept, acceptedEncoding(accept)]).toEqual([accept, expected])
  })

  test('only what gets smaller', () => {
    for (const type of ['text/html; charset=utf-8', 'application/json', 'application/problem+json', 'image/svg+xml'])
      expect(isCompressible(type)).toBe(true)
    for (const type of ['image/png', 'application/octet-stream', 'application/zip', ''])
      expect(isCompressible(type)).toBe(false)
  })
})
