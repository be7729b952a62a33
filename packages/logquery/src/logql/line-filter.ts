// `|=`, `!=`, `|~`, `!~`, `|>`, `!>`: which lines go on, by their text.
import { literalChoices } from '@tidewatch/core/regexp.ts'
import { RE2JS } from 're2js'
import type { LineFilterOp, LineFilterOperand, LineFilterStage, Span } from './ast.ts'
import { hasAddress, parseAddressRange } from './ip.ts'
import { compilePatternTest } from './pattern.ts'
import { compileOrRefuse, type StageRun, stageError } from './stage.ts'

type TextTest = (text: string) => boolean

/** Throws `query.parse` for an expression, pattern or address that is none. */
export function compileLineFilter({ op, operands, span }: LineFilterStage): StageRun {
  const tests = operands.map((operand) => testOf(op, operand, span))
  const isNegative = op[0] === '!'
  const [only] = tests
  if (tests.length === 1 && only !== undefined) {
    return isNegative ? ({ line }) => !only(line) : ({ line }) => only(line)
  }
  return ({ line }) => tests.some((test) => test(line)) !== isNegative
}

function testOf(op: LineFilterOp, { value, isIp }: LineFilterOperand, span: Span): TextTest {
  if (isIp) {
    if (op !== '|=' && op !== '!=') throw stageError('ip: invalid operation: ip() goes with |= and != alone', span)
    const range = parseAddressRange(value)
    if (range === undefined) throw stageError(`ip: invalid pattern: ${JSON.stringify(value)}`, span)
    return (text) => hasAddress(text, range)
  }
  switch (op) {
    case '|=':
    case '!=':
      return value === '' ? () => true : (text) => text.includes(value)
    case '|~':
    case '!~':
      return compileSearch(value, span)
    case '|>':
    case '!>': {
      const test = compilePatternTest(value)
      if (typeof test === 'function') return test
      throw stageError(`pattern: ${test.fault}`, span)
    }
    default:
      return op satisfies never
  }
}

/** Whether an RE2 expression matches somewhere; plain texts and choices of them without the engine. */
function compileSearch(pattern: string, span: Span): TextTest {
  const compiled = compileOrRefuse(() => RE2JS.compile(pattern), span)
  const choices = literalChoices(pattern)
  if (choices === undefined) {
    const required = requiredText(pattern)
    if (required === '') return (text) => compiled.matcher(text).find()
    return (text) => text.includes(required) && compiled.matcher(text).find()
  }
  const [only] = choices
  if (choices.length === 1 && only !== undefined) return (text) => text.includes(only)
  return (text) => choices.some((choice) => text.includes(choice))
}

/**
 * A text that every match begins with, '' where none is certain: the plain characters before the first sign, of which the last may be repeated no times.
 */
function requiredText(pattern: string): string {
  if (pattern.includes('|') || pattern.includes('(?')) return ''
  const plain = /^[\w/ :@%&,;<>=~`'"!#-]*/.exec(pattern)?.[0] ?? ''
  return '*?{'.includes(pattern[plain.length] ?? ' ') ? plain.slice(0, -1) : plain
}
