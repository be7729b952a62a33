// Which proxy a request goes through, as Prometheus's clients decide it (Go: golang.org/x/net/http/httpproxy).
import { BlockList, isIP } from 'node:net'
import type { ProxyConfig } from '../http-config/port.ts'

/** The proxy's URL for a request to `url`, or undefined for a direct one. */
export type ProxyChoice = (url: URL) => string | undefined

export type Environment = Readonly<Record<string, string | undefined>>

export function proxyChoice(config: ProxyConfig, env: Environment): ProxyChoice {
  const named = given(config.proxy_url)
  if (config.proxy_from_environment === true) return fromEnvironment(env)
  if (named === undefined) return () => undefined
  const excluded = given(config.no_proxy)
  if (excluded === undefined) return () => named
  const isExcluded = noProxyTest(excluded)
  return (url) => (isExcluded(url) ? undefined : named)
}

function fromEnvironment(env: Environment): ProxyChoice {
  const read = (name: string) => given(env[name]) ?? given(env[name.toLowerCase()])
  const http = read('HTTP_PROXY')
  const https = read('HTTPS_PROXY')
  const isExcluded = noProxyTest(read('NO_PROXY') ?? '')
  return (url) => {
    const proxy = url.protocol === 'https:' ? https : http
    if (proxy === undefined || isExcluded(url)) return undefined
    return proxy.includes('://') ? proxy : `http://${proxy}`
  }
}

const given = (text: string | undefined): string | undefined => (text === '' ? undefined : text)

/**
 * Whether a URL is one of those that go past the proxy: `*`, `10.0.0.0/8`, `10.1.2.3`, `example.com` (its subdomains too), `.example.com` (its
 * subdomains alone), each with a port or without. This machine is always one.
 */
function noProxyTest(list: string): (url: URL) => boolean {
  const tests = list
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== '')
    .map(entryTest)
  return (url) => {
    const host = hostOf(url)
    const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port
    return host === 'localhost' || isLoopback(host) || tests.some((test) => test(host, port))
  }
}

type EntryTest = (host: string, port: string) => boolean

function entryTest(entry: string): EntryTest {
  if (entry === '*') return () => true
  const network = networkTest(entry)
  if (network !== undefined) return network
  const { name, port } = splitPort(entry)
  const samePort = (other: string): boolean => port === undefined || port === other
  if (isIP(name) !== 0) return (host, otherPort) => host === name && samePort(otherPort)
  const domain = name.replace(/^\*?\.?/, '')
  const isExact = !/^[*.]/.test(name)
  return (host, otherPort) =>
    ((isExact && host === domain) || host.endsWith(`.${domain}`)) && domain !== '' && samePort(otherPort)
}

function networkTest(entry: string): EntryTest | undefined {
  const [address = '', bits = '', ...rest] = entry.split('/')
  const version = isIP(address)
  const prefix = Number(bits)
  if (rest.length > 0 || version === 0 || !/^\d{1,3}$/.test(bits) || prefix > (version === 4 ? 32 : 128))
    return undefined
  const block = new BlockList()
  block.addSubnet(address, prefix, familyOf(version))
  return (host) => isIP(host) !== 0 && block.check(host, familyOf(isIP(host)))
}

function splitPort(entry: string): { readonly name: string; readonly port: string | undefined } {
  const match = /^(?:\[(?<six>[^\]]+)\]|(?<name>[^:]+))(?::(?<port>\d+))?$/.exec(entry)
  const { six, name, port } = match?.groups ?? {}
  return { name: six ?? name ?? entry, port }
}

const familyOf = (version: number): 'ipv4' | 'ipv6' => (version === 6 ? 'ipv6' : 'ipv4')

const hostOf = (url: URL): string =>
  url.hostname
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')

const isLoopback = (host: string): boolean => (isIP(host) === 4 && host.startsWith('127.')) || host === '::1'
