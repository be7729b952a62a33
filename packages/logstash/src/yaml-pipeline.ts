// The same steps as YAML, for people who start fresh: `steps` is a list of one filter or `if` each, `inputs` and `outputs` are lists of plugins.
import type { Problem } from '@tidewatch/core/error.ts'
import { isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument } from 'yaml'
import type {
  BranchNode,
  ConditionNode,
  OperandNode,
  Place,
  PluginNode,
  Section,
  SettingNode,
  Statement,
  ValueNode,
} from './ast.ts'
import { parseCondition } from './parse-conditions.ts'
import { compilePipeline, type LoadOptions, type LoadResult } from './pipeline.ts'
import { Scanner, TooDeep } from './scanner.ts'

/** Characters of one file. */
const maxCharacters = 4 << 20
const maxDepth = 50

const sectionNames = { inputs: 'input', steps: 'filter', outputs: 'output' } as const

/** Loads a pipeline that is written as YAML. */
export function loadYamlPipeline(text: string, options: LoadOptions): LoadResult {
  const reader = new YamlReader(text, options.file)
  const sections = reader.sections()
  if (reader.problems.length > 0) return { pipeline: undefined, problems: reader.problems, notes: [] }
  return compilePipeline(sections, options)
}

type Item = Pair<unknown, unknown>

class YamlReader {
  readonly problems: Problem[] = []
  private readonly text: string
  private readonly file: string
  private readonly lines = new LineCounter()

  constructor(text: string, file: string) {
    this.text = text
    this.file = file
  }

  sections(): Section[] {
    if (this.text.length > maxCharacters) {
      this.tell({ line: 1, column: 1 }, `the file has more than ${maxCharacters} characters`, 'Split it.')
      return []
    }
    const document = parseDocument(this.text, { lineCounter: this.lines, logLevel: 'silent' })
    for (const { message, pos } of document.errors)
      this.tell(this.placeOf(pos[0]), `this is not valid YAML: ${message.split('\n')[0]}`, 'Mend the YAML.')
    if (this.problems.length > 0) return []
    const root = document.contents
    if (!isMap(root)) {
      this.tell({ line: 1, column: 1 }, 'a map is wanted', 'Write steps: and a list.')
      return []
    }
    return root.items.flatMap((item: Item) => this.section(item))
  }

  private section(item: Item): Section[] {
    const name = this.keyOf(item)
    const place = this.placeOfKey(item)
    if (name !== 'inputs' && name !== 'steps' && name !== 'outputs')
      return this.wrong(place, `there is no section ${name}`, 'Write inputs, steps or outputs.')
    const body = this.list(item.value, place).flatMap((node) => this.statement(node, 0))
    return [{ type: sectionNames[name], place, body }]
  }

  private list(node: unknown, place: Place): readonly Node[] {
    if (isSeq(node)) return node.items.filter((item): item is Node => item !== null && typeof item === 'object')
    if (node === null || (isScalar(node) && node.value === null)) return []
    return this.wrong(place, 'a list is wanted', 'Write each step behind a dash.')
  }

  /** `- mutate: {…}`, `- drop`, or `- if: "…"` with `then`, `elseif` and `else`. */
  private statement(node: Node, depth: number): Statement[] {
    const place = this.placeOf(node.range?.[0] ?? 0)
    if (depth > maxDepth)
      return this.wrong(place, `more than ${maxDepth} levels stand in one another here`, 'Write it flatter.')
    if (isScalar(node) && typeof node.value === 'string')
      return [{ type: 'plugin', name: node.value, place, settings: [] }]
    if (!isMap(node)) return this.wrong(place, 'a step is a name or a map', 'Write - mutate: { … }.')
    const items: readonly Item[] = node.items
    const [first] = items
    if (first !== undefined && this.keyOf(first) === 'if') return this.branches(items, place, depth)
    if (items.length !== 1 || first === undefined)
      return this.wrong(place, 'a step is one filter', 'Put a dash before each filter, and its settings below it.')
    return [this.plugin(first, depth)]
  }

  private branches(items: readonly Item[], place: Place, depth: number): Statement[] {
    const branches: BranchNode[] = []
    let condition: ConditionNode | undefined
    for (const item of items) {
      const name = this.keyOf(item)
      const at = this.placeOfKey(item)
      if (name === 'if') condition = this.condition(item)
      else if (name === 'then' && condition !== undefined) branches.push({ condition, body: this.body(item, depth) })
      else if (name === 'else') branches.push({ condition: undefined, body: this.body(item, depth) })
      else if (name === 'elseif') branches.push(...this.elseIfs(item, depth))
      else if (name !== 'then') this.tell(at, `${name} is no part of a condition`, 'Write if, then, elseif or else.')
    }
    if (!items.some((item) => this.keyOf(item) === 'then'))
      this.tell(place, 'then is missing', 'Write then: and a list.')
    const rank = ({ condition: asked }: BranchNode): number => (asked === undefined ? 1 : 0)
    return [{ type: 'if', place, branches: branches.sort((a, b) => rank(a) - rank(b)) }]
  }

  /** A list of `if` and `then`. */
  private elseIfs(item: Item, depth: number): BranchNode[] {
    return this.list(item.value, this.placeOfKey(item)).flatMap((node) => {
      const made = isMap(node) ? this.branches(node.items, this.placeOf(node.range?.[0] ?? 0), depth + 1) : []
      return made.flatMap((statement) => (statement.type === 'if' ? statement.branches : []))
    })
  }

  private body(item: Item, depth: number): Statement[] {
    return this.list(item.value, this.placeOfKey(item)).flatMap((node) => this.statement(node, depth + 1))
  }

  /** Written as in Logstash: `[level] == "error" and "x" in [tags]`. */
  private condition({ value }: Item): ConditionNode | undefined {
    const text = isScalar(value) && typeof value.value === 'string' ? value.value : ''
    const place = this.placeOf(isScalar(value) ? (value.range?.[0] ?? 0) : 0)
    const scanner = new Scanner(text)
    try {
      const condition = parseCondition(scanner)
      scanner.skip()
      if (condition !== undefined && scanner.at === text.length) return movedCondition(condition, place)
    } catch (error) {
      if (!(error instanceof TooDeep)) throw error
    }
    const rest = text.slice(scanner.furthest, scanner.furthest + 20)
    this.tell(
      place,
      `${JSON.stringify(rest)} is not what can stand in a condition`,
      'Write if: \'[level] == "error"\'.',
    )
    return undefined
  }

  private plugin(item: Item, depth: number): PluginNode {
    const place = this.placeOfKey(item)
    const { value } = item
    const settings = isMap(value) ? value.items.map((setting: Item) => this.setting(setting, depth + 1)) : []
    if (!isMap(value) && !(value === null || (isScalar(value) && value.value === null)))
      this.tell(place, 'settings are a map', 'Write name: value below the filter.')
    return { type: 'plugin', name: this.keyOf(item), place, settings }
  }

  private setting(item: Item, depth: number): SettingNode {
    const name = this.keyOf(item)
    const place = this.placeOfKey(item)
    // a codec with settings is a map of one name
    const codec = name === 'codec' && isMap(item.value) ? item.value.items[0] : undefined
    return {
      name,
      place,
      value: codec === undefined ? this.value(item.value, place, depth) : this.plugin(codec, depth),
    }
  }

  private value(node: unknown, near: Place, depth: number): ValueNode {
    if (depth > maxDepth) this.tell(near, `more than ${maxDepth} levels stand in one another here`, 'Write it flatter.')
    else if (isSeq(node))
      return { type: 'array', value: node.items.map((item) => this.value(item, near, depth + 1)), place: near }
    else if (isMap(node)) {
      const entries = node.items.map((item: Item) => ({
        key: this.keyOf(item),
        value: this.value(item.value, this.placeOfKey(item), depth + 1),
      }))
      return { type: 'hash', value: entries, place: near }
    } else if (isScalar(node)) {
      const place = this.placeOf(node.range?.[0] ?? 0)
      if (typeof node.value === 'number')
        return { type: 'number', value: node.value, text: node.source ?? String(node.value), place }
      return { type: 'string', value: node.value === null ? '' : String(node.value), place }
    } else this.tell(near, 'a value of this kind is not read', 'Write a text, a number, a list or a map.')
    return { type: 'string', value: '', place: near }
  }

  private keyOf({ key }: Item): string {
    return isScalar(key) ? String(key.value) : ''
  }

  private placeOfKey({ key }: Item): Place {
    return this.placeOf(isScalar(key) ? (key.range?.[0] ?? 0) : 0)
  }

  private placeOf(offset: number): Place {
    const { line, col } = this.lines.linePos(offset)
    return { line, column: col }
  }

  private tell(place: Place, message: string, fix: string): void {
    this.problems.push({ message, where: { file: this.file, ...place }, fix })
  }

  private wrong(place: Place, message: string, fix: string): never[] {
    this.tell(place, message, fix)
    return []
  }
}

/** Places within a condition are those of the YAML value that it stands in. */
function movedCondition(node: ConditionNode, place: Place): ConditionNode {
  switch (node.type) {
    case 'and':
    case 'or':
    case 'xor':
    case 'nand':
      return { ...node, left: movedCondition(node.left, place), right: movedCondition(node.right, place) }
    case 'not':
      return { type: 'not', operand: movedCondition(node.operand, place) }
    default:
      if (!('left' in node)) return movedOperand(node, place)
      return { ...node, left: movedOperand(node.left, place), right: movedOperand(node.right, place) }
  }
}

const movedOperand = (operand: OperandNode, place: Place): OperandNode => ({ ...operand, place })
