// Conditions of a pipeline file. `and` and `nand` bind tighter than `or` and `xor`, as in the code that Logstash compiles them to.
import {
  type ArrayNode,
  type Comparison,
  type ConditionNode,
  comparisons,
  type FieldNode,
  type Junction,
  type OperandNode,
} from './ast.ts'
import { parseArray, parseNumber } from './parse-values.ts'
import type { Scanner } from './scanner.ts'

const junctions: readonly Junction[] = ['and', 'or', 'xor', 'nand']

export function parseCondition(scanner: Scanner): ConditionNode | undefined {
  return scanner.rule(() => {
    const first = parseExpression(scanner)
    if (first === undefined) return undefined
    const operands = [first]
    const operators: Junction[] = []
    for (;;) {
      const end = scanner.at
      scanner.skip()
      const operator = junctions.find((word) => scanner.take(word))
      if (operator !== undefined) scanner.skip()
      const next = operator === undefined ? undefined : parseExpression(scanner)
      if (operator === undefined || next === undefined) {
        scanner.at = end
        break
      }
      operators.push(operator)
      operands.push(next)
    }
    return join(operands, operators)
  })
}

function join(operands: readonly ConditionNode[], operators: readonly Junction[]): ConditionNode {
  const loose: ConditionNode[] = [operands[0] as ConditionNode]
  const between: Junction[] = []
  for (const [i, type] of operators.entries()) {
    const right = operands[i + 1] as ConditionNode
    if (type === 'and' || type === 'nand') loose.push({ type, left: loose.pop() as ConditionNode, right })
    else {
      between.push(type)
      loose.push(right)
    }
  }
  return between.reduce<ConditionNode>(
    (left, type, i) => ({ type, left, right: loose[i + 1] as ConditionNode }),
    loose[0] as ConditionNode,
  )
}

function parseExpression(scanner: Scanner): ConditionNode | undefined {
  return parseGroup(scanner) ?? parseNegation(scanner) ?? parseComparison(scanner)
}

function parseGroup(scanner: Scanner): ConditionNode | undefined {
  return scanner.rule(() => {
    if (!scanner.take('(')) return undefined
    scanner.skip()
    const inside = parseCondition(scanner)
    if (inside === undefined) return undefined
    scanner.skip()
    return scanner.take(')') ? inside : undefined
  })
}

function parseNegation(scanner: Scanner): ConditionNode | undefined {
  return scanner.rule(() => {
    if (!scanner.take('!')) return undefined
    scanner.skip()
    const operand = parseGroup(scanner) ?? parseField(scanner)
    return operand === undefined ? undefined : { type: 'not', operand }
  })
}

function parseComparison(scanner: Scanner): ConditionNode | undefined {
  const left = parseOperand(scanner)
  if (left === undefined) return undefined
  const end = scanner.at
  scanner.skip()
  const type = parseOperator(scanner)
  if (type !== undefined) {
    scanner.skip()
    const right = type === '=~' || type === '!~' ? parsePattern(scanner) : parseOperand(scanner)
    if (right !== undefined) return { type, left, right }
  }
  // a value alone is a condition too
  scanner.at = end
  return left
}

function parseOperator(scanner: Scanner): Comparison | undefined {
  const found = comparisons.find((sign) => sign !== 'not in' && scanner.take(sign))
  if (found !== undefined) return found
  return scanner.rule(() => {
    if (!scanner.take('not ')) return undefined
    scanner.skip()
    return scanner.take('in') ? ('not in' as const) : undefined
  })
}

function parsePattern(scanner: Scanner): OperandNode | undefined {
  const start = scanner.at
  const text = scanner.string()
  if (text !== undefined) return { type: 'string', value: text, place: scanner.place(start) }
  const pattern = scanner.quoted('/')
  return pattern === undefined ? undefined : { type: 'regexp', value: pattern, place: scanner.place(start) }
}

function parseOperand(scanner: Scanner): OperandNode | undefined {
  const start = scanner.at
  const text = scanner.string()
  if (text !== undefined) return { type: 'string', value: text, place: scanner.place(start) }
  return (
    parseNumber(scanner) ??
    parseField(scanner) ??
    parseOperandArray(scanner) ??
    parseCall(scanner) ??
    parsePattern(scanner)
  )
}

function parseOperandArray(scanner: Scanner): ArrayNode | undefined {
  return parseArray(scanner, (inner) => {
    const start = inner.at
    const word = inner.bareword()
    if (word !== undefined) return { type: 'bareword', value: word, place: inner.place(start) } as const
    const item = parseOperand(inner)
    return item === undefined || item.type === 'field' || item.type === 'call' ? undefined : item
  })
}

function parseField(scanner: Scanner): FieldNode | undefined {
  const start = scanner.at
  const path: string[] = []
  while (scanner.text[scanner.at] === '[') {
    let end = scanner.at + 1
    while (end < scanner.text.length && !',[]'.includes(scanner.text[end] as string)) end++
    if (end === scanner.at + 1 || scanner.text[end] !== ']') {
      scanner.miss(end === scanner.at + 1 ? 'the name of a field' : '"]"', end)
      break
    }
    path.push(scanner.text.slice(scanner.at + 1, end))
    scanner.at = end + 1
  }
  if (path.length > 0) return { type: 'field', path, place: scanner.place(start) }
  return scanner.miss('a field in brackets', start)
}

function parseCall(scanner: Scanner): OperandNode | undefined {
  return scanner.rule(() => {
    const start = scanner.at
    const name = scanner.bareword()
    if (name === undefined) return undefined
    scanner.skip()
    if (!scanner.take('(')) return undefined
    for (;;) {
      scanner.skip()
      if (parseOperand(scanner) === undefined) break
      scanner.skip()
      if (!scanner.take(',')) break
    }
    return scanner.take(')') ? { type: 'call', name, place: scanner.place(start) } : undefined
  })
}
