// The tree in the shape that the cases have it in.
import type { ConditionNode, Section, Statement, ValueNode } from '../ast.ts'

type Tree = Readonly<Record<string, unknown>>

export const treeOf = ({ type, place, body }: Section): Tree => ({ type, ...place, body: body.map(statementTree) })

function statementTree(statement: Statement): Tree {
  if (statement.type === 'plugin') return valueTree(statement)
  return {
    type: 'if',
    ...statement.place,
    branches: statement.branches.map(({ condition, body }) => ({
      condition: condition === undefined ? null : conditionTree(condition),
      body: body.map(statementTree),
    })),
  }
}

function valueTree(value: ValueNode): Tree {
  switch (value.type) {
    case 'plugin':
      return {
        type: 'plugin',
        name: value.name,
        ...value.place,
        settings: value.settings.map((setting) => ({ name: setting.name, value: valueTree(setting.value) })),
      }
    case 'array':
      return { type: 'array', value: value.value.map(valueTree) }
    case 'hash':
      return { type: 'hash', value: value.value.map((entry) => ({ key: entry.key, value: valueTree(entry.value) })) }
    default:
      return { type: value.type, value: value.value }
  }
}

function conditionTree(node: ConditionNode): Tree {
  switch (node.type) {
    case 'field':
      return { type: 'field', path: node.path }
    case 'call':
      return { type: 'call', name: node.name }
    case 'not':
      return { type: 'not', operand: conditionTree(node.operand) }
    case 'string':
    case 'bareword':
    case 'regexp':
    case 'number':
    case 'array':
    case 'hash':
    case 'plugin':
      return valueTree(node)
    default:
      return { type: node.type, left: conditionTree(node.left), right: conditionTree(node.right) }
  }
}
