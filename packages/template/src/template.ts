// A template of Go's text/template: parsed once, executed over data as often as wanted. Pure: it reaches nothing but what its functions are given.
import { builtins } from './builtins.ts'
import { execute } from './execute.ts'
import type { MissingKey } from './execute-state.ts'
import { isEmpty, parseTemplates } from './parse.ts'
import type { Definition } from './parse-nodes.ts'
import type { FunctionTable, Value } from './value.ts'

export interface TemplateOptions {
  /** The template's name in messages. */
  readonly name: string
  /** Functions beside the built-in ones. */
  readonly functions?: FunctionTable
  /** Templates that the text may call; it may define them anew for itself. */
  readonly defined?: ReadonlyMap<string, Definition>
  readonly missingKey?: MissingKey
  /** Whether the output is HTML, in which what comes from the data is escaped for the place where it stands (html/template). */
  readonly isHtml?: boolean
  /** The name under which the output of a named template can be had as a value, as in Prometheus's pages: `tmpl`. */
  readonly callFunction?: string
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
  const parsed = parseTemplates({ name, text }, knows(functions))
  const defined = merge(options.defined, parsed.defined)
  const start = { name, definition: parsed.root }
  return { execute: (data) => execute(defined, start, data, { functions, missingKey, maxOutput, maxSteps }) }
}

/**
 * The templates that the files define, of which later ones replace earlier ones (an empty one replaces none). Throws `template.parse` with file, line
 * and column.
 */
export function defineTemplates(
  files: readonly { readonly name: string; readonly text: string }[],
  functions: FunctionTable,
): ReadonlyMap<string, Definition> {
  let defined: ReadonlyMap<string, Definition> = new Map()
  for (const { name, text } of files) {
    const parsed = parseTemplates({ name, text, file: name }, knows(functions))
    defined = merge(defined, parsed.defined)
  }
  return defined
}

const knows =
  (functions: FunctionTable) =>
  (word: string): boolean =>
    Object.hasOwn(functions, word) || Object.hasOwn(builtins, word)

function merge(
  former: ReadonlyMap<string, Definition> = new Map(),
  added: ReadonlyMap<string, Definition>,
): ReadonlyMap<string, Definition> {
  const all = new Map(former)
  for (const [name, definition] of added) {
    if (!all.has(name) || !isEmpty(definition.list)) all.set(name, definition)
  }
  return all
}
