// Grok: expressions of named patterns, compiled for a matcher whose work is bounded.
import { AppError } from '@tidewatch/core/error.ts'
import { type CaptureTarget, expandExpression } from './expand.ts'
import type { GrokCapture, GrokEngine, GrokMatcher, GrokOptions, GrokResult } from './grok-engine.ts'
import { compileRegexp } from './regexp/compile.ts'
import { parseRegexp } from './regexp/parse.ts'
import { Search } from './regexp/search.ts'
import { RegexpSyntaxError } from './regexp/syntax.ts'
import { standardPatterns } from './standard-patterns.ts'
import { StepBudget } from './step-budget.ts'

export const defaultMaxSteps = 1_000_000

export const grokEngine: GrokEngine = {
  compile(expressions, options = {}): GrokMatcher {
    const patterns = new Map([...standardPatterns(options.patterns ?? 'ecs-v1'), ...(options.definitions ?? [])])
    const compiled = expressions.map((expression) => new CompiledExpression(expression, patterns, options))
    return {
      match(text) {
        for (let at = 0; at < compiled.length; at++) {
          const result = (compiled[at] as CompiledExpression).match(text, at)
          if (result.outcome !== 'no_match') return result
        }
        return noMatch
      },
      matchEach: (text) => compiled.map((one, at) => one.match(text, at)),
    }
  },
}

const noMatch: GrokResult = { outcome: 'no_match' }

/** The groups of one name and what they set. */
interface Field extends CaptureTarget {
  readonly groups: readonly number[]
}

class CompiledExpression {
  private readonly search: Search
  private readonly fields: readonly Field[]
  private readonly budget: StepBudget
  private readonly keepsEmpty: boolean

  constructor(expression: string, patterns: ReadonlyMap<string, string>, options: GrokOptions) {
    const namedCapturesOnly = options.namedCapturesOnly ?? true
    const { source, targets } = expandExpression(expression, { patterns, namedCapturesOnly })
    try {
      const parsed = parseRegexp(source)
      this.search = new Search(compileRegexp(parsed, new Set(parsed.names.map(({ group }) => group))))
      this.fields = fieldsOf(parsed.names, targets)
    } catch (error) {
      if (!(error instanceof RegexpSyntaxError)) throw error
      throw syntaxFault(error, expression, source)
    }
    this.budget = new StepBudget(options.maxSteps ?? defaultMaxSteps)
    this.keepsEmpty = options.keepEmptyCaptures ?? false
  }

  match(text: string, expression: number): GrokResult {
    const { search, budget } = this
    const outcome = search.search(text, budget.steps)
    if (outcome === 'exhausted') {
      budget.exhausted()
      return { outcome, expression }
    }
    budget.kept()
    return outcome === 'no_match' ? noMatch : { outcome, expression, captures: this.captures() }
  }

  private captures(): GrokCapture[] {
    const captures: GrokCapture[] = []
    const { machine } = this.search
    for (const { field, convert, groups } of this.fields)
      for (const group of groups) {
        const text = machine.group(group)
        if ((text === undefined || text === '') && !this.keepsEmpty) continue
        const value = text === undefined ? null : convert === undefined ? text : converted(text, convert)
        captures.push({ field, value })
      }
    return captures
  }
}

function fieldsOf(
  names: readonly { readonly name: string; readonly group: number }[],
  targets: ReadonlyMap<string, CaptureTarget>,
): Field[] {
  const groups = Map.groupBy(names, ({ name }) => name)
  return [...groups].map(([name, all]) => ({
    ...(targets.get(name) ?? { field: name, convert: undefined }),
    groups: all.map(({ group }) => group),
  }))
}

/** As Ruby's `to_i` and `to_f`: what a number begins with, else 0. A whole number that a double cannot hold stays text. */
function converted(text: string, convert: 'int' | 'float'): string | number {
  const plain = text.trimStart().replace(/(?<=\d)_(?=\d)/g, '')
  if (convert === 'float') {
    const number = Number(/^[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?/.exec(plain)?.[0] ?? 0)
    return Number.isFinite(number) ? number : text
  }
  const digits = /^[+-]?\d+/.exec(plain)?.[0]
  const number = Number(digits ?? 0)
  return Number.isSafeInteger(number) ? number + 0 : (digits as string)
}

function syntaxFault(error: RegexpSyntaxError, expression: string, source: string): AppError {
  const near = source.slice(Math.max(0, error.at - 20), error.at + 20)
  const shown = expression.length > 200 ? `${expression.slice(0, 200)}…` : expression
  // the place is one of the expanded text; it is the expression's own only as long as no pattern stands before it
  const isOwn = expression.slice(0, error.at) === source.slice(0, error.at)
  return new AppError(
    'config.invalid',
    `The grok expression ${JSON.stringify(shown)}: ${error.message}, near ${JSON.stringify(near)}`,
    {
      ...(isOwn ? { where: { span: { start: error.at, end: Math.min(error.at + 1, expression.length) } } } : {}),
      fix: 'Write it as Ruby (Onigmo) has regular expressions, and put a backslash before brackets that stand for themselves.',
      cause: error,
    },
  )
}
