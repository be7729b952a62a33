// `%{NAME:field:type}` replaced by what the pattern says, over and over, until an expression of Ruby's is left.
import { AppError } from '@tidewatch/core/error.ts'

/** What a group of the expanded expression sets. */
export interface CaptureTarget {
  readonly field: string
  readonly convert: 'int' | 'float' | undefined
}

export interface ExpandedExpression {
  readonly source: string
  /** By the name that the group has in the source. */
  readonly targets: ReadonlyMap<string, CaptureTarget>
}

export interface ExpandOptions {
  readonly patterns: ReadonlyMap<string, string>
  readonly namedCapturesOnly: boolean
}

/** The standard set's largest expression has 60,000 characters. */
const maxLength = 500_000
const maxDepth = 100

/** A reference: name, field and type; a definition in place may hold balanced braces. */
const reference =
  /%\{([A-Za-z0-9_[\]\\^`-]+)(?::([@[\]A-Za-z0-9_:.\\^`-]+))?(?:=((?:[^{}\\]|\\.|\{(?:[^{}\\]|\\.|\{[^{}]*\})*\})+))?[^}]*\}/g

/** Throws AppError `config.invalid` for a pattern that is not defined, stands in itself or grows too large. */
export function expandExpression(expression: string, options: ExpandOptions): ExpandedExpression {
  const targets = new Map<string, CaptureTarget>()
  const inPlace = new Map<string, string>()
  let length = 0
  const source = expand(expression, [])
  return { source, targets }

  function expand(text: string, within: readonly string[]): string {
    if (within.length > maxDepth) throw fault(`patterns stand in one another more than ${maxDepth} deep`, expression)
    length += text.length
    if (length > maxLength)
      throw fault(`it has more than ${maxLength} characters once its patterns are put in`, expression)
    return text.replace(reference, (whole, name: string, field: string | undefined, definition: string | undefined) => {
      if (definition !== undefined) inPlace.set(name, definition)
      const pattern = inPlace.get(name) ?? options.patterns.get(name)
      if (pattern === undefined) throw undefinedPattern(whole, name, expression)
      if (within.includes(name))
        throw fault(`the pattern ${name} stands in itself: ${[...within, name].join(' → ')}`, expression)
      const body = expand(pattern, [...within, name])
      const target = field === undefined ? unnamed(name) : named(field)
      if (target === undefined) return `(?:${body})`
      // the name that Logstash gives the group: the order of fields goes by it
      const groupName = field === undefined ? name : `${name}:${field}`
      targets.set(groupName, target)
      return `(?<${groupName}>${body})`
    })
  }

  function unnamed(name: string): CaptureTarget | undefined {
    return options.namedCapturesOnly ? undefined : { field: name, convert: undefined }
  }
}

/** `field:int`, `field:float`; another type is none. */
function named(written: string): CaptureTarget {
  const [field = written, type] = written.split(':')
  return { field, convert: type === 'int' || type === 'float' ? type : undefined }
}

const shortened = (text: string): string => (text.length > 200 ? `${text.slice(0, 200)}…` : text)

function fault(what: string, expression: string): AppError {
  return new AppError('config.invalid', `The grok expression ${JSON.stringify(shortened(expression))}: ${what}`)
}

function undefinedPattern(whole: string, name: string, expression: string): AppError {
  const at = Math.max(0, expression.indexOf(whole))
  return new AppError(
    'config.invalid',
    `The grok expression ${JSON.stringify(shortened(expression))}: pattern ${shortened(whole)} not defined`,
    {
      where: { span: { start: at, end: at + whole.length } },
      fix: `Define ${name} in pattern_definitions or in a file of patterns_dir, or correct the name.`,
    },
  )
}
