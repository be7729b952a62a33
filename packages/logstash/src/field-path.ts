// References to fields: `name`, `[a][b]`, `[@metadata][x]`.

export interface FieldPath {
  /** As written. */
  readonly text: string
  /** At least one. */
  readonly keys: readonly string[]
  /** Whether it starts at the metadata, which no output writes. */
  readonly isMetadata: boolean
}

/** Names that came with events are kept up to here; then it begins anew. */
const maxKept = 10_000
const maxKeys = 100

const kept = new Map<string, FieldPath>()

/** Whether a reference has its brackets right. */
export function isFieldReference(text: string): boolean {
  if (text === '') return false
  return text.includes('[') || text.includes(']') ? keysOf(text) !== undefined : true
}

/** What is no reference (`a[b`) is the name of a field as it stands: such names come with the data. */
export function fieldPath(text: string): FieldPath {
  const known = kept.get(text)
  if (known !== undefined) return known
  if (kept.size >= maxKept) kept.clear()
  const keys = keysOf(text) ?? [text]
  const path =
    keys[0] === '@metadata' ? { text, keys: keys.slice(1), isMetadata: true } : { text, keys, isMetadata: false }
  kept.set(text, path)
  return path
}

function keysOf(text: string): string[] | undefined {
  if (!text.startsWith('[')) return text.includes('[') || text.includes(']') ? undefined : [text]
  const keys: string[] = []
  for (let at = 0; at < text.length; ) {
    if (text[at] !== '[') return undefined
    const end = text.indexOf(']', at)
    const key = text.slice(at + 1, end)
    if (end < 0 || key === '' || key.includes('[')) return undefined
    keys.push(key)
    at = end + 1
  }
  return keys.length > maxKeys ? undefined : keys
}
