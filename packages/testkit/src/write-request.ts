// Bodies of remote write 1.0 for tests: plain, and easy to make wrong on purpose.
import { compressSync } from 'snappy'

/** A field: number, wire type 2 and its bytes. */
export function field(number: number, bytes: Uint8Array | string): Uint8Array {
  const content = typeof bytes === 'string' ? Buffer.from(bytes) : bytes
  return Buffer.concat([varint(number * 8 + 2), varint(content.length), content])
}

/** A field of wire type 0. Negative numbers take ten bytes, as protobuf has it. */
export function varintField(number: number, value: number | bigint): Uint8Array {
  return Buffer.concat([varint(number * 8), varint(value)])
}

export function varint(value: number | bigint): Uint8Array {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, BigInt(value))
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  bytes.push(Number(rest))
  return Uint8Array.from(bytes)
}

export function label(name: string | Uint8Array, value: string | Uint8Array): Uint8Array {
  return field(1, Buffer.concat([field(1, name), field(2, value)]))
}

/** A Sample message; zeros are left out, as proto3 encoders do. `value` may be the 8 bytes themselves. */
export function sample(timeMs: number | bigint, value: number | Uint8Array): Uint8Array {
  const eight = typeof value === 'number' ? new Uint8Array(Float64Array.of(value).buffer) : value
  const parts = [...(value === 0 ? [] : [Buffer.concat([Uint8Array.of(0x09), eight])])]
  if (BigInt(timeMs) !== 0n) parts.push(Buffer.from(varintField(2, timeMs)))
  return field(2, Buffer.concat(parts))
}

export function series(
  labels: Readonly<Record<string, string>>,
  samples: readonly (readonly [timeMs: number | bigint, value: number | Uint8Array])[],
): Uint8Array {
  const parts = Object.entries(labels).map(([name, value]) => label(name, value))
  return field(1, Buffer.concat([...parts, ...samples.map(([timeMs, value]) => sample(timeMs, value))]))
}

export function metadata(type: number, family: string, help: string, unit = ''): Uint8Array {
  return field(3, Buffer.concat([varintField(1, type), field(2, family), field(4, help), field(5, unit)]))
}

export function snappyBlock(...parts: readonly Uint8Array[]): Uint8Array {
  return compressSync(Buffer.concat(parts))
}

/** A field of wire type 1. */
export function doubleField(number: number, value: number): Uint8Array {
  return Buffer.concat([varint(number * 8 + 1), new Uint8Array(Float64Array.of(value).buffer)])
}

/** `sint32` and `sint64` as varints. */
export function zigzag(value: number): number {
  return value < 0 ? -value * 2 - 1 : value * 2
}

/** Field 3 of a TimeSeries. */
export function exemplar(labels: Readonly<Record<string, string>>, value: number, timeMs: number): Uint8Array {
  const pairs = Object.entries(labels).map(([name, text]) => label(name, text))
  return field(3, Buffer.concat([...pairs, doubleField(2, value), varintField(3, timeMs)]))
}

/** A Histogram message of whole counts with one span of positive buckets from bucket 0 on; a field 4 of a TimeSeries of 1.0, 3 of one of 2.0. */
export function histogramFields(counts: readonly number[], timeMs: number): Uint8Array {
  const deltas = counts.map((count, i) => varint(zigzag(count - (counts[i - 1] ?? 0))))
  return Buffer.concat([
    varintField(
      1,
      counts.reduce((sum, count) => sum + count, 0),
    ),
    ...[doubleField(3, 12.5), varintField(4, zigzag(3)), doubleField(5, 0.001)],
    field(11, Buffer.concat([varintField(1, 0), varintField(2, counts.length)])),
    ...[field(12, Buffer.concat(deltas)), varintField(14, 2), varintField(15, timeMs)],
  ])
}
