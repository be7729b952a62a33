// What a scalar is: by the rules of Go's YAML decoder (yaml.v2), which are neither YAML 1.1's nor 1.2's. They decide what is a good file.
import type { Scalar } from 'yaml'

export type Resolved =
  | { readonly kind: 'null' }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'int'; readonly value: bigint }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'text' }
  /** It is not what its tag says. */
  | { readonly kind: 'fault'; readonly message: string }

const text: Resolved = { kind: 'text' }
const words = new Map<string, Resolved>([
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, { kind: 'null' }] as const),
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map(
    (word) => [word, { kind: 'bool', value: true }] as const,
  ),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map(
    (word) => [word, { kind: 'bool', value: false }] as const,
  ),
  ...['.inf', '.Inf', '.INF'].flatMap((word) => [
    [word, { kind: 'float', value: Infinity }] as const,
    [`+${word}`, { kind: 'float', value: Infinity }] as const,
    [`-${word}`, { kind: 'float', value: -Infinity }] as const,
  ]),
  ...['.nan', '.NaN', '.NAN'].map((word) => [word, { kind: 'float', value: Number.NaN }] as const),
])

const integerForm = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))$/
const floatForm = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/
const timestampForm =
  /^\d{4}-\d{1,2}-\d{1,2}(?:(?:[Tt]|[ \t]+)\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::?\d\d)?))?)?$/

/** The largest numbers that 64 bits hold, with and without a sign. */
const maxUint64 = 2n ** 64n - 1n
const minInt64 = -(2n ** 63n)

/** An integer of 64 bits, in any base that Go knows; undefined where it is none. */
function parseInteger(plain: string): bigint | undefined {
  const match = integerForm.exec(plain)
  if (match === null) return undefined
  const [, sign, hexadecimal, binary, octal, decimal] = match
  const prefixed = hexadecimal !== undefined ? `0x${hexadecimal}` : binary !== undefined ? `0b${binary}` : undefined
  const size = BigInt(prefixed ?? (octal !== undefined ? `0o${octal}` : (decimal ?? '')))
  const value = sign === '-' ? -size : size
  // what has a sign is read with one
  const max = sign === '' ? maxUint64 : -minInt64 - 1n
  return value >= minInt64 && value <= max ? value : undefined
}

function resolvePlain(source: string): Resolved {
  const word = words.get(source)
  if (word !== undefined) return word
  if (!/^[-+.0-9]/.test(source)) return text
  const plain = source.startsWith('.') ? source : source.replaceAll('_', '')
  const integer = parseInteger(plain)
  if (integer !== undefined) return { kind: 'int', value: integer }
  const number = floatForm.test(plain) ? Number(plain) : Infinity
  return Number.isFinite(number) ? { kind: 'float', value: number } : text
}

const tagPrefix = 'tag:yaml.org,2002:'
const kinds: Readonly<Record<string, readonly Resolved['kind'][]>> = {
  bool: ['bool'],
  int: ['int'],
  float: ['float', 'int'],
  null: ['null'],
}

/** What a scalar is; its text is `keyText`. */
export function resolveScalar(node: Scalar): Resolved {
  const { tag, source = '' } = node
  const isPlain = node.type === undefined || node.type === 'PLAIN'
  if (tag === undefined || tag === '!') return isPlain && tag === undefined ? resolvePlain(source) : text
  const name = tag.startsWith(tagPrefix) ? tag.slice(tagPrefix.length) : ''
  if (name === 'timestamp')
    return timestampForm.test(source)
      ? text
      : { kind: 'fault', message: `${JSON.stringify(source)} is no !!timestamp.` }
  const allowed = kinds[name]
  if (allowed === undefined) return text
  const resolved = resolvePlain(source)
  if (!allowed.includes(resolved.kind))
    return { kind: 'fault', message: `${JSON.stringify(source)} is no !!${name}, which its tag says.` }
  return name === 'float' && resolved.kind === 'int' ? { kind: 'float', value: Number(resolved.value) } : resolved
}

const unprintable = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u

/** Where a file has a character that YAML does not allow in it. */
export function controlCharacterAt(fileText: string): number | undefined {
  const found = unprintable.exec(fileText)
  return found?.index
}

/** The first escape of a double-quoted text that Go's decoder does not know: half a pair, beyond Unicode, `\/`. */
export function badEscape(quoted: string): string | undefined {
  for (const [written, character, hexadecimal] of quoted.matchAll(
    /\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|[\s\S])/g,
  )) {
    const code = Number.parseInt(character ?? hexadecimal ?? '0', 16)
    if (written === '\\/' || (code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) return written
  }
  return undefined
}
