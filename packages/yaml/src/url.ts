// URLs as Go's net/url takes them: far more than WHATWG's does, and a few things less.

/** What is wrong with a URL; undefined where nothing is. */
export function urlFault(text: string): string | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  if (/[\x00-\x1f\x7f]/.test(text)) return 'it has a control character'
  const withoutFragment = text.split('#', 1)[0] as string
  if (withoutFragment.startsWith(':')) return 'it has no scheme before the colon'
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(withoutFragment)
  const rest = (scheme === null ? withoutFragment : withoutFragment.slice(scheme[0].length)).split('?', 1)[0] as string
  if (!rest.startsWith('/')) {
    if (scheme !== null) return undefined
    const [segment] = rest.split('/', 1) as [string]
    return segment.includes(':') ? 'its first part has a colon, but no scheme before it' : badEscape(rest)
  }
  if (!rest.startsWith('//')) return badEscape(rest)
  const authority = rest.slice(2).split('/', 1)[0] as string
  return hostFault(authority) ?? badEscape(rest.slice(2 + authority.length))
}

function hostFault(authority: string): string | undefined {
  const at = authority.lastIndexOf('@')
  const host = authority.slice(at + 1)
  if (at >= 0 && !/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(authority.slice(0, at)))
    return 'its user or password has a bad character'
  if (host.startsWith('[')) {
    const end = host.lastIndexOf(']')
    if (end < 0) return 'its host lacks a ]'
    return portFault(host.slice(end + 1))
  }
  const colon = host.lastIndexOf(':')
  const name = colon < 0 ? host : host.slice(0, colon)
  if (/[\s<>"{}|\\^`]/.test(name)) return 'its host has a bad character'
  return (colon < 0 ? undefined : portFault(host.slice(colon))) ?? badHostEscape(name)
}

const portFault = (text: string): string | undefined =>
  text === '' || /^:\d*$/.test(text) ? undefined : 'its port is no number'

const badEscape = (text: string): string | undefined =>
  /%(?![0-9a-fA-F]{2})/.test(text) ? 'it has a % that no two hexadecimal digits follow' : undefined

const badHostEscape = (name: string): string | undefined =>
  /%(?![89a-fA-F][0-9a-fA-F]|25)/.test(name) ? 'its host has a bad escape' : undefined

/** The URL with xxxxx for a password. */
export function redactUrl(text: string): string {
  return text.replace(/^([a-zA-Z][a-zA-Z0-9+.-]*:\/\/[^/?#:@]*):[^/?#]*@/, '$1:xxxxx@')
}

/** Scheme in small letters and host of a URL that `urlFault` finds nothing in; empty where there is none. */
export function urlParts(text: string): { readonly scheme: string; readonly host: string } {
  const match = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(?:\/\/([^/?#]*))?/.exec(text)
  return { scheme: (match?.[1] ?? '').toLowerCase(), host: (match?.[2] ?? '').replace(/^.*@/, '') }
}
