// Values of pipelines, commands and their arguments: the half of Go's text/template/exec.go that is about values.
import { AppError } from '@tidewatch/core/error.ts'
import { builtins } from './builtins.ts'
import type { ExecutionState } from './execute-state.ts'
import { methodsOf } from './format.ts'
import {
  type ChainOperand,
  type Command,
  type IdentifierOperand,
  type Operand,
  type Pipe,
  printNode,
} from './parse-nodes.ts'
import { quote } from './quote.ts'
import {
  Complex,
  entriesOf,
  isTrue,
  itemsOf,
  type Parameter,
  StringMap,
  Struct,
  type TemplateFunction,
  typeName,
  type Value,
} from './value.ts'

/** UTF-16 units of a text that is held as a value. */
const maxText = 16_000_000

/** No value was piped into the command. */
const nothing = Symbol('nothing')
type Final = Value | typeof nothing

export class Evaluator {
  readonly #state: ExecutionState

  constructor(state: ExecutionState) {
    this.#state = state
  }

  /** The value of a pipeline; what it declares is known from then on. */
  pipeline(dot: Value, pipe: Pipe): Value {
    this.#state.node = pipe
    this.#state.deeper()
    let value: Final = nothing
    for (const command of pipe.commands) {
      const result: Value = this.#command(dot, command, value)
      // what was held as an interface is now what is in it, and nil is nothing
      value = result === null ? undefined : result
    }
    this.#state.shallower()
    const result = value === nothing ? undefined : value
    for (const name of pipe.declared) {
      if (pipe.isAssign) this.#state.assign(name, result)
      else this.#state.variables.push({ name, value: result })
    }
    return result
  }

  #command(dot: Value, command: Command, final: Final): Value {
    this.#state.step()
    const [first] = command.args
    if (first === undefined) return undefined
    switch (first.kind) {
      case 'field':
        this.#state.node = first
        return this.#fields(dot, dot, first.names, command.args, final)
      case 'chain':
        return this.#chain(dot, first, command.args, final)
      case 'identifier':
        return this.#function(dot, first, command, final)
      case 'variable':
        return this.#variable(dot, first, command.args, final)
      case 'pipe':
        this.#notAFunction(command.args, final)
        return this.pipeline(dot, first)
      default:
        this.#state.node = first
        this.#notAFunction(command.args, final)
        if (first.kind === 'nil') return this.#state.fail('nil is not a command')
        return first.kind === 'dot' ? dot : 'value' in first ? first.value : undefined
    }
  }

  #notAFunction(args: readonly Operand[], final: Final): void {
    const [first] = args
    if (first !== undefined && (args.length > 1 || final !== nothing)) {
      this.#state.fail(`can't give argument to non-function ${printNode(first)}`)
    }
  }

  #variable(dot: Value, node: Extract<Operand, { kind: 'variable' }>, args: readonly Operand[], final: Final): Value {
    this.#state.node = node
    const [name = '', ...names] = node.names
    const variable = this.#state.variables.findLast((known) => known.name === name)
    if (variable === undefined) return this.#state.fail(`undefined variable: ${name}`)
    if (names.length > 0) return this.#fields(dot, variable.value, names, args, final)
    this.#notAFunction(args, final)
    return variable.value
  }

  #chain(dot: Value, node: ChainOperand, args: readonly Operand[], final: Final): Value {
    this.#state.node = node
    if (node.node.kind === 'nil') return this.#state.fail(`indirection through explicit nil in ${printNode(node)}`)
    const receiver = this.#argument(dot, 'any', node.node)
    return this.#fields(dot, receiver, node.names, args, final)
  }

  /** The last of the fields may be a method, which takes the arguments. */
  #fields(dot: Value, receiver: Value, names: readonly string[], args: readonly Operand[], final: Final): Value {
    let value = receiver
    for (const [i, name] of names.entries()) {
      const isLast = i === names.length - 1
      const inMap = i > 0 ? 'interface {}' : undefined
      value = this.#field(dot, value, name, isLast ? args : [], isLast ? final : nothing, inMap)
    }
    return value
  }

  #field(
    dot: Value,
    receiver: Value,
    name: string,
    args: readonly Operand[],
    final: Final,
    type: string | undefined,
  ): Value {
    if (receiver === undefined) {
      if (this.#state.options.missingKey === 'error') this.#state.fail(`nil data; no entry for key ${quote(name)}`)
      return undefined
    }
    if (receiver === null) return this.#state.fail(`nil pointer evaluating interface {}.${name}`)
    const methods = methodsOf(receiver)
    const method = Object.hasOwn(methods, name) ? methods[name] : undefined
    if (method !== undefined) {
      const [first] = args
      const command: Command = { args, start: first?.start ?? this.#state.node.start }
      return this.#call(dot, method, name, command, final, receiver)
    }
    const hasArguments = args.length > 1 || final !== nothing
    if (receiver instanceof Struct && receiver.fields.has(name)) {
      if (hasArguments) this.#state.fail(`${name} has arguments but cannot be invoked as function`)
      return receiver.fields.get(name)
    }
    const entries = entriesOf(receiver)
    if (entries === undefined)
      return this.#state.fail(`can't evaluate field ${name} in type ${type ?? typeName(receiver)}`)
    if (hasArguments) this.#state.fail(`${name} is not a method but has arguments`)
    if (entries.has(name)) return entries.get(name)
    switch (this.#state.options.missingKey) {
      case 'default':
        return undefined
      case 'zero':
        return receiver instanceof StringMap ? '' : null
      case 'error':
        return this.#state.fail(`map has no entry for key ${quote(name)}`)
    }
  }

  #function(dot: Value, node: IdentifierOperand, command: Command, final: Final): Value {
    this.#state.node = node
    const { functions } = this.#state.options
    const found = Object.hasOwn(functions, node.name) ? functions[node.name] : builtins[node.name]
    if (found === undefined) return this.#state.fail(`${quote(node.name)} is not a defined function`)
    return this.#call(dot, found, node.name, command, final)
  }

  /** Calls with the command's arguments (its first is the function) and what was piped into it; a method's first argument is what it is of. */
  #call(dot: Value, target: TemplateFunction, name: string, command: Command, final: Final, receiver?: Value): Value {
    const args = command.args.slice(1)
    this.#checkCount(target, name, args.length, final)
    if (target === builtins.and || target === builtins.or) return this.#shortCircuit(dot, name === 'or', args, final)
    const parameter = (i: number): Parameter => target.params[Math.min(i, target.params.length - 1)] ?? 'any'
    const values = args.map((arg, i) => this.#argument(dot, parameter(i), arg))
    if (final !== nothing) values.push(this.#assignable(final, parameter(args.length)))
    if (receiver !== undefined) values.unshift(receiver)
    if (name === 'len' && args[0]?.kind === 'nil') {
      this.#state.node = command
      return this.#state.fail('error calling len: reflect: call of reflect.Value.Type on zero Value')
    }
    for (const value of values) this.#state.step(costOf(value))
    if (target.cost !== undefined) this.#state.step(target.cost(...values))
    try {
      return this.#bounded(target.call(...values))
    } catch (error) {
      // what was found in a template that a function ran has its place already
      if (!(error instanceof AppError) || !error.code.startsWith('template.') || error.where !== undefined) throw error
      this.#state.node = command
      if (error.code === 'template.limit') return this.#state.fail(error.message, error.code)
      return this.#state.fail(`error calling ${name}: ${error.message}`)
    }
  }

  /** A text that a function made is bounded, and paid for: else one that is doubled again and again would fill the memory. */
  #bounded(value: Value): Value {
    if (typeof value !== 'string') return value
    if (value.length > maxText) this.#state.fail(`a text is longer than ${maxText} characters`, 'template.limit')
    this.#state.step(costOf(value))
    return value
  }

  #checkCount({ params, variadic }: TemplateFunction, name: string, given: number, final: Final): void {
    const count = given + (final === nothing ? 0 : 1)
    if (variadic === true) {
      const least = params.length - 1
      if (count < least) this.#state.fail(`wrong number of args for ${name}: want at least ${least} got ${given}`)
    } else if (count !== params.length) {
      this.#state.fail(`wrong number of args for ${name}: want ${params.length} got ${count}`)
    }
  }

  #shortCircuit(dot: Value, stopsAt: boolean, args: readonly Operand[], final: Final): Value {
    let value: Value
    for (const arg of args) {
      value = this.#argument(dot, 'any', arg)
      if (isTrue(value) === stopsAt) return value
    }
    return final === nothing ? value : final
  }

  #argument(dot: Value, parameter: Parameter, node: Operand): Value {
    this.#state.node = node
    switch (node.kind) {
      case 'dot':
        return this.#assignable(dot, parameter)
      case 'field':
        return this.#assignable(this.#fields(dot, dot, node.names, [], nothing), parameter)
      case 'variable':
        return this.#assignable(this.#variable(dot, node, [], nothing), parameter)
      case 'pipe':
        return this.#assignable(this.pipeline(dot, node), parameter)
      case 'chain':
        return this.#assignable(this.#chain(dot, node, [], nothing), parameter)
      case 'identifier':
        return this.#assignable(this.#function(dot, node, { args: [node], start: node.start }, nothing), parameter)
      case 'nil':
        if (parameter === 'any' || typeof parameter === 'object') return null
        return this.#state.fail(`cannot assign nil to ${goType(parameter)}`)
      default:
        return this.#constant(node, parameter)
    }
  }

  /** A constant takes the type that its parameter wants. */
  #constant(node: Extract<Operand, { kind: 'bool' | 'number' | 'string' }>, parameter: Parameter): Value {
    const expected = (what: string): never => this.#state.fail(`expected ${what}; found ${printNode(node)}`)
    switch (parameter) {
      case 'any':
        return node.value
      case 'string':
        return node.kind === 'string' ? node.value : expected('string')
      case 'bool':
        return node.kind === 'bool' ? node.value : expected('bool')
      case 'int':
        return wholeOf(node) ?? expected('integer')
      case 'float':
        return node.kind === 'number' && !(node.value instanceof Complex) ? Number(node.value) : expected('float')
      default:
        if (parameter.isInt === true) return wholeOf(node) ?? expected('integer')
        return this.#state.fail(`can't handle ${printNode(node)} for arg of type ${parameter.type}`)
    }
  }

  #assignable(value: Value, parameter: Parameter): Value {
    if (parameter === 'any') return value ?? null
    const wanted = goType(parameter)
    if (value === undefined || value === null) {
      return typeof parameter === 'object' ? null : this.#state.fail(`invalid value; expected ${wanted}`)
    }
    const type = typeName(value)
    if (type === wanted) return value
    return this.#state.fail(`wrong type for value; expected ${wanted}; got ${type}`)
  }
}

/** Steps that a function's work on a value is worth: else one could have texts of a million characters changed a million times. */
function costOf(value: Value): number {
  if (typeof value === 'string') return value.length >> 5
  return (itemsOf(value)?.length ?? 0) >> 1
}

/** The whole number that a constant is, also where it is written as `1e3`. */
function wholeOf(node: Extract<Operand, { kind: 'bool' | 'number' | 'string' }>): bigint | undefined {
  if (node.kind !== 'number' || node.value instanceof Complex) return undefined
  if (typeof node.value === 'bigint') return node.value
  return Number.isSafeInteger(node.value) ? BigInt(node.value) : undefined
}

function goType(parameter: Exclude<Parameter, 'any'>): string {
  if (typeof parameter === 'object') return parameter.type
  return parameter === 'float' ? 'float64' : parameter
}
