// Values as text: Go's fmt for the verbs that templates use.
import { formatBinary, formatExponent, formatFixed, formatGeneral, formatHexadecimal } from './float.ts'
import { timeMethods } from './go-time.ts'
import { isPrintable, quote } from './quote.ts'
import { limitError } from './template-error.ts'
import {
  bytesOf,
  Complex,
  entriesOf,
  integerOf,
  itemsOf,
  List,
  type MethodTable,
  NamedInt,
  StringMap,
  Struct,
  stringOf,
  Time,
  typeName,
  Uint,
  type Value,
} from './value.ts'

/** How a verb of printf is to be written. */
export interface Flags {
  readonly plus: boolean
  readonly minus: boolean
  readonly sharp: boolean
  readonly space: boolean
  readonly zero: boolean
  readonly width: number | undefined
  readonly precision: number | undefined
}

const plain: Flags = {
  plus: false,
  minus: false,
  sharp: false,
  space: false,
  zero: false,
  width: undefined,
  precision: undefined,
}

/** As `%v` prints a value. */
export function printValue(value: Value): string {
  if (typeof value === 'string') return value
  return formatVerb(value, 'v', plain)
}

/** UTF-16 units that one call prints: it may be given the same large value again and again. */
const maxPrinted = 2 ** 24

/** A text that grows piece by piece, up to a bound. */
export class Printed {
  text = ''

  add(piece: string): void {
    this.text += piece
    if (this.text.length > maxPrinted) throw limitError(`a text is longer than ${maxPrinted} characters`)
  }
}

/** Go's Sprint: a space between operands where neither is a text. */
export function sprint(values: readonly Value[]): string {
  const [first] = values
  if (values.length === 1) return printValue(first)
  const printed = new Printed()
  for (const [i, value] of values.entries()) {
    const isApart = i > 0 && typeof value !== 'string' && typeof values[i - 1] !== 'string'
    printed.add((isApart ? ' ' : '') + printValue(value))
  }
  return printed.text
}

/** Go's Sprintln: spaces between all, a new line behind. */
export function sprintln(values: readonly Value[]): string {
  const printed = new Printed()
  for (const [i, value] of values.entries()) printed.add((i > 0 ? ' ' : '') + printValue(value))
  return `${printed.text}\n`
}

/** What a template prints for a value; nothing at all is `<no value>`. */
export function printable(value: Value): Value {
  return value === undefined || value === null ? '<no value>' : value
}

/** A value under a verb of printf, padded. */
export function formatVerb(value: Value, verb: string, flags: Flags): string {
  if (verb === 'T') return pad(typeName(value), flags)
  if (value === undefined || value === null) return verb === 'v' ? pad('<nil>', flags) : badVerb('<nil>', verb)
  if (verb === 'v' && flags.sharp) return pad(goSyntax(value), flags)
  const described = verbsOfStringers.has(verb) ? describe(value) : undefined
  if (described !== undefined) return formatText(described, verb, flags) ?? described
  return formatCompound(value, verb, flags) ?? formatPlain(value, verb, flags)
}

function formatPlain(value: Value, verb: string, flags: Flags): string {
  const integer = integerOf(value)
  const words = stringOf(value)
  const text =
    integer !== undefined
      ? formatInteger(integer, verb, flags)
      : words !== undefined
        ? formatText(words, verb, flags)
        : typeof value === 'number'
          ? formatFloat(value, verb, flags)
          : typeof value === 'boolean'
            ? formatBool(value, verb, flags)
            : value instanceof Complex
              ? formatComplex(value, verb, flags)
              : undefined
  return text ?? badVerb(`${typeName(value)}=${printValue(value)}`, verb)
}

const verbsOfStringers: ReadonlySet<string> = new Set(['v', 's', 'x', 'X', 'q'])

const none: MethodTable = {}

/** What may be called on a value. */
export function methodsOf(value: Value): MethodTable {
  if (value instanceof Time) return timeMethods
  return value instanceof Struct || value instanceof List || value instanceof StringMap || value instanceof NamedInt
    ? value.methods
    : none
}

/** What the method String of a value says, if it has one: printing uses it. */
export function describe(value: Value): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const methods = methodsOf(value)
  const text = Object.hasOwn(methods, 'String') ? methods.String?.call(value) : undefined
  return typeof text === 'string' ? text : undefined
}

/** As `%#v` prints a value: what one would write in Go. */
function goSyntax(value: Value): string {
  if (value === undefined || value === null) return 'interface {}(nil)'
  const items = itemsOf(value)
  if (items !== undefined) return `${typeName(value)}{${items.map(goSyntax).join(', ')}}`
  const entries = entriesOf(value)
  if (entries !== undefined) {
    const pairs = sortedKeys(entries).map((key) => `${quote(key)}:${goSyntax(entries.get(key))}`)
    return `${typeName(value)}{${pairs.join(', ')}}`
  }
  if (value instanceof Struct) {
    const fields = [...value.fields].map(([name, field]) => `${name}:${goSyntax(field)}`)
    return `${value.type.replace('*', '&')}{${fields.join(', ')}}`
  }
  const words = stringOf(value)
  if (words !== undefined) return quote(words)
  if (value instanceof Uint) return `0x${value.value.toString(16)}`
  if (value instanceof Complex) return formatComplex(value, 'g', plain) ?? ''
  return value instanceof NamedInt ? String(value.value) : printValue(value)
}

const badVerb = (what: string, verb: string): string => `%!${verb}(${what})`

/** Lists, maps and structs: the verb goes to what is in them. */
function formatCompound(value: Value, verb: string, flags: Flags): string | undefined {
  const inner = (item: Value): string => formatVerb(item, verb, flags)
  const items = itemsOf(value)
  if (items !== undefined) return `[${items.map(inner).join(' ')}]`
  const entries = entriesOf(value)
  if (entries !== undefined) {
    const sorted = sortedKeys(entries).map((key) => `${inner(key)}:${inner(entries.get(key))}`)
    return `map[${sorted.join(' ')}]`
  }
  if (!(value instanceof Struct)) return undefined
  const fields = [...value.fields].map(([name, field]) => (flags.plus ? `${name}:${inner(field)}` : inner(field)))
  return `{${fields.join(' ')}}`
}

/** Keys in the order of their bytes, as Go prints and ranges over maps. */
export function sortedKeys(entries: ReadonlyMap<string, Value>): readonly string[] {
  return [...entries.keys()].sort(compareBytes)
}

/** Order of UTF-8 bytes, which is that of code points. */
export function compareBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x === y) continue
    // halves of a pair stand for code points beyond all that are written in one unit
    const isPairX = x >= 0xd800 && x < 0xe000
    const isPairY = y >= 0xd800 && y < 0xe000
    return isPairX === isPairY ? x - y : isPairX ? 1 : -1
  }
  return a.length - b.length
}

/** Fills up to the width, with zeros behind the sign where that is asked for and makes sense. */
function pad(text: string, flags: Flags, withZeros = false): string {
  const missing = (flags.width ?? 0) - [...text].length
  if (missing <= 0) return text
  if (flags.minus) return text + ' '.repeat(missing)
  if (!withZeros || !flags.zero) return ' '.repeat(missing) + text
  const sign = /^[+\- ]/.exec(text)?.[0] ?? ''
  return sign + '0'.repeat(missing) + text.slice(sign.length)
}

const signed = (text: string, flags: Flags): string =>
  text.startsWith('-') || text.startsWith('+') ? text : flags.plus ? `+${text}` : flags.space ? ` ${text}` : text

const bases: Readonly<Record<string, readonly [number, string]>> = {
  d: [10, ''],
  v: [10, ''],
  b: [2, '0b'],
  o: [8, '0'],
  O: [8, ''],
  x: [16, '0x'],
  X: [16, '0X'],
}

function formatInteger(value: bigint, verb: string, flags: Flags): string | undefined {
  const base = bases[verb]
  if (base !== undefined) {
    const digits = (value < 0n ? -value : value).toString(base[0]).padStart(flags.precision ?? 0, '0')
    const shown = verb === 'X' ? digits.toUpperCase() : digits
    const prefix = verb === 'O' ? '0o' : flags.sharp ? base[1] : ''
    const text = signed(`${value < 0n ? '-' : ''}${prefix}${shown}`, flags)
    return pad(text, flags, flags.precision === undefined)
  }
  const isRune = value >= 0n && value <= 0x10ffffn && !(value >= 0xd800n && value < 0xe000n)
  const rune = isRune ? String.fromCodePoint(Number(value)) : '\ufffd'
  if (verb === 'c') return pad(rune, flags)
  if (verb === 'q') return pad(quote(rune, "'", flags.plus), flags)
  if (verb !== 'U') return undefined
  const code = `U+${value
    .toString(16)
    .toUpperCase()
    .padStart(Math.max(4, flags.precision ?? 0), '0')}`
  return pad(flags.sharp && isPrintable(rune) ? `${code} '${rune}'` : code, flags)
}

function formatFloat(value: number, verb: string, flags: Flags): string | undefined {
  const { precision } = flags
  const text = floatText(value, verb, precision)
  if (text === undefined) return undefined
  return pad(signed(text, flags), flags, Number.isFinite(value))
}

function floatText(value: number, verb: string, precision: number | undefined): string | undefined {
  switch (verb) {
    case 'v':
    case 'g':
      return formatGeneral(value, precision)
    case 'G':
      return upperExponent(formatGeneral(value, precision))
    case 'e':
      return formatExponent(value, precision ?? 6)
    case 'E':
      return upperExponent(formatExponent(value, precision ?? 6))
    case 'f':
    case 'F':
      return formatFixed(value, precision ?? 6)
    case 'b':
      return formatBinary(value)
    case 'x':
      return formatHexadecimal(value)
    case 'X':
      return formatHexadecimal(value).toUpperCase()
    default:
      return undefined
  }
}

const upperExponent = (text: string): string => text.replace('e', 'E')

function formatComplex({ real, imaginary }: Complex, verb: string, flags: Flags): string | undefined {
  const first = formatFloat(real, verb, flags)
  const second = formatFloat(imaginary, verb, { ...flags, plus: true })
  return first === undefined || second === undefined ? undefined : `(${first}${second}i)`
}

function formatBool(value: boolean, verb: string, flags: Flags): string | undefined {
  return verb === 't' || verb === 'v' ? pad(String(value), flags) : undefined
}

function formatText(text: string, verb: string, flags: Flags): string | undefined {
  const cut = flags.precision === undefined ? text : [...text].slice(0, flags.precision).join('')
  switch (verb) {
    case 'v':
      return pad(cut, flags)
    case 's':
      return pad(cut, flags, true)
    case 'q': {
      const isRaw = flags.sharp && !cut.includes('`') && [...cut].every((rune) => rune === '\t' || isPrintable(rune))
      return pad(isRaw ? `\`${cut}\`` : quote(cut, '"', flags.plus), flags)
    }
    case 'x':
    case 'X': {
      const bytes = [...bytesOf(cut)].map(
        (byte) => (flags.sharp && flags.space ? '0x' : '') + byte.toString(16).padStart(2, '0'),
      )
      const joined = bytes.join(flags.space ? ' ' : '')
      const text16 = flags.sharp && !flags.space ? `0x${joined}` : joined
      return pad(verb === 'X' ? text16.toUpperCase() : text16, flags)
    }
    default:
      return undefined
  }
}

/** A number for `%*d`: an int, or undefined where it is none. */
export function intArgument(value: Value): number | undefined {
  const integer = value instanceof Uint ? value.value : value
  return typeof integer === 'bigint' && integer >= -1_000_000n && integer <= 1_000_000n ? Number(integer) : undefined
}
