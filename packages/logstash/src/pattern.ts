// Regular expressions in settings and conditions, in Ruby's notation, over texts that strangers send. Short texts and plain expressions go to the
// runtime's own engine, where they cannot take long; the rest to RE2's, whose time grows with the text and no faster. What RE2 does not know
// (looking ahead and behind, back references) is run on short texts only.
import { RE2JS } from 're2js'
import { isHarmless, isNested, toJavaScript, toRe2 } from './pattern-syntax.ts'

/** UTF-16 units of a text that an expression may take time with the square of. */
const maxBacktrackedLength = 4096

export interface PatternMatch {
  readonly start: number
  readonly end: number
  /** The whole match, then the groups. */
  readonly groups: readonly (string | undefined)[]
  readonly names: Readonly<Record<string, string | undefined>>
}

/** A text was too long for an expression that RE2's engine cannot run. */
export class PatternLimit extends Error {}

/** An expression that cannot be run safely, or is none. */
export class BadPattern extends Error {}

export interface Pattern {
  readonly source: string
  test(text: string): boolean
  /** The first match that starts at `from` or behind it. */
  exec(text: string, from?: number): PatternMatch | undefined
}

// all signs of expressions but those that are plain outside of a class
const isLiteral = (source: string): boolean => !/[\\^$.|?*+()[\]{}]/.test(source)

/** Throws BadPattern. */
export function compilePattern(source: string): Pattern {
  if (isLiteral(source)) return literalPattern(source)
  const re2 = compileRe2(source)
  const own = compileOwn(source)
  if (re2 instanceof Error && own instanceof Error)
    throw new BadPattern(`/${source}/ is no regular expression: ${own.message}`)
  if (own instanceof Error) return re2Pattern(source, re2 as RE2JS)
  if (re2 instanceof Error) {
    if (isNested(source))
      throw new BadPattern(`/${source}/ repeats a repetition, which a line could be made to explode`)
    return ownPattern(source, own, undefined)
  }
  return isHarmless(source) ? ownPattern(source, own, re2Pattern(source, re2)) : re2Pattern(source, re2)
}

function compileOwn(source: string): RegExp | Error {
  try {
    return new RegExp(toJavaScript(source), source.includes('\\p{') ? 'gmu' : 'gm')
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

function compileRe2(source: string): RE2JS | Error {
  try {
    return RE2JS.compile(toRe2(source), RE2JS.MULTILINE)
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

function literalPattern(source: string): Pattern {
  return {
    source,
    test: (text) => text.includes(source),
    exec(text, from = 0) {
      const start = text.indexOf(source, from)
      return start < 0 ? undefined : { start, end: start + source.length, groups: [source], names: {} }
    },
  }
}

function ownPattern(source: string, own: RegExp, forLong: Pattern | undefined): Pattern {
  const check = (text: string): void => {
    if (text.length > maxBacktrackedLength)
      throw new PatternLimit(`/${source}/ takes no text longer than ${maxBacktrackedLength} characters`)
  }
  return {
    source,
    test(text) {
      if (text.length > maxBacktrackedLength && forLong !== undefined) return forLong.test(text)
      check(text)
      own.lastIndex = 0
      return own.test(text)
    },
    exec(text, from = 0) {
      if (text.length > maxBacktrackedLength && forLong !== undefined) return forLong.exec(text, from)
      check(text)
      own.lastIndex = from
      const match = own.exec(text)
      if (match === null) return undefined
      return { start: match.index, end: match.index + match[0].length, groups: match, names: match.groups ?? {} }
    },
  }
}

function re2Pattern(source: string, compiled: RE2JS): Pattern {
  const named: Readonly<Record<string, number>> = compiled.namedGroups()
  return {
    source,
    test: (text) => compiled.matcher(text).find(),
    exec(text, from = 0) {
      const matcher = compiled.matcher(text)
      if (from > text.length || !matcher.find(from)) return undefined
      const groups = Array.from({ length: matcher.groupCount() + 1 }, (_, i) => matcher.group(i) ?? undefined)
      const names = Object.fromEntries(Object.entries(named).map(([name, number]) => [name, groups[number]]))
      return { start: matcher.start(), end: matcher.end(), groups, names }
    },
  }
}

/** Every match with `replacement` in its place, where `\1`, `\0` and `\k<name>` are groups, as Ruby's gsub has them. */
export function replaceAll(pattern: Pattern, text: string, replacement: string): string {
  let match = pattern.exec(text)
  if (match === undefined) return text
  const isPlain = !replacement.includes('\\')
  let result = ''
  let end = 0
  while (match !== undefined) {
    result += text.slice(end, match.start) + (isPlain ? replacement : expand(replacement, match))
    end = match.end
    let from = match.end
    if (match.end === match.start) {
      if (from >= text.length) break
      // an empty match: the next is looked for one character on
      from += (text.codePointAt(from) ?? 0) > 0xffff ? 2 : 1
      result += text.slice(end, from)
      end = from
    }
    match = pattern.exec(text, from)
  }
  return result + text.slice(end)
}

function expand(replacement: string, match: PatternMatch): string {
  return replacement.replace(/\\(?:(\d)|k<(\w+)>|(\\))/g, (whole, digit?: string, name?: string, slash?: string) => {
    if (slash !== undefined) return '\\'
    if (digit !== undefined) return match.groups[Number(digit)] ?? ''
    return name !== undefined && name in match.names ? (match.names[name] ?? '') : whole
  })
}
