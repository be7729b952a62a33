// Addresses as Go's net package takes them apart, for stripPort and stripDomain.

export interface HostPort {
  readonly host: string
  readonly port: string
}

/** Host and port of `host:port` or `[host]:port`; undefined where it is neither. */
export function splitHostPort(text: string): HostPort | undefined {
  const colon = text.lastIndexOf(':')
  if (colon < 0) return undefined
  let host = text.slice(0, colon)
  if (text.startsWith('[')) {
    const end = text.indexOf(']')
    if (end < 0 || end + 1 !== colon) return undefined
    host = text.slice(1, end)
    if (host.includes('[')) return undefined
  } else if (/[:[\]]/.test(host)) return undefined
  const port = text.slice(colon + 1)
  return /[[\]]/.test(port) ? undefined : { host, port }
}

export function joinHostPort({ host, port }: HostPort): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

const byte = /^(?:0|[1-9]\d{0,2})$/
const isIpv4 = (text: string): boolean => {
  const parts = text.split('.')
  return parts.length === 4 && parts.every((part) => byte.test(part) && Number(part) <= 255)
}

/** Whether the text is an IPv4 or IPv6 address. */
export function isIp(text: string): boolean {
  if (!text.includes(':')) return isIpv4(text)
  const halves = text.split('::')
  if (halves.length > 2) return false
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')))
  const last = groups.at(-1)
  const hasIpv4 = last?.includes('.') === true
  if (hasIpv4 && !isIpv4(last ?? '')) return false
  const words = hasIpv4 ? groups.slice(0, -1) : groups
  const count = words.length + (hasIpv4 ? 2 : 0)
  return words.every((word) => /^[0-9a-fA-F]{1,4}$/.test(word)) && (halves.length === 2 ? count < 8 : count === 8)
}
