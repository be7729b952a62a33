// Whose page a browser's request comes from: a name that does not belong to us is DNS rebinding, another site's page is CSRF.
import { isIP } from 'node:net'
import { AppError, quoteValue } from '@tidewatch/core/error.ts'

export interface OriginOptions {
  /** The address listened on, as given: a name, an address, or 0.0.0.0 or ::. */
  readonly host: string
  readonly externalUrl: string | undefined
  readonly isTls: boolean
  /** Further names that are ours. */
  readonly hosts?: readonly string[]
}

interface OriginRequest {
  readonly method: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** Names and values in turn, as sent: of headers that occur twice, `headers` has one. */
  readonly rawHeaders: readonly string[]
  /** The own address that the connection reached. */
  readonly localAddress: string | undefined
}

export interface OriginCheck {
  /** Throws `http.bad_host`. */
  checkHost(request: OriginRequest): void
  /** Whether a browser sent it for a page of another origin. */
  isCrossOrigin(request: OriginRequest): boolean
}

export function createOriginCheck(options: OriginOptions): OriginCheck {
  const external = options.externalUrl === undefined ? undefined : new URL(options.externalUrl)
  const listen = options.host.toLowerCase()
  const names = new Set((options.hosts ?? []).map((name) => name.toLowerCase()))
  const isWildcard = listen === '0.0.0.0' || listen === '::' || listen === ''
  const isOwnName = (name: string, localAddress: string | undefined): boolean => {
    if (isLoopbackName(name) || name === listen || name === external?.hostname || names.has(name)) return true
    if (isIP(name) === 0) return false
    // an address cannot be rebound; behind a container's port mapping it is not even one of ours
    return isWildcard || name === plainAddress(localAddress)
  }
  return {
    checkHost({ headers, rawHeaders, localAddress }) {
      const host = headers.host
      if (countHosts(rawHeaders) > 1) {
        throw new AppError('http.malformed', 'the request has several Host headers.', {
          where: { key: 'host' },
          fix: 'Send one.',
        })
      }
      // HTTP/1.0 has none, and no browser speaks it
      if (host === undefined) return
      const name = typeof host === 'string' ? nameOf(host) : undefined
      if (name !== undefined && isOwnName(name, localAddress)) return
      throw new AppError('http.bad_host', `the Host header ${quoteValue(host)} is not a name of this server.`, {
        where: { key: 'host' },
        fix: 'If people or programs reach it by this name, start it with --external-url set to that URL.',
      })
    },
    isCrossOrigin({ headers }) {
      const { origin, host } = headers
      if (typeof origin !== 'string') return isOtherSite(headers['sec-fetch-site'], headers['sec-fetch-mode'])
      if (external !== undefined && origin === external.origin) return false
      return origin !== `${options.isTls ? 'https' : 'http'}://${String(host)}`
    },
  }
}

export const isStateChanging = (method: string): boolean =>
  method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS'

export function badOrigin(origin: unknown): AppError {
  return new AppError(
    'http.bad_origin',
    `a page of ${quoteValue(origin ?? 'another site')} may not change anything here.`,
    {
      where: { key: 'origin' },
      fix: 'Use the page of this server; if this is its page, start the server with --external-url set to the URL in the browser.',
    },
  )
}

/** Proxies and servers choose differently between two. */
function countHosts(rawHeaders: readonly string[]): number {
  let count = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string
    if (name.length === 4 && name.toLowerCase() === 'host') count++
  }
  return count
}

/** Images and scripts in foreign pages send no Origin; what a person opens by a link is a navigation and is theirs. */
function isOtherSite(site: string | string[] | undefined, mode: string | string[] | undefined): boolean {
  return (site === 'cross-site' || site === 'same-site') && mode !== 'navigate'
}

export function isLoopbackName(name: string): boolean {
  return (
    name === 'localhost' ||
    name.endsWith('.localhost') ||
    name === '::1' ||
    /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(name)
  )
}

/** The name or address in a Host header, without port and brackets, in small letters; undefined where it is none. */
function nameOf(host: string): string | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9_.-]+))(?::\d{1,5})?$/.exec(host.toLowerCase())
  return match?.[1] ?? match?.[2]
}

/** IPv4 addresses reach a socket on :: as `::ffff:192.0.2.1`. */
function plainAddress(address: string | undefined): string | undefined {
  return address?.startsWith('::ffff:') === true ? address.slice(7) : address
}
