// Patterns of lines, `<ip> - - [<_>] "<method> <path>"`: texts and captures in turn, matched without expressions.

import type { WildcardPart } from '../predicate.ts'

type Part = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'capture'; readonly name: string }

const capturePattern = /<([a-zA-Z_][a-zA-Z0-9_]*)>/g

function partsOf(pattern: string): Part[] {
  const parts: Part[] = []
  let at = 0
  for (const match of pattern.matchAll(capturePattern)) {
    if (match.index > at) parts.push({ kind: 'text', text: pattern.slice(at, match.index) })
    parts.push({ kind: 'capture', name: match[1] })
    at = match.index + match[0].length
  }
  if (at < pattern.length) parts.push({ kind: 'text', text: pattern.slice(at) })
  return parts
}

const hasNeighbours = (parts: readonly Part[]): boolean =>
  parts.some(({ kind }, i) => kind === 'capture' && parts[i + 1]?.kind === 'capture')

export interface PatternParser {
  /** Calls with each capture that has a name. Without the text before the first capture there is none; a capture whose end is missing takes the rest. */
  parse(line: string, visit: (name: string, value: string) => void): void
}

/** The parser of `| pattern`, or what is wrong with the pattern. */
export function compilePatternParser(pattern: string): PatternParser | { readonly fault: string } {
  const parts = partsOf(pattern)
  const names = parts.flatMap((part) => (part.kind === 'capture' && part.name !== '_' ? [part.name] : []))
  if (names.length === 0) return { fault: 'at least one capture is required' }
  if (hasNeighbours(parts)) return { fault: 'there must be a text between two captures' }
  if (new Set(names).size < names.length) return { fault: 'a capture is there twice' }
  const [head] = parts
  const prefix = head?.kind === 'text' ? head.text : ''
  const rest = prefix === '' ? parts : parts.slice(1)
  return {
    parse(line, visit) {
      if (line === '' || !line.startsWith(prefix)) return
      let at = prefix.length
      for (let i = 0; i < rest.length; i += 2) {
        const capture = rest[i]
        const behind = rest[i + 1]
        const text = behind?.kind === 'text' ? behind.text : undefined
        const end = text === undefined ? -1 : line.indexOf(text, at)
        if (capture.kind === 'capture' && capture.name !== '_')
          visit(capture.name, line.slice(at, end < 0 ? undefined : end))
        if (end < 0 || text === undefined) return
        at = end + text.length
      }
    },
  }
}

/**
 * The test of `|>`: the line must begin and end as the pattern does and have its texts in order; `<_>` stands for anything. Or what is wrong.
 */
export function compilePatternTest(pattern: string): ((line: string) => boolean) | { readonly fault: string } {
  if (pattern === '') return (line) => line === ''
  const parts = partsOf(pattern)
  if (parts.some((part) => part.kind === 'capture' && part.name !== '_')) {
    return { fault: 'a pattern that filters has no captures with names: write <_>' }
  }
  if (hasNeighbours(parts)) return { fault: 'there must be a text between two captures' }
  const texts = parts.flatMap((part) => (part.kind === 'text' ? [part.text] : []))
  const isOpenStart = parts[0]?.kind === 'capture'
  const isOpenEnd = parts.at(-1)?.kind === 'capture'
  return (line) => matchesInOrder(line, texts, isOpenStart, isOpenEnd)
}

function matchesInOrder(line: string, texts: readonly string[], isOpenStart: boolean, isOpenEnd: boolean): boolean {
  let at = 0
  let last = texts.length
  let end = line.length
  const tail = texts.at(-1)
  if (texts.length === 1 && !isOpenStart && !isOpenEnd) return line === texts[0]
  if (!isOpenEnd && tail !== undefined) {
    if (!line.endsWith(tail)) return false
    last--
    end -= tail.length
  }
  for (let i = 0; i < last; i++) {
    const found = i === 0 && !isOpenStart ? (line.startsWith(texts[0]) ? 0 : -1) : line.indexOf(texts[i], at)
    if (found < 0 || found + texts[i].length > end) return false
    at = found + texts[i].length
  }
  return at <= end
}

/** A pattern of `|>` as a wildcard for the whole line. */
export const wildcardOf = (pattern: string): readonly WildcardPart[] =>
  partsOf(pattern).map((part) => (part.kind === 'text' ? { text: part.text } : 'any'))
