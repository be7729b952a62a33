import type { SelectorWindow } from '../../protocol.ts'
import { ByteWriter } from '../bytes.ts'

/** A prometheus.ReadRequest. */
export function encodeReadRequest(
  queries: readonly SelectorWindow[],
  acceptedTypes: readonly number[] = [],
): Uint8Array {
  const request = new ByteWriter()
  for (const { startMs, endMs, matchers } of queries) {
    const query = new ByteWriter()
    query.byte(0x08)
    query.int64(startMs)
    query.byte(0x10)
    query.int64(endMs)
    for (const { name, op, value } of matchers) {
      const matcher = new ByteWriter()
      matcher.byte(0x08)
      matcher.varint(['=', '!=', '=~', '!~'].indexOf(op))
      matcher.field(0x12, Buffer.from(name))
      matcher.field(0x1a, Buffer.from(value))
      query.field(0x1a, matcher.written)
    }
    request.field(0x0a, query.written)
  }
  for (const type of acceptedTypes) {
    request.byte(0x10)
    request.varint(type)
  }
  return request.copy()
}
