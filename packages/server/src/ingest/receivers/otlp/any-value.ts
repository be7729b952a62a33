// Values of attributes (opentelemetry/proto/common/v1/common.proto, AnyValue) and the text that a label has of them.

/** As it was sent; whole numbers are bigint, since they have 64 bits. Empty values are null. */
export type AnyValue =
  | string
  | boolean
  | number
  | bigint
  | null
  | Uint8Array
  | readonly AnyValue[]
  | ReadonlyMap<string, AnyValue>

/** Deeper lists and maps are refused. */
export const maxDepth = 16

/** The text of a label. Lists and maps as JSON, bytes as base64. */
export function anyValueText(value: AnyValue): string {
  if (value === null) return ''
  if (typeof value === 'string') return value
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  return jsonText(value)
}

/** About how many characters it came in. */
export function anyValueLength(value: AnyValue): number {
  if (typeof value === 'string') return value.length
  if (value instanceof Uint8Array) return value.length
  if (typeof value !== 'object' || value === null) return scalarLength
  let length = 0
  if (value instanceof Map)
    for (const [key, item] of value as ReadonlyMap<string, AnyValue>) length += key.length + anyValueLength(item)
  else for (const item of value as readonly AnyValue[]) length += anyValueLength(item)
  return length
}

const scalarLength = 8

function jsonText(value: AnyValue): string {
  if (value === null) return 'null'
  if (typeof value === 'string') return quoted(value)
  if (typeof value === 'number') return numberText(value)
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value)
  if (value instanceof Uint8Array) return `"${Buffer.from(value).toString('base64')}"`
  if (value instanceof Map) {
    const entries = [...(value as ReadonlyMap<string, AnyValue>)].sort(([a], [b]) => (a < b ? -1 : 1))
    return `{${entries.map(([key, item]) => `${quoted(key)}:${jsonText(item)}`).join(',')}}`
  }
  return `[${(value as readonly AnyValue[]).map(jsonText).join(',')}]`
}

/** As Go's encoding/json writes text. */
const quoted = (text: string): string =>
  JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

/** As Go's encoding/json writes numbers: exponents have two digits where they are negative. */
function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  if (Object.is(value, -0)) return '-0'
  return String(value)
}
