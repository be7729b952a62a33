// A MaxMind database of one network, for tests. Source: MaxMind DB File Format Specification 2.0.

type Field = string | number | { readonly [key: string]: Field }

const encoder = new TextEncoder()

/** A database of IPv4 addresses in which one network has a record. */
export function mmdb(network: string, record: Field): Uint8Array {
  const [address = '', length = '32'] = network.split('/')
  const bits = [
    ...address
      .split('.')
      .map((byte) => Number(byte).toString(2).padStart(8, '0'))
      .join(''),
  ]
  const nodeCount = Number(length)
  const nodes: number[] = []
  for (let i = 0; i < nodeCount; i++) {
    // behind the last node stands the data, 16 bytes after the tree
    const next = i + 1 < nodeCount ? i + 1 : nodeCount + 16
    nodes.push(...(bits[i] === '0' ? [next, nodeCount] : [nodeCount, next]))
  }
  const tree = nodes.flatMap((node) => [(node >> 16) & 255, (node >> 8) & 255, node & 255])
  const metadata = {
    ...{ binary_format_major_version: 2, binary_format_minor_version: 0, build_epoch: 1, database_type: 'Test' },
    ...{ description: { en: 'Test' }, ip_version: 4, node_count: nodeCount, record_size: 24 },
  }
  return Uint8Array.from([
    ...tree,
    ...new Array<number>(16).fill(0),
    ...encoded(record),
    ...[0xab, 0xcd, 0xef],
    ...encoder.encode('MaxMind.com'),
    ...encoded(metadata),
  ])
}

function encoded(value: Field): number[] {
  if (typeof value === 'string') {
    const bytes = [...encoder.encode(value)]
    return bytes.length < 29 ? [0x40 | bytes.length, ...bytes] : [0x40 | 29, bytes.length - 29, ...bytes]
  }
  if (typeof value === 'object') {
    const entries = Object.entries(value)
    return [0xe0 | entries.length, ...entries.flatMap(([key, item]) => [...encoded(key), ...encoded(item)])]
  }
  if (Number.isInteger(value)) return [0xc4, (value >> 24) & 255, (value >> 16) & 255, (value >> 8) & 255, value & 255]
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value)
  return [0x68, ...new Uint8Array(view.buffer)]
}
