// What a request carries to say who calls: a cookie, Bearer, Basic, ApiKey, ?key=.
import { createHash, randomBytes } from 'node:crypto'

type Headers = Readonly<Record<string, string | string[] | undefined>>

/** Secrets tell by their beginning what they are, to people and to scanners of repositories. */
export type SecretKind = 'session' | 'link' | 'token' | 'ingest_key'

const beginnings: Readonly<Record<SecretKind, string>> = {
  session: 'tws_',
  link: 'twl_',
  token: 'twt_',
  ingest_key: 'twi_',
}
const secretPattern = /^tw[slti]_[0-9a-f]{48}$/
const prefixLength = 12

/** 192 random bits: there is nothing to guess, so a plain hash of it is safe to keep. */
export function newSecret(kind: SecretKind): string {
  return beginnings[kind] + randomBytes(24).toString('hex')
}

export function kindOf(secret: string): SecretKind | undefined {
  if (!secretPattern.test(secret)) return undefined
  for (const kind of ['token', 'ingest_key', 'session', 'link'] as const)
    if (secret.startsWith(beginnings[kind])) return kind
  return undefined
}

export const hashSecret = (secret: string): string => createHash('sha256').update(secret).digest('base64url')

/** Enough to tell keys apart in a list. */
export const prefixOf = (secret: string): string => secret.slice(0, prefixLength)

/** The key that the request names, however its client can send it; `undefined` where there is none. */
export function keyOf(
  headers: Headers,
  url: string,
): { readonly secret: string; readonly isInUrl: boolean } | undefined {
  const header = headers.authorization
  if (typeof header === 'string') {
    const secret = keyOfHeader(header)
    if (secret !== undefined) return { secret, isInUrl: false }
  }
  const mark = url.indexOf('?')
  if (mark === -1 || !url.includes('key=', mark)) return undefined
  const secret = new URLSearchParams(url.slice(mark + 1)).get('key')
  return secret === null ? undefined : { secret, isInUrl: true }
}

function keyOfHeader(header: string): string | undefined {
  const space = header.indexOf(' ')
  const scheme = header.slice(0, space).toLowerCase()
  const rest = header.slice(space + 1).trim()
  switch (scheme) {
    case 'bearer':
      return rest
    case 'basic':
      return afterColon(decodeBase64(rest))
    case 'apikey':
      // Elasticsearch's clients send base64 of id:key; people paste the key itself
      return secretPattern.test(rest) ? rest : afterColon(decodeBase64(rest))
    case 'aws4-hmac-sha256':
      // AWS's clients sign with a secret of which we would need the text; the id that they name is the key
      return /(?:^|[\s,])Credential=([^/,\s]+)/.exec(rest)?.[1]
    default:
      return undefined
  }
}

const decodeBase64 = (text: string): string => Buffer.from(text, 'base64').toString('latin1')
const afterColon = (text: string): string => text.slice(text.indexOf(':') + 1)

/** Cookies are shared by all ports of a host, so each port has its own: two servers on one machine do not sign each other out. */
export function cookieName(headers: Headers): string {
  const port = typeof headers.host === 'string' ? /:(\d+)$/.exec(headers.host)?.[1] : undefined
  return port === undefined ? 'tidewatch_session' : `tidewatch_session_${port}`
}

export function sessionOf(headers: Headers): string | undefined {
  const { cookie } = headers
  if (typeof cookie !== 'string') return undefined
  const wanted = `${cookieName(headers)}=`
  const found = cookie.split(';').find((part) => part.trimStart().startsWith(wanted))
  return found?.trim().slice(wanted.length)
}

/** HTTP-only, so no script reads it; strict, so no other site's link or form sends it: the page's own calls do after it is loaded. */
export function sessionCookie(
  headers: Headers,
  options: { readonly secret: string; readonly maxAgeSeconds: number; readonly isSecure: boolean },
): string {
  const secure = options.isSecure ? '; Secure' : ''
  return `${cookieName(headers)}=${options.secret}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${options.maxAgeSeconds}${secure}`
}
