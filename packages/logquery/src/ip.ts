// Addresses and networks as 128-bit numbers; IPv4 as IPv6 maps it, so that both compare on one line.

/** Both ends belong to it. */
export interface IpRange {
  readonly from: bigint
  readonly to: bigint
}

export const lowestIp = 0n
export const highestIp = (1n << 128n) - 1n
const mapped = 0xffffn << 32n

/** An address in text; undefined where it is none. */
export function ipOf(text: string): bigint | undefined {
  if (text.length > 45) return undefined
  if (!text.includes(':')) {
    const v4 = ipV4Of(text)
    return v4 === undefined ? undefined : mapped | v4
  }
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const head = groupsOf(halves[0] as string)
  const tail = halves.length === 2 ? groupsOf(halves[1] as string) : []
  if (head === undefined || tail === undefined) return undefined
  const missing = 8 - head.length - tail.length
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined
  let address = 0n
  for (const group of [...head, ...new Array<number>(missing).fill(0), ...tail])
    address = (address << 16n) | BigInt(group)
  return address
}

function ipV4Of(text: string): bigint | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)
  if (match === null) return undefined
  let address = 0n
  for (const part of match.slice(1)) {
    if (Number(part) > 255) return undefined
    address = (address << 8n) | BigInt(part)
  }
  return address
}

function groupsOf(text: string): number[] | undefined {
  if (text === '') return []
  const groups: number[] = []
  const parts = text.split(':')
  for (const [i, part] of parts.entries()) {
    if (i === parts.length - 1 && part.includes('.')) {
      const v4 = ipV4Of(part)
      if (v4 === undefined) return undefined
      groups.push(Number(v4 >> 16n), Number(v4 & 0xffffn))
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16))
    else return undefined
  }
  return groups
}

/** `10.0.0.0/8`, or one address as the range of itself. */
export function ipRangeOf(text: string): IpRange | undefined {
  const slash = text.indexOf('/')
  const address = ipOf(slash < 0 ? text : text.slice(0, slash))
  if (address === undefined) return undefined
  if (slash < 0) return { from: address, to: address }
  const length = text.slice(slash + 1)
  const isV4 = !text.includes(':')
  if (!/^\d{1,3}$/.test(length) || Number(length) > (isV4 ? 32 : 128)) return undefined
  const hostBits = BigInt((isV4 ? 32 : 128) - Number(length))
  const from = (address >> hostBits) << hostBits
  return { from, to: from | ((1n << hostBits) - 1n) }
}

/** Written as usual: IPv4 with dots, IPv6 with its longest run of zeros left out (RFC 5952). */
export function printIp(address: bigint): string {
  if (address >> 32n === 0xffffn) {
    return [24n, 16n, 8n, 0n].map((shift) => (address >> shift) & 0xffn).join('.')
  }
  const groups = Array.from({ length: 8 }, (_, i) => ((address >> BigInt(112 - i * 16)) & 0xffffn).toString(16))
  const text = groups.join(':')
  const runs = text.match(/\b0(?::0)+\b/g)?.toSorted((a, b) => b.length - a.length) ?? []
  const longest = runs[0]
  if (longest === undefined) return text
  const at = text.search(new RegExp(`\\b${longest}\\b`))
  return `${text.slice(0, at).replace(/:$/, '')}::${text.slice(at + longest.length).replace(/^:/, '')}`
}
