// Keys in base58 with a checksum: WIF and extended private keys (BIP-32). Without the right checksum it is some other id and stays.
import { createHash } from 'node:crypto'

const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
const digitOf = new Int8Array(128).fill(-1)
for (let i = 0; i < alphabet.length; i++) digitOf[alphabet.charCodeAt(i)] = i

/** Longest text that is decoded: an extended key has 111 or 112 digits. */
const longest = 120

/** First bytes of WIF: Bitcoin, its test networks, Litecoin, Dogecoin, Dash. */
const wifVersions: ReadonlySet<number> = new Set([0x80, 0xef, 0xb0, 0x9e, 0xcc])
/** First bytes of extended private keys: xprv, yprv, zprv, Yprv, Zprv, tprv, uprv, vprv, Uprv, Vprv (SLIP-132). */
const extendedVersions: ReadonlySet<number> = new Set([
  0x0488ade4, 0x049d7878, 0x04b2430c, 0x0295b005, 0x02aa7a99, 0x04358394, 0x044a4e28, 0x045f18bc, 0x024285b5,
  0x02575048,
])

/** Bytes without the checksum; undefined where the text is none or the checksum is wrong. */
function decodeChecked(text: string): Uint8Array | undefined {
  if (text.length > longest) return undefined
  const bytes: number[] = []
  for (let i = 0; i < text.length; i++) {
    let carry = digitOf[text.charCodeAt(i)] ?? -1
    if (carry < 0) return undefined
    for (let j = 0; j < bytes.length; j++) {
      carry += bytes[j] * 58
      bytes[j] = carry & 255
      carry >>= 8
    }
    for (; carry > 0; carry >>= 8) bytes.push(carry & 255)
  }
  const decoded = Uint8Array.from(bytes).reverse()
  if (decoded.length < 5) return undefined
  const payload = decoded.subarray(0, -4)
  const twice = createHash('sha256').update(createHash('sha256').update(payload).digest()).digest()
  return decoded.subarray(-4).every((byte, i) => byte === twice[i]) ? payload : undefined
}

/** `wif` for a key in wallet import format, `extended_key` for an extended private one. */
export function base58Key(text: string): 'wif' | 'extended_key' | undefined {
  const payload = decodeChecked(text)
  if (payload === undefined) return undefined
  if (payload.length === 33 || (payload.length === 34 && payload[33] === 1)) {
    return wifVersions.has(payload[0]) ? 'wif' : undefined
  }
  if (payload.length !== 78) return undefined
  const version = ((payload[0] << 24) | (payload[1] << 16) | (payload[2] << 8) | payload[3]) >>> 0
  return extendedVersions.has(version) ? 'extended_key' : undefined
}
