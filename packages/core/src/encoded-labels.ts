import { Labels } from './labels.ts'

/** Labels in the form that series are known by: repeated `Label` fields of remote write, sorted. Empty values are left out. */
export function encodeLabels(labels: Labels | ReadonlyMap<string, string>): Buffer {
  const { flat } = labels instanceof Labels ? labels : Labels.from(labels)
  const parts: Buffer[] = []
  for (let i = 0; i < flat.length; i += 2) {
    const label = Buffer.concat([field(0x0a, Buffer.from(flat[i])), field(0x12, Buffer.from(flat[i + 1]))])
    parts.push(field(0x0a, label))
  }
  return Buffer.concat(parts)
}

function field(tag: number, content: Buffer): Buffer {
  const head = [tag]
  let length = content.length
  for (; length >= 128; length >>>= 7) head.push((length & 127) | 128)
  head.push(length)
  return Buffer.concat([Uint8Array.from(head), content])
}
