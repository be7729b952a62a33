// The bytes of the spool. Called once a request, never a sample; bench: bench/src/spool.ts.
//
// A segment file is a header of 16 bytes (magic with version, a random id) and frames, one a request:
//   u32 payload bytes | u32 CRC-32 of those four bytes and the payload | payload
// and a payload is
//   u8 format | u8 length of the body hash | u16 sections | f64 time of writing in ms | body hash
//   a table of sections: u8 length of the name | name | u32 rows | u32 bytes
//   the sections' bytes, one after the other
// All numbers are little-endian.
import { crc32 } from 'node:zlib'
import { AppError } from '@tidewatch/core/error.ts'
import type { SpoolSection } from './port.ts'

export const segmentHeaderBytes = 16
const frameHeadBytes = 8
const payloadHeadBytes = 12
const frameFormat = 1
const magic = Buffer.from('TWSPOOL\u0001', 'latin1')
/** Beyond it a length can only be damage. Above the largest request the server takes, inflated. */
export const maxFrameBytes = 256 * 1024 * 1024

/** A frame ready to be written: its head, then the callers' bytes as they are. */
export interface EncodedFrame {
  readonly head: Buffer
  readonly parts: readonly Uint8Array[]
  readonly bytes: number
}

/** A frame read back. Section bytes are views of what it was read from. */
export interface DecodedFrame {
  readonly sections: readonly { readonly table: string; readonly bytes: Uint8Array; readonly rows: number }[]
  readonly bodyHash: string | undefined
  readonly atMs: number
  /** Where the next frame begins. */
  readonly end: number
}

/** The header of a segment with this id (16 hex digits). */
export function encodeSegmentHeader(uid: string): Buffer {
  return Buffer.concat([magic, Buffer.from(uid, 'hex')])
}

/** The segment's id, or undefined where the bytes are no segment of a version we know. */
export function decodeSegmentHeader(bytes: Uint8Array): string | undefined {
  if (bytes.length < segmentHeaderBytes) return undefined
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, segmentHeaderBytes)
  return view.subarray(0, 8).equals(magic) ? view.toString('hex', 8, 16) : undefined
}

/** Frames the sections. Throws `spool.frame_too_large` for a request beyond `maxBytes`. */
export function encodeFrame(
  sections: readonly SpoolSection[],
  atMs: number,
  options: { readonly bodyHash?: string | undefined; readonly maxBytes?: number },
): EncodedFrame {
  const hash = Buffer.from(options.bodyHash ?? '', 'utf8')
  const names = sections.map((section) => Buffer.from(section.table, 'utf8'))
  const tableBytes = names.reduce((sum, name) => sum + 9 + name.length, 0)
  const head = Buffer.allocUnsafe(frameHeadBytes + payloadHeadBytes + hash.length + tableBytes)
  let at = frameHeadBytes
  at = head.writeUInt8(frameFormat, at)
  at = head.writeUInt8(hash.length, at)
  at = head.writeUInt16LE(sections.length, at)
  at = head.writeDoubleLE(atMs, at)
  at += hash.copy(head, at)
  const parts: Uint8Array[] = []
  let bytes = head.length
  for (const [i, section] of sections.entries()) {
    const sectionBytes = section.parts.reduce((sum, part) => sum + part.length, 0)
    bytes += sectionBytes
    if (bytes > (options.maxBytes ?? maxFrameBytes)) throw tooLarge(bytes, options.maxBytes ?? maxFrameBytes)
    const name = names[i] as Buffer
    at = head.writeUInt8(name.length, at)
    at += name.copy(head, at)
    at = head.writeUInt32LE(section.rows, at)
    at = head.writeUInt32LE(sectionBytes, at)
    parts.push(...section.parts)
  }
  head.writeUInt32LE(bytes - frameHeadBytes, 0)
  head.writeUInt32LE(checksum(head, parts), 4)
  return { head, parts, bytes }
}

function checksum(head: Buffer, parts: readonly Uint8Array[]): number {
  let sum = crc32(head.subarray(0, 4))
  sum = crc32(head.subarray(frameHeadBytes), sum)
  for (const part of parts) sum = crc32(part, sum)
  return sum
}

function tooLarge(bytes: number, maxBytes: number): AppError {
  return new AppError(
    'spool.frame_too_large',
    `The request takes more than ${Math.round(maxBytes / 2 ** 20)} MB once decoded (${bytes} bytes and more)`,
    { fix: 'Send it in smaller requests' },
  )
}

/** The whole, undamaged frame at `offset`; undefined at the end and where anything about it is wrong. */
export function decodeFrame(bytes: Buffer, offset: number): DecodedFrame | undefined {
  if (offset + frameHeadBytes + payloadHeadBytes > bytes.length) return undefined
  const payloadBytes = bytes.readUInt32LE(offset)
  const start = offset + frameHeadBytes
  const end = start + payloadBytes
  if (payloadBytes < payloadHeadBytes || payloadBytes > maxFrameBytes || end > bytes.length) return undefined
  const sum = crc32(bytes.subarray(start, end), crc32(bytes.subarray(offset, offset + 4)))
  if (sum !== bytes.readUInt32LE(offset + 4) || bytes[start] !== frameFormat) return undefined
  return decodePayload(bytes, start, end)
}

/** The checksum holds, so what is read here is what was written. */
function decodePayload(bytes: Buffer, start: number, end: number): DecodedFrame {
  const hashBytes = bytes[start + 1] as number
  const count = bytes.readUInt16LE(start + 2)
  const atMs = bytes.readDoubleLE(start + 4)
  let at = start + payloadHeadBytes + hashBytes
  const bodyHash = hashBytes === 0 ? undefined : bytes.toString('utf8', start + payloadHeadBytes, at)
  const table: { name: string; rows: number; bytes: number }[] = []
  for (let i = 0; i < count; i++) {
    const nameBytes = bytes[at] as number
    const name = bytes.toString('utf8', at + 1, at + 1 + nameBytes)
    at += 1 + nameBytes
    table.push({ name, rows: bytes.readUInt32LE(at), bytes: bytes.readUInt32LE(at + 4) })
    at += 8
  }
  const sections: { table: string; bytes: Uint8Array; rows: number }[] = []
  for (const entry of table) {
    sections.push({ table: entry.name, rows: entry.rows, bytes: bytes.subarray(at, at + entry.bytes) })
    at += entry.bytes
  }
  return { sections, bodyHash, atMs, end }
}

/** The offset after the last whole frame, calling `visit` for each; yields to other work every few megabytes. */
export async function scanFrames(bytes: Buffer, visit: (frame: DecodedFrame) => void): Promise<number> {
  let offset = segmentHeaderBytes
  let pauseAt = offset + scanSliceBytes
  for (;;) {
    const frame = decodeFrame(bytes, offset)
    if (frame === undefined) return offset
    visit(frame)
    offset = frame.end
    if (offset < pauseAt) continue
    // checksums run at 1 to 3 GB/s: a slice holds the thread for a few ms at most
    await new Promise((resolve) => setImmediate(resolve))
    pauseAt = offset + scanSliceBytes
  }
}

const scanSliceBytes = 4 * 1024 * 1024
