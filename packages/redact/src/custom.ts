// The user's own expressions, in RE2's syntax: linear whatever they say.
import { AppError } from '@tidewatch/core/error.ts'
import { RE2JS } from 're2js'
import type { ExtraPattern } from './kinds.ts'
import type { Span } from './spans.ts'

export interface CustomPattern {
  readonly contains: readonly string[]
  readonly expression: RE2JS
}

/** Throws an AppError for a bad expression, for one that matches an empty text, and for `contains` that cannot be looked for. */
export function compileCustom({ name, pattern, contains = [] }: ExtraPattern): CustomPattern {
  const short = contains.find((text) => !/^[\x20-\x7e]{3,100}$/.test(text) || /["\\]/.test(text))
  if (short !== undefined) {
    throw invalid(`redaction pattern ${name}: "${short.slice(0, 60)}" cannot be looked for`, {
      fix: 'Write 3 to 100 signs of ASCII without quote and backslash, or leave `contains` out.',
    })
  }
  let expression: RE2JS
  try {
    expression = RE2JS.compile(pattern)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw invalid(`redaction pattern ${name}: ${reason}`, { fix: "Write it in RE2's syntax.", cause: error })
  }
  if (expression.matcher('').find()) {
    throw invalid(`redaction pattern ${name} matches an empty text`, {
      fix: 'Write what has to be there, e.g. x+ for x*.',
    })
  }
  return { contains, expression }
}

const invalid = (message: string, detail: { fix: string; cause?: unknown }): AppError =>
  new AppError('config.invalid', message, detail)

export function customSpans(text: string, patterns: readonly CustomPattern[]): readonly Span[] {
  const spans: Span[] = []
  for (const { expression, contains } of patterns) {
    const lower = contains.length === 0 ? '' : text.toLowerCase()
    if (contains.length > 0 && !contains.some((needle) => lower.includes(needle.toLowerCase()))) continue
    const matcher = expression.matcher(text)
    while (matcher.find())
      if (matcher.end() > matcher.start()) spans.push({ start: matcher.start(), end: matcher.end(), kind: 'custom' })
  }
  return spans
}
