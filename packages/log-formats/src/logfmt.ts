// logfmt: `level=info msg="hello world" took=12ms retried`.
import { recordOfFields } from './fields-record.ts'
import type { ParsedLog } from './parsed-log.ts'

/** More pairs than a person writes; the rest of such a line is left alone. */
const maxPairs = 1000

const isBlank = (code: number): boolean => code <= 32

/** The pairs of a line, in order; a word without a value is `true`, as Loki's parser has it. A quoted value may hold Go's escapes. */
export function logfmtPairs(line: string): (readonly [name: string, value: string | true])[] {
  const pairs: (readonly [string, string | true])[] = []
  let at = 0
  while (at < line.length && pairs.length < maxPairs) {
    while (at < line.length && isBlank(line.charCodeAt(at))) at++
    const start = at
    while (at < line.length && line[at] !== '=' && !isBlank(line.charCodeAt(at))) at++
    const name = line.slice(start, at)
    if (line[at] !== '=') {
      if (name !== '') pairs.push([name, true])
      continue
    }
    at++
    const value = line[at] === '"' ? quotedEnd(line, at) : wordEnd(line, at)
    if (name !== '') pairs.push([name, line[at] === '"' ? unquoted(line.slice(at, value)) : line.slice(at, value)])
    at = value
  }
  return pairs
}

function wordEnd(line: string, from: number): number {
  let at = from
  while (at < line.length && !isBlank(line.charCodeAt(at))) at++
  return at
}

/** Behind the closing quote; a quote that is never closed ends with the line. */
function quotedEnd(line: string, from: number): number {
  let at = from + 1
  while (at < line.length && line[at] !== '"') at += line[at] === '\\' ? 2 : 1
  return Math.min(at + 1, line.length)
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' }

function unquoted(text: string): string {
  const inner = text.slice(1, text.length > 1 && text.endsWith('"') ? -1 : undefined)
  if (!inner.includes('\\')) return inner
  return inner.replace(/\\(?:u([0-9a-fA-F]{4})|([\s\S]))/g, (_, hex: string | undefined, letter: string | undefined) =>
    hex === undefined
      ? (escapes[letter as string] ?? (letter as string))
      : String.fromCharCode(Number.parseInt(hex, 16)),
  )
}

/** undefined for a line that is none: without a single pair, or one that begins with words. */
export function parseLogfmt(line: string): ParsedLog | undefined {
  if (!/^\s*[^\s="]+=/.test(line)) return undefined
  return recordOfFields(logfmtPairs(line), line)
}
