// The values of templates. Go's types matter there (`eq 1 1.0` is an error), so they are kept apart:
//
//   int bigint, float64 number, string, bool and nil (null) as in JavaScript; `undefined` is no value at all, as a missing key of a map gives;
//   map[string]interface{} Map, map[string]string StringMap, []interface{} array; other types by the classes below.

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
  | Time

/** What a function's or method's parameter takes: a Go type, or the name of a struct or list type. */
export type Parameter = 'any' | 'string' | 'bool' | 'int' | 'float' | { readonly type: string }

/** A function or method that templates call. It throws a `template.execute` AppError for what is wrong with its arguments. */
export interface TemplateFunction {
  readonly params: readonly Parameter[]
  /** Whether the last parameter takes any number of arguments. */
  readonly variadic?: boolean
  readonly call: (...args: readonly Value[]) => Value
}

export type FunctionTable = Readonly<Record<string, TemplateFunction>>

/** A Go map[string]string: what is missing in it is an empty text where the option `missingkey=zero` is set. */
export class StringMap {
  readonly entries: ReadonlyMap<string, string>
  constructor(entries: Readonly<Record<string, string>>) {
    this.entries = new Map(Object.entries(entries))
  }
}

/** A Go struct, or a pointer to one: a field that it does not have is an error. */
export class Struct {
  readonly type: string
  readonly fields: ReadonlyMap<string, Value>
  readonly methods: FunctionTable
  constructor(type: string, fields: Readonly<Record<string, Value>>, methods: FunctionTable = {}) {
    this.type = type
    this.fields = new Map(Object.entries(fields))
    this.methods = methods
  }
}

/** A slice of a named type, possibly with methods. */
export class List {
  readonly type: string
  readonly items: readonly Value[]
  readonly methods: FunctionTable
  constructor(type: string, items: readonly Value[], methods: FunctionTable = {}) {
    this.type = type
    this.items = items
    this.methods = methods
  }
}

/** A Go uint64. */
export class Uint {
  readonly value: bigint
  constructor(value: bigint) {
    this.value = value
  }
}

/** A Go time.Time in UTC. */
export class Time {
  /** Nanoseconds since 1970. */
  readonly atNs: bigint
  constructor(atNs: bigint) {
    this.atNs = atNs
  }
}

/** Go's name of a value's type. */
export function typeName(value: Value): string {
  if (value === undefined || value === null) return '<nil>'
  if (Array.isArray(value)) return '[]interface {}'
  if (value instanceof Map) return 'map[string]interface {}'
  if (value instanceof StringMap) return 'map[string]string'
  if (value instanceof Struct || value instanceof List) return value.type
  if (value instanceof Uint) return 'uint64'
  if (value instanceof Time) return 'time.Time'
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
  return typeof value === 'bigint' ? value : value instanceof Uint ? value.value : undefined
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
  if (value instanceof Uint) return value.value !== 0n
  if (value instanceof Struct || value instanceof Time) return true
  return typeof value === 'number' ? value !== 0 : Boolean(value)
}
