// A template of Go's text/template: parsed once, executed over data as often as wanted. Pure: it reaches nothing but what its functions are given.
import { builtins } from './builtins.ts'
import { execute } from './execute.ts'
import type { MissingKey } from './execute-state.ts'
import { parseTemplates } from './parse.ts'
import type { FunctionTable, Value } from './value.ts'

export interface TemplateOptions {
  /** The template's name in messages. */
  readonly name: string
  /** Functions beside the built-in ones. */
  readonly functions?: FunctionTable
  readonly missingKey?: MissingKey
  /** UTF-16 units of output; by default a million. */
  readonly maxOutput?: number
  /** Statements and commands that one execution may run; by default a million. */
  readonly maxSteps?: number
}

export interface Template {
  /** The output. Throws `template.execute` with line and column of the fault, `template.limit` for what does not end. */
  execute(data: Value): string
}

/** Throws `template.parse` with the line of the fault. */
export function createTemplate(text: string, options: TemplateOptions): Template {
  const { name, functions = {}, missingKey = 'default', maxOutput = 1_000_000, maxSteps = 1_000_000 } = options
  const isKnown = (word: string): boolean => Object.hasOwn(functions, word) || Object.hasOwn(builtins, word)
  const templates = parseTemplates(name, text, isKnown)
  return { execute: (data) => execute(templates, data, { name, functions, missingKey, maxOutput, maxSteps }) }
}
