import type { ByteWriter } from './bytes.ts'

const utf8 = new TextEncoder()

/** `repeated Label labels = 1` from name, value, name, value ... */
export function writeLabels(writer: ByteWriter, flat: readonly string[]): void {
  for (let i = 0; i < flat.length; i += 2) {
    const name = utf8.encode(flat[i])
    const value = utf8.encode(flat[i + 1])
    writer.byte(0x0a)
    writer.varint(2 + lengthOfLength(name.length) + name.length + lengthOfLength(value.length) + value.length)
    writer.field(0x0a, name)
    writer.field(0x12, value)
  }
}

/** Bytes of a length as a varint. */
const lengthOfLength = (length: number): number => (length < 0x80 ? 1 : 1 + lengthOfLength(length >>> 7))
