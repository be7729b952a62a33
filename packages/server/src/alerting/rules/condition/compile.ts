// A condition as PromQL. What two values have in common is said by the rule's `by`; without it every series of the left side stands beside the one
// of the right side.
import { quoteValue } from '@tidewatch/core/error.ts'
import { nearest } from '@tidewatch/core/nearest.ts'
import { parseDurationMs } from '@tidewatch/core/time.ts'
import { type ValueNames, type ValueOptions, windowNames } from '../values/named-values.ts'
import { asOf, grouped, overTime } from '../values/over-time.ts'
import { conditionError } from './lex.ts'
import { type Condition, parseCondition, type Term } from './parse.ts'

export interface ConditionOptions extends ValueOptions {
  readonly values: ValueNames
}

export interface CompiledCondition {
  readonly expr: string
  /** The condition's own window, where it names one. */
  readonly windowMs: number | undefined
  /** The values it is about, by name, in the order in which they stand there. */
  readonly values: ReadonlyMap<string, string>
}

/** Throws `rules.invalid` with the place in the condition. */
export function compileCondition(text: string, options: ConditionOptions): CompiledCondition {
  const { windowMs, rest } = takeWindow(parseCondition(text))
  if (rest === undefined)
    throw conditionError('nothing but a window is said.', 0, 'Add what is compared: count > 5 && time_window == "5m".')
  if (windowMs !== undefined && options.windowMs !== undefined && windowMs !== options.windowMs)
    throw conditionError('the condition and window: name different windows.', 0, 'Leave one of them out.')
  const compiler = new Compiler({ ...options, windowMs: windowMs ?? options.windowMs })
  const expr = compiler.condition(rest)
  return { expr, windowMs: windowMs ?? options.windowMs, values: compiler.used }
}

/** Takes `time_window == "5m"` out of the conditions that are joined by &&. */
function takeWindow(condition: Condition): {
  readonly windowMs: number | undefined
  readonly rest: Condition | undefined
} {
  if (condition.kind === 'and') {
    const left = takeWindow(condition.left)
    const right = takeWindow(condition.right)
    if (left.windowMs !== undefined && right.windowMs !== undefined)
      throw conditionError('the window is said twice.', condition.at, 'Leave one of them out.')
    const windowMs = left.windowMs ?? right.windowMs
    if (left.rest === undefined || right.rest === undefined) return { windowMs, rest: left.rest ?? right.rest }
    return { windowMs, rest: { ...condition, left: left.rest, right: right.rest } }
  }
  if (condition.kind !== 'compare') return { windowMs: undefined, rest: condition }
  const { left, right, op } = condition
  const isWindow = (term: Term): boolean => term.kind === 'name' && windowNames.has(term.name)
  const other = isWindow(left) ? right : isWindow(right) ? left : undefined
  if (other === undefined) return { windowMs: undefined, rest: condition }
  const windowMs = other.kind === 'text' ? parseDurationMs(other.text) : undefined
  if (op !== '==' || windowMs === undefined || windowMs === 0)
    throw conditionError('a window is said by == and a duration.', condition.at, 'Write time_window == "5m".')
  return { windowMs, rest: undefined }
}

interface Side {
  readonly expr: string
  /** Names of the values whose series are in it; none: a plain number. */
  readonly names: ReadonlySet<string>
}

const flipped: Readonly<Record<string, string>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=', '==': '==', '!=': '!=' }
const instantFunctions: ReadonlySet<string> = new Set(['abs', 'ceil', 'floor', 'round', 'sqrt'])
const rangeFunctions: Readonly<Record<string, string>> = {
  ...{ avg: 'avg_over_time', min: 'min_over_time', max: 'max_over_time', sum: 'sum_over_time' },
  ...{ increase: 'increase', rate: 'rate', stddev: 'stddev_over_time' },
}
const functionNames = [...instantFunctions, ...Object.keys(rangeFunctions), 'ago']

class Compiler {
  readonly used = new Map<string, string>()
  readonly #options: ConditionOptions

  constructor(options: ConditionOptions) {
    this.#options = options
  }

  condition(of: Condition): string {
    return this.#condition(of).expr
  }

  #condition(of: Condition): Side {
    if (of.kind === 'compare') return this.#compare(of)
    const left = this.#condition(of.left)
    const right = this.#condition(of.right)
    const names = new Set([...left.names, ...right.names])
    return { expr: `(${left.expr}) ${of.kind}${this.#matching(left, right)} (${right.expr})`, names }
  }

  #compare({ op, left: leftTerm, right: rightTerm, at }: Extract<Condition, { kind: 'compare' }>): Side {
    const left = this.#term(leftTerm)
    const right = this.#term(rightTerm)
    const names = new Set([...left.names, ...right.names])
    if (names.size === 0)
      throw conditionError(
        'no value is named here: this is always so, or never.',
        at,
        'Name a value: error_rate > 0.05.',
      )
    // the alert's value is that of what was measured
    if (left.names.size === 0) return { expr: `${grouped(right.expr)} ${flipped[op]} ${left.expr}`, names }
    return { expr: `${grouped(left.expr)} ${op}${this.#joining(left, right)} ${grouped(right.expr)}`, names }
  }

  #term(term: Term): Side {
    switch (term.kind) {
      case 'number':
        return { expr: String(term.value), names: new Set() }
      case 'text':
        throw conditionError(
          `${quoteValue(term.text)} is text; values are numbers.`,
          term.at,
          'Text stands in time_window == "5m" alone. To choose by a label, give the query a name under values:.',
        )
      case 'name':
        return this.#value(term.name, term.at)
      case 'arithmetic': {
        const left = this.#term(term.left)
        const right = this.#term(term.right)
        const names = new Set([...left.names, ...right.names])
        return { expr: `${grouped(left.expr)} ${term.op}${this.#joining(left, right)} ${grouped(right.expr)}`, names }
      }
      case 'call':
        return this.#call(term)
    }
  }

  #value(name: string, at: number): Side {
    if (windowNames.has(name))
      throw conditionError(`${name} is no value.`, at, 'Write time_window == "5m", joined by && to the rest.')
    const expr = this.#options.values.query(name, this.#options)
    this.used.set(name, expr)
    return { expr, names: new Set([this.#options.values.sourceOf(name)]) }
  }

  #call({ name, args, at }: Extract<Term, { kind: 'call' }>): Side {
    const [of, span] = args
    if (!functionNames.includes(name)) {
      const meant = nearest(name, functionNames)
      throw conditionError(
        `there is no function ${quoteValue(name)}.`,
        at,
        meant === undefined ? `There are: ${functionNames.join(', ')}.` : `Did you mean ${meant}?`,
      )
    }
    if (instantFunctions.has(name)) {
      if (of === undefined || args.length > 1)
        throw conditionError(`${name} takes one value.`, at, `Write ${name}(value).`)
      const side = this.#term(of)
      if (side.names.size === 0) throw conditionError(`${name} of a plain number: write the number.`, at)
      return { ...side, expr: `${name}(${side.expr})` }
    }
    const durationMs = span?.kind === 'text' ? parseDurationMs(span.text) : undefined
    if (of?.kind !== 'name' || durationMs === undefined || durationMs === 0 || args.length > 2)
      throw conditionError(`${name} takes the name of a value and a duration.`, at, `Write ${name}(value, "1h").`)
    // what a function looks back over is said by it, not by the rule's window
    const expr = this.#options.values.query(of.name, { ...this.#options, windowMs: undefined })
    const names = new Set([this.#options.values.sourceOf(of.name)])
    const stepMs = Math.max(15_000, Math.round(durationMs / 720 / 1000) * 1000)
    const past =
      name === 'ago'
        ? asOf(expr, durationMs)
        : overTime(rangeFunctions[name] as string, expr, { rangeMs: durationMs, stepMs })
    this.used.set(`${name}_${of.name}`, past)
    return { expr: past, names }
  }

  /** Between two sides of which each may have many series. */
  #matching(left: Side, right: Side): string {
    return areAlike(left, right) ? '' : ` on (${this.#options.by.join(', ')})`
  }

  /** Between two numbers: the left side's labels stay. */
  #joining(left: Side, right: Side): string {
    if (left.names.size === 0 || right.names.size === 0 || areAlike(left, right)) return ''
    return ` on (${this.#options.by.join(', ')}) group_left ()`
  }
}

/** Sides of one value have the same labels. */
function areAlike(left: Side, right: Side): boolean {
  const [name] = left.names
  return left.names.size === 1 && right.names.size === 1 && name !== undefined && right.names.has(name)
}
