// The functions that every template has (Go's text/template/funcs.go). `and` and `or` are evaluated by the execution, since they may stop early.
import { compareBytes, printable, sprint, sprintln } from './format.ts'
import { sprintf } from './printf.ts'
import { isPrintable } from './quote.ts'
import { functionError } from './template-error.ts'
import {
  bytesOf,
  Complex,
  entriesOf,
  type FunctionTable,
  integerOf,
  isTrue,
  itemsOf,
  List,
  NamedInt,
  SafeText,
  StringMap,
  Struct,
  stringOf,
  Time,
  textOf,
  typeName,
  Uint,
  type Value,
} from './value.ts'

type Kind = 'bool' | 'int' | 'uint' | 'float' | 'complex' | 'string' | 'other'

function kindOf(value: Value): Kind {
  switch (typeof value) {
    case 'boolean':
      return 'bool'
    case 'bigint':
      return 'int'
    case 'number':
      return 'float'
    case 'string':
      return 'string'
    default:
      if (value instanceof Uint) return 'uint'
      if (value instanceof NamedInt) return 'int'
      if (value instanceof Complex) return 'complex'
      return value instanceof SafeText ? 'string' : 'other'
  }
}

const isNil = (value: Value): boolean => value === undefined || value === null

function areEqual(a: Value, b: Value): boolean {
  const x = kindOf(a)
  const y = kindOf(b)
  if (x !== y) {
    const i = integerOf(a)
    const j = integerOf(b)
    if (i !== undefined && j !== undefined) return i === j
    if (isNil(a) || isNil(b)) return false
    throw functionError(`incompatible types for comparison: ${typeName(a)} and ${typeName(b)}`)
  }
  if (x === 'int' || x === 'uint') return integerOf(a) === integerOf(b)
  if (x === 'string') return stringOf(a) === stringOf(b)
  if (a instanceof Complex && b instanceof Complex) return a.real === b.real && a.imaginary === b.imaginary
  if (x !== 'other') return a === b
  if (isNil(a) || isNil(b)) return isNil(a) === isNil(b)
  if (a instanceof Time && b instanceof Time) return a.atNs === b.atNs && a.zone === b.zone
  if (a instanceof Struct) return a === b
  throw functionError(`non-comparable type ${sprint([b])}: ${typeName(b)}`)
}

function isLess(a: Value, b: Value): boolean {
  const x = kindOf(a)
  const y = kindOf(b)
  if (x === 'other' || y === 'other') throw functionError('invalid type for comparison')
  const i = integerOf(a)
  const j = integerOf(b)
  if (i !== undefined && j !== undefined) return i < j
  if (x !== y) throw functionError(`incompatible types for comparison: ${typeName(a)} and ${typeName(b)}`)
  if (typeof a === 'number' && typeof b === 'number') return a < b
  const s = stringOf(a)
  const t = stringOf(b)
  if (s !== undefined && t !== undefined) return compareBytes(s, t) < 0
  throw functionError('invalid type for comparison')
}

function equals(first: Value, others: readonly Value[]): boolean {
  if (others.length === 0) throw functionError('missing argument for comparison')
  return others.some((other) => areEqual(first, other))
}

function lengthOf(value: Value): bigint {
  if (isNil(value)) throw functionError('len of nil pointer')
  const text = stringOf(value)
  const size = text !== undefined ? bytesOf(text).length : (itemsOf(value)?.length ?? entriesOf(value)?.size)
  if (size === undefined) throw functionError(`len of type ${typeName(value)}`)
  return BigInt(size)
}

/** An index up to the length, as Go's checks allow it. */
function indexArgument(index: Value, length: number): number {
  if (isNil(index)) throw functionError('cannot index slice/array with nil')
  const integer = integerOf(index)
  if (integer === undefined) throw functionError(`cannot index slice/array with type ${typeName(index)}`)
  if (integer < 0n || integer > BigInt(length)) throw functionError(`index out of range: ${integer}`)
  return Number(integer)
}

function indexOne(item: Value, index: Value): Value {
  if (isNil(item)) throw functionError('index of untyped nil')
  const entries = entriesOf(item)
  if (entries !== undefined) {
    if (typeof index !== 'string') throw functionError(`value has type ${typeName(index)}; should be string`)
    return entries.get(index) ?? (item instanceof StringMap ? '' : null)
  }
  const bytes = typeof item === 'string' ? bytesOf(item) : undefined
  const items = itemsOf(item)
  const length = bytes?.length ?? items?.length
  if (length === undefined) throw functionError(`can't index item of type ${typeName(item)}`)
  const place = indexArgument(index, length)
  if (place === length) throw functionError(`reflect: ${bytes === undefined ? 'slice' : 'string'} index out of range`)
  return bytes === undefined ? items?.[place] : BigInt(bytes[place] ?? 0)
}

function slice(item: Value, indexes: readonly Value[]): Value {
  if (isNil(item)) throw functionError('slice of untyped nil')
  if (indexes.length > 3) throw functionError(`too many slice indexes: ${indexes.length}`)
  const bytes = typeof item === 'string' ? bytesOf(item) : undefined
  if (bytes !== undefined && indexes.length === 3) throw functionError('cannot 3-index slice a string')
  const items = itemsOf(item)
  const length = bytes?.length ?? items?.length
  if (length === undefined) throw functionError(`can't slice item of type ${typeName(item)}`)
  const [from = 0, to = length, capacity = length] = indexes.map((index) => indexArgument(index, length))
  if (from > to) throw functionError(`invalid slice index: ${from} > ${to}`)
  if (to > capacity) throw functionError(`invalid slice index: ${to} > ${capacity}`)
  if (bytes !== undefined) return textOf(bytes.subarray(from, to))
  const part = (items ?? []).slice(from, to)
  return item instanceof List ? new List(item.type, part, item.methods) : part
}

/** Arguments as one text, as the escaping functions take them. */
function joined(args: readonly Value[]): string {
  return sprint(args.map(printable))
}

const htmlEscapes: Readonly<Record<string, string>> = {
  '\0': '\ufffd',
  '"': '&#34;',
  "'": '&#39;',
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
}

export function escapeHtml(text: string): string {
  return text.replace(/["'&<>\0]/g, (c) => htmlEscapes[c] ?? c)
}

const jsEscapes: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '"': '\\"',
  '<': '\\u003C',
  '>': '\\u003E',
  '&': '\\u0026',
  '=': '\\u003D',
}

const isShownInScript = (rune: string): boolean => rune >= ' ' && (rune < '\x7f' || isPrintable(rune))

function escapeScript(text: string): string {
  const shown = (rune: string): string => {
    const known = jsEscapes[rune]
    if (known !== undefined) return known
    if (isShownInScript(rune)) return rune
    return `\\u${(rune.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
  }
  return [...text].map(shown).join('')
}

/** Go's url.QueryEscape: a space becomes `+`. */
export function escapeQuery(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')
}

export const builtins: FunctionTable = {
  and: { params: ['any', 'any'], variadic: true, call: (...args) => args.find((arg) => !isTrue(arg)) ?? args.at(-1) },
  or: { params: ['any', 'any'], variadic: true, call: (...args) => args.find(isTrue) ?? args.at(-1) },
  not: { params: ['any'], call: (arg) => !isTrue(arg) },
  eq: { params: ['any', 'any'], variadic: true, call: (first, ...others) => equals(first, others) },
  ne: { params: ['any', 'any'], call: (a, b) => !areEqual(a, b) },
  lt: { params: ['any', 'any'], call: (a, b) => isLess(a, b) },
  le: { params: ['any', 'any'], call: (a, b) => isLess(a, b) || areEqual(a, b) },
  gt: { params: ['any', 'any'], call: (a, b) => !isLess(a, b) && !areEqual(a, b) },
  ge: { params: ['any', 'any'], call: (a, b) => !isLess(a, b) },
  len: { params: ['any'], call: lengthOf },
  index: { params: ['any', 'any'], variadic: true, call: (item, ...indexes) => indexes.reduce(indexOne, item) },
  slice: { params: ['any', 'any'], variadic: true, call: (item, ...indexes) => slice(item, indexes) },
  print: { params: ['any'], variadic: true, call: (...args) => sprint(args) },
  printf: { params: ['string', 'any'], variadic: true, call: (format, ...args) => sprintf(String(format), args) },
  println: { params: ['any'], variadic: true, call: (...args) => sprintln(args) },
  html: { params: ['any'], variadic: true, call: (...args) => escapeHtml(joined(args)) },
  js: { params: ['any'], variadic: true, call: (...args) => escapeScript(joined(args)) },
  urlquery: { params: ['any'], variadic: true, call: (...args) => escapeQuery(joined(args)) },
  call: {
    params: ['any', 'any'],
    variadic: true,
    call: (target) => {
      throw functionError(isNil(target) ? 'call of nil' : `non-function of type ${typeName(target)}`)
    },
  },
}
