// Letters changed one for one, by Unicode's simple mappings, as Go's strings package does it and Prometheus with it.
// JavaScript's own methods map one letter to several (ß to SS) and look at a letter's neighbours (Σ at a word's end).

/** Greek letters with iota beneath: JavaScript writes the iota out, the simple mapping keeps one letter. */
const withIota: readonly (readonly [from: number, to: number, offset: number])[] = [
  [0x1f80, 0x1f87, 8],
  [0x1f90, 0x1f97, 8],
  [0x1fa0, 0x1fa7, 8],
  [0x1fb3, 0x1fb3, 9],
  [0x1fc3, 0x1fc3, 9],
  [0x1ff3, 0x1ff3, 9],
]

const isOne = (letters: string): boolean => letters.length === ((letters.codePointAt(0) ?? 0) > 0xffff ? 2 : 1)

function upperLetter(letter: string): string {
  const upper = letter.toUpperCase()
  if (isOne(upper)) return upper
  const code = letter.codePointAt(0) ?? 0
  const range = withIota.find(([from, to]) => code >= from && code <= to)
  return range === undefined ? letter : String.fromCodePoint(code + range[2])
}

// the one letter of which JavaScript makes two: I with a dot
const lowerLetter = (letter: string): string => (letter === '\u0130' ? 'i' : letter.toLowerCase())

const isPlain = (text: string): boolean => /^[ -~]*$/.test(text)

export function toUpperSimple(text: string): string {
  if (isPlain(text)) return text.toUpperCase()
  let upper = ''
  for (const letter of text) upper += upperLetter(letter)
  return upper
}

export function toLowerSimple(text: string): string {
  if (isPlain(text)) return text.toLowerCase()
  let lower = ''
  for (const letter of text) lower += lowerLetter(letter)
  return lower
}

/** Letters of ASCII alone, as ClickHouse's `lower` has it. */
export const toLowerAscii = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
