// CRC-32 with Castagnoli's polynomial, which the frames of streamed remote read carry (RFC 3720, appendix B.4). Once a byte of an answer.

const polynomial = 0x82f63b78
// signed: unsigned words would be kept as doubles
const table = Int32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte
  for (let bit = 0; bit < 8; bit++) sum = (sum & 1) === 1 ? (sum >>> 1) ^ polynomial : sum >>> 1
  return sum
})

export function crc32c(bytes: Uint8Array): number {
  let sum = -1
  for (let i = 0; i < bytes.length; i++) sum = (sum >>> 8) ^ (table[(sum ^ (bytes[i] as number)) & 0xff] as number)
  return ~sum >>> 0
}
