// Conditions as functions of an event, with the comparisons of Logstash: a text is never equal to a number, `in` looks into lists and texts, an
// expression matches texts only, and a field alone is true unless it is missing, null, false or empty.
import type { Problem } from '@tidewatch/core/error.ts'
import type { Comparison, ConditionNode, FieldNode, OperandNode } from './ast.ts'
import { type ResolveOptions, resolveText } from './config.ts'
import type { LogEvent } from './event.ts'
import { fieldPath } from './field-path.ts'
import { compilePattern } from './pattern.ts'
import { floatOf, isEqual, numberOf, Timestamp, textOf, type Value } from './values.ts'

export type Condition = (event: LogEvent) => boolean
type Operand = (event: LogEvent) => Value | undefined

/** Two values that have no order, such as a text and a number; the condition is false and the event is told so. */
export class NotComparable extends Error {}

export interface ConditionContext extends ResolveOptions {
  /** Told what is allowed but most likely not meant. */
  readonly notes: Problem[]
}

export function compileCondition(node: ConditionNode, context: ConditionContext): Condition {
  switch (node.type) {
    case 'and':
    case 'or':
    case 'xor':
    case 'nand': {
      const left = compileCondition(node.left, context)
      const right = compileCondition(node.right, context)
      if (node.type === 'and') return (event) => left(event) && right(event)
      if (node.type === 'or') return (event) => left(event) || right(event)
      if (node.type === 'xor') return (event) => left(event) !== right(event)
      return (event) => !(left(event) && right(event))
    }
    case 'not': {
      const operand = compileCondition(node.operand, context)
      return (event) => !operand(event)
    }
    default:
      return 'left' in node ? compileComparison(node.type, node.left, node.right, context) : truth(node, context)
  }
}

function truth(node: OperandNode, context: ConditionContext): Condition {
  const operand = compileOperand(node, context)
  return (event) => {
    const value = operand(event)
    return value !== undefined && value !== null && value !== false && value !== '' && value !== 'false'
  }
}

function compileComparison(
  type: Comparison,
  leftNode: OperandNode,
  rightNode: OperandNode,
  context: ConditionContext,
): Condition {
  const left = compileOperand(leftNode, context)
  if (type === '=~' || type === '!~') return compileMatch(type, left, rightNode, context)
  noteShortList(type, rightNode, context)
  const right = compileOperand(rightNode, context)
  switch (type) {
    case '==':
      return equality(left, right, rightNode)
    case '!=': {
      const equal = equality(left, right, rightNode)
      return (event) => !equal(event)
    }
    case 'in':
      return (event) => isIn(left(event), right(event))
    case 'not in':
      return (event) => !isIn(left(event), right(event))
    case '<':
      return (event) => order(left(event), right(event), (sign) => sign < 0)
    case '>':
      return (event) => order(left(event), right(event), (sign) => sign > 0)
    case '<=':
      return (event) => order(left(event), right(event), (sign) => sign <= 0)
    case '>=':
      return (event) => order(left(event), right(event), (sign) => sign >= 0)
  }
}

function equality(left: Operand, right: Operand, rightNode: OperandNode): Condition {
  if (rightNode.type !== 'string') return (event) => isEqual(left(event), right(event))
  return (event) => left(event) === right(event)
}

function compileMatch(type: '=~' | '!~', left: Operand, node: OperandNode, context: ConditionContext): Condition {
  const source =
    node.type === 'regexp'
      ? node.value.replaceAll('\\/', '/')
      : node.type === 'string'
        ? resolveText(node.value, node.place, context)
        : ''
  const pattern = patternOf(source, node, context)
  const matches: Condition = (event) => {
    const value = left(event)
    return typeof value === 'string' && pattern.test(value)
  }
  return type === '=~' ? matches : (event) => !matches(event)
}

function patternOf(source: string, node: OperandNode, context: ConditionContext): ReturnType<typeof compilePattern> {
  try {
    return compilePattern(source)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    context.problems.push({ message, where: { file: context.file, ...node.place }, fix: 'Write another expression.' })
    return compilePattern('')
  }
}

/** `["x"]` is read as a field of that name, in Logstash too: the grammar cannot tell it from one. */
function noteShortList(type: Comparison, node: OperandNode, { notes, file }: ConditionContext): void {
  if ((type !== 'in' && type !== 'not in') || node.type !== 'field' || !isQuoted(node)) return
  notes.push({
    message: `[${node.path[0]}] is read as the name of a field, not as a list of one text`,
    where: { file, ...node.place },
    fix: `Compare with ==, or write the text twice: [${node.path[0]}, ${node.path[0]}].`,
  })
}

const isQuoted = ({ path }: FieldNode): boolean => path.length === 1 && /^\s*(".*"|'.*')\s*$/.test(path[0] ?? '')

function compileOperand(node: OperandNode, context: ConditionContext): Operand {
  if (node.type === 'field') {
    const path = fieldPath(node.path.map((key) => `[${key}]`).join(''))
    return (event) => event.get(path)
  }
  if (node.type === 'call') {
    context.problems.push({
      message: `${node.name}(…) is no function of conditions`,
      where: { file: context.file, ...node.place },
      fix: 'Compare fields and values.',
    })
    return () => undefined
  }
  const value = constantOf(node, context)
  return () => value
}

function constantOf(node: Exclude<OperandNode, FieldNode>, context: ConditionContext): Value {
  switch (node.type) {
    case 'number':
      return node.text.includes('.') ? floatOf(node.value) : node.value
    case 'string':
    case 'bareword':
    case 'regexp':
      return resolveText(node.value, node.place, context)
    case 'array':
      return node.value.map((item) => constantOf(item, context))
    default:
      return null
  }
}

function isIn(value: Value | undefined, container: Value | undefined): boolean {
  if (value === undefined || value === null || container === undefined || container === null) return false
  if (Array.isArray(container)) {
    for (const item of container) if (item === value || isEqual(item, value) || isSameText(item, value)) return true
    return false
  }
  if (typeof container === 'string') return typeof value === 'string' && container.includes(value)
  return isEqual(value, container)
}

/** A number is in a list of texts that has it written, and the other way round. */
const isSameText = (item: Value, value: Value): boolean =>
  typeof item === 'string' && numberOf(value) !== undefined && textOf(value) === item

function order(left: Value | undefined, right: Value | undefined, holds: (sign: number) => boolean): boolean {
  if (left === undefined || left === null || right === undefined || right === null) return false
  const a = numberOf(left)
  const b = numberOf(right)
  if (a !== undefined && b !== undefined) return holds(a < b ? -1 : a > b ? 1 : 0)
  const first = left instanceof Timestamp ? left.toString() : left
  const second = right instanceof Timestamp ? right.toString() : right
  if (typeof first === 'string' && typeof second === 'string')
    return holds(first < second ? -1 : first > second ? 1 : 0)
  throw new NotComparable('a text and a number have no order')
}
