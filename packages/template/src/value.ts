// The values of templates. Go's types matter there (`eq 1 1.0` is an error), so they are kept apart:
//
//   int bigint, float64 number, string, bool and nil (null) as in JavaScript; `undefined` is no value at all, as a missing key of a map gives;
//   map[string]interface{} Map, map[string]string StringMap, []interface{} array; other types by the classes below.
import { utcZone, type Zone } from './time-zone.ts'

export type Value =
  | undefined
  | null
  | boolean
  | bigint
  | number
  | string
  | readonly Value[]
  | ReadonlyMap<string, Value>
  | StringMap
  | Struct
  | List
  | Uint
  | NamedInt
  | SafeText
  | Complex
  | Time

/** What a function's or method's parameter takes: a Go type, or the name of one of ours (`isInt`: whole constants are taken for it too). */
export type Parameter =
  | 'any'
  | 'string'
  | 'bool'
  | 'int'
  | 'float'
  | { readonly type: string; readonly isInt?: boolean }

/** A function or method that templates call. It throws a `template.execute` AppError for what is wrong with its arguments. */
export interface TemplateFunction {
  readonly params: readonly Parameter[]
  /** Whether the last parameter takes any number of arguments. */
  readonly variadic?: boolean
  /** Steps that a call is worth beyond those for the length of its arguments, where it takes much longer than to read them. */
  readonly cost?: (...args: readonly Value[]) => number
  readonly call: (...args: readonly Value[]) => Value
}

export type FunctionTable = Readonly<Record<string, TemplateFunction>>

/** A method: as a function, with the value that it is called on as an argument before the others. */
export type MethodTable = FunctionTable

const noMethods: MethodTable = {}

/** A Go map[string]string, or a type made of it: what is missing in it is an empty text where the option `missingkey=zero` is set. */
export class StringMap {
  readonly entries: ReadonlyMap<string, string>
  readonly type: string
  readonly methods: MethodTable
  /** A map that was never made: JSON has `null` for it. */
  readonly isNil: boolean
  constructor(
    entries: ReadonlyMap<string, string> | Readonly<Record<string, string>> | null,
    type = 'map[string]string',
    methods: MethodTable = noMethods,
  ) {
    this.entries = entries instanceof Map ? entries : new Map(Object.entries(entries ?? {}))
    this.type = type
    this.methods = methods
    this.isNil = entries === null
  }
}

/** A Go struct, or a pointer to one: a field that it does not have is an error. */
export class Struct {
  readonly type: string
  readonly fields: ReadonlyMap<string, Value>
  readonly methods: MethodTable
  constructor(type: string, fields: Readonly<Record<string, Value>>, methods: MethodTable = noMethods) {
    this.type = type
    this.fields = new Map(Object.entries(fields))
    this.methods = methods
  }
}

/** A slice of a named type, possibly with methods. */
export class List {
  readonly type: string
  readonly items: readonly Value[]
  readonly methods: MethodTable
  /** A slice that was never made: JSON has `null` for it. */
  readonly isNil: boolean
  constructor(type: string, items: readonly Value[] | null, methods: MethodTable = noMethods) {
    this.type = type
    this.items = items ?? []
    this.methods = methods
    this.isNil = items === null
  }
}

/** A Go uint or uint64. */
export class Uint {
  readonly value: bigint
  readonly type: 'uint' | 'uint64'
  constructor(value: bigint, type: 'uint' | 'uint64' = 'uint64') {
    this.value = value
    this.type = type
  }
}

/** An integer of a type that prints as words, such as time.Duration. */
export class NamedInt {
  readonly type: string
  readonly value: bigint
  readonly methods: MethodTable
  constructor(type: string, value: bigint, methods: MethodTable) {
    this.type = type
    this.value = value
    this.methods = methods
  }
}

/** A text that may stand as it is in one kind of place of a mail, such as template.HTML. */
export class SafeText {
  readonly type: string
  readonly text: string
  constructor(type: string, text: string) {
    this.type = type
    this.text = text
  }
}

/** A Go complex128. */
export class Complex {
  readonly real: number
  readonly imaginary: number
  constructor(real: number, imaginary: number) {
    this.real = real
    this.imaginary = imaginary
  }
}

/** A Go time.Time. */
export class Time {
  /** Nanoseconds since 1970. */
  readonly atNs: bigint
  readonly zone: Zone
  constructor(atNs: bigint, zone: Zone = utcZone) {
    this.atNs = atNs
    this.zone = zone
  }
}

/** Go's name of a value's type. */
export function typeName(value: Value): string {
  if (value === undefined || value === null) return '<nil>'
  if (Array.isArray(value)) return '[]interface {}'
  if (value instanceof Map) return 'map[string]interface {}'
  if (value instanceof Complex) return 'complex128'
  if (value instanceof Time) return 'time.Time'
  if (isTyped(value)) return value.type
  switch (typeof value) {
    case 'bigint':
      return 'int'
    case 'number':
      return 'float64'
    case 'boolean':
      return 'bool'
    default:
      return 'string'
  }
}

type Typed = Extract<Value, { readonly type: string }>
const isTyped = (value: Value): value is Typed => typeof value === 'object' && value !== null && 'type' in value

/** The items of a list, or undefined where the value is none. */
export function itemsOf(value: Value): readonly Value[] | undefined {
  if (value instanceof List) return value.items
  return isArray(value) ? value : undefined
}

const isArray = (value: Value): value is readonly Value[] => Array.isArray(value)

/** The entries of a map, or undefined where the value is none. */
export function entriesOf(value: Value): ReadonlyMap<string, Value> | undefined {
  if (value instanceof StringMap) return value.entries
  return value instanceof Map ? value : undefined
}

/** A value of an integer type. */
export function integerOf(value: Value): bigint | undefined {
  if (typeof value === 'bigint') return value
  return value instanceof Uint || value instanceof NamedInt ? value.value : undefined
}

/** A value of a text type. */
export function stringOf(value: Value): string | undefined {
  return typeof value === 'string' ? value : value instanceof SafeText ? value.text : undefined
}

const utf8 = new TextEncoder()
const utf8Decoder = new TextDecoder()
export const bytesOf = (text: string): Uint8Array => utf8.encode(text)
/** Text of bytes; what is cut within a character becomes U+FFFD. */
export const textOf = (bytes: Uint8Array): string => utf8Decoder.decode(bytes)

/** Whether `if` takes the value for true: not zero and not empty. */
export function isTrue(value: Value): boolean {
  if (value === undefined || value === null) return false
  const items = itemsOf(value)
  if (items !== undefined) return items.length > 0
  const entries = entriesOf(value)
  if (entries !== undefined) return entries.size > 0
  const integer = integerOf(value)
  if (integer !== undefined) return integer !== 0n
  if (value instanceof SafeText) return value.text !== ''
  if (value instanceof Complex) return value.real !== 0 || value.imaginary !== 0
  if (value instanceof Struct || value instanceof Time) return true
  return typeof value === 'number' ? value !== 0 : Boolean(value)
}
