import type { WildcardPart, WildcardPattern } from './predicate.ts'

/** A pattern of parts, with neighbouring texts joined and a row of `any` made one. */
export function wildcardOf(parts: Iterable<WildcardPart>): WildcardPattern {
  const pattern: WildcardPart[] = []
  for (const part of parts) {
    const last = pattern.at(-1)
    if (typeof part === 'object' && typeof last === 'object')
      pattern[pattern.length - 1] = { text: last.text + part.text }
    else if (!(part === 'any' && last === 'any') && !(typeof part === 'object' && part.text === '')) pattern.push(part)
  }
  return pattern
}

/** `*`, `?` and a backslash before what is meant as it stands. */
export function parseWildcard(source: string): WildcardPattern {
  const parts: WildcardPart[] = []
  for (let i = 0; i < source.length; i++) {
    const char = source[i] as string
    if (char === '*') parts.push('any')
    else if (char === '?') parts.push('one')
    else if (char === '\\' && i + 1 < source.length) parts.push({ text: source[++i] as string })
    else parts.push({ text: char })
  }
  return wildcardOf(parts)
}

export const mapWildcard = (pattern: WildcardPattern, change: (text: string) => string): WildcardPattern =>
  pattern.map((part) => (typeof part === 'object' ? { text: change(part.text) } : part))

/** Written with `*` and `?`, as Lucene prints it. */
export const printWildcard = (pattern: WildcardPattern): string =>
  pattern.map((part) => (part === 'any' ? '*' : part === 'one' ? '?' : part.text)).join('')

/** All of a text must match. Looks at each text part once for each place it may stand: no more than length × parts steps. */
export function compileWildcard(pattern: WildcardPattern): (text: string) => boolean {
  const steps = pattern.flatMap<string>((part) =>
    part === 'any' ? ['*'] : part === 'one' ? ['?'] : [...part.text].map((c) => `=${c}`),
  )
  const only = pattern[0]
  if (pattern.length === 1 && typeof only === 'object') return (text) => text === only.text
  if (pattern.length === 1 && only === 'any') return () => true
  if (pattern.length === 2 && typeof only === 'object' && pattern[1] === 'any')
    return (text) => text.startsWith(only.text)
  return (text) => matchSteps(steps, [...text])
}

function matchSteps(steps: readonly string[], chars: readonly string[]): boolean {
  let step = 0
  let at = 0
  let retryStep = -1
  let retryAt = 0
  while (at < chars.length) {
    const wanted = steps[step]
    if (wanted === '*') {
      retryStep = step++
      retryAt = at
    } else if (wanted !== undefined && (wanted === '?' || wanted.slice(1) === chars[at])) {
      step++
      at++
    } else if (retryStep >= 0) {
      // the last star takes one character more
      step = retryStep + 1
      at = ++retryAt
    } else return false
  }
  while (steps[step] === '*') step++
  return step === steps.length
}
