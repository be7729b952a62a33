// Where an execution stands: its variables, the node that messages speak of, and what bounds it.
import type { AppError } from '@tidewatch/core/error.ts'
import { type Described, printNode, type Source } from './parse-nodes.ts'
import { placeOf } from './place.ts'
import { quote } from './quote.ts'
import { templateError } from './template-error.ts'
import type { FunctionTable, Value } from './value.ts'

/** What a field is that a map does not have: no value, the zero value of its type, or an error. */
export type MissingKey = 'default' | 'zero' | 'error'

export interface ExecuteOptions {
  readonly functions: FunctionTable
  readonly missingKey: MissingKey
  /** UTF-16 units of output. */
  readonly maxOutput: number
  readonly budget: Budget
}

/** What an execution may use up, together with those that it begins itself. */
export interface Budget {
  /** Statements and commands that ran, and what functions cost beyond one. */
  steps: number
  readonly maxSteps: number
  /** Templates that run within one another. */
  depth: number
  /** Lists and pipelines that run within one another: each takes room on the stack. */
  nesting: number
}

const maxNesting = 1000

interface Variable {
  readonly name: string
  value: Value
}

/** Which template runs, and the text in which its nodes stand. */
export interface Running {
  readonly name: string
  readonly source: Source
}

export class ExecutionState {
  readonly options: ExecuteOptions
  /** Innermost last. */
  variables: Variable[] = []
  /** Messages name it. */
  running: Running
  /** What messages speak of. */
  node: Described = { kind: 'text', text: '', start: 0 }

  constructor(running: Running, options: ExecuteOptions) {
    this.running = running
    this.options = options
  }

  fail(message: string, code: 'template.execute' | 'template.limit' = 'template.execute'): never {
    throw this.error(message, code)
  }

  error(message: string, code: 'template.execute' | 'template.limit' = 'template.execute'): AppError {
    const { name, source } = this.running
    const { line, column } = placeOf(source.text, this.node.start)
    const place = `template: ${source.name}:${line}:${column}: executing ${quote(name)} at <${printNode(this.node)}>`
    return templateError(code, `${place}: ${message}`, {
      line,
      column,
      ...(source.file === undefined ? {} : { file: source.file }),
    })
  }

  /** Counts a step, or as many as a function's work is worth. */
  step(count = 1): void {
    const { budget } = this.options
    budget.steps += count
    if (budget.steps > budget.maxSteps) this.fail(`more than ${budget.maxSteps} steps`, 'template.limit')
  }

  deeper(): void {
    if (++this.options.budget.nesting > maxNesting)
      this.fail(`nested more than ${maxNesting} levels deep`, 'template.limit')
  }

  shallower(): void {
    this.options.budget.nesting--
  }

  assign(name: string, value: Value): void {
    const variable = this.variables.findLast((known) => known.name === name)
    if (variable === undefined) this.fail(`undefined variable: ${name}`)
    else variable.value = value
  }
}
