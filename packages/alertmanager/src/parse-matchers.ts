// The text of matchers, as routes, inhibition rules, silences and amtool write it.
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import type { MatchOp } from '@tidewatch/core/matcher.ts'
import { createMatcher } from './matcher.ts'
import { MatcherParser } from './matcher-parser.ts'
import type { LabelMatcher, MatcherMode } from './port.ts'

/** Characters. A matcher is a line of a configuration or of a command. */
const maxLength = 100_000

/** A list of matchers, in braces or not: `severity="critical",team!=db`. Throws `alerts.bad_matcher`. */
export function parseMatchers(text: string, mode: MatcherMode): LabelMatcher[] {
  checkLength(text)
  if (mode === 'classic') return classicMatchers(text)
  if (mode === 'utf8') return new MatcherParser(text).parse()
  return fallback(
    () => new MatcherParser(text).parse(),
    () => classicMatchers(text),
  )
}

/** Exactly one matcher, without braces. Throws `alerts.bad_matcher`. */
export function parseMatcher(text: string, mode: MatcherMode): LabelMatcher {
  checkLength(text)
  if (mode === 'classic') return classicMatcher(text)
  if (text.startsWith('{') || text.endsWith('}'))
    throw bad(`${quoteValue(text)} has a brace, and one matcher stands without.`)
  const parse = (): LabelMatcher[] => [exactlyOne(new MatcherParser(text).parse())]
  const [matcher] = mode === 'utf8' ? parse() : fallback(parse, () => [classicMatcher(text)])
  return matcher as LabelMatcher
}

function checkLength(text: string): void {
  if (text.length > maxLength) throw bad(`this text of matchers is longer than ${maxLength} characters.`)
}

const bad = (message: string): AppError => new AppError('alerts.bad_matcher', message)

function exactlyOne(matchers: LabelMatcher[]): LabelMatcher {
  if (matchers.length !== 1) throw bad(`one matcher is expected here, and ${matchers.length} were found.`)
  return matchers[0] as LabelMatcher
}

/** What only the older form understands, or understands otherwise, keeps its older meaning; a fault of both is told in the older form's words. */
function fallback(parse: () => LabelMatcher[], parseClassic: () => LabelMatcher[]): LabelMatcher[] {
  const newer = attempt(parse)
  const classic = attempt(parseClassic)
  if (!('error' in classic))
    return 'error' in newer || !areSame(newer.value, classic.value) ? classic.value : newer.value
  if ('error' in newer) throw classic.error
  return newer.value
}

function attempt<T>(work: () => T): { readonly value: T } | { readonly error: AppError } {
  try {
    return { value: work() }
  } catch (error) {
    if (error instanceof AppError) return { error }
    throw error
  }
}

const areSame = (a: readonly LabelMatcher[], b: readonly LabelMatcher[]): boolean =>
  a.length === b.length &&
  a.every(({ name, op, value }, i) => name === b[i]?.name && op === b[i].op && value === b[i].value)

/** One or no brace at either end, commas outside of quotes between, one at the end allowed. */
function classicMatchers(text: string): LabelMatcher[] {
  const inner = text.replace(/^\{/, '').replace(/\}$/, '')
  const parts: string[] = []
  let isQuoted = false
  let isEscaped = false
  let start = 0
  for (let i = 0; i < inner.length; i++) {
    const char = inner[i]
    if (char === ',' && !isQuoted) {
      parts.push(inner.slice(start, i))
      start = i + 1
    } else if (char === '"') {
      if (!isEscaped) isQuoted = !isQuoted
      isEscaped = false
      // a comma in quotes leaves an escape before it in force, as in Alertmanager's own reader
    } else if (char === '\\') isEscaped = !isEscaped
    else if (char !== ',') isEscaped = false
  }
  const last = inner.slice(start).trim()
  if (last !== '') parts.push(last)
  return parts.map(classicMatcher)
}

const classicForm = /^[\t\n\f\r ]*([a-zA-Z_:][a-zA-Z0-9_:]*)[\t\n\f\r ]*(=~|=|!=|!~)[\t\n\f\r ]*([\s\S]*?)[\t\n\f\r ]*$/

function classicMatcher(text: string): LabelMatcher {
  const match = classicForm.exec(text)
  if (match === null)
    throw new AppError('alerts.bad_matcher', `${quoteValue(text)} is not a matcher.`, {
      fix: 'Write a label name, one of = != =~ !~, and a value.',
    })
  const [, name, op, written] = match as unknown as [string, string, MatchOp, string]
  return createMatcher(name, op, classicValue(written))
}

/** OpenMetrics' escapes; a backslash before anything else is itself. Quotes stand at both ends or nowhere. */
function classicValue(written: string): string {
  const isQuoted = written.startsWith('"')
  const raw = isQuoted ? written.slice(1) : written
  if (!raw.isWellFormed()) throw bad(`${quoteValue(written)} is not UTF-8 text.`)
  let value = ''
  let isClosed = !isQuoted
  for (let i = 0; i < raw.length; i++) {
    const char = raw[i] as string
    const isLast = i === raw.length - 1
    if (char === '\\' && !isLast) {
      const next = raw[++i] as string
      value += next === 'n' ? '\n' : next === '"' || next === '\\' ? next : `\\${next}`
    } else if (char !== '"') value += char
    else if (isClosed || !isLast) throw unescapedQuote(written)
    else isClosed = true
  }
  if (!isClosed) throw unescapedQuote(written)
  return value
}

const unescapedQuote = (written: string): AppError =>
  new AppError('alerts.bad_matcher', `${quoteValue(written)} has a double quote inside.`, {
    fix: 'Write a backslash before it, or take it out.',
  })
