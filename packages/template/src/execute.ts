// Runs a parsed template over data: the half of Go's text/template/exec.go that is about statements, with its messages:
// `template: name:line:column: executing "name" at <what>: why`.
import { Evaluator } from './evaluate.ts'
import { type ExecuteOptions, ExecutionState } from './execute-state.ts'
import { printable, printValue, sortedKeys } from './format.ts'
import type { Definition, RangeNode, Statement, TemplateNode } from './parse-nodes.ts'
import { quote } from './quote.ts'
import { entriesOf, integerOf, isTrue, itemsOf, type Value } from './value.ts'

/** The output of the template of that name. Throws `template.execute` with line and column, `template.limit` for what does not end. */
export function execute(
  templates: ReadonlyMap<string, Definition>,
  start: { readonly name: string; readonly definition: Definition },
  data: Value,
  options: ExecuteOptions,
): string {
  return new Execution(templates, start.name, start.definition, options).run(data, start.definition.list)
}

const maxTemplateDepth = 100

type Flow = 'on' | 'break' | 'continue'

class Execution {
  readonly #templates: ReadonlyMap<string, Definition>
  readonly #state: ExecutionState
  readonly #evaluator: Evaluator
  #output = ''

  constructor(
    templates: ReadonlyMap<string, Definition>,
    name: string,
    { source }: Definition,
    options: ExecuteOptions,
  ) {
    this.#templates = templates
    this.#state = new ExecutionState({ name, source }, options)
    this.#evaluator = new Evaluator(this.#state)
  }

  run(data: Value, list: readonly Statement[]): string {
    // a nil interface at the top is no value
    const dot = data === null ? undefined : data
    this.#state.variables = [{ name: '$', value: dot }]
    this.#walkList(dot, list)
    return this.#output
  }

  #write(text: string): void {
    this.#output += text
    if (this.#output.length > this.#state.options.maxOutput) {
      this.#state.fail(`the output is longer than ${this.#state.options.maxOutput} characters`, 'template.limit')
    }
  }

  #walkList(dot: Value, list: readonly Statement[]): Flow {
    this.#state.deeper()
    let flow: Flow = 'on'
    for (const statement of list) {
      flow = this.#walk(dot, statement)
      if (flow !== 'on') break
    }
    this.#state.shallower()
    return flow
  }

  #walk(dot: Value, node: Statement): Flow {
    this.#state.step()
    switch (node.kind) {
      case 'text':
        this.#write(node.text)
        return 'on'
      case 'action': {
        this.#state.node = node
        const value = this.#evaluator.pipeline(dot, node.pipe)
        if (node.pipe.declared.length === 0) this.#write(printValue(printable(value)))
        return 'on'
      }
      case 'if':
      case 'with': {
        const mark = this.#state.variables.length
        const value = this.#evaluator.pipeline(dot, node.pipe)
        const list = isTrue(value) ? node.list : (node.elseList ?? [])
        const flow = this.#walkList(isTrue(value) && node.kind === 'with' ? value : dot, list)
        this.#state.variables.length = mark
        return flow
      }
      case 'range':
        return this.#range(dot, node)
      case 'template':
        this.#template(dot, node)
        return 'on'
      case 'break':
      case 'continue':
        return node.kind
    }
  }

  #range(dot: Value, node: RangeNode): Flow {
    const mark = this.#state.variables.length
    const value = this.#evaluator.pipeline(dot, node.pipe)
    const ran = this.#iterate(node, value)
    const flow = ran || node.elseList === undefined ? 'on' : this.#walkList(dot, node.elseList)
    this.#state.variables.length = mark
    return flow
  }

  /** Runs the list for each item; false where there was none. */
  #iterate(node: RangeNode, value: Value): boolean {
    const items = itemsOf(value)
    if (items !== undefined) {
      for (const [i, item] of items.entries()) if (this.#iteration(node, BigInt(i), item) === 'break') break
      return items.length > 0
    }
    const entries = entriesOf(value)
    if (entries !== undefined) {
      for (const key of sortedKeys(entries)) if (this.#iteration(node, key, entries.get(key)) === 'break') break
      return entries.size > 0
    }
    if (value === undefined || value === null) return false
    const count = integerOf(value)
    if (count === undefined) return this.#state.fail(`range can't iterate over ${printValue(value)}`)
    if (node.pipe.declared.length > 1) this.#state.fail(`can't use ${count} to iterate over more than one variable`)
    for (let i = 0n; i < count; i++) if (this.#iteration(node, undefined, i) === 'break') break
    return count > 0n
  }

  #iteration(node: RangeNode, index: Value, item: Value): Flow {
    this.#state.step()
    const { declared, isAssign } = node.pipe
    const [first, second] = declared
    const mark = this.#state.variables.length
    if (isAssign && first !== undefined) {
      this.#state.assign(first, second === undefined ? item : index)
      if (second !== undefined) this.#state.assign(second, item)
    } else {
      this.#setTop(1, item, declared.length > 0)
      this.#setTop(2, index, declared.length > 1)
    }
    const flow = this.#walkList(item, node.list)
    this.#state.variables.length = mark
    return flow
  }

  #setTop(place: number, value: Value, isDeclared: boolean): void {
    const variable = this.#state.variables.at(-place)
    if (isDeclared && variable !== undefined) variable.value = value
  }

  #template(dot: Value, node: TemplateNode): void {
    this.#state.node = node
    const { variables, running } = this.#state
    const name = node.target ?? node.name
    const definition = this.#templates.get(name)
    if (definition === undefined) throw this.#state.error(`template ${quote(node.name)} not defined`)
    const { budget } = this.#state.options
    if (budget.depth >= maxTemplateDepth)
      this.#state.fail(`exceeded maximum template depth (${maxTemplateDepth})`, 'template.limit')
    const inner = node.pipe === undefined ? undefined : this.#evaluator.pipeline(dot, node.pipe)
    this.#state.variables = [{ name: '$', value: inner }]
    this.#state.running = { name: node.name, source: definition.source }
    budget.depth++
    this.#walkList(inner, definition.list)
    budget.depth--
    this.#state.running = running
    this.#state.node = node
    this.#state.variables = variables
  }
}
