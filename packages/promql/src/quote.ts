// Go's quoting (strconv.Quote, Unquote) as PromQL's lexer, printer and messages use it.
//
// A Go string may hold bytes that are not UTF-8 ("\xff"), a JavaScript string may not. Such a byte becomes the lone surrogate
// U+DC00 + byte, so that two texts stay different where their bytes are, `isWellFormed()` tells them from valid ones, and quoting gives the byte back.

const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u
const plain = /^[\x20-\x21\x23-\x5b\x5d-\x7e]*$/
const short = new Map([
  [0x07, '\\a'],
  [0x08, '\\b'],
  [0x0c, '\\f'],
  [0x0a, '\\n'],
  [0x0d, '\\r'],
  [0x09, '\\t'],
  [0x0b, '\\v'],
  [0x5c, '\\\\'],
])

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0')

function escapeRune(rune: string, quote: string): string {
  const code = rune.codePointAt(0) ?? 0
  if (rune === quote) return `\\${quote}`
  const known = short.get(code)
  if (known !== undefined) return known
  if (code >= 0xdc80 && code <= 0xdcff) return `\\x${hex(code - 0xdc00, 2)}`
  // another lone surrogate is no text at all; Go shows the replacement character
  if (code >= 0xd800 && code <= 0xdfff) return '\ufffd'
  if (printable.test(rune)) return rune
  if (code < 0x20 || code === 0x7f) return `\\x${hex(code, 2)}`
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`
}

/** A text in double quotes, escaped as Go's `%q` does. */
export function goQuote(text: string): string {
  if (plain.test(text)) return `"${text}"`
  let inner = ''
  for (const rune of text) inner += escapeRune(rune, '"')
  return `"${inner}"`
}

/** One character in single quotes, as Go's `%q` prints a rune. An empty text is the end of input. */
export function goQuoteRune(rune: string): string {
  return rune === '' ? "'\ufffd'" : `'${escapeRune(rune, "'")}'`
}

/** One character as Go's `%#U` prints it: `U+0063 'c'`. */
export function goUnicode(rune: string): string {
  const code = hex(rune.codePointAt(0) ?? 0xfffd, 4).toUpperCase()
  return printable.test(rune) ? `U+${code} '${rune}'` : `U+${code}`
}

/** Bytes as text; those that are not UTF-8 as lone surrogates (see the head of this file). */
function decodeBytes(bytes: readonly number[]): string {
  let text = ''
  for (let i = 0; i < bytes.length; ) {
    const length = sequenceLength(bytes, i)
    if (length === 0) text += String.fromCharCode(0xdc00 + (bytes[i++] ?? 0))
    else {
      text += decoder.decode(Uint8Array.from(bytes.slice(i, i + length)))
      i += length
    }
  }
  return text
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const encoder = new TextEncoder()

/** Length of the valid UTF-8 sequence at the index, or 0. */
function sequenceLength(bytes: readonly number[], index: number): number {
  const first = bytes[index] ?? 0
  const length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0
  if (length <= 1) return length
  try {
    decoder.decode(Uint8Array.from(bytes.slice(index, index + length)))
    return index + length <= bytes.length ? length : 0
  } catch {
    // not a valid sequence: the caller keeps the single byte
    return 0
  }
}

const simpleEscapes: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  '\\': 92,
  "'": 39,
  '"': 34,
}
const escapePattern = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))|[^\\]+/gsu

/** The value of a quoted string that the lexer has found well-formed (single, double or back quotes). */
export function goUnquote(quoted: string): string {
  const inner = quoted.slice(1, -1)
  if (quoted[0] === '`' || !inner.includes('\\')) return inner
  let text = ''
  // bytes written one by one, which may only together be a character
  let bytes: number[] = []
  for (const [whole, byte, short4, long8, octal, simple] of inner.matchAll(escapePattern)) {
    const raw = byte !== undefined ? Number.parseInt(byte, 16) : octal !== undefined ? Number.parseInt(octal, 8) : -1
    if (raw >= 0) {
      bytes.push(raw)
      continue
    }
    const rune = short4 ?? long8
    const part =
      rune !== undefined
        ? String.fromCodePoint(Number.parseInt(rune, 16))
        : simple !== undefined
          ? String.fromCharCode(simpleEscapes[simple] ?? 0xfffd)
          : whole
    if (bytes.length === 0) text += part
    else {
      text += decodeBytes([...bytes, ...encoder.encode(part)])
      bytes = []
    }
  }
  return text + decodeBytes(bytes)
}
