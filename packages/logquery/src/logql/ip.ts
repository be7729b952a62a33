// Addresses: `ip("192.168.0.0/16")`, a single one or `from-to`, sought in a line or compared with a label.

/** IPv4 and IPv6 as numbers; they are different kinds, as to Loki. */
interface Address {
  readonly bits: 32 | 128
  readonly value: bigint
}

export interface AddressRange {
  readonly bits: 32 | 128
  readonly from: bigint
  readonly to: bigint
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57
const isHex = (code: number): boolean => isDigit(code) || (code >= 97 && code <= 102) || (code >= 65 && code <= 70)

function parseV4(text: string): bigint | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  let value = 0
  for (const part of parts) {
    // no leading zeros: in some places they are octal
    if (!/^(?:0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined
    value = value * 256 + Number(part)
  }
  return BigInt(value)
}

function parseV6(text: string): bigint | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')))
  const last = groups.at(-1) ?? []
  const tail = last.at(-1)
  if (tail?.includes('.') === true) {
    const v4 = parseV4(tail)
    if (v4 === undefined) return undefined
    last.splice(-1, 1, (v4 >> 16n).toString(16), (v4 & 0xffffn).toString(16))
  }
  const all = groups.flat()
  if (!all.every((group) => /^[\da-fA-F]{1,4}$/.test(group))) return undefined
  const missing = 8 - all.length
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined
  const [before = [], after = []] = groups
  const whole = halves.length === 2 ? [...before, ...new Array<string>(missing).fill('0'), ...after] : all
  return whole.reduce((sum, group) => sum * 65536n + BigInt(Number.parseInt(group, 16)), 0n)
}

function parseAddress(text: string): Address | undefined {
  const v4 = parseV4(text)
  if (v4 !== undefined) return { bits: 32, value: v4 }
  const v6 = text.includes(':') ? parseV6(text) : undefined
  return v6 === undefined ? undefined : { bits: 128, value: v6 }
}

/** The addresses that a pattern stands for: one, `from-to`, or a network `address/bits`. Undefined where it is none of them. */
export function parseAddressRange(pattern: string): AddressRange | undefined {
  const dash = pattern.indexOf('-')
  if (dash >= 0) {
    const from = parseAddress(pattern.slice(0, dash).trim())
    const to = parseAddress(pattern.slice(dash + 1).trim())
    if (from === undefined || to === undefined || from.bits !== to.bits || from.value > to.value) return undefined
    return { bits: from.bits, from: from.value, to: to.value }
  }
  const [host = '', length] = pattern.split('/', 2)
  const address = parseAddress(host)
  if (address === undefined) return undefined
  if (length === undefined) return { bits: address.bits, from: address.value, to: address.value }
  if (!/^\d{1,3}$/.test(length) || Number(length) > address.bits) return undefined
  const hostBits = BigInt(address.bits - Number(length))
  const from = (address.value >> hostBits) << hostBits
  return { bits: address.bits, from, to: from + (1n << hostBits) - 1n }
}

/** Whether an address of the range stands somewhere in the text. */
export function hasAddress(text: string, range: AddressRange): boolean {
  for (let at = 0; at < text.length; at++) {
    const isV4 = looksLikeV4(text, at)
    if (!isV4 && !looksLikeV6(text, at)) continue
    const end = spanEnd(text, at, isV4)
    const address = parseAddress(text.slice(at, end))
    if (
      address !== undefined &&
      address.bits === range.bits &&
      address.value >= range.from &&
      address.value <= range.to
    ) {
      return true
    }
    at = end
  }
  return false
}

/** A digit with a point within the next three places. */
function looksLikeV4(text: string, at: number): boolean {
  if (!isDigit(text.charCodeAt(at)) || at + 3 >= text.length) return false
  return text[at + 1] === '.' || text[at + 2] === '.' || text[at + 3] === '.'
}

/** Up to four hex digits and a colon, or two colons. */
function looksLikeV6(text: string, at: number): boolean {
  if (at + 2 >= text.length) return false
  if (text[at] === ':') return text[at + 1] === ':' && isHex(text.charCodeAt(at + 2))
  for (let i = 0; i < 4; i++) {
    if (!isHex(text.charCodeAt(at + i))) return false
    if (text[at + i + 1] === ':') return true
  }
  return false
}

function spanEnd(text: string, from: number, isV4: boolean): number {
  let at = from
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code !== 46 && !(isV4 ? isDigit(code) : isHex(code) || code === 58)) break
  }
  return at
}
