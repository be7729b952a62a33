// Contextual escaping of whole templates, as Go's html/template does it: text is followed through the states of HTML, JavaScript, CSS and URLs, and
// each action gets the escapers of the place where it stands. A template that is called in several places is copied for each.

import {
  type ActionNode,
  type Definition,
  printNode,
  type Source,
  type Statement,
  type TemplateNode,
  type TextNode,
} from '../parse-nodes.ts'
import { placeOf } from '../place.ts'
import { quote } from '../quote.ts'
import { templateError } from '../template-error.ts'
import { areEqual, type Context, inState, keyOf, nudge, problemContext, textContext } from './context.ts'
import { escapersFor, misplacedEscaper, withEscapers } from './escape-pipe.ts'
import { escapeTextNode } from './escape-text-node.ts'
import { joinContexts } from './join.ts'

type Branch = Extract<Statement, { readonly pipe: unknown; readonly list: unknown }>

/** What following the text may cost: loops in loops are read twice each, as Go does it. */
const maxSteps = 1_000_000
const maxNesting = 500

interface Escaped<T> {
  readonly context: Context
  readonly node: T
}

interface Loop {
  readonly outer: Loop | undefined
  /** Contexts at its breaks and continues. */
  readonly ends: { readonly context: Context; readonly node: Statement }[]
}

/** Where a fault stands; the first that is found is told. */
interface Fault {
  readonly source: Source
  readonly start: number
}

/** What is shared by all the attempts at one template. */
interface Attempt {
  steps: number
  /** Lists that are read within one another, through templates too. */
  nesting: number
  fault: Fault | undefined
}

/**
 * The template of that name and all that it calls, escaped for a place in the text of HTML. Throws `template.execute` where a value stands in a
 * place that cannot be escaped, `template.limit` where following the text takes too long.
 */
export function escapeTemplates(
  templates: ReadonlyMap<string, Definition>,
  name: string,
  definition: Definition,
): { readonly definition: Definition; readonly defined: ReadonlyMap<string, Definition> } {
  const attempt: Attempt = { steps: 0, nesting: 0, fault: undefined }
  const escaper = new Escaper(new Map([...templates, [name, definition]]), attempt)
  const { context, target } = escaper.tree(textContext, name, { source: definition.source, start: 0 })
  const problem =
    context.state === 'error'
      ? (context.problem ?? '')
      : context.state === 'text'
        ? undefined
        : `ends in a non-text context: ${context.state}`
  if (problem !== undefined)
    throw fault(problem, context.state === 'error' ? attempt.fault : undefined, definition.source)
  return { definition: escaper.done.get(target) ?? definition, defined: new Map([...templates, ...escaper.done]) }
}

function fault(problem: string, where: Fault | undefined, source: Source): Error {
  if (where === undefined)
    return templateError('template.execute', `html/template:${source.name}: ${problem}`, undefined)
  const { line, column } = placeOf(where.source.text, where.start)
  const { name, file } = where.source
  return templateError('template.execute', `html/template:${name}:${line}:${column}: ${problem}`, {
    line,
    column,
    ...(file === undefined ? {} : { file }),
  })
}

class Escaper {
  readonly #templates: ReadonlyMap<string, Definition>
  readonly #attempt: Attempt
  /** Contexts behind templates, by their name and the context in which they began. */
  readonly #output: Map<string, Context>
  readonly #called = new Set<string>()
  readonly done = new Map<string, Definition>()
  #loop: Loop | undefined
  #source: Source = { name: '', text: '' }

  constructor(
    templates: ReadonlyMap<string, Definition>,
    attempt: Attempt,
    output: ReadonlyMap<string, Context> = new Map(),
  ) {
    this.#templates = templates
    this.#attempt = attempt
    this.#output = new Map(output)
  }

  #problem(text: string, start: number): Context {
    this.#attempt.fault ??= { source: this.#source, start }
    return problemContext(text)
  }

  #charge(steps: number): void {
    this.#attempt.steps += steps
    if (this.#attempt.steps > maxSteps) this.#tooMuch()
  }

  #tooMuch(): never {
    const message = `html/template:${this.#source.name}: its branches and calls are too many to follow the text through`
    throw templateError('template.limit', message, undefined)
  }

  /** The context behind a template, and the name of its copy for where it begins. */
  tree(context: Context, name: string, caller: Fault): { readonly context: Context; readonly target: string } {
    const target = areEqual(context, textContext) ? name : `${name}$${keyOf(context)}`
    this.#called.add(target)
    const known = this.#output.get(target)
    if (known !== undefined) return { context: known, target }
    const definition = this.#templates.get(name)
    if (definition === undefined) {
      this.#attempt.fault ??= caller
      return { context: problemContext(`no such template ${quote(name)}`), target }
    }
    return { context: this.#outputOf(context, target, definition), target }
  }

  /** A template may call itself: what it ends in is guessed first, and the guess is tried. */
  #outputOf(context: Context, target: string, definition: Definition): Context {
    const first = this.#body(context, target, definition)
    if (first.isSure) return first.context
    const second = this.#body(first.context, target, definition, context)
    if (second.isSure) return second.context
    if (second.context.state === 'error') return second.context
    this.#attempt.fault ??= { source: definition.source, start: 0 }
    return problemContext(`cannot compute output context for template ${target.split('$')[0]}`)
  }

  #body(guess: Context, target: string, definition: Definition, start = guess): { context: Context; isSure: boolean } {
    this.#output.set(target, guess)
    const inner = new Escaper(this.#templates, this.#attempt, this.#output)
    inner.#source = definition.source
    const { context, node } = inner.#list(start, definition.list)
    const isSure = context.state !== 'error' && (!inner.#called.has(target) || areEqual(context, guess))
    if (!isSure) return { context, isSure }
    for (const [name, output] of inner.#output) this.#output.set(name, output)
    for (const [name, copy] of inner.done) this.done.set(name, copy)
    for (const name of inner.#called) this.#called.add(name)
    this.#output.set(target, context)
    this.done.set(target, { source: definition.source, list: node })
    return { context, isSure }
  }

  #list(start: Context, list: readonly Statement[]): Escaped<readonly Statement[]> {
    if (++this.#attempt.nesting > maxNesting) this.#tooMuch()
    let context = start
    const nodes: Statement[] = []
    for (const statement of list) {
      if (context.state === 'dead' || context.state === 'error') {
        // what stands behind a break never runs
        nodes.push(statement)
        continue
      }
      const escaped = this.#statement(context, statement)
      context = escaped.context
      nodes.push(escaped.node)
    }
    this.#attempt.nesting--
    return { context, node: nodes }
  }

  #statement(context: Context, node: Statement): Escaped<Statement> {
    this.#charge(1)
    switch (node.kind) {
      case 'text':
        return this.#text(context, node)
      case 'action':
        return this.#action(context, node)
      case 'template':
        return this.#template(context, node)
      case 'break':
      case 'continue':
        this.#loop?.ends.push({ context, node })
        return { context: inState('dead'), node }
      case 'if':
      case 'with':
      case 'range':
        return this.#branch(context, node)
    }
  }

  #text(start: Context, node: TextNode): Escaped<Statement> {
    const escaped = escapeTextNode(start, node)
    this.#charge(escaped.steps)
    const { problem } = escaped.context
    return problem === undefined ? escaped : { context: this.#problem(problem, node.start), node }
  }

  #action(before: Context, node: ActionNode): Escaped<Statement> {
    if (node.pipe.declared.length > 0) return { context: before, node }
    const context = nudge(before)
    const misplaced = misplacedEscaper(node.pipe, context)
    if (misplaced !== undefined) {
      return {
        context: this.#problem(`predefined escaper ${quote(misplaced)} disallowed in template`, node.start),
        node,
      }
    }
    const names = escapersFor(context, () => printNode(node))
    if (typeof names === 'string') return { context: this.#problem(names, node.start), node }
    const escaped = { ...node, pipe: withEscapers(node.pipe, names) }
    // a slash behind a value divides by it
    if (context.state === 'js') return { context: { ...context, slash: 'division' }, node: escaped }
    return { context: context.state === 'tag' ? { ...context, state: 'attrName' } : context, node: escaped }
  }

  #template(before: Context, node: TemplateNode): Escaped<Statement> {
    const { context, target } = this.tree(before, node.name, { source: this.#source, start: node.start })
    return { context, node: target === node.name ? node : { ...node, target } }
  }

  #branch(start: Context, node: Branch): Escaped<Statement> {
    const first = node.kind === 'range' ? this.#rangeList(start, node) : this.#list(start, node.list)
    if (first.context.state === 'error') return { context: first.context, node }
    const second = this.#list(start, node.elseList ?? [])
    const context = this.#join(first.context, second.context, node, node.kind)
    const elseList = node.elseList === undefined ? undefined : second.node
    return { context, node: { ...node, list: first.node, elseList } }
  }

  /** A loop's list may run many times: it must end where it can begin again. */
  #rangeList(start: Context, node: Branch): Escaped<readonly Statement[]> {
    const once = this.#inLoop(() => this.#list(start, node.list))
    if (once.context.state === 'error') return once
    const again = new Escaper(this.#templates, this.#attempt, this.#output)
    again.#source = this.#source
    const twice = again.#inLoop(() => again.#list(once.context, node.list))
    const joined = this.#join(once.context, twice.context, node, 'range', 'on range loop re-entry: ')
    return { context: joined, node: once.node }
  }

  #inLoop(run: () => Escaped<readonly Statement[]>): Escaped<readonly Statement[]> {
    const loop: Loop = { outer: this.#loop, ends: [] }
    this.#loop = loop
    const { context, node } = run()
    this.#loop = loop.outer
    let joined = context
    for (const end of loop.ends) {
      if (joined.state === 'error') break
      joined = this.#join(joined, end.context, end.node, 'range', `at range loop ${end.node.kind}: `)
    }
    return { context: joined, node }
  }

  #join(a: Context, b: Context, node: Statement, kind: string, prefix = ''): Context {
    const joined = joinContexts(a, b)
    if (joined !== undefined) return joined
    return this.#problem(`${prefix}{{${kind}}} branches end in different contexts: ${a.state}, ${b.state}`, node.start)
  }
}
