import { expect, it } from 'vitest'
import { proxyChoice } from './proxy.ts'

const choice = (no_proxy: string) => {
  const choose = proxyChoice({ proxy_url: 'http://proxy:3128', no_proxy }, {})
  return (url: string): boolean => choose(new URL(url)) !== undefined
}

it.each<[list: string, past: readonly string[], through: readonly string[]]>([
  ['*', ['http://a.test/'], []],
  ['a.test', ['http://a.test/', 'http://b.a.test:8080/'], ['http://ba.test/', 'http://a.test.b/']],
  ['.a.test', ['http://b.a.test/'], ['http://a.test/']],
  ['*.a.test', ['http://b.a.test/'], ['http://a.test/']],
  ['a.test:8080, b.test', ['http://a.test:8080/', 'http://b.test/'], ['http://a.test/']],
  ['a.test:443', ['https://a.test/'], ['http://a.test/']],
  ['10.0.0.0/8', ['http://10.9.8.7/'], ['http://11.0.0.1/', 'http://a.test/']],
  ['10.1.2.3', ['http://10.1.2.3:90/'], ['http://10.1.2.4/']],
  ['fd00::/8', ['http://[fd12::1]/'], ['http://[fe80::1]/', 'http://10.1.2.3/']],
  ['x', ['http://localhost/', 'http://127.0.0.9/', 'http://[::1]:80/'], ['http://10.0.0.1/']],
])('no_proxy %s', (list, past, through) => {
  const isProxied = choice(list)
  for (const url of past) expect([url, isProxied(url)]).toEqual([url, false])
  for (const url of through) expect([url, isProxied(url)]).toEqual([url, true])
})

it('takes lower-case variables, and each scheme its own', () => {
  const choose = proxyChoice({ proxy_from_environment: true }, { http_proxy: 'p:1', HTTPS_PROXY: 'https://q:2' })
  expect(choose(new URL('http://a.test/'))).toBe('http://p:1')
  expect(choose(new URL('https://a.test/'))).toBe('https://q:2')
  expect(proxyChoice({ proxy_from_environment: true }, {})(new URL('http://a.test/'))).toBeUndefined()
})
