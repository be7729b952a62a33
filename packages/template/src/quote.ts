// Quoted texts of Go: reading them (strconv.Unquote) and writing them (`%q`).

const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u
const shortEscapes = new Map([
  ['\x07', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
  ['\\', '\\\\'],
])

export const isPrintable = (rune: string): boolean => printable.test(rune)

function quoteRune(rune: string, quote: string, onlyAscii: boolean): string {
  if (rune === quote) return `\\${quote}`
  const short = shortEscapes.get(rune)
  if (short !== undefined) return short
  const code = rune.codePointAt(0) ?? 0
  if (isPrintable(rune) && (!onlyAscii || code < 0x7f)) return rune
  if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, '0')}`
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\U${code.toString(16).padStart(8, '0')}`
}

/** In the given quotes, escaped as Go does. */
export function quote(text: string, mark: '"' | "'" = '"', onlyAscii = false): string {
  let inner = ''
  for (const rune of text) inner += quoteRune(rune, mark, onlyAscii)
  return mark + inner + mark
}

const values: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
}
const utf8 = new TextEncoder()
const utf8Decoder = new TextDecoder()

/** The text in a quoted constant (double or back quotes, or a character in single ones); undefined where it is malformed. */
export function unquote(quoted: string): string | undefined {
  if (quoted[0] === '`') return quoted.slice(1, -1).replaceAll('\r', '')
  const bytes = unquoteBytes(quoted)
  return bytes === undefined ? undefined : utf8Decoder.decode(bytes)
}

/** The bytes that a constant in double or single quotes stands for, which need not be UTF-8; undefined where it is malformed. */
export function unquoteBytes(quoted: string): Uint8Array | undefined {
  const mark = quoted[0]
  const bytes: number[] = []
  let at = 1
  while (at < quoted.length - 1) {
    const part = unquotePart(quoted, at, mark ?? '')
    if (part === undefined) return undefined
    bytes.push(...(typeof part.value === 'number' ? [part.value] : utf8.encode(part.value)))
    at = part.end
  }
  return Uint8Array.from(bytes)
}

interface Part {
  /** A character, or one byte. */
  readonly value: string | number
  readonly end: number
}

function unquotePart(text: string, at: number, mark: string): Part | undefined {
  const rune = String.fromCodePoint(text.codePointAt(at) ?? 0)
  if (rune === mark || rune === '\n') return undefined
  if (rune !== '\\') return { value: rune, end: at + rune.length }
  const kind = text[at + 1] ?? ''
  const known = kind === mark ? mark : values[kind]
  if (known !== undefined) return { value: known, end: at + 2 }
  const [pattern, base, skip] =
    kind === 'x'
      ? ([/^[0-9a-fA-F]{2}/, 16, 2] as const)
      : kind === 'u'
        ? ([/^[0-9a-fA-F]{4}/, 16, 2] as const)
        : kind === 'U'
          ? ([/^[0-9a-fA-F]{8}/, 16, 2] as const)
          : ([/^[0-3][0-7]{2}/, 8, 1] as const)
  const digits = pattern.exec(text.slice(at + skip))?.[0]
  if (digits === undefined) return undefined
  const code = Number.parseInt(digits, base)
  const end = at + skip + digits.length
  if (kind !== 'u' && kind !== 'U') return { value: code, end }
  return code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? undefined : { value: String.fromCodePoint(code), end }
}
