// One condition on a label as Alertmanager has it: made, compared, printed, written as JSON.
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import { compareUtf8, type Labels } from '@tidewatch/core/labels.ts'
import type { MatchOp } from '@tidewatch/core/matcher.ts'
import { compileAlertRegex, type ValueTest } from '@tidewatch/core/regexp.ts'
import { quote } from '@tidewatch/template/quote.ts'
import type { ApiMatcher, LabelMatcher } from './port.ts'

class CompiledMatcher implements LabelMatcher {
  readonly name: string
  readonly op: MatchOp
  readonly value: string
  readonly matches: ValueTest

  constructor(name: string, op: MatchOp, value: string) {
    this.name = name
    this.op = op
    this.value = value
    this.matches = compile(op, value)
  }
}

function compile(op: MatchOp, value: string): ValueTest {
  switch (op) {
    case '=':
      return (text) => text === value
    case '!=':
      return (text) => text !== value
    case '=~':
      return remembering(compileAlertRegex(value))
    case '!~': {
      const test = remembering(compileAlertRegex(value))
      return (text) => !test(text)
    }
    default:
      // stored or posted by something that knows other operators
      throw new AppError('alerts.bad_matcher', `${quoteValue(op satisfies never)} is no operator of matchers.`)
  }
}

/** Values whose answer an expression keeps. */
const maxRemembered = 500
const maxRememberedLength = 200

/** Alerts have few different values of a label, and each is asked about at every pass: the engine takes a microsecond and more, a map much less. */
function remembering(test: ValueTest): ValueTest {
  const known = new Map<string, boolean>()
  return (text) => {
    let answer = known.get(text)
    if (answer !== undefined) return answer
    answer = test(text)
    if (known.size >= maxRemembered) known.clear()
    if (text.length <= maxRememberedLength) known.set(text, answer)
    return answer
  }
}

/** Throws `alerts.bad_matcher` with RE2's words for an expression that is none. */
export function createMatcher(name: string, op: MatchOp, value: string): LabelMatcher {
  try {
    return new CompiledMatcher(name, op, value)
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new AppError('alerts.bad_matcher', `${quoteValue(value)} is not an RE2 expression: ${reason}.`, { cause })
  }
}

/** Whether all match; none at all match everything. */
export function matchesLabels(matchers: readonly LabelMatcher[], labels: Labels): boolean {
  for (const matcher of matchers) if (!matcher.matches(labels.get(matcher.name))) return false
  return true
}

const ops: readonly MatchOp[] = ['=', '!=', '=~', '!~']

/** The order in which Alertmanager keeps the matchers of a route: by name, value, operator. */
export function compareMatchers(a: LabelMatcher, b: LabelMatcher): number {
  return compareUtf8(a.name, b.name) || compareUtf8(a.value, b.value) || ops.indexOf(a.op) - ops.indexOf(b.op)
}

/** Go's unicode.IsSpace and the signs that mean something in a matcher: what has one of them stands in quotes. */
const reservedSigns = /[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000{}!=~,\\"'`]/

export const isReserved = (character: string): boolean => reservedSigns.test(character)

/** `severity=~"critical|page"`; a name that needs it stands in quotes. */
export function formatMatcher({ name, op, value }: LabelMatcher): string {
  if (isReserved(name)) return `${quote(name)}${op}${quote(value)}`
  const escaped = value.replace(/[\\"\n]/g, (sign) => (sign === '\n' ? '\\n' : `\\${sign}`))
  return `${name}${op}"${escaped}"`
}

/** `{a="1",b!="2"}`. */
export const formatMatchers = (matchers: readonly LabelMatcher[]): string =>
  `{${matchers.map(formatMatcher).join(',')}}`

/** As API v2 has it. */
export function toApiMatcher({ name, op, value }: LabelMatcher): Required<ApiMatcher> {
  return { name, value, isRegex: op === '=~' || op === '!~', isEqual: op === '=' || op === '=~' }
}

/** Throws like `createMatcher`. */
export function fromApiMatcher({ name, value, isRegex, isEqual = true }: ApiMatcher): LabelMatcher {
  if (isRegex) return createMatcher(name, isEqual ? '=~' : '!~', value)
  return createMatcher(name, isEqual ? '=' : '!=', value)
}
