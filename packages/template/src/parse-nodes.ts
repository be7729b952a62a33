// The tree of a template, and its nodes as text: execution errors quote them.
import { quote } from './quote.ts'
import type { Complex } from './value.ts'

interface At {
  /** UTF-16 offset into the text, as Go places it (a chain of fields stands where its second field does). */
  readonly start: number
}

export type Statement = TextNode | ActionNode | IfNode | WithNode | RangeNode | TemplateNode | JumpNode

export interface TextNode extends At {
  readonly kind: 'text'
  readonly text: string
}

export interface ActionNode extends At {
  readonly kind: 'action'
  readonly pipe: Pipe
}

interface Branch extends At {
  readonly pipe: Pipe
  readonly list: readonly Statement[]
  readonly elseList: readonly Statement[] | undefined
}

export interface IfNode extends Branch {
  readonly kind: 'if'
}

export interface WithNode extends Branch {
  readonly kind: 'with'
}

export interface RangeNode extends Branch {
  readonly kind: 'range'
}

export interface TemplateNode extends At {
  readonly kind: 'template'
  readonly name: string
  readonly pipe: Pipe | undefined
  /** Which template runs, where that is not the one of the name: its copy for a place in a mail. */
  readonly target?: string
}

export interface JumpNode extends At {
  readonly kind: 'break' | 'continue'
}

export interface Pipe extends At {
  readonly kind: 'pipe'
  readonly declared: readonly string[]
  readonly isAssign: boolean
  readonly commands: readonly Command[]
}

export interface Command extends At {
  readonly args: readonly Operand[]
}

export type Operand =
  | ({ readonly kind: 'bool'; readonly value: boolean } & At)
  | ({ readonly kind: 'dot' | 'nil' } & At)
  | ({
      readonly kind: 'number'
      readonly value: bigint | number | Complex
      readonly text: string
      readonly isFloat: boolean
    } & At)
  | ({ readonly kind: 'string'; readonly value: string; readonly text: string } & At)
  | FieldOperand
  | VariableOperand
  | IdentifierOperand
  | ChainOperand
  | Pipe

export interface FieldOperand extends At {
  readonly kind: 'field'
  readonly names: readonly string[]
}

export interface VariableOperand extends At {
  readonly kind: 'variable'
  /** The variable with its `$`, then fields. */
  readonly names: readonly string[]
}

export interface IdentifierOperand extends At {
  readonly kind: 'identifier'
  readonly name: string
}

export interface ChainOperand extends At {
  readonly kind: 'chain'
  readonly node: Operand
  readonly names: readonly string[]
}

/** A text that was parsed: messages name it and count its lines. */
export interface Source {
  readonly name: string
  readonly text: string
  /** The file that it comes from, if it comes from one. */
  readonly file?: string
}

/** A template: its statements, and the text in which they stand. */
export interface Definition {
  readonly source: Source
  readonly list: readonly Statement[]
}

/** A parsed text: its own statements and the templates it defines, its own among them under its name. */
export interface ParsedTemplates {
  readonly root: Definition
  readonly defined: ReadonlyMap<string, Definition>
}

/** What messages may speak of. */
export type Described = TextNode | ActionNode | TemplateNode | Operand | Command

/** A node as Go writes it. */
export function printNode(node: Described): string {
  if (!('kind' in node)) return printCommand(node)
  switch (node.kind) {
    case 'text':
      return node.text
    case 'action':
      return `{{${printPipe(node.pipe)}}}`
    case 'template':
      return `{{template ${quote(node.name)}${node.pipe === undefined ? '' : ` ${printPipe(node.pipe)}`}}}`
    default:
      return printOperand(node)
  }
}

function printOperand(operand: Operand): string {
  switch (operand.kind) {
    case 'bool':
      return String(operand.value)
    case 'dot':
      return '.'
    case 'nil':
      return 'nil'
    case 'number':
    case 'string':
      return operand.text
    case 'field':
      return operand.names.map((name) => `.${name}`).join('')
    case 'variable':
      return operand.names.join('.')
    case 'identifier':
      return operand.name
    case 'chain': {
      const inner = operand.node.kind === 'pipe' ? `(${printPipe(operand.node)})` : printOperand(operand.node)
      return inner + operand.names.map((name) => `.${name}`).join('')
    }
    case 'pipe':
      return printPipe(operand)
  }
}

function printPipe({ declared, isAssign, commands }: Pipe): string {
  const before = declared.length === 0 ? '' : `${declared.join(', ')} ${isAssign ? '=' : ':='} `
  return before + commands.map(printCommand).join(' | ')
}

function printCommand({ args }: Command): string {
  return args.map((arg) => (arg.kind === 'pipe' ? `(${printPipe(arg)})` : printOperand(arg))).join(' ')
}
