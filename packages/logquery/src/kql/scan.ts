// The smallest pieces of KQL: words with escapes, quotes, blanks and keywords.
import { type KqlName, wildcardSign } from './ast.ts'

const blank = /[ \t\r\n]/
const special = /[\\():<>"*{}]/
const keywordAt = /[ \t\r\n]+(?:or|and)[ \t\r\n]+|not[ \t\r\n]+/iy
const escapeAt = /\\(?:([trn])|u([0-9a-fA-F]{4})|([\\():<>"*{}])|([oO][rR]|[aA][nN][dD]|[nN][oO][tT]))/y
const quotedEscapeAt = /\\(?:([trn])|u([0-9a-fA-F]{4})|([\\"]))/y
const controls: Readonly<Record<string, string>> = { t: '\t', r: '\r', n: '\n' }

/** A piece and the place behind it. */
export interface Scanned<T> {
  readonly value: T
  readonly end: number
}

export function skipBlanks(text: string, at: number): number {
  let end = at
  while (end < text.length && blank.test(text[end] as string)) end++
  return end
}

/** Behind `or` or `and` with blanks on both sides. */
export function keywordEnd(text: string, at: number, word: 'or' | 'and'): number | undefined {
  const start = skipBlanks(text, at)
  if (start === at || text.slice(start, start + word.length).toLowerCase() !== word) return undefined
  const end = skipBlanks(text, start + word.length)
  return end === start + word.length ? undefined : end
}

/** Behind `not` and the blanks after it. */
export function notEnd(text: string, at: number): number | undefined {
  if (text.slice(at, at + 3).toLowerCase() !== 'not') return undefined
  const end = skipBlanks(text, at + 3)
  return end === at + 3 ? undefined : end
}

/** A text between quotes; undefined where none begins here or it is not closed. */
export function scanQuoted(text: string, at: number): Scanned<string> | undefined {
  if (text[at] !== '"') return undefined
  let value = ''
  for (let i = at + 1; i < text.length; ) {
    if (text[i] === '"') return { value, end: i + 1 }
    const one = escaped(quotedEscapeAt, text, i)
    value += one?.value ?? (text[i] as string)
    i = one?.end ?? i + 1
  }
  return undefined
}

function escaped(rule: RegExp, text: string, at: number): Scanned<string> | undefined {
  if (text[at] !== '\\') return undefined
  rule.lastIndex = at
  const match = rule.exec(text)
  if (match === null) return undefined
  const [whole, control, code, char, word] = match
  const isControl = control !== undefined && controls[control] !== undefined
  const value = isControl
    ? controls[control]
    : code === undefined
      ? (char ?? word)
      : String.fromCharCode(Number.parseInt(code, 16))
  return value === undefined ? undefined : { value, end: at + whole.length }
}

/** A word or several up to a sign or keyword, blanks around it taken away; numbers, `true`, `false` and `null` as themselves. */
export function scanUnquoted(text: string, at: number): Scanned<KqlName> | undefined {
  let value = ''
  let hasWildcard = false
  let i = at
  while (i < text.length) {
    const one = escaped(escapeAt, text, i)
    if (one !== undefined) {
      value += one.value
      i = one.end
    } else if (text[i] === '*') {
      value += wildcardSign
      hasWildcard = true
      i++
    } else {
      if (special.test(text[i] as string) || isKeyword(text, i)) break
      const char = String.fromCodePoint(text.codePointAt(i) as number)
      value += char
      i += char.length
    }
  }
  if (i === at) return undefined
  const trimmed = value.trim()
  return {
    value: hasWildcard ? { type: 'wildcard', value: trimmed } : { type: 'literal', value: typed(trimmed) },
    end: i,
  }
}

function isKeyword(text: string, at: number): boolean {
  // most characters begin none
  const char = text[at] as string
  if (char !== 'n' && char !== 'N' && !blank.test(char)) return false
  keywordAt.lastIndex = at
  return keywordAt.test(text)
}

function typed(text: string): string | number | boolean | null {
  if (text === 'null') return null
  if (text === 'true') return true
  if (text === 'false') return false
  const number = Number(text)
  // what only JavaScript takes for a number (0x10, Infinity), and an id of twenty digits, stays the text it is
  return text !== '' && !Number.isNaN(number) && (String(number) === text || isPlainNumber(text)) ? number : text
}

const isPlainNumber = (text: string): boolean => /^-?\d{1,15}(?:\.\d+)?$/.test(text)
