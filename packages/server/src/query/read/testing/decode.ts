// The reading side of remote read, plainly written: what answers are checked with.
import { crc32c } from '../crc32c.ts'

/** `value` by its bits: a stale marker is one of many NaNs. */
export interface ReadSample {
  readonly atMs: number
  readonly bits: bigint
}

export interface ReadSeries {
  readonly labels: Readonly<Record<string, string>>
  readonly samples: readonly ReadSample[]
  /** Histogram messages as they came. */
  readonly histograms?: readonly Uint8Array[]
}

interface Field {
  readonly field: number
  readonly number: bigint
  readonly bytes: Uint8Array
}

const noBytes = new Uint8Array(0)
const textOf = (field: Field | undefined): string => new TextDecoder().decode(field?.bytes)

function varintAt(bytes: Uint8Array, at: number): { value: bigint; end: number } {
  let value = 0n
  for (let i = at; i < bytes.length; i++) {
    const byte = bytes[i] as number
    value |= BigInt(byte & 0x7f) << BigInt(7 * (i - at))
    if (byte < 0x80) return { value: BigInt.asUintN(64, value), end: i + 1 }
  }
  throw new Error(`no varint at ${at}`)
}

function fieldsOf(bytes: Uint8Array): Field[] {
  const found: Field[] = []
  for (let at = 0; at < bytes.length; ) {
    const tag = varintAt(bytes, at)
    const field = Number(tag.value >> 3n)
    const wireType = Number(tag.value & 7n)
    if (wireType === 1) {
      found.push({ field, number: 0n, bytes: bytes.subarray(tag.end, tag.end + 8) })
      at = tag.end + 8
      continue
    }
    const { value, end } = varintAt(bytes, tag.end)
    at = wireType === 2 ? end + Number(value) : end
    found.push({ field, number: BigInt.asIntN(64, value), bytes: wireType === 2 ? bytes.subarray(end, at) : noBytes })
  }
  return found
}

const all = (fields: readonly Field[], field: number): Field[] => fields.filter((one) => one.field === field)

function labelsOf(fields: readonly Field[]): Record<string, string> {
  const pairs = all(fields, 1).map(({ bytes }) => fieldsOf(bytes))
  return Object.fromEntries(pairs.map((pair) => [textOf(all(pair, 1)[0]), textOf(all(pair, 2)[0])]))
}

/** A prometheus.ReadResponse: the series of each query. */
export function decodeSampled(bytes: Uint8Array): ReadSeries[][] {
  return fieldsOf(bytes).map((result) =>
    all(fieldsOf(result.bytes), 1).map((series) => {
      const fields = fieldsOf(series.bytes)
      const samples = all(fields, 2).map((sample) => {
        const [value, at] = [1, 2].map((field) => all(fieldsOf(sample.bytes), field)[0])
        const bits = value === undefined ? 0n : Buffer.from(value.bytes).readBigUInt64LE()
        return { atMs: Number(at?.number ?? 0n), bits }
      })
      const histograms = all(fields, 4).map((one) => one.bytes)
      return { labels: labelsOf(fields), samples, ...(histograms.length > 0 ? { histograms } : {}) }
    }),
  )
}

export interface ReadChunk {
  readonly minMs: number
  readonly maxMs: number
  /** 1: XOR, 2 and 3: native histograms. */
  readonly encoding: number
  readonly data: Uint8Array
}

export interface ReadFrame {
  readonly query: number
  readonly labels: Readonly<Record<string, string>>
  readonly chunks: readonly ReadChunk[]
}

/** Frames of a streamed answer. Throws where a checksum is not right. */
export function decodeFrames(bytes: Uint8Array): ReadFrame[] {
  const frames: ReadFrame[] = []
  for (let at = 0; at < bytes.length; ) {
    const { value, end } = varintAt(bytes, at)
    const sum = new DataView(bytes.buffer, bytes.byteOffset + end).getUint32(0)
    at = end + 4 + Number(value)
    const content = bytes.subarray(end + 4, at)
    if (crc32c(content) !== sum) throw new Error(`the checksum of frame ${frames.length} is not right`)
    const fields = fieldsOf(content)
    for (const series of all(fields, 1)) {
      const parts = fieldsOf(series.bytes)
      const chunks = all(parts, 2).map((chunk) => {
        const numbers = [1, 2, 3].map((field) => Number(all(fieldsOf(chunk.bytes), field)[0]?.number ?? 0n))
        const [minMs, maxMs, encoding] = numbers as [number, number, number]
        return { minMs, maxMs, encoding, data: all(fieldsOf(chunk.bytes), 4)[0]?.bytes ?? noBytes }
      })
      frames.push({ query: Number(all(fields, 2)[0]?.number ?? 0n), labels: labelsOf(parts), chunks })
    }
  }
  return frames
}

/** An XOR chunk by its own description, with BigInts. */
export function decodeXorChunk(data: Uint8Array): ReadSample[] {
  let at = 16
  const bits = (count: number): bigint => {
    let value = 0n
    for (let i = 0; i < count; i++, at++) {
      value = (value << 1n) | BigInt(((data[at >> 3] as number) >> (7 - (at & 7))) & 1)
    }
    return value
  }
  const varint = (): bigint => {
    const { value, end } = varintAt(data, at >> 3)
    at = end * 8
    return value
  }
  const count = ((data[0] as number) << 8) | (data[1] as number)
  const samples: ReadSample[] = []
  let [atMs, deltaMs, value, leading, trailing] = [0n, 0n, 0n, 0, 0]
  for (let i = 0; i < count; i++) {
    if (i === 0) {
      const zigzag = varint()
      atMs = (zigzag >> 1n) ^ -(zigzag & 1n)
      value = bits(64)
    } else {
      deltaMs = i === 1 ? varint() : deltaMs + changeOf(bits)
      atMs += deltaMs
      if (bits(1) === 1n) {
        if (bits(1) === 1n) {
          leading = Number(bits(5))
          trailing = 64 - leading - (Number(bits(6)) || 64)
        }
        value ^= bits(64 - leading - trailing) << BigInt(trailing)
      }
    }
    samples.push({ atMs: Number(atMs), bits: value })
  }
  return samples
}

function changeOf(bits: (count: number) => bigint): bigint {
  if (bits(1) === 0n) return 0n
  for (const count of [14, 17, 20]) {
    if (bits(1) === 1n) continue
    const value = bits(count)
    return value > 1n << BigInt(count - 1) ? value - (1n << BigInt(count)) : value
  }
  return BigInt.asIntN(64, bits(64))
}

/** What a streamed answer says, as samples. */
export function samplesOfFrames(frames: readonly ReadFrame[]): ReadSeries[] {
  return frames.map(({ labels, chunks }) => ({ labels, samples: chunks.flatMap(({ data }) => decodeXorChunk(data)) }))
}
