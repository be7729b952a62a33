// Where an execution stands: its variables, the node that messages speak of, and what bounds it.
import type { ParsedTemplates } from './parse-nodes.ts'
import { quote } from './quote.ts'
import { templateError } from './template-error.ts'
import type { FunctionTable, Value } from './value.ts'

/** What a field is that a map does not have: no value, the zero value of its type, or an error. */
export type MissingKey = 'default' | 'zero' | 'error'

export interface ExecuteOptions {
  readonly name: string
  readonly functions: FunctionTable
  readonly missingKey: MissingKey
  /** UTF-16 units of output. */
  readonly maxOutput: number
  /** Statements and commands that may run. */
  readonly maxSteps: number
}

interface Placed {
  readonly start: number
}

interface Variable {
  readonly name: string
  value: Value
}

const utf8 = new TextEncoder()

export class ExecutionState {
  readonly options: ExecuteOptions
  readonly #templates: ParsedTemplates
  /** Innermost last. */
  variables: Variable[] = []
  /** Which template runs: messages name it. */
  running: string
  #steps = 0
  #node: Placed = { start: 0 }
  #nodeText: () => string = () => ''

  constructor(templates: ParsedTemplates, options: ExecuteOptions) {
    this.#templates = templates
    this.options = options
    this.running = options.name
  }

  /** Where the node stands that messages speak of. */
  get start(): number {
    return this.#node.start
  }

  /** Messages speak of this node from now on; its text is made only if one is. */
  at(node: Placed, text: () => string): void {
    this.#node = node
    this.#nodeText = text
  }

  fail(message: string, code: 'template.execute' | 'template.limit' = 'template.execute'): never {
    const before = this.#templates.text.slice(0, this.#node.start)
    const lineStart = before.lastIndexOf('\n') + 1
    const line = before.split('\n').length
    const column = utf8.encode(before.slice(lineStart)).length
    const place = `template: ${this.options.name}:${line}:${column}: executing ${quote(this.running)} at <${this.#nodeText()}>`
    throw templateError(code, `${place}: ${message}`, { line, column })
  }

  step(): void {
    if (++this.#steps > this.options.maxSteps) this.fail(`more than ${this.options.maxSteps} steps`, 'template.limit')
  }

  assign(name: string, value: Value): void {
    const variable = this.variables.findLast((known) => known.name === name)
    if (variable === undefined) this.fail(`undefined variable: ${name}`)
    else variable.value = value
  }
}
