// A template of Go's text/template: parsed once, executed over data as often as wanted. Pure: it reaches nothing but what its functions are given.
import { builtins } from './builtins.ts'
import { execute } from './execute.ts'
import type { Budget, MissingKey } from './execute-state.ts'
import { escapeTemplates } from './html/escape.ts'
import { escapers } from './html/escapers.ts'
import { isEmpty, parseTemplates } from './parse.ts'
import type { Definition } from './parse-nodes.ts'
import { quote } from './quote.ts'
import { functionError } from './template-error.ts'
import { type FunctionTable, SafeText, type TemplateFunction, type Value } from './value.ts'

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
  const { name, missingKey = 'default', maxOutput = 1_000_000, maxSteps = 1_000_000, callFunction } = options
  const isHtml = options.isHtml === true
  const budget: Budget = { steps: 0, maxSteps, depth: 0, nesting: 0 }
  let run: (name: string, data: Value) => string
  const own: FunctionTable =
    callFunction === undefined ? {} : { [callFunction]: caller((called, data) => run(called, data), isHtml) }
  const known = { ...options.functions, ...own }
  const { root, defined: added } = parseTemplates({ name, text }, knows(known))
  const defined = new Map([...merge(options.defined, added), [name, root]])
  const functions = isHtml ? { ...known, ...escapers } : known
  const escaped = new Map<string, Runnable>()
  run = (called, data) => {
    const runnable = escaped.get(called) ?? runnableOf(defined, called, isHtml)
    escaped.set(called, runnable)
    return execute(runnable.defined, { name: called, definition: runnable.definition }, data, {
      functions,
      missingKey,
      maxOutput,
      budget,
    })
  }
  return {
    execute(data) {
      budget.steps = 0
      budget.depth = 0
      budget.nesting = 0
      return run(name, data)
    },
  }
}

interface Runnable {
  readonly definition: Definition
  readonly defined: ReadonlyMap<string, Definition>
}

function runnableOf(defined: ReadonlyMap<string, Definition>, name: string, isHtml: boolean): Runnable {
  const definition = defined.get(name)
  if (definition === undefined) throw functionError(`template ${quote(name)} is undefined`)
  return isHtml ? escapeTemplates(defined, name, definition) : { definition, defined }
}

/** The function that gives the output of a template by its name. */
function caller(run: (name: string, data: Value) => string, isHtml: boolean): TemplateFunction {
  return {
    params: ['string', 'any'],
    call: (name, data) => {
      const output = run(String(name), data)
      return isHtml ? new SafeText('template.HTML', output) : output
    },
  }
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
