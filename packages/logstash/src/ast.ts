// The tree of a pipeline file, as Logstash's published grammar cuts it. Texts are as written: escapes and `${VAR}` are the loader's matter.

/** Both counted from 1; columns in UTF-16 units. */
export interface Place {
  readonly line: number
  readonly column: number
}

export type SectionType = 'input' | 'filter' | 'output'

export interface Section {
  readonly type: SectionType
  readonly place: Place
  readonly body: readonly Statement[]
}

export type Statement = PluginNode | IfNode

export interface PluginNode {
  readonly type: 'plugin'
  readonly name: string
  readonly place: Place
  /** In order: a name may come twice. */
  readonly settings: readonly SettingNode[]
}

export interface SettingNode {
  readonly name: string
  readonly place: Place
  readonly value: ValueNode
}

export interface IfNode {
  readonly type: 'if'
  readonly place: Place
  readonly branches: readonly BranchNode[]
}

export interface BranchNode {
  /** Undefined for `else`. */
  readonly condition: ConditionNode | undefined
  readonly body: readonly Statement[]
}

export interface NumberNode {
  readonly type: 'number'
  readonly value: number
  /** As written: `5.` and `5` differ in what they print. */
  readonly text: string
  readonly place: Place
}

export interface TextNode {
  readonly type: 'string' | 'bareword' | 'regexp'
  readonly value: string
  readonly place: Place
}

export interface ArrayNode {
  readonly type: 'array'
  readonly value: readonly ValueNode[]
  readonly place: Place
}

export interface HashNode {
  readonly type: 'hash'
  readonly value: readonly { readonly key: string; readonly value: ValueNode }[]
  readonly place: Place
}

/** A plugin as a value is a codec. */
export type ValueNode = TextNode | NumberNode | ArrayNode | HashNode | PluginNode

export const comparisons = ['==', '!=', '<=', '>=', '<', '>', '=~', '!~', 'in', 'not in'] as const
export type Comparison = (typeof comparisons)[number]
export type Junction = 'and' | 'or' | 'xor' | 'nand'

export interface FieldNode {
  readonly type: 'field'
  readonly path: readonly string[]
  readonly place: Place
}

/** `name(…)`: the grammar has it, no version of Logstash runs it. */
export interface CallNode {
  readonly type: 'call'
  readonly name: string
  readonly place: Place
}

export type OperandNode = FieldNode | CallNode | ValueNode

export type ConditionNode =
  | { readonly type: Comparison; readonly left: OperandNode; readonly right: OperandNode }
  | { readonly type: Junction; readonly left: ConditionNode; readonly right: ConditionNode }
  | { readonly type: 'not'; readonly operand: ConditionNode }
  | OperandNode
